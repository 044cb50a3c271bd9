"""Names of songs and artists: thousands in each language, none of them twice where that would confuse the truth."""

import random
import re
import unicodedata
from difflib import SequenceMatcher

from .languages import Language

_MAX_DRAWS = 400
_JOINERS = re.compile(r" (?:&|y|e|et|und|en|och|i|и|ve|dan|and|feat) |[と与與와×★]")


def folded(text: str) -> str:
    """Fold case, width and accents, and leave only letters and digits: what makes two names look alike."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i").replace("ł", "l")
    return "".join(letter for letter in decomposed if letter.isalnum())


def clearly_different(one: str, other: str) -> bool:
    """Whether two song names have no word in common and few letters in the same order."""
    words = [set(re.findall(r"\w{3,}", text.casefold())) for text in (one, other)]
    a, b = folded(one), folded(other)
    if words[0] & words[1] or a in b or b in a:
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() < 0.55


class NameBook:
    """Draws names in one language; no artist's name is ever drawn twice, in any language that shares `taken`."""

    def __init__(self, language: Language, rng: random.Random, taken: set[str]) -> None:
        self._language, self._rng, self._taken = language, rng, taken

    def title(self) -> str:
        """Draw the name of a song, written as the language writes it."""
        return self._styled(self._filled(self._rng.choice(self._language.templates)))

    def other_title(self, *titles: str) -> str:
        """Draw the name of a song that nobody would take for any of these."""
        for _ in range(_MAX_DRAWS):
            title = self.title()
            if all(clearly_different(title, other) for other in titles):
                return title
        message = f"no title in {self._language.name} differs clearly from {titles}; add words to its lists"
        raise ValueError(message)

    def artist(self) -> str:
        """Draw the name of a singer or a band that no other pair has."""
        for _ in range(_MAX_DRAWS):
            name = self._artist()
            # a shop may read "A & B" as two artists, so that neither may be anybody else
            parts = {folded(part) for part in (name, *_JOINERS.split(name))}
            if not parts & self._taken:
                self._taken |= parts
                return name
        message = f"no new artist name left in {self._language.name}; add names to its lists"
        raise ValueError(message)

    def label(self) -> str:
        """Draw the name of a label that records songs anew for karaoke."""
        for _ in range(_MAX_DRAWS):
            name = f"{self._rng.choice(self._language.labels)} {self._rng.randrange(1, 1000)}"
            if folded(name) not in self._taken:
                self._taken.add(folded(name))
                return name
        raise ValueError(f"no new label left in {self._language.name}; add labels to its list")

    def two_scripts(self) -> tuple[str, str]:
        """Draw one singer's name in the language's own script, and romanised: only for Asian languages."""
        language, rng = self._language, self._rng
        for _ in range(_MAX_DRAWS):
            gap = " " if rng.random() < 0.3 else ""
            native = f"{rng.choice(language.family)}{gap}{rng.choice(language.given)}{rng.choice(language.words)}"
            roman = f"{rng.choice(language.roman_given)} {rng.choice(language.roman_family)} {rng.randrange(10, 99)}"
            if not {folded(native), folded(roman)} & self._taken:
                self._taken |= {folded(native), folded(roman)}
                return native, roman
        raise ValueError(f"no new artist name left in {language.name}; add names to its lists")

    def _filled(self, template: str) -> str:
        lists = {
            "V": self._language.clauses, "U": self._language.imperatives or ("Go",),
            "H": self._language.imperatives or ("Go",), "A": self._language.phrases, "N": self._language.nouns,
            "W": self._language.words, "R": self._language.romans or ("Go",), "G": self._language.given,
            "F": self._language.family,
        }  # fmt: skip
        drawn = {slot: iter(self._rng.sample(values, min(3, len(values)))) for slot, values in lists.items()}
        return re.sub(r"\{([A-Z])2?\}", lambda slot: next(drawn[slot[1]]), template)

    def _styled(self, title: str) -> str:
        """Give a title the looks of a shop that writes Title Case, of a rapper's capitals, or leave it."""
        draw = self._rng.random()
        if draw < 0.04:
            return title.lower() if self._language.name != "turkish" else title
        if draw < 0.10 and self._language.name != "turkish":
            return title.upper()
        if draw < 0.25 and self._language.name in {"spanish", "french", "italian", "portuguese", "swedish", "polish"}:
            return re.sub(r"(?<![\w'’])\w", lambda letter: letter[0].upper(), title)
        return title

    def _artist(self) -> str:
        language, rng = self._language, self._rng
        draw = rng.random()
        if draw < 0.3:
            return self._filled(rng.choice(language.bands))
        if language.is_asian and draw < 0.5:
            names = (language.roman_given, language.roman_family, language.romans)
            return " ".join(rng.choice(values) for values in names)
        gap = " " if language.spaced and not language.is_asian else ""
        if language.is_asian:
            native = f"{rng.choice(language.family)}{rng.choice(language.given)}"
            return native if draw < 0.6 else native + gap + rng.choice(language.words)
        middle = f"{rng.choice(language.given)} " if draw > 0.6 else ""
        return f"{rng.choice(language.given)} {middle}{rng.choice(language.family)}"

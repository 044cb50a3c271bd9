"""What matching notes of one parsed title, beside its base: the columns of the title facts that need a reading."""

from collections.abc import Iterator, Sequence

from mining.lexicon import Lexicon
from mining.titles import ParsedTitle

SEPARATOR = "\x1f"
"""Between the values of a note that is a list."""
NOTED = (
    "kind",
    "disqualifier",
    "wording",
    "aliases",
    "numbers",
    "stem",
    "versions",
    "versions_too",
    "languages",
    "guests",
    "origins",
    "edition",
)
_EDITION_CLASSES = ("remaster", "year")
_MIN_ALIAS_LETTERS = 2
_SUNG = "sung"


def notes(parsed: ParsedTitle, lexicon: Lexicon) -> tuple[str | bool | None, ...]:
    """Give what is noted of a title, in the order of `NOTED`; then whether it is a cover, and says that it is sung."""
    numbers, stem = _numbers_apart(parsed)
    versions = sorted(_to_agree(parsed, lexicon))
    languages = sorted(detail for name, detail in parsed.tags if _policy(lexicon, name) == "one_sided")
    guests = sorted(set(parsed.featured))
    return (
        parsed.kind,
        parsed.disqualifier,
        parsed.wording.replace(" ", ""),
        joined(aliases(parsed.base, lexicon)),
        numbers,
        stem,
        "; ".join(versions),
        "; ".join(sorted({*versions, *_implied(parsed, lexicon)})),
        joined(languages),
        joined(guests),
        joined(_origins(parsed, lexicon)),
        "; ".join(sorted(f"{name} {detail}" for name, detail in parsed.tags if name in _EDITION_CLASSES)),
        any(name == "cover" for name, _ in parsed.tags),
        any(detail == _SUNG for _, detail in parsed.tags),
    )


def _origins(parsed: ParsedTitle, lexicon: Lexicon) -> list[str]:
    """Words that name where a song is from, such as a film."""
    details = {word for name, detail in parsed.tags if name == "origin" for word in detail.split()}
    return sorted(details - lexicon.connectors - lexicon.articles)


def joined(values: Sequence[str]) -> str | None:
    """Write a list in one string; None where it is empty."""
    return SEPARATOR.join(values) if values else None


def aliases(base: str, lexicon: Lexicon) -> list[str]:
    """Each script of a bilingual title alone: "달라달라 DALLA DALLA" is also known as "DALLA DALLA"."""
    if base.isascii():
        return []
    latin = [word for word in base.split() if word.isascii()]
    if " ".join(latin) in lexicon.endings:
        return []
    other = [word for word in base.split() if not word.isascii()]
    found = ["".join(part) for part in (latin, other)]
    if not all(sum(map(str.isalpha, part)) >= _MIN_ALIAS_LETTERS for part in found):
        return []
    return found


def _policy(lexicon: Lexicon, name: str) -> str:
    if name == "number":
        return "agree"
    return lexicon.classes[name].policy if name in lexicon.classes else "neutral"


def _to_agree(parsed: ParsedTitle, lexicon: Lexicon) -> Iterator[str]:
    """Version tags to compare; the words of a name in any order: "A & B Remix" is "B & A Remix"."""
    for name, detail in parsed.tags:
        if name != "cover" and _policy(lexicon, name) == "agree":
            yield " ".join([name, *sorted(detail.split())])


def _implied(parsed: ParsedTitle, lexicon: Lexicon) -> Iterator[str]:
    """Versions that a kind's marker may stand for: "Instrumental Edit" may be of the edit."""
    for name, detail in parsed.tags:
        if detail and name != "minus" and _policy(lexicon, name) == "kind":
            yield detail


def _numbers_apart(parsed: ParsedTitle) -> tuple[str, str]:
    if not parsed.numbers:
        return "", parsed.base
    stem = " ".join(word for word in parsed.base.split() if not word.isdecimal())
    return " ".join(map(str, parsed.numbers)), stem or parsed.base

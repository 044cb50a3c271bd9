"""Titles apart into a name and a tail, so that tails, which are few, are read once each.

The tail is what begins at the first delimiter or guest word: "(Radio Edit)", "- 2011 Remaster", "feat. X". It is
read by `parse_title` behind a stand-in for the name, and says the same behind any other name that keeps apart from it:
a name whose words are neither part of a marker nor spelled otherwise nor numerals. All patterns come from the lexicon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import polars as pl

from mining import title_tags, titles
from mining.lexicon import Lexicon, Marker
from mining.text_columns import Row, table_of
from mining.title_notes import joined, notes
from mining.title_tags import SECOND_WORDS
from mining.titles import ParsedTitle, parse_title

_DELIMITER = r"[()_|~/:]|\s-|-\s|^-|-$|-[()]"
_ROMAN = "[ivxlcdm]{2,}"
_NUMERAL = re.compile(_ROMAN)
_MAX_DIGITS = 18
"""Of a number that is read as one."""
_WORD = re.compile(r"(\w+(?:'\w+)*)")
_LETTERS = re.compile("[a-z]+|[α-ω]+|[а-я]+")
_MAX_WORDS_KEPT = 100_000
TAIL_SCHEMA = {
    "tail": pl.String,
    "apart": pl.Boolean,
    "left": pl.String,
    "spelled": pl.String,
    "kind": pl.String,
    "disqualifier": pl.String,
    "versions": pl.String,
    "versions_too": pl.String,
    "languages": pl.String,
    "guests": pl.String,
    "origins": pl.String,
    "edition": pl.String,
    "is_cover": pl.Boolean,
    "is_sung": pl.Boolean,
}
"""Of a tail: whether any name may stand before it, what it leaves to the base and adds to the wording, its notes."""
_GUESTS = list(TAIL_SCHEMA).index("guests") - 1


def tail_start(lexicon: Lexicon) -> str:
    """Give a pattern that matches where a tail begins in a cleaned title."""
    return rf"{_DELIMITER}|\s{any_word(lexicon.guest_words)}\b" if lexicon.guest_words else _DELIMITER


def keeps_apart(name: pl.Expr, name_words: pl.Expr, tail: pl.Expr, lexicon: Lexicon) -> pl.Expr:
    """Tell names that say nothing themselves, and do not mingle with their tails.

    Parameters
    ----------
    name, name_words
        A cleaned name, and its words with one space between them.
    tail
        What follows the name; empty where nothing does.
    """
    words, alone = name_words, tail == ""
    inside = {*lexicon.guest_words, *lexicon.spellings, *lexicon.parts}
    ending = {" ".join(marker.words[:size]) for marker in _bare(lexicon) for size in range(1, len(marker.words) + 1)}
    opening, closing = _words_of_kinds_alone(lexicon)
    mingles = [
        words == "",
        words.str.contains(
            rf"(?:^| ){any_word(inside)}(?: |$)|(?:^| )(?:{any_word({*ending, *SECOND_WORDS})}|{_ROMAN})$"
        ),
        words.str.contains(rf"\d{{{_MAX_DIGITS + 1}}}"),
        ~alone & words.str.contains(rf"(?:^| ){any_word({*lexicon.articles, 'the'})}$"),
        tail.str.contains("[-:]")
        & words.str.contains(rf"^{any_word(opening)}(?: |$)")
        & words.str.contains(rf"(?:^| )(?:{any_word(closing)}|[^ ]*\d[^ ]*)$"),
        tail.str.contains("-", literal=True) & name.str.contains("-", literal=True),
    ]
    if lexicon.guest_words:
        guest = rf"\b{any_word(lexicon.guest_words)}\b"
        mingles += [name.str.contains(guest), name.str.contains(r"\d\W*$") & tail.str.contains(guest)]
    return ~pl.any_horizontal(mingles)


def _bare(lexicon: Lexicon) -> Iterator[Marker]:
    return (marker for group in lexicon.bare.values() for marker in group)


def _words_of_kinds_alone(lexicon: Lexicon) -> tuple[set[str], set[str]]:
    """First and last words of texts that say the kind of track and nothing else, as in "Karaoke Version: Song"."""
    markers = [marker for group in lexicon.tags.values() for marker in group]
    return {marker.words[0] for marker in markers}, {marker.words[-1] for marker in markers} | lexicon.connectors


def any_word(words: Iterable[str]) -> str:
    """Give a pattern that matches any of these words, the longest first; one that never matches where there is none."""
    texts = sorted(map(re.escape, words), key=lambda text: (-len(text), text))
    return f"(?:{'|'.join(texts)})" if texts else r"[^\s\S]"


def markers_of(lexicon: Lexicon) -> Iterator[Marker]:
    """Go through all markers of a lexicon, wherever they count."""
    for index in vars(lexicon).values():
        if isinstance(index, Mapping):
            groups = [group for group in index.values() if isinstance(group, tuple)]
            yield from (marker for group in groups for marker in group if isinstance(marker, Marker))


def _marker_words(markers: Iterable[Marker]) -> set[str]:
    return {word for marker in markers for word in marker.words}


class _StandIns:
    """Words that the lexicon does not know, to stand for a name and for the words of a tail that it does not know.

    One unknown word is read as any other, so tails that differ in nothing else have the same shape.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._known = _known_words(lexicon)
        self._unclear = lexicon.unclear_beginnings
        self._met: dict[str, str | None] = {}
        self.name = "qzq"
        while any(word.startswith(self.name) for word in self._known):
            self.name += "q"

    def shape(self, tail: str) -> tuple[str, dict[str, str]]:
        """Give a tail with stand-ins for its unknown words, and which word each stands for."""
        if "''" in tail:
            return tail, {}
        pieces = _WORD.split(tail)
        stand_ins: dict[str, str] = {}
        for at in range(1, len(pieces), 2):
            word = self._unknown(pieces[at])
            if word:
                pieces[at] = stand_ins.get(word) or stand_ins.setdefault(word, _stand_in(self.name, len(stand_ins)))
        return "".join(pieces), {stand_in: word for word, stand_in in stand_ins.items()}

    def _unknown(self, written: str) -> str | None:
        """Give a word that is read as any other, without apostrophes; None for one that may be read as something."""
        if written not in self._met:
            if len(self._met) > _MAX_WORDS_KEPT:
                self._met.clear()
            parts = written.split("'")
            word = "".join(parts)
            read = len(word) == 1 or any(part in self._known or _NUMERAL.fullmatch(part) for part in [word, *parts])
            read = read or any(part.startswith(self._unclear) for part in [word, *parts])
            self._met[written] = word if _LETTERS.fullmatch(word) and not read else None
        return self._met[written]

    def stands_in(self, text: str) -> bool:
        """Tell a text in which there is a stand-in for a word of a tail."""
        return any(word != self.name and word.startswith(self.name) for word in text.split())

    def put_back(self, parsed: ParsedTitle, replaced: dict[str, str]) -> ParsedTitle:
        """Give a parsed shape the words back that stand-ins stood for."""

        def text(shape: str) -> str:
            return " ".join([replaced.get(word, word) for word in shape.split(" ")])

        return ParsedTitle(
            base=text(parsed.base),
            kind=parsed.kind,
            tags=frozenset((name, text(detail)) for name, detail in parsed.tags),
            featured=tuple(map(text, parsed.featured)),
            numbers=parsed.numbers,
            disqualifier=parsed.disqualifier,
            wording=text(parsed.wording),
        )


def read_tails(tails: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Read distinct tails; columns of `TAIL_SCHEMA`."""
    stand_ins = _stand_ins(lexicon)
    return table_of(lambda tail: _read_tail(tail, stand_ins, lexicon), tails, TAIL_SCHEMA)


def _read_tail(tail: str, stand_ins: _StandIns, lexicon: Lexicon) -> Row:
    shape, replaced = stand_ins.shape(tail)
    read = _read_shape(shape, stand_ins, lexicon)
    if not replaced:
        return (tail, *read.noted)
    if read.says_only_guests:
        guests = sorted({" ".join(replaced.get(w, w) for w in name.split(" ")) for name in read.parsed.featured})
        return (tail, *read.noted[:_GUESTS], joined(guests), *read.noted[_GUESTS + 1 :])
    parsed = stand_ins.put_back(read.parsed, replaced)
    return (tail, *_noted(parsed, stand_ins.name, lexicon, apart=bool(read.noted[0])))


class _Shape(NamedTuple):
    """What tails of a shape say; where stand-ins are left among the guests alone, most of it is the same for all."""

    parsed: ParsedTitle
    noted: Row
    says_only_guests: bool


@lru_cache(maxsize=65536)
def _read_shape(shape: str, stand_ins: _StandIns, lexicon: Lexicon) -> _Shape:
    parsed = parse_title(stand_ins.name + shape, lexicon)
    details = [detail for _, detail in parsed.tags]
    says_only_guests = not any(map(stand_ins.stands_in, [parsed.base, parsed.wording, *details]))
    apart = _is_apart(parsed, stand_ins.name, lexicon)
    return _Shape(parsed, _noted(parsed, stand_ins.name, lexicon, apart=apart), says_only_guests)


def _noted(parsed: ParsedTitle, name: str, lexicon: Lexicon, *, apart: bool) -> Row:
    """Give what a tail says in the order of `TAIL_SCHEMA`, without the tail."""
    kind, disqualifier, wording, _, _, _, versions, too, *lists, edition, cover, sung = notes(parsed, lexicon)
    left, spelled = parsed.base.removeprefix(name), str(wording).removeprefix(name)
    return (apart, left, spelled, kind, disqualifier, versions, too, *lists, edition, cover, sung)


def _is_apart(parsed: ParsedTitle, name: str, lexicon: Lexicon) -> bool:
    """Tell whether what is left to the base cannot be read anew together with a name."""
    first, *left = parsed.base.split()
    return (
        first == name
        and parsed.wording.startswith(name)
        and lexicon.guest_words.isdisjoint(left)
        and not (left and (left[-1] in lexicon.bare or left[-1] in SECOND_WORDS))
        and not any(word.isdecimal() and (not word.isascii() or len(word) > _MAX_DIGITS) for word in left)
    )


@cache
def _stand_in(name: str, number: int) -> str:
    """Count in letters that make no numeral."""
    return name + "".join("abefghjkno"[int(digit)] for digit in str(number))


@lru_cache(maxsize=8)
def _stand_ins(lexicon: Lexicon) -> _StandIns:
    return _StandIns(lexicon)


def _known_words(lexicon: Lexicon) -> frozenset[str]:
    known = {*_marker_words(markers_of(lexicon)), *SECOND_WORDS, *_words_of_patterns()}
    for words in vars(lexicon).values():
        if isinstance(words, frozenset | Mapping):
            known |= {word for word in words if isinstance(word, str)}
    return frozenset(known)


def _words_of_patterns() -> set[str]:
    """Words that reading looks for without a lexicon, such as "vs" between names."""
    patterns = [found for module in (titles, title_tags) for found in vars(module).values()]
    return {word for found in patterns if isinstance(found, re.Pattern) for word in re.findall("[a-z]+", found.pattern)}

"""Titles apart into a name and a tail, so that tails, which are few, are read once each.

The tail is what begins at the first delimiter or guest word: "(Radio Edit)", "- 2011 Remaster", "feat. X". It is
read by `parse_title` behind a stand-in for the name, and says the same behind any other name that keeps apart from it:
a name whose words are neither part of a marker nor spelled otherwise nor numerals. All patterns come from the lexicon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import polars as pl

from mining import title_tags, titles
from mining.lexicon import Lexicon, Marker
from mining.title_notes import notes
from mining.title_tags import SECOND_WORDS
from mining.titles import ParsedTitle, parse_title

_DELIMITER = r"[()_|~/:]|\s-|-\s|^-|-$|-[()]"
_ROMAN = "[ivxlcdm]{2,}"
_NUMERAL = re.compile(_ROMAN)
_MAX_DIGITS = 18
"""Of a number that is read as one."""
_WORD = re.compile(r"(?<![^\W_])(?<![^\W_]')[a-z]+(?:'[a-z]+)*(?!'*[^\W_])")
"""Words of Latin letters, apostrophes within."""
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
    "edition": pl.String,
    "is_cover": pl.Boolean,
}
"""Of a tail: whether any name may stand before it, what it leaves to the base and adds to the wording, its notes."""


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
        self.name = "qzq"
        while any(word.startswith(self.name) for word in self._known):
            self.name += "q"

    def shape(self, tail: str) -> tuple[str, dict[str, str]]:
        """Give a tail with stand-ins for its unknown words, and which stands for which."""
        replaced: dict[str, str] = {}

        def stand_in(found: re.Match[str]) -> str:
            word = found[0].replace("'", "")
            if self._is_read(found[0]):
                return found[0]
            if word not in replaced:
                replaced[word] = f"{self.name}{_letters(len(replaced))}"
            return replaced[word]

        shape = _WORD.sub(stand_in, tail)
        return shape, {stand_in: word for word, stand_in in replaced.items()}

    def _is_read(self, written: str) -> bool:
        """Tell a word that may be read as something, or a part of which may be."""
        word = written.replace("'", "")
        parts = [word, *written.split("'")] if word != written else [word]
        return len(word) == 1 or not self._known.isdisjoint(parts) or any(map(_NUMERAL.fullmatch, parts))

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
    return pl.DataFrame([_read_tail(tail, stand_ins, lexicon) for tail in tails], schema=TAIL_SCHEMA, orient="row")


def _read_tail(tail: str, stand_ins: _StandIns, lexicon: Lexicon) -> tuple[str | bool | None, ...]:
    shape, replaced = stand_ins.shape(tail)
    apart, parsed = _read_shape(shape, stand_ins, lexicon)
    if replaced:
        parsed = stand_ins.put_back(parsed, replaced)
    kind, disqualifier, wording, _, _, _, versions, too, languages, guests, edition, cover = notes(parsed, lexicon)
    left, spelled = parsed.base.removeprefix(stand_ins.name), str(wording).removeprefix(stand_ins.name)
    return (tail, apart, left, spelled, kind, disqualifier, versions, too, languages, guests, edition, cover)


@lru_cache(maxsize=16384)
def _read_shape(shape: str, stand_ins: _StandIns, lexicon: Lexicon) -> tuple[bool, ParsedTitle]:
    parsed = parse_title(stand_ins.name + shape, lexicon)
    first, *left = parsed.base.split()
    apart = (
        first == stand_ins.name
        and parsed.wording.startswith(stand_ins.name)
        and lexicon.guest_words.isdisjoint(left)
        and not (left and (left[-1] in lexicon.bare or left[-1] in SECOND_WORDS))
        and not any(word.isdecimal() and (not word.isascii() or len(word) > _MAX_DIGITS) for word in left)
    )
    return apart, parsed


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


def _letters(number: int) -> str:
    """Count in letters that make no numeral."""
    return "".join("abefghjkno"[int(digit)] for digit in str(number))

"""Titles and names as plain text, whole columns at once: what `title_text` does, where it does it letter by letter.

Cleaning a text is cleaning its characters one by one, as long as none of them is a combining mark or composes with its
neighbour. `cleaned` works on such texts, nearly all there are, and gives null for the others, which are left to
`title_text.clean`.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl

from mining.title_text import clean

Row = tuple[str | bool | None, ...]

_FOLDED_BLOCKS = (
    (0x005B, 0x0060),  # brackets and the backtick of ASCII
    (0x007B, 0x007E),
    (0x003C, 0x003E),
    (0x00A0, 0x024F),  # Latin
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x052F),  # Cyrillic
    (0x05D0, 0x05EA),  # Hebrew
    (0x0621, 0x064A),  # Arabic
    (0x1E00, 0x1EFF),  # Latin, Vietnamese
    (0x2010, 0x205E),  # dashes, quotes, bullets
    (0x2100, 0x214F),  # letter-like symbols
    (0x20A0, 0x20BF),  # currencies
    (0x2190, 0x22FF),  # arrows and operators
    (0x2600, 0x27BF),  # hearts and stars
    (0x3000, 0x303F),  # brackets of East Asia
    (0x30FB, 0x30FC),  # the dot and the long vowel of katakana
    (0xFF01, 0xFF5E),  # full width
)
_ROWS_AT_ONCE = 10_000
_KEPT_BLOCKS = ((0x3041, 0x3096), (0x30A1, 0x30FA), (0x3400, 0x4DB5), (0x4E00, 0x9FEF), (0xAC00, 0xD7A3))
"""Kana, Han and hangul: letters that cleaning leaves alone."""


def cleaned(text: pl.Expr) -> pl.Expr:
    """Clean texts as `title_text.clean` does; null for those that take more than looking at each character."""
    folds, kept = _folds()
    folded = text.str.replace_many(list(folds), list(folds.values()))
    entity = text.str.contains("&", literal=True) & text.str.contains(";", literal=True)
    return pl.when(folded.str.contains(rf"^[ -~{kept}]*$") & ~entity).then(folded.str.to_lowercase())


def worded(text: pl.Expr) -> pl.Expr:
    """Words of cleaned texts, one space between them, as `title_text.words` finds them."""
    return (
        text.str.replace_all("'", "", literal=True)
        .str.replace_all("&", " and ", literal=True)
        .str.replace_all(r" *[^\p{L}\p{N}\p{M} ][^\p{L}\p{N}\p{M}]*| {2,}", " ")
        .str.strip_chars(" ")
    )


def table_of(read: Callable[[str], Row], texts: pl.Series, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Read texts one after the other into a row each, holding few rows at a time as Python objects."""
    starts = range(0, max(len(texts), 1), _ROWS_AT_ONCE)
    parts = ([read(text) for text in texts.slice(start, _ROWS_AT_ONCE)] for start in starts)
    return pl.concat([pl.DataFrame(rows, schema=schema, orient="row") for rows in parts])


@cache
def _folds() -> tuple[dict[str, str], str]:
    """Characters that cleaning changes and what they become; and a pattern's class of those that it leaves alone."""
    folds: dict[str, str] = {}
    kept = "".join(f"{chr(first)}-{chr(last)}" for first, last in _KEPT_BLOCKS)
    for character in _characters():
        folded = clean(character)
        if not _stands_alone(character) or not all(map(_stands_alone, folded)) or clean(folded) != folded:
            continue
        if folded != character:
            folds[character] = folded
        if not folded.isascii():
            kept += "".join(rf"\x{{{ord(c):x}}}" for c in folded if not c.isascii())
    return folds, kept


def _characters() -> Iterator[str]:
    for first, last in _FOLDED_BLOCKS:
        yield from map(chr, range(first, last + 1))


def _stands_alone(character: str) -> bool:
    """Tell a character that normal forms change, if at all, whatever stands beside it."""
    parts = unicodedata.normalize("NFKC", character)
    return not any(unicodedata.category(part)[0] == "M" or unicodedata.combining(part) for part in parts)

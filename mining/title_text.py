"""Titles as plain text: one spelling for everything that is written in many ways.

`clean` folds what does not carry meaning and keeps the delimiters, in a small alphabet: brackets of all kinds become
`(` and `)`, dashes `-`, wave dashes `~`, bullets `|`. `words` gives the words alone. Accents leave Latin letters only:
kana, hangul and Cyrillic keep theirs, where they make another letter (Cyrillic ё is the exception, as it is optional).
"""

import html
import re
import unicodedata
from functools import lru_cache

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_MAX_ROUNDS = 8
"""Rounds after which cleaning stops looking for a fixed point; two are enough for all but made-up strings."""

_SAME = {
    **dict.fromkeys("’‘‛`´ʼʹ′ʻ", "'"),
    **dict.fromkeys("“”„‟«»‹›″〝〞", '"'),
    **dict.fromkeys("〜∼〰⁓˜", "~"),
    **dict.fromkeys("•∙●¦‖", "|"),
    **dict.fromkeys("<{[", "("),
    **dict.fromkeys(">}]", ")"),
    "−": "-", "⁄": "/", "ё": "е",
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t",
}  # fmt: skip
_BY_CATEGORY = {"Ps": "(", "Pe": ")", "Pd": "-", "Cc": " ", "Zs": " ", "Zl": " ", "Zp": " "}
_NOTHING = frozenset({"Cf", "Cs", "Co", "Cn"})


class _FoldTable(dict[int, str]):
    """Translation of characters within `clean`, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


class _WordTable(dict[int, str]):
    """Translation that leaves words and spaces, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == "'":
            kept = ""
        elif character == "&":
            kept = " and "
        else:
            kept = character if unicodedata.category(character)[0] in "LNM" else " "
        self[code] = kept
        return kept


_FOLD = _FoldTable()
_WORDS = _WordTable()


def _fold(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    category = unicodedata.category(character)
    if category in _NOTHING or "\u0300" <= character <= "\u036f":
        return ""
    if category in _BY_CATEGORY:
        return _BY_CATEGORY[category]
    if category[0] == "L" and "LATIN" in unicodedata.name(character, ""):
        bare = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
        return _SAME.get(bare, bare)
    return character


def clean(title: str) -> str:
    """Fold case, width, quotes, dashes, brackets, HTML entities and Latin accents; drop invisible characters."""
    if "&" in title and ";" in title:
        title = _unescaped(title)
    if title.isascii():
        return title.lower().translate(_FOLD)
    for _ in range(_MAX_ROUNDS):
        folded = unicodedata.normalize("NFKC", title).casefold().translate(_FOLD)
        if folded == title:
            break
        title = folded
    return title


def _unescaped(title: str) -> str:
    for _ in range(3):
        plain = _ENTITY.sub(lambda found: html.unescape(found[0]), title)
        if plain == title:
            break
        title = plain
    return title


def words(cleaned: str) -> list[str]:
    """Words of a cleaned text, without punctuation and symbols; apostrophes join, `&` is the word "and"."""
    return cleaned.translate(_WORDS).split()


def symbols(cleaned: str) -> str:
    """What a title made of symbols alone is called, delimiters left out: `÷`, `???`."""
    return "".join(c for c in cleaned if not c.isspace() and c not in "()-_~|/\"'")


@lru_cache(maxsize=65536)
def normalised(text: str) -> str:
    """Give the words of a name as one string, the same for every way to write it."""
    return " ".join(words(clean(text)))

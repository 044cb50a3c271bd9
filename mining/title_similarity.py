"""How alike two base titles are: a score to report, and a strict test of whether they may be one title.

Scores of whole titles alone mislead: sorting words makes "What to Do" equal "To Do What", STOP is only one letter away
from TOP, and "Dreamers" one from "Dreamer". So titles that are not equal must be equal word for word, but for

- spaces: "Sun Flower", "Sunflower";
- orthography, where two ways to write one word are both in use (`spelled_alike`): "Mädchen" and "Maedchen", "Dancing"
  and "Dancin'", "Colour" and "Color", メロディー and メロディ;
- "&" and the word for it: "Liebe & Schmerz", "Liebe und Schmerz";
- one slip of the pen in one long word (`slipped`): a letter lost, doubled or added, or two neighbours swapped.

A letter changed for another is no slip: that makes other words far more often than wrong ones (Loving, Living). Nor is
anything within the last letters of a word, where fifteen languages inflect: Dreamer/Dreamers, Amigas/Amigos,
Glauben/Glaubten, Woman/Women, Новый/Новой, Seviyorum/Seviyordum.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

_MIN_SLIP_LETTERS = 7
"""Shorter words that differ by a letter or a swap are other words: sacred/scared, country/county, diner/dinner."""
_MIN_AFTER = 3
"""Letters that must follow a slip: endings that inflect without touching the last three letters are rare."""
_LONG_LETTERS = 9
"""From here on a swap may come anywhere behind the first letter and a doubled letter one letter later: no ending of the
fifteen languages differs from another by a swap, and few words do (martial/marital has seven letters)."""
_MIN_SPELLING_LETTERS = 6
"""Length from which an English word may be spelled the British way or the American."""
_SPELLINGS = (
    (re.compile(r"ing$"), "in"),
    (re.compile(r"our(?=s?$|ed$|ful$|ites?$|hoods?$)"), "or"),
    (re.compile(r"is(?=(?:e[dsr]?|ing?|ations?)$)"), "iz"),
    (re.compile(r"tre(?=s?$)"), "ter"),
    (re.compile(r"ll(?=(?:ed|in|er|ers)$)"), "l"),
)
_AND = frozenset({"and", "und", "y", "e", "et", "en", "och", "og", "i", "и", "ve", "dan"})
"""What "&" may stand for in the languages of the catalogue; a normalised title has "and" for it."""
_UMLAUTS = re.compile(r"([aou])e")
_DOUBLED_BEFORE = ("ing", "ings", "ers")
"""Before these English doubles a letter to tell words apart: staring/starring, planers/planners."""
_TURKISH_PRESENT = re.compile(r"[iu]yor")
"""Behind an m this is a denial: seviyorum, sevmiyorum."""
_KANA_MARKS = frozenset("\u3099\u309a")
_KATAKANA = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))
_FINAL_LENGTH_MARK = re.compile(r"(?<=[\u30a1-\u30fc]{3})ー$")
"""At the end of a long katakana word ー is optional; inside it tells beer (ビール) from building (ビル)."""


def title_score(a: str, b: str) -> float:
    """Likeness of two base titles, 0..100: rapidfuzz's ratio, as written, without spaces, or in one orthography."""
    spelled_a, spelled_b = ("".join(words) for words in _spelled(a, b))
    return max(fuzz.ratio(a, b), fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")), fuzz.ratio(spelled_a, spelled_b))


def may_be_one_title(a: str, b: str, *, short_title_length: int) -> bool:
    """Tell whether two base titles are equal but for spaces, orthography, and one slip of the pen.

    Parameters
    ----------
    a, b
        Base titles, normalised.
    short_title_length
        Titles of at most this many letters must be equal.
    """
    joined_a, joined_b = a.replace(" ", ""), b.replace(" ", "")
    if joined_a == joined_b:
        return True
    if min(len(joined_a), len(joined_b)) <= short_title_length:
        return False
    words_a, words_b = _spelled(a, b)
    if "".join(words_a) == "".join(words_b):
        return True
    if len(words_a) != len(words_b):
        return False
    differing = [(x, y) for x, y in zip(words_a, words_b, strict=True) if x != y]
    return len(differing) == 1 and slipped(*differing[0])


def _spelled(a: str, b: str) -> tuple[list[str], list[str]]:
    """Words of two titles in one orthography, with the same word for "&"."""
    words_a, words_b = [_spelling(word) for word in a.split()], [_spelling(word) for word in b.split()]
    if len(words_a) == len(words_b):
        words_b = [x if _joins(x, y) else y for x, y in zip(words_a, words_b, strict=True)]
    return words_a, words_b


def spelled_alike(a: str, b: str) -> bool:
    """Tell whether two normalised words are one word in two orthographies."""
    return _spelling(a) == _spelling(b)


def slipped(a: str, b: str) -> bool:
    """Tell whether one word may be the other with one slip: a letter lost or added, or two neighbours swapped.

    Only in alphabets that write a sound a letter: one character more makes another word in Chinese, Japanese or Korean.
    """
    if a == b or min(len(a), len(b)) < _MIN_SLIP_LETTERS or not (_is_alphabetic(a) and _is_alphabetic(b)):
        return False
    before = _common_start(a, b)
    after = min(_common_start(a[::-1], b[::-1]), min(len(a), len(b)) - before)
    if not before:
        return False
    core_a, core_b = a[before : len(a) - after], b[before : len(b) - after]
    longer = max(core_a, core_b, key=len)
    is_long = min(len(a), len(b)) >= _LONG_LETTERS
    if len(core_a) == len(core_b):
        return len(longer) == 2 and core_a == core_b[::-1] and (is_long or after >= _MIN_AFTER)
    doubled = longer == a[before - 1]
    if len(core_a) + len(core_b) != 1 or (doubled and a[-after:] in _DOUBLED_BEFORE):
        return False
    if not doubled and max(len(a), len(b)) < _LONG_LETTERS:  # friction is no slip for fiction
        return False
    if longer == "m" and after and _TURKISH_PRESENT.match(a[-after:]):
        return False
    return after >= (_MIN_AFTER - 1 if doubled and is_long else _MIN_AFTER)


def _joins(a: str, b: str) -> bool:
    """Tell whether one of two words is "&" and the other the word for it in some language."""
    return (a == "and" and b in _AND) or (b == "and" and a in _AND)


def _common_start(a: str, b: str) -> int:
    return next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _is_alphabetic(word: str) -> bool:
    """Tell words of letters that have case, as Latin, Cyrillic and Greek ones do."""
    return all(character.isalpha() and character.upper() != character for character in word)


@lru_cache(maxsize=65536)
def _spelling(word: str) -> str:
    """One spelling of a word for those that are both in use."""
    if word.isascii():
        spelled = word
        if len(word) >= _MIN_SPELLING_LETTERS:
            for pattern, plain in _SPELLINGS:
                spelled = pattern.sub(plain, spelled)
        return _UMLAUTS.sub(r"\1", spelled) if len(word) >= _MIN_SPELLING_LETTERS else spelled
    for written, plain in _KATAKANA:
        word = word.replace(written, plain)
    return _FINAL_LENGTH_MARK.sub("", _without_marks(word))


def _without_marks(word: str) -> str:
    """Drop vowel points and accents of any alphabet, but kana voicing; a final й stays, as "герой" is not "герои"."""
    end = word[-1:] if word.endswith("й") else ""
    apart = unicodedata.normalize("NFD", word[: len(word) - len(end)])
    kept = "".join(c for c in apart if unicodedata.category(c) != "Mn" or c in _KANA_MARKS)
    return unicodedata.normalize("NFC", kept) + end

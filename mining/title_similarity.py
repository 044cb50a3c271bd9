"""How alike two base titles are: a score to report, and a strict test of whether they may be one title.

Scores of whole titles alone mislead: sorting words makes "What to Do" equal "To Do What", and STOP is only one letter
away from TOP. So titles that are not equal must be equal word for word but for slips within long words.
"""

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

_MIN_SLIP_LETTERS = 5
"""Shorter words that differ are other words: late/hate, love/live, you/your."""
_TWO_SLIPS_LETTERS = 9
_JOINED_SLIP_LETTERS = 12
"""Length from which a slip is allowed in titles whose words are cut differently, too."""


def title_score(a: str, b: str) -> float:
    """Likeness of two base titles, 0..100: rapidfuzz's ratio, on the titles as written or without spaces."""
    return max(fuzz.ratio(a, b), fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")))


def may_be_one_title(a: str, b: str, *, short_title_length: int) -> bool:
    """Tell whether two base titles are equal but for spaces and slips of the pen.

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
    if min(len(joined_a), len(joined_b)) <= short_title_length or joined_a[:1] != joined_b[:1]:
        return False
    words_a, words_b = a.split(), b.split()
    if len(words_a) != len(words_b):
        return min(len(joined_a), len(joined_b)) >= _JOINED_SLIP_LETTERS and _one_word(joined_a, joined_b)
    differing = [(x, y) for x, y in zip(words_a, words_b, strict=True) if x != y]
    return len(differing) == 1 and _one_word(*differing[0])


def _one_word(a: str, b: str) -> bool:
    """Tell whether two words are one with a slip: a letter added, lost, changed or swapped, not the first, no digit."""
    shortest = min(len(a), len(b))
    if shortest < _MIN_SLIP_LETTERS or a[0] != b[0] or any(c.isdigit() for c in a + b):
        return False
    return OSA.distance(a, b) <= (2 if shortest >= _TWO_SLIPS_LETTERS else 1)

"""The benchmark: for each language the same number of pairs, half of them true, every type as often as any other."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle

from .false_pairs import FALSE_TYPES
from .languages import Language, languages
from .pairs import LabelledPair
from .scene import Scene
from .songs import NameBook
from .true_pairs import TRUE_TYPES

PAIRS_PER_LANGUAGE = 3200
_Type = Callable[[Scene], list[LabelledPair]]


def generate(seed: int, pairs_per_language: int = PAIRS_PER_LANGUAGE) -> list[LabelledPair]:
    """Make the pairs of all languages; the same seed gives the same pairs.

    Every pair has artists of its own, so that pairs cannot meet. A triple (original, instrumental, a cappella) and
    two editions of an original give several pairs that share rows.
    """
    taken: set[str] = set()
    pairs = []
    for language in languages():
        rng = random.Random(f"{seed}-{language.name}")
        book = NameBook(language, rng, taken)
        for name, types in (("true", TRUE_TYPES), ("false", FALSE_TYPES)):
            prefix = f"{language.name}-{name}"
            pairs += _of_one_language(prefix, language, book, rng, types, pairs_per_language // 2)
    return pairs


def _of_one_language(
    prefix: str, language: Language, book: NameBook, rng: random.Random, types: Sequence[_Type], num_pairs: int
) -> list[LabelledPair]:
    pairs: list[LabelledPair] = []
    for number, kind in enumerate(cycle(types)):
        if len(pairs) >= num_pairs:
            break
        made = kind(Scene(f"{prefix}-{number}", language, book, rng))
        pairs += [replace(pair, type=kind.__name__) for pair in made]
    return pairs

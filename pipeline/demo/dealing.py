"""Deals the demo's specialities out to its songs: who is remixed, who is mislabelled, whose file is broken.

Each is dealt a fixed number of times, so that a demo of any seed shows them all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.demo.credits import CREDITS

Defect = Literal["empty", "truncated", "text", "silent", "nan", "missing"]
Mislabelling = Literal["duplicate_audio", "other_song", "edited", "same_loop"]

DEFECTS: tuple[Defect, ...] = ("empty", "truncated", "text", "silent", "nan", "missing")
# The last one needs a song that has a mate.
MISLABELLINGS: tuple[Mislabelling, ...] = ("duplicate_audio", "other_song", "edited", "same_loop")


@dataclass(frozen=True, kw_only=True)
class Deal:
    """Which songs get which speciality, as numbers of songs."""

    mates: tuple[tuple[int, int], ...]
    no_instrumental: frozenset[int]
    mislabelled: dict[int, Mislabelling]
    defects: dict[int, Defect]
    drifting: frozenset[int]
    inverted: frozenset[int]
    other_rate: frozenset[int]
    editions: frozenset[int]
    second_instrumentals: frozenset[int]
    acapellas: frozenset[int]
    live: frozenset[int]
    acoustic: frozenset[int]
    remixed: tuple[int, ...]
    opted_out: frozenset[int]  # one second instrumental, one second edition


def choose_mates(rng: np.random.Generator, count: int = 3) -> list[tuple[int, int]]:
    """Pairs of songs of one style and different artists that will share chord loop and tempo."""
    free = [int(number) for number in rng.permutation(len(CREDITS))]
    mates: list[tuple[int, int]] = []
    while len(mates) < count:
        first = free.pop()
        for second in free:
            one, other = CREDITS[first], CREDITS[second]
            if one.style == other.style and one.artist != other.artist:
                free.remove(second)
                mates.append((first, second))
                break
    return mates


def deal(seed: int) -> Deal:
    """Deal the specialities out."""
    rng = np.random.default_rng([seed, 100])
    mates = choose_mates(rng)

    def some(count: int, among: Iterable[int]) -> list[int]:
        return [int(number) for number in rng.permutation(sorted(among))[:count]]

    everyone = set(range(len(CREDITS)))
    same_loop = mates[0][0]
    wrong = [*some(len(MISLABELLINGS) - 1, everyone - {number for pair in mates for number in pair}), same_loop]
    honest = everyone - set(wrong)
    without = set(some(2, honest))
    paired = honest - without
    editions = some(8, paired)
    return Deal(
        mates=tuple(mates),
        no_instrumental=frozenset(without),
        mislabelled=dict(zip(wrong, MISLABELLINGS, strict=True)),
        defects=dict(zip(some(len(DEFECTS), paired), DEFECTS, strict=True)),
        drifting=frozenset(some(5, paired)),
        inverted=frozenset(some(4, paired)),
        other_rate=frozenset(some(4, paired)),
        editions=frozenset(editions),
        second_instrumentals=frozenset(editions[:4]),
        acapellas=frozenset(some(9, paired)),
        live=frozenset(some(4, everyone)),
        acoustic=frozenset(some(4, everyone)),
        remixed=tuple(some(3, paired)),
        opted_out=frozenset({editions[0], editions[4]}),
    )

"""Which track ids have come before, in eight bytes for each.

Ids are compared by a 64-bit hash. Among 10⁸ different ids two share one with a probability of 3 in 10 000; the second
of them would then be set aside as `duplicate_track_id`: told, not lost.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class SeenIds:
    """A set of hashes in sorted arrays, each at least twice as long as the next: few to look into, cheap to grow."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def take(self, ids: pl.Series, sound: pl.Series) -> pl.Series:
        """Say which ids came before, in an earlier batch or a sound row above; then remember those of sound rows.

        Parameters
        ----------
        ids
            Strings; null is never a repetition.
        sound
            Rows that enter the catalogue unless they repeat; bool, of the same length.
        """
        hashes = ids.hash().to_numpy().astype(np.uint64, copy=False)
        given, usable = ids.is_not_null().to_numpy(), sound.to_numpy()
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        repeated = np.zeros(len(hashes), dtype=np.bool_)
        repeated[order] = self._contains(ordered) | _repeats_above(ordered, order, (usable & given)[order])
        repeated &= given
        self._add(ordered[(usable & given & ~repeated)[order]])
        return pl.Series(repeated, dtype=pl.Boolean)

    def _contains(self, ordered: Hashes) -> NDArray[np.bool_]:
        found = np.zeros(len(ordered), dtype=np.bool_)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, ordered), len(run) - 1)
            found |= run[places] == ordered
        return found

    def _add(self, hashes: Hashes) -> None:
        while self._runs and len(self._runs[-1]) < 2 * len(hashes):
            hashes = np.sort(np.concatenate([self._runs.pop(), hashes]), kind="stable")
        if len(hashes):
            self._runs.append(hashes)


def _repeats_above(ordered: Hashes, rows: NDArray[np.intp], usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the sorted hashes stand in a usable row further up; `rows` are their row numbers, rising in equals."""
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    if new.all():
        return ~new
    group = np.cumsum(new) - 1
    first = np.full(group[-1] + 1, len(ordered))
    np.minimum.at(first, group[usable], rows[usable])
    above: NDArray[np.bool_] = first[group] < rows
    return above

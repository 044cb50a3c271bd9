"""One counterpart, one original: the choice among alternatives, made after listening.

Candidates keep several alternatives on either side. Of those that the evidence allows, the assignment takes as many
pairs as possible, and among these the best by quality, so that a broken or mislabelled file never displaces a good
edition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BETTER_ALTERNATIVE = "better_alternative"
"""Reason of a sound pair whose original or counterpart went to a better one."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A pair that the evidence allows.

    Attributes
    ----------
    quality
        Predicted quality of its targets, in decibels; higher is better.
    rank
        Place that metadata gave it, from 1.
    language
        Of the original. Where backings are shared, a counterpart serves one original of each language.
    """

    pair_id: str
    original_id: str
    counterpart_id: str
    quality: float
    rank: int
    language: str = ""

    @property
    def seat(self) -> str:
        """What of the counterpart a pair takes up."""
        return f"{self.counterpart_id}\x00{self.language}"


def assign(proposals: Sequence[Proposal]) -> frozenset[str]:
    """Choose pairs so that no original and no counterpart (or none twice for one language) is used twice.

    Returns
    -------
    Ids of the chosen pairs. The result does not depend on the order of the proposals.
    """
    ordered = sorted(proposals, key=lambda item: item.pair_id)
    if not ordered:
        return frozenset()
    originals = _positions(item.original_id for item in ordered)
    counterparts = _positions(item.seat for item in ordered)
    rows = np.array([originals[item.original_id] for item in ordered])
    columns = np.array([counterparts[item.seat] for item in ordered])
    size = len(originals) + len(counterparts)
    graph = coo_array((np.ones(len(ordered)), (rows, columns + len(originals))), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    groups: dict[int, list[Proposal]] = {}
    for item, row in zip(ordered, rows, strict=True):
        groups.setdefault(int(component[row]), []).append(item)
    return frozenset(pair for group in groups.values() for pair in _assign_component(group))


def _assign_component(group: Sequence[Proposal]) -> list[str]:
    if len(group) == 1:
        return [group[0].pair_id]
    originals = _positions(item.original_id for item in group)
    counterparts = _positions(item.seat for item in group)
    values = np.zeros((len(originals), len(counterparts)))
    for item in group:
        values[originals[item.original_id], counterparts[item.seat]] = _value(item)
    rows, columns = linear_sum_assignment(values, maximize=True)
    chosen = set(zip(rows.tolist(), columns.tolist(), strict=True))
    return [item.pair_id for item in group if (originals[item.original_id], counterparts[item.seat]) in chosen]


def _value(item: Proposal) -> float:
    """Worth of a pair: being a pair counts most, then quality (0.1 dB steps), then the rank by metadata."""
    quality = round(min(max(item.quality, -50.0), 150.0), 1) + 50.0
    return 1e6 + 100.0 * quality - min(item.rank, 99)


def _positions(keys: Iterable[str]) -> dict[str, int]:
    return {key: index for index, key in enumerate(sorted(set(keys)))}

"""Is one system better than another? Paired tests over the songs that both have a score for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations

import numpy as np
import polars as pl
import scipy.stats

from evaluation.songs import TARGETS

_FEWEST_SONGS = 6
"""With five pairs the two-sided Wilcoxon test cannot reach 5 %: its smallest p-value is 2 / 2^5."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two systems on one target: scores of `system` minus scores of `other`, song by song."""

    target: str
    system: str
    other: str
    num_songs: int
    median_difference: float | None
    p_value: float | None
    """Two-sided Wilcoxon signed-rank test; null below six songs or where nothing differs."""
    p_holm: float | None
    """Corrected for all comparisons of this target (Holm 1979)."""


_SCHEMA = pl.Schema(
    {
        "target": pl.String(),
        "system": pl.String(),
        "other": pl.String(),
        "num_songs": pl.Int64(),
        "median_difference": pl.Float64(),
        "p_value": pl.Float64(),
        "p_holm": pl.Float64(),
    }
)


def compare_systems(scores: pl.DataFrame, metric: str = "usdr") -> pl.DataFrame:
    """Compare each two systems on one metric; a row per target and pair of systems, columns as in `Comparison`."""
    chosen = scores.filter((pl.col("metric") == metric) & pl.col("value").is_finite())
    found: list[Comparison] = []
    for target in TARGETS:
        wide = chosen.filter(pl.col("target") == target).pivot("system", index="track_id", values="value")
        found += corrected([_compared(wide, target, a, b) for a, b in combinations(wide.columns[1:], 2)])
    return pl.DataFrame([asdict(comparison) for comparison in found], schema=_SCHEMA)


def _compared(wide: pl.DataFrame, target: str, system: str, other: str) -> Comparison:
    both = wide.select(system, other).drop_nulls()
    difference = (both[system] - both[other]).to_numpy()
    testable = difference.size >= _FEWEST_SONGS and bool((difference != 0).any())
    return Comparison(
        target=target,
        system=system,
        other=other,
        num_songs=int(difference.size),
        median_difference=float(np.median(difference)) if difference.size else None,
        p_value=float(scipy.stats.wilcoxon(difference).pvalue) if testable else None,
        p_holm=None,
    )


def corrected(family: Sequence[Comparison]) -> list[Comparison]:
    """Correct the p-values of one family of tests by Holm's step-down rule."""
    p_values = sorted((test.p_value, index) for index, test in enumerate(family) if test.p_value is not None)
    found, running = list(family), 0.0
    for rank, (p_value, index) in enumerate(p_values):
        running = max(running, min(1.0, p_value * (len(p_values) - rank)))
        found[index] = replace(found[index], p_holm=running)
    return found

"""How many of the pairs that a system found are true, and how many marked tracks it found an original for."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, kw_only=True)
class Score:
    """Precision and recall against the truth of a generated catalogue.

    Attributes
    ----------
    num_pairs
        Distinct pairs found.
    precision
        Share of them that are two mixes of one recording less than a second apart.
    recall
        Share of the marked tracks with an expected original for which one true original or more was found. Pairs are
        not counted here, as systems differ in how many editions of an original they keep.
    """

    num_pairs: int
    precision: float
    recall: float


def score(found: pl.DataFrame, true_pairs: pl.DataFrame) -> Score:
    """Compare pairs found (`original_id`, `counterpart_id`) with the truth that the generator wrote."""
    pairs = found.select("original_id", "counterpart_id").unique()
    right = pairs.join(true_pairs, on=["original_id", "counterpart_id"], how="inner")
    expected = true_pairs.filter("expected")["counterpart_id"].unique()
    met = right.filter("expected")["counterpart_id"].n_unique()
    return Score(
        num_pairs=pairs.height,
        precision=right.height / pairs.height if pairs.height else float("nan"),
        recall=met / len(expected) if len(expected) else float("nan"),
    )

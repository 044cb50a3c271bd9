"""What changed between two runs: pairs that came, went, or changed outcome, reason, grade or split."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

_COMPARED = ("outcome", "reason", "grade", "split")


@dataclass(frozen=True, kw_only=True)
class PairChange:
    """One pair that differs between two runs."""

    pair_id: str
    change: str
    """`came`, `went` or `changed`."""
    what: str


def diff_pairs(before: pl.DataFrame, after: pl.DataFrame) -> Iterator[PairChange]:
    """Compare two `pairs` tables, pair by pair, in the order of their ids."""
    columns = ["pair_id", *_COMPARED]
    joined = before.select(columns).join(
        after.select(columns), on="pair_id", how="full", coalesce=False, suffix="_after"
    )
    joined = joined.with_columns(key=pl.coalesce("pair_id", "pair_id_after")).sort("key")
    for row in joined.iter_rows(named=True):
        if row["pair_id"] is None:
            yield PairChange(pair_id=row["key"], change="came", what=_standing(row, "_after"))
        elif row["pair_id_after"] is None:
            yield PairChange(pair_id=row["key"], change="went", what=f"was {_standing(row, '')}")
        else:
            changes = [
                f"{name}: {row[name]} -> {row[f'{name}_after']}"
                for name in _COMPARED
                if row[name] != row[f"{name}_after"]
            ]
            if changes:
                yield PairChange(pair_id=row["key"], change="changed", what=", ".join(changes))


def _standing(row: dict[str, str | None], suffix: str) -> str:
    outcome, reason = row[f"outcome{suffix}"], row[f"reason{suffix}"]
    return f"{outcome} ({reason})" if reason else str(outcome)

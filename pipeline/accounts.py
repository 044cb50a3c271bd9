"""The account of every stage, read back from a run's tables: rows in = kept + rejected + failed."""

from dataclasses import dataclass

import polars as pl

from data_manifests.schemas import SEGMENTS
from pipeline.stage import Account, Tables


@dataclass(frozen=True, kw_only=True)
class StageAccount:
    """A stage's account and the unit it counts."""

    stage: str
    unit: str
    account: Account


def stage_accounts(tables: Tables) -> list[StageAccount]:
    """Count each stage whose table is there, in the unit of its input."""
    accounts = []
    for stage, table, unit in (
        ("catalog", "catalog", "tracks"),
        ("candidates", "matching", "tracks"),
        ("tracks", "tracks", "tracks"),
        ("evidence", "evidence", "pairs"),
        ("pairs", "pairs", "pairs"),
        ("shards", "segments", "pairs"),
    ):
        if table in tables:
            accounts.append(StageAccount(stage=stage, unit=unit, account=_account(table, tables[table])))
    return accounts


def _account(table: str, rows: pl.DataFrame) -> Account:
    """Count a table, given whole or as a tally of where its rows ended."""
    if "num_rows" in rows.columns:
        return Account.of_tally(rows, int(rows["num_rows"].sum()))
    rows = _one_row_a_pair(rows) if table == "segments" else rows
    return Account.of(rows, rows.height)


def _one_row_a_pair(segments: pl.DataFrame) -> pl.DataFrame:
    """Keep a pair's best row: a pair is kept where any of its segments is."""
    best_first = segments.sort(pl.col("outcome") != SEGMENTS.kept_outcome, maintain_order=True)
    return best_first.unique("pair_id", keep="first", maintain_order=True)

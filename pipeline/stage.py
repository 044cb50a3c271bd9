"""What a stage is: a value with a name, a version and a pure function. Runners read, call and write.

A *table stage* sees whole tables at once. A *row stage* does the same work for each row of its input, on workers, in
small batches, and may ask an injected `AudioStore` for audio. Neither writes anything: both return kept and rejected
rows, and the engine stores them.

To add a stage: write `pipeline/stages/<name>.py` with such a value, declare its table in `data_manifests/schemas.py`,
and put it in its place in `pipeline/recipe.py`. Raise `version` when the output for the same input changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data_manifests.audio_store import AudioStore
from data_manifests.schemas import TableSchema
from pipeline.config import Config

Row = Mapping[str, Any]
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Account:
    """Where the input rows of a stage ended: rows in = kept + rejected + failed.

    Raises
    ------
    AssertionError
        Where they do not add up: a row was lost, which is a bug.
    """

    rows_in: int
    kept: int
    rejected: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rows_in != self.kept + self.rejected + self.failed:
            raise AssertionError(
                f"{self.rows_in} rows came in, but {self.kept} kept + {self.rejected} rejected + {self.failed} failed"
            )

    @classmethod
    def of(cls, rows: pl.DataFrame, rows_in: int) -> "Account":
        """Count a table that holds one row for each row of the input, by `outcome` and `reason`."""
        outcome = rows["outcome"]
        failed = int((outcome == "failed").sum())
        rejected = int((outcome == "rejected").sum())
        turned_down = rows.filter(pl.col("outcome").is_in(["rejected", "failed"]))
        reasons = dict(turned_down.group_by("reason").len().sort("len", "reason", descending=[True, False]).iter_rows())
        return cls(
            rows_in=rows_in, kept=rows.height - rejected - failed, rejected=rejected, failed=failed, reasons=reasons
        )


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """What a table stage returns: rows kept and rejected by table, and the account of its input."""

    kept: pl.DataFrame
    rejected: pl.DataFrame
    account: Account
    beside: Tables = field(default_factory=dict)
    """Further tables by name, already with outcomes."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Further files by name within the run."""


@dataclass(frozen=True, kw_only=True)
class TableStage:
    """A stage that sees whole tables."""

    name: str
    version: int
    inputs: tuple[str, ...]
    """Names of the tables it reads; "source" is the catalogue as given."""
    writes: TableSchema
    settings: Callable[[Config], Any]
    """The part of the config that its output depends on."""
    run: Callable[[Tables, Any], StageResult]
    writes_beside: tuple[TableSchema, ...] = ()
    carries_on: tuple[TableSchema, ...] = ()
    """Tables it extends: it is given what they hold already, which does not count as a change of its input."""


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What a row stage returns for a batch.

    `rows` holds the columns of the stage's table and `row_index`, the position in the batch that a row came from.
    """

    rows: Sequence[dict[str, Any]]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RowStage:
    """A stage that treats each row of its input by itself, on workers."""

    name: str
    version: int
    inputs: tuple[str, ...]
    writes: TableSchema
    settings: Callable[[Config], Any]
    select: Callable[[Tables], pl.DataFrame]
    """Make the input: one row for each unit of work, holding all that the work depends on."""
    run: Callable[[Sequence[Row], AudioStore, Any], BatchResult]
    stub: Callable[[Row], dict[str, Any]]
    """Columns of the output row of a unit that failed."""
    batch_rows: int
    audio_columns: tuple[str, ...] = ()
    """Columns of the input that name audio whose delivery (size, stamp) the result depends on."""


Stage = TableStage | RowStage

"""What a stage is: a value with a name, a version and a pure function. Runners read, call and write.

The *source stage* takes the catalogue in, slice by slice. A *partitioned stage* treats a table larger than memory by
its parts, on workers. A *table stage* sees whole tables at once. A *row stage* does the same work for each row of its
input, on workers, in small batches, and may ask an injected `AudioStore` for audio. None of them writes anything: all
return kept and rejected rows, and the engine stores them.

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
        return cls.of_tally(rows.group_by("outcome", "reason").agg(num_rows=pl.len()), rows_in)

    @classmethod
    def of_tally(cls, tally: pl.DataFrame, rows_in: int) -> "Account":
        """Take the counts of such a table: `outcome`, `reason`, `num_rows`."""
        ended = dict(tally.group_by("outcome").agg(pl.col("num_rows").sum()).iter_rows())
        rejected, failed = int(ended.get("rejected", 0)), int(ended.get("failed", 0))
        turned_down = tally.filter(pl.col("outcome").is_in(["rejected", "failed"])).group_by("reason")
        reasons = turned_down.agg(pl.col("num_rows").sum()).sort("num_rows", "reason", descending=[True, False])
        return cls(
            rows_in=rows_in,
            kept=sum(ended.values()) - rejected - failed,
            rejected=rejected,
            failed=failed,
            reasons=dict(reasons.iter_rows()),
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
class SourceStage:
    """The stage that takes the catalogue in, each row by itself; its table is in the order of the key."""

    name: str
    version: int
    writes: TableSchema
    settings: Callable[[Config], Any]
    """The part of the config that its output depends on."""
    run: Callable[[pl.DataFrame, Any], pl.DataFrame]
    """Give each row its `outcome` and `reason`."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """It reads no table of the run."""
        return ()


@dataclass(frozen=True, kw_only=True)
class PartitionedStage:
    """A stage over a table larger than memory: scattered by key, treated part by part on workers, gathered.

    Its results must not depend on the number of parts.
    """

    name: str
    version: int
    reads: str
    """Name of the table it reads; only its kept rows come."""
    columns: tuple[str, ...]
    """Columns of that table that it needs."""
    writes: TableSchema
    writes_beside: tuple[TableSchema, ...]
    counts: TableSchema
    """Of the tables written, the one with a row for each row of the input: it is the account."""
    settings: Callable[[Config], Any]
    survey: Callable[[pl.DataFrame, Any], pl.DataFrame]
    """From a slice of the table and the settings, make rows that `scatter` needs of all slices, each once."""
    scatter: Callable[[pl.DataFrame, pl.DataFrame, Any, int], tuple[pl.DataFrame, pl.DataFrame]]
    """From a slice of the table, the survey, the settings and the number of parts, make rows with a column `part` (a
    row may go to several parts, and to none), and rows to set aside for `gather`."""
    treat: Callable[[pl.DataFrame, Any, int, int], Mapping[str, pl.DataFrame]]
    """From the rows of a part, the settings, its number and the number of parts, make tables for `gather`."""
    gather: Callable[[Mapping[str, pl.DataFrame], Any], Mapping[str, pl.DataFrame]]
    """From the tables of all parts, by name, and what was set `aside`, make whole tables, and what `finish` needs."""
    finish: Callable[[pl.DataFrame, Mapping[str, pl.DataFrame]], Mapping[str, pl.DataFrame]]
    """From a slice of the table read (all columns) and what was gathered, make the rows of the other tables."""
    part_rows: int = 250_000
    """Rows of a part, about; what a worker holds at a time."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the tables it reads."""
        return (self.reads,)


@dataclass(frozen=True, kw_only=True)
class TableStage:
    """A stage that sees whole tables."""

    name: str
    version: int
    inputs: tuple[str, ...]
    """Names of the tables it reads."""
    writes: TableSchema
    settings: Callable[[Config], Any]
    """The part of the config that its output depends on."""
    run: Callable[[Tables, Any], StageResult]
    writes_beside: tuple[TableSchema, ...] = ()
    carries_on: tuple[TableSchema, ...] = ()
    """Tables it extends: it is given what they hold already, which does not count as a change of its input."""
    counted: tuple[str, ...] = ()
    """Tables of which it is given only how many rows ended where: `outcome`, `reason`, `num_rows`."""


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


Stage = SourceStage | PartitionedStage | TableStage | RowStage

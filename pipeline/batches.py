"""One batch of a row stage, on a worker: call the stage, write what it made, send back a small record.

A batch that a crash of ours spoils is done again row by row, so that one poisoned row fails alone and by name.
"""

import io
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from threadpoolctl import threadpool_limits

from data_manifests.audio_store import AudioStore
from data_manifests.schemas import TableSchema
from data_manifests.storage import Store
from data_manifests.tables import check, polars_schema
from pipeline.ledger import BatchRecord, Ledger
from pipeline.stage import BatchResult, Row, RowStage

logger = logging.getLogger(__name__)

ROW_DIGEST = "row_digest"


@dataclass(frozen=True, kw_only=True)
class BatchTask:
    """A batch to do: everything a worker on another machine needs."""

    stage: RowStage
    rows: Sequence[Row]
    row_digests: Sequence[str]
    settings: Any
    run_root: str
    audio_root: str | None


@dataclass(frozen=True, kw_only=True)
class BatchOutcome:
    """What came of a batch: records of what is finished, and the reason of each row that failed."""

    records: Sequence[BatchRecord]
    failures: Mapping[str, str] = field(default_factory=dict)
    """Reason by row digest."""


def run_batch(task: BatchTask) -> BatchOutcome:
    """Do a batch. Faults of storage propagate (worth trying again); any other exception fails rows, not the run."""
    with threadpool_limits(limits=1):  # the same sums in the same order, whatever the machine
        try:
            return BatchOutcome(records=[_finish(task)])
        except OSError:
            raise
        except Exception as error:
            if len(task.rows) == 1:
                logger.exception("stage %s failed on a row", task.stage.name)
                return BatchOutcome(records=[], failures={task.row_digests[0]: f"crashed: {type(error).__name__}"})
    outcomes = [run_batch(single) for single in split_rows(task)]
    return BatchOutcome(
        records=[record for outcome in outcomes for record in outcome.records],
        failures={row: reason for outcome in outcomes for row, reason in outcome.failures.items()},
    )


def split_rows(task: BatchTask) -> list[BatchTask]:
    """Make a batch of each row."""
    return [
        BatchTask(
            stage=task.stage,
            rows=[row],
            row_digests=[row_digest],
            settings=task.settings,
            run_root=task.run_root,
            audio_root=task.audio_root,
        )
        for row, row_digest in zip(task.rows, task.row_digests, strict=True)
    ]


def _finish(task: BatchTask) -> BatchRecord:
    started = time.perf_counter()
    result = task.stage.run(task.rows, AudioStore(task.audio_root), task.settings)
    content = _rows_bytes(result, task.stage.writes, task.row_digests)
    ledger = Ledger(Store(task.run_root))
    seconds = time.perf_counter() - started
    return ledger.finish_batch(task.stage.name, content, task.row_digests, result.files, seconds)


def _rows_bytes(result: BatchResult, schema: TableSchema, row_digests: Sequence[str]) -> bytes:
    """Serialise a batch's rows, checked, each with the digest of the input row it came from."""
    unaccounted = set(range(len(row_digests))) - {row["row_index"] for row in result.rows}
    if unaccounted:
        raise AssertionError(f"the stage lost the rows {sorted(unaccounted)} of its batch")
    names = list(schema.column_names)
    values = [{name: row.get(name) for name in names} for row in result.rows]
    table = pl.DataFrame(values, schema=polars_schema(schema))
    check(table, schema)
    digests = pl.Series(ROW_DIGEST, [row_digests[row["row_index"]] for row in result.rows], dtype=pl.String)
    buffer = io.BytesIO()
    table.with_columns(digests).write_parquet(buffer, compression="zstd")
    return buffer.getvalue()

"""Carrying out stages: what is done already is read, what is not is done, and every row is accounted for."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from data_manifests.audio_store import AudioStore
from data_manifests.catalogues import GivenCatalogue
from data_manifests.ids import content_digest, digest, row_digest
from data_manifests.schemas import TABLES, TableSchema
from data_manifests.storage import Store
from data_manifests.table_streams import tally
from data_manifests.tables import conform, empty_table, parse_table, read_table, table_bytes
from pipeline.batches import ROW_DIGEST, BatchOutcome, BatchTask, run_batch, split_rows
from pipeline.config import Config
from pipeline.interruption import stop_if_asked
from pipeline.ledger import BatchRecord, Ledger, TableRecord
from pipeline.partitions import run_partitioned
from pipeline.progress import step
from pipeline.runners import Runner, TaskLost
from pipeline.stage import Account, PartitionedStage, RowStage, SourceStage, Stage, StageResult, TableStage
from pipeline.taking_in import Intake, take_in

logger = logging.getLogger("mixminus.engine")


@dataclass(frozen=True, kw_only=True)
class RunPlace:
    """Where a run lives, and the audio it hears."""

    run_root: str
    audio_root: str | None

    @property
    def store(self) -> Store:
        """Files of the run."""
        return Store(self.run_root)


@dataclass(frozen=True, kw_only=True)
class StageReport:
    """How a stage went."""

    name: str
    account: Account
    new_rows: int
    """Units of input that were worked on; 0 where nothing had changed."""
    seconds: float


@dataclass(frozen=True, kw_only=True)
class RowPlan:
    """Input of a row stage, with what is done already."""

    stage: RowStage
    rows: Sequence[dict[str, Any]]
    row_digests: Sequence[str]
    done: dict[str, BatchRecord]
    """By row digest."""

    @property
    def undone(self) -> list[int]:
        """Positions of rows still to do."""
        return [index for index, key in enumerate(self.row_digests) if key not in self.done]


def stage_digest(stage: Stage, config: Config) -> dict[str, Any]:
    """Give what identifies a stage's way of working: name, version, relevant config, columns of its table."""
    return {
        "stage": stage.name,
        "version": stage.version,
        "settings": _plain(stage.settings(config)),
        "schema": [stage.writes.version, *stage.writes.column_names],
    }


def _plain(settings: Any) -> Any:
    return TypeAdapter(type(settings)).dump_python(settings, mode="json")


def run_stage(
    stage: Stage, place: RunPlace, config: Config, runner: Runner, source: GivenCatalogue | None = None
) -> StageReport:
    """Bring a stage's table up to date.

    Parameters
    ----------
    source
        The catalogue; only the source stage needs it.

    Returns
    -------
    StageReport
        With `new_rows` = 0 where there was nothing to do.
    """
    started = time.perf_counter()
    if isinstance(stage, SourceStage):
        if source is None:
            raise ValueError(f"stage {stage.name} takes in the catalogue, but was given none")
        account, new_rows = _run_source_stage(stage, place.store, config, source)
    elif isinstance(stage, PartitionedStage):
        account, new_rows = _run_partitioned_stage(stage, place, config, runner)
    elif isinstance(stage, TableStage):
        account, new_rows = _run_table_stage(stage, place.store, config)
    else:
        account, new_rows = _run_row_stage(stage, place, config, runner)
    report = StageReport(name=stage.name, account=account, new_rows=new_rows, seconds=time.perf_counter() - started)
    logger.info(
        "%-10s %s in = %d kept + %d rejected + %d failed  (%s, %.1f s)",
        stage.name,
        account.rows_in,
        account.kept,
        account.rejected,
        account.failed,
        f"{new_rows} new" if new_rows else "nothing new",
        report.seconds,
    )
    return report


# --- stages over the whole catalogue --------------------------------------------------------------------------------


def _run_source_stage(stage: SourceStage, store: Store, config: Config, source: GivenCatalogue) -> tuple[Account, int]:
    made_from = digest([stage_digest(stage, config), source.sha256])
    ledger = Ledger(store)
    record = ledger.table(stage.name)
    if record is not None and ledger.table_is_done(stage.name, made_from, [stage.writes.file]):
        return record.account, 0
    started = time.perf_counter()
    ledger.forget_table(stage.name)
    account = take_in(Intake(stage=stage, settings=stage.settings(config), source=source, store=store))
    _record(stage, ledger, made_from, account, time.perf_counter() - started)
    return account, max(account.rows_in, 1)


def _run_partitioned_stage(
    stage: PartitionedStage, place: RunPlace, config: Config, runner: Runner
) -> tuple[Account, int]:
    store = place.store
    made_from = digest([stage_digest(stage, config), {stage.reads: store.sha256(_schema_of(stage.reads).file)}])
    ledger = Ledger(store)
    record = ledger.table(stage.name)
    files = [schema.file for schema in (stage.writes, *stage.writes_beside)]
    if record is not None and ledger.table_is_done(stage.name, made_from, files):
        return record.account, 0
    started = time.perf_counter()
    ledger.forget_table(stage.name)
    account = run_partitioned(stage, stage.settings(config), place.run_root, made_from, runner)
    _record(stage, ledger, made_from, account, time.perf_counter() - started)
    return account, max(account.rows_in, 1)


def _record(stage: Stage, ledger: Ledger, made_from: str, account: Account, seconds: float) -> None:
    """Record a table that was written piece by piece."""
    sha256 = ledger.store.sha256(stage.writes.file)
    ledger.finish_table(stage.name, TableRecord(digest=made_from, sha256=sha256, account=account, seconds=seconds))


# --- table stages ---------------------------------------------------------------------------------------------------


def _run_table_stage(stage: TableStage, store: Store, config: Config) -> tuple[Account, int]:
    ledger = Ledger(store)
    contents = {name: store.read(_schema_of(name).file) for name in stage.inputs if name not in stage.counted}
    inputs = {name: content_digest(content) for name, content in contents.items()}
    inputs |= {name: store.sha256(_schema_of(name).file) for name in stage.counted}
    made_from = digest([stage_digest(stage, config), inputs])
    files = [schema.file for schema in (stage.writes, *stage.writes_beside, *stage.carries_on)]
    record = ledger.table(stage.name)
    if record is not None and ledger.table_is_done(stage.name, made_from, [*files, *record.files]):
        return record.account, 0
    tables = {name: parse_table(content, _schema_of(name), name) for name, content in contents.items()}
    tables |= {name: tally(store, _schema_of(name)) for name in stage.counted}
    for schema in stage.carries_on:
        tables[schema.name] = read_table(store, schema) if store.exists(schema.file) else empty_table(schema)
    started = time.perf_counter()
    result = stage.run(tables, stage.settings(config))
    seconds = time.perf_counter() - started
    return _store_table(stage, ledger, result, made_from, seconds), max(result.account.rows_in, 1)


def _store_table(stage: TableStage, ledger: Ledger, result: StageResult, made_from: str, seconds: float) -> Account:
    """Write a table stage's output: first what stands beside, then the table, last the record."""
    schema = stage.writes
    rows = pl.concat([conform(result.kept, schema), conform(result.rejected, schema)])
    rows = rows.sort(schema.key)
    content = table_bytes(rows, schema)
    ledger.forget_table(stage.name)
    for beside in (*stage.carries_on, *stage.writes_beside):
        ledger.store.write(beside.file, table_bytes(result.beside[beside.name], beside))
    for name, file in result.files.items():
        ledger.store.write(name, file)
    ledger.store.write(schema.file, content)
    record = TableRecord(
        digest=made_from,
        sha256=content_digest(content),
        account=result.account,
        seconds=seconds,
        files=sorted(result.files),
    )
    ledger.finish_table(stage.name, record)
    return result.account


def _schema_of(table: str) -> TableSchema:
    return TABLES[table]


# --- row stages -----------------------------------------------------------------------------------------------------


def plan_rows(stage: RowStage, place: RunPlace, config: Config) -> RowPlan:
    """Find out which rows of a row stage's input are done, for exactly this input, config and delivery of audio."""
    store = place.store
    tables = {name: parse_table(store.read(_schema_of(name).file), _schema_of(name), name) for name in stage.inputs}
    rows = list(stage.select(tables).iter_rows(named=True))
    how = stage_digest(stage, config)
    audio = AudioStore(place.audio_root)
    identities = {path: audio.identity(path) for path in {row[c] for row in rows for c in stage.audio_columns}}
    keys = [
        row_digest(how, _json_row(row), [_identity(identities[row[c]]) for c in stage.audio_columns]) for row in rows
    ]
    return _with_done(RowPlan(stage=stage, rows=rows, row_digests=keys, done={}), Ledger(store))


def _with_done(plan: RowPlan, ledger: Ledger) -> RowPlan:
    """Look up in the ledger which rows of the plan are done."""
    done = {key: record for record in ledger.batches(plan.stage.name).values() for key in record.row_digests}
    return replace(plan, done={key: done[key] for key in plan.row_digests if key in done})


def _identity(identity: Any) -> list[Any]:
    return [] if identity is None else [identity.size, identity.stamp]


def _json_row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}


def _run_row_stage(stage: RowStage, place: RunPlace, config: Config, runner: Runner) -> tuple[Account, int]:
    plan = plan_rows(stage, place, config)
    ledger = Ledger(place.store)
    found = _finished_rows(plan, ledger)
    plan = replace(plan, done={key: record for key, record in plan.done.items() if record.batch in found})
    made_from = digest([stage_digest(stage, config), list(plan.row_digests)])
    record = ledger.table(stage.name)
    if not plan.undone and record is not None and ledger.table_is_done(stage.name, made_from, [stage.writes.file]):
        return record.account, 0
    started = time.perf_counter()
    failures = _work(plan, place, config, runner)
    finished = _finished_rows(_with_done(plan, ledger), ledger)
    table, account = _assemble(plan, finished, failures)
    content = table_bytes(table, stage.writes)
    ledger.forget_table(stage.name)
    place.store.write(stage.writes.file, content)
    seconds = time.perf_counter() - started
    ledger.finish_table(
        stage.name,
        TableRecord(digest=made_from, sha256=content_digest(content), account=account, seconds=seconds),
    )
    return account, len(plan.undone)


def _work(plan: RowPlan, place: RunPlace, config: Config, runner: Runner) -> dict[str, str]:
    """Do the undone rows in batches; give the reason of each row that failed."""
    tasks = _batches(plan, place, config)
    failures: dict[str, str] = {}
    with step(plan.stage.name, len(plan.undone)) as advance:
        lost: list[BatchTask] = []
        for index, outcome in runner.map(run_batch, tasks):
            stop_if_asked()
            if isinstance(outcome, TaskLost):
                lost.extend(split_rows(tasks[index]))
                continue
            failures |= outcome.failures
            advance(len(tasks[index].rows))
        for index, outcome in runner.map(run_batch, lost):
            failures |= _failures(lost[index], outcome)
            advance(1)
    return failures


def _failures(task: BatchTask, outcome: BatchOutcome | TaskLost) -> dict[str, str]:
    if isinstance(outcome, TaskLost):
        return dict.fromkeys(task.row_digests, outcome.reason)
    return dict(outcome.failures)


def _batches(plan: RowPlan, place: RunPlace, config: Config) -> list[BatchTask]:
    """Cut the whole input into batches by position, then keep the undone rows of each.

    So a run that is resumed makes the same batches, and the same shard files, as one that was never interrupted.
    """
    undone = set(plan.undone)
    size = plan.stage.batch_rows
    settings = plan.stage.settings(config)
    tasks = []
    for start in range(0, len(plan.rows), size):
        chosen = [index for index in range(start, min(start + size, len(plan.rows))) if index in undone]
        if chosen:
            tasks.append(
                BatchTask(
                    stage=plan.stage,
                    rows=[plan.rows[index] for index in chosen],
                    row_digests=[plan.row_digests[index] for index in chosen],
                    settings=settings,
                    run_root=place.run_root,
                    audio_root=place.audio_root,
                )
            )
    return tasks


def _finished_rows(plan: RowPlan, ledger: Ledger) -> dict[str, pl.DataFrame]:
    """Rows of the finished batches that the plan needs, by batch; damaged batches are left out."""
    batches = {record.batch: record for record in plan.done.values()}
    found = {name: ledger.batch_rows(plan.stage.name, record) for name, record in batches.items()}
    return {name: rows for name, rows in found.items() if rows is not None}


def _assemble(
    plan: RowPlan, finished: dict[str, pl.DataFrame], failures: dict[str, str]
) -> tuple[pl.DataFrame, Account]:
    """Put finished and failed rows together, in the order of the input, and count them by unit of the input."""
    schema = plan.stage.writes
    parts = [rows for _, rows in sorted(finished.items())]
    rows = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys([ROW_DIGEST], pl.String))
    order = pl.DataFrame(
        {ROW_DIGEST: list(plan.row_digests), "position": range(len(plan.rows))},
        schema={ROW_DIGEST: pl.String, "position": pl.Int64},
    )
    rows = order.join(rows, on=ROW_DIGEST, how="inner", maintain_order="left")
    missing = sorted(set(range(len(plan.rows))) - set(rows["position"].to_list()))
    stubs = [
        {**plan.stage.stub(plan.rows[i]), "outcome": "failed", "reason": failures.get(plan.row_digests[i], "not_done")}
        for i in missing
    ]
    failed = conform(pl.DataFrame(stubs), schema) if stubs else conform(pl.DataFrame(), schema).clear()
    failed = failed.with_columns(position=pl.Series(missing, dtype=pl.Int64))
    columns = [*schema.column_names, "position"]
    known = conform(rows.drop(ROW_DIGEST, "position"), schema).with_columns(rows["position"])
    table = pl.concat([known.select(columns), failed.select(columns)]).sort("position", maintain_order=True)
    first = table.sort(pl.col("outcome") != schema.kept_outcome, maintain_order=True).unique(
        "position", keep="first", maintain_order=True
    )
    return table.drop("position"), Account.of(first, len(plan.rows))

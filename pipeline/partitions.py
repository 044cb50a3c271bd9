"""Carrying out a partitioned stage: scatter slices, treat parts on workers, gather, and write slice by slice.

Each slice and each part is a task with a record of its own, so that a run that stops goes on where it was. Their files
lie in a folder named for the stage's input, version and settings, and are removed when the stage's tables are written.
"""

import io
import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from data_manifests.storage import Store
from data_manifests.table_streams import Slice, read_scattered, read_slice, scattered, slices, writing
from data_manifests.tables import write_table
from pipeline.errors import TryAgainError
from pipeline.interruption import stop_if_asked
from pipeline.ledger import WORK
from pipeline.progress import step
from pipeline.runners import Runner, TaskLost
from pipeline.runners.serial_runner import SerialRunner
from pipeline.stage import Account, PartitionedStage

logger = logging.getLogger("mixminus.partitions")

_ASIDE = "aside"
_SURVEY = "survey"


@dataclass(frozen=True, kw_only=True)
class Partitioning:
    """A partitioned stage at work on one input: everything a worker on another machine needs."""

    stage: PartitionedStage
    settings: Any
    run_root: str
    folder: str
    num_slices: int
    num_parts: int

    @property
    def store(self) -> Store:
        """Files of the run."""
        return Store(self.run_root)

    def file(self, task: str, table: str, suffix: str = "parquet") -> str:
        """Name of a file that a task writes."""
        return f"{self.folder}/{task}.{table}.{suffix}"


@dataclass(frozen=True, kw_only=True)
class SliceTask:
    """A slice of the input to survey or to scatter."""

    work: Partitioning
    step: Literal["survey", "slice"]
    number: int
    part: Slice

    @property
    def name(self) -> str:
        """Name of the task within the stage."""
        return f"{self.step}-{self.number:06d}"


@dataclass(frozen=True, kw_only=True)
class PartTask:
    """A part to treat."""

    work: Partitioning
    number: int

    @property
    def name(self) -> str:
        """Name of the task within the stage."""
        return f"part-{self.number:06d}"


def run_partitioned(stage: PartitionedStage, settings: Any, run_root: str, made_from: str, runner: Runner) -> Account:
    """Write all tables of the stage; give the account.

    Parameters
    ----------
    made_from
        Digest of input, version and settings: finished tasks of the same are not done again.

    Raises
    ------
    TryAgainError
        Where workers were lost twice on one task.
    """
    store = Store(run_root)
    parts = slices(store, f"{stage.reads}.parquet", stage.part_rows)
    num_rows = sum(part.num_rows for part in parts)
    folder = f"{WORK}/{stage.name}/{made_from[:16]}"
    _remove(store, [name for name in store.names(f"{WORK}/{stage.name}") if not name.startswith(f"{folder}/")])
    work = Partitioning(
        stage=stage,
        settings=settings,
        run_root=run_root,
        folder=folder,
        num_slices=len(parts),
        num_parts=math.ceil(num_rows / stage.part_rows),
    )
    surveys, scatters = (
        [SliceTask(work=work, step=step, number=number, part=part) for number, part in enumerate(parts)]
        for step in ("survey", "slice")
    )
    treatments = [PartTask(work=work, number=number) for number in range(work.num_parts)]
    with step(stage.name, 2 * len(parts) + work.num_parts) as advance:
        _do(survey_slice, surveys, runner, advance)
        _put_surveys_together(work, surveys)
        _do(scatter_slice, scatters, runner, advance)
        _do(treat_part, treatments, runner, advance)
    gathered = stage.gather(_results(work, [*scatters, *treatments]), settings)
    account = _write_tables(work, parts, gathered)
    _remove(store, store.names(folder))
    return account


def survey_slice(task: SliceTask) -> None:
    """Survey a slice, on a worker."""
    work = task.work
    _write(work, task.name, {_SURVEY: work.stage.survey(_kept_rows(task), work.settings)})


def scatter_slice(task: SliceTask) -> None:
    """Scatter a slice, on a worker."""
    work = task.work
    surveyed = pl.read_parquet(work.store.read(work.file(_SURVEY, _SURVEY)))
    spread, aside = work.stage.scatter(_kept_rows(task), surveyed, work.settings, work.num_parts)
    work.store.write(work.file(task.name, "rows", "arrow"), scattered(spread, "part", work.num_parts))
    _write(work, task.name, {_ASIDE: aside})


def treat_part(task: PartTask) -> None:
    """Treat a part, on a worker."""
    work = task.work
    names = [work.file(f"slice-{number:06d}", "rows", "arrow") for number in range(work.num_slices)]
    rows = read_scattered(work.store, names, task.number)
    _write(work, task.name, work.stage.treat(rows, work.settings, task.number, work.num_parts))


def _kept_rows(task: SliceTask) -> pl.DataFrame:
    rows = read_slice(task.work.store, task.part, [*task.work.stage.columns, "outcome"])
    return rows.filter(pl.col("outcome") == "kept").drop("outcome")


def _put_surveys_together(work: Partitioning, surveys: Sequence[SliceTask]) -> None:
    found = _results(work, surveys)
    if found:
        rows = found[_SURVEY].unique()
        _write(work, _SURVEY, {_SURVEY: rows.sort(rows.columns)})


def _write(work: Partitioning, task: str, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write what a task made, then its record."""
    for table, rows in tables.items():
        buffer = io.BytesIO()
        rows.write_parquet(buffer, compression="lz4")
        work.store.write(work.file(task, table), buffer.getvalue())
    work.store.write(f"{work.folder}/{task}.json", json.dumps({"tables": sorted(tables)}).encode())


def _do(function: Callable[[Any], None], tasks: Sequence[Any], runner: Runner, advance: Callable[[int], None]) -> None:
    """Do the tasks that have no record; a task whose worker is lost gets a second one."""
    if not tasks:
        return
    work: Partitioning = tasks[0].work
    done = set(work.store.names(work.folder, ".json"))
    waiting = [task for task in tasks if f"{work.folder}/{task.name}.json" not in done]
    advance(len(tasks) - len(waiting))
    chosen: Runner = SerialRunner() if len(tasks) == 1 else runner  # a cluster is not worth its start for one task
    lost = list(_lost(function, waiting, chosen, advance))
    lost_again = list(_lost(function, lost, chosen, advance))
    if lost_again:
        names = ", ".join(task.name for task in lost_again[:3])
        raise TryAgainError(
            f"stage {work.stage.name}: workers were lost twice on {len(lost_again)} of {len(tasks)} tasks ({names}), "
            "perhaps for want of memory; what was finished is kept: give workers more memory and run again"
        )


def _lost(
    function: Callable[[Any], None], tasks: Sequence[Any], runner: Runner, advance: Callable[[int], None]
) -> Iterator[Any]:
    """Map the function over tasks; give those whose worker was lost."""
    for index, outcome in runner.map(function, tasks):
        stop_if_asked()
        if isinstance(outcome, TaskLost):
            yield tasks[index]
        else:
            advance(1)


def _results(work: Partitioning, tasks: Sequence[SliceTask | PartTask]) -> dict[str, pl.DataFrame]:
    """Put the tables of all tasks together, by name."""
    found: dict[str, list[pl.DataFrame]] = {}
    for task in tasks:
        record = json.loads(work.store.read(f"{work.folder}/{task.name}.json"))
        for table in record["tables"]:
            content = work.store.read(work.file(task.name, table))
            found.setdefault(table, []).append(pl.read_parquet(content))
    return {table: pl.concat(rows) for table, rows in found.items()}


def _write_tables(work: Partitioning, parts: Sequence[Slice], gathered: Mapping[str, pl.DataFrame]) -> Account:
    """Write the gathered tables, and those that have rows for the rows of the input; count the latter."""
    stage, store = work.stage, work.store
    whole = [schema for schema in stage.writes_beside if schema.name in gathered]
    sliced = [schema for schema in stage.writes_beside if schema.name not in gathered]
    for schema in whole:
        write_table(store, gathered[schema.name], schema)
    tallies = [pl.DataFrame(schema={"outcome": pl.String, "reason": pl.String, "num_rows": pl.UInt32})]
    rows_in = 0
    with ExitStack() as files:
        writers = {schema.name: files.enter_context(writing(store, schema)) for schema in sliced}
        for part in parts:
            stop_if_asked()
            rows = read_slice(store, part).filter(pl.col("outcome") == "kept")
            rows_in += rows.height
            for table, finished in stage.finish(rows, gathered).items():
                writers[table].append(finished)
                if table == stage.counts.name:
                    tallies.append(finished.group_by("outcome", "reason").agg(num_rows=pl.len()))
    write_table(store, gathered[stage.writes.name], stage.writes)
    return Account.of_tally(pl.concat(tallies), rows_in)


def _remove(store: Store, names: Sequence[str]) -> None:
    for name in names:
        store.remove(name)

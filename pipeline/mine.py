"""A mining run: the recipe carried out over a catalogue, into a run directory."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from data_manifests.catalogues import GivenCatalogue, open_catalogue
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError
from pipeline.config import Config
from pipeline.engine import RunPlace, StageReport, plan_rows, run_stage
from pipeline.errors import InvalidDataError, TooManyFailuresError, UsageError, storage_faults
from pipeline.recipe import RECIPE
from pipeline.run_lock import locked
from pipeline.runners import Runner
from pipeline.stage import RowStage, Stage

logger = logging.getLogger("mixminus.mine")


@dataclass(frozen=True, kw_only=True)
class MiningJob:
    """What `mine` is asked to do."""

    catalog: str
    place: RunPlace
    config: Config
    until: str = "manifest"
    max_failed: int = 0


@dataclass(frozen=True, kw_only=True)
class PlannedStage:
    """What a stage would do, as far as it can be known without doing it."""

    name: str
    rows: int
    undone: int


def mine(job: MiningJob, runner: Runner) -> list[StageReport]:
    """Bring a run up to date with its catalogue, config and audio.

    Raises
    ------
    CommandError
        With the exit code that fits; what was finished stays finished.
    """
    with storage_faults():
        source = find_catalogue(job)
        with locked(job.place.store):
            reports = [_run(stage, job, runner, source) for stage in stages_until(job.until)]
    failed = sum(report.account.failed for report in reports)
    if failed > job.max_failed:
        raise TooManyFailuresError(
            f"{failed} rows failed, {job.max_failed} are allowed (--max-failed); run again to retry them, "
            f"`mixminus status {job.place.run_root}` lists them"
        )
    return reports


def _run(stage: Stage, job: MiningJob, runner: Runner, source: GivenCatalogue) -> StageReport:
    try:
        return run_stage(stage, job.place, job.config, runner, source)
    except InvalidTableError as error:
        raise InvalidDataError(str(error)) from error


def plan(job: MiningJob) -> list[PlannedStage]:
    """Say how much there is to do, stage by stage, without doing or writing anything.

    Row stages are planned as far as the tables they read are there.
    """
    source = find_catalogue(job)
    planned = [PlannedStage(name="catalog", rows=source.num_rows, undone=source.num_rows)]
    for stage in stages_until(job.until)[1:]:
        if isinstance(stage, RowStage) and all(job.place.store.exists(f"{name}.parquet") for name in stage.inputs):
            rows = plan_rows(stage, job.place, job.config)
            planned.append(PlannedStage(name=stage.name, rows=len(rows.rows), undone=len(rows.undone)))
    return planned


def stages_until(name: str) -> Sequence[Stage]:
    """Give the stages of the recipe up to and with the one named."""
    names = [stage.name for stage in RECIPE]
    if name not in names:
        raise UsageError(f"--until {name!r}: expected one of {', '.join(names)}")
    return RECIPE[: names.index(name) + 1]


def find_catalogue(job: MiningJob) -> GivenCatalogue:
    """Look at the catalogue and see that the audio root is there.

    Raises
    ------
    UsageError
        Where the catalogue or the audio root is missing.
    InvalidDataError
        Where the catalogue is unreadable or lacks columns.
    """
    try:
        source = open_catalogue(job.catalog)
    except FileNotFoundError as error:
        raise UsageError(f"no catalogue at {job.catalog}; expected a Parquet file") from error
    except IsADirectoryError as error:
        raise UsageError(
            f"{job.catalog} is a folder; `mixminus catalog scan {job.catalog} --out FILE` makes a catalogue of it"
        ) from error
    except InvalidTableError as error:
        raise InvalidDataError(str(error)) from error
    _check_audio_root(job)
    return source


def _check_audio_root(job: MiningJob) -> None:
    root = job.place.audio_root
    needs_audio = any(isinstance(stage, RowStage) for stage in stages_until(job.until))
    if root is None or not needs_audio:
        return
    store = Store(root)
    if store.is_local and not store.local_path().is_dir():
        raise UsageError(f"--audio-root {root}: no such folder; give the folder that the catalogue's paths start from")

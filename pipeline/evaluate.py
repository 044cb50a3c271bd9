"""Scoring systems on songs: the pure tasks of `evaluation`, mapped over a runner."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import polars as pl
from threadpoolctl import threadpool_limits

from data_manifests.manifests import InvalidManifestError
from data_manifests.shard_format import ShardFormatError
from evaluation.baselines import baselines
from evaluation.datasets import DatasetError, DatasetSong, Layout, dataset_songs, read_dataset_song
from evaluation.evaluate import evaluate_song
from evaluation.oracles import oracles
from evaluation.run_songs import HeldOutSplit, RunSong, held_out_songs, read_run_song
from evaluation.scores import ScoreRow
from evaluation.songs import Estimator
from evaluation.tables import scores_table
from evaluation.trained_models import TrainedModel
from pipeline.errors import InvalidDataError, UsageError
from pipeline.progress import step
from pipeline.runners import Runner, TaskLost

logger = logging.getLogger("mixminus.evaluate")

DEFAULT_SYSTEMS = ("mixture", "constant-mask", "hpss-two-stage", "irm-1")


@dataclass(frozen=True, kw_only=True)
class ScoringTask:
    """A song and the systems to score on it."""

    place: RunSong | DatasetSong
    systems: tuple[Estimator, ...]


def score_task(task: ScoringTask) -> list[ScoreRow]:
    """Read a song, separate it by every system, score the parts."""
    place = task.place
    with threadpool_limits(limits=1):
        song = read_run_song(place) if isinstance(place, RunSong) else read_dataset_song(place)
        return evaluate_song(song, task.systems)


def known_systems() -> dict[str, Estimator]:
    """Give every oracle and baseline by the name that the command line takes, such as `irm-1`."""
    return {name.lower().replace(" ", "-"): system for name, system in {**oracles(), **baselines()}.items()}


def choose_systems(names: Sequence[str], models: Sequence[Path]) -> tuple[Estimator, ...]:
    """Collect the systems to score: oracles and baselines by name, then models by folder.

    Raises
    ------
    UsageError
        Where a name is unknown, or a model's folder is not there.
    """
    known = known_systems()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise UsageError(f"unknown systems {unknown}; known: {', '.join(known)}")
    missing = [str(path) for path in models if not path.is_dir()]
    if missing:
        raise UsageError(f"no model at {', '.join(missing)}; expected a folder that `mixminus train` wrote")
    return (*(known[name] for name in dict.fromkeys(names)), *(TrainedModel.at(path) for path in models))


def list_songs(data: str, split: HeldOutSplit, limit: int | None) -> Sequence[RunSong | DatasetSong]:
    """List the songs of a run's held-out split, or of a data set given as `layout:FOLDER`.

    Raises
    ------
    UsageError, InvalidDataError
    """
    layout, colon, folder = data.partition(":")
    try:
        if colon and layout in get_args(Layout):
            return dataset_songs(Path(folder), layout, limit=limit)  # type: ignore[arg-type]
        return held_out_songs(data, split, limit=limit)
    except FileNotFoundError as error:
        layouts = ", ".join(f"{name}:FOLDER" for name in get_args(Layout))
        raise UsageError(f"{data} is neither a mining run nor one of {layouts}: {error}") from error
    except (DatasetError, InvalidManifestError, ShardFormatError) as error:
        raise InvalidDataError(str(error)) from error


def score_songs(songs: Sequence[RunSong | DatasetSong], systems: tuple[Estimator, ...], runner: Runner) -> pl.DataFrame:
    """Score every system on every song; the rows do not depend on the runner.

    Raises
    ------
    InvalidDataError
        Where there is no song.
    """
    if not songs:
        raise InvalidDataError(
            "no song to score: the held-out split is empty; mine more songs, or choose --split valid"
        )
    tasks = [ScoringTask(place=place, systems=systems) for place in songs]
    results: dict[int, list[ScoreRow]] = {}
    started = time.perf_counter()
    with step("evaluate", len(tasks)) as advance:
        for index, rows in runner.map(score_task, tasks):
            if isinstance(rows, TaskLost):
                raise InvalidDataError(f"scoring {tasks[index].place} killed its worker; try --workers 1")
            results[index] = rows
            advance(1)
    logger.info("%d songs, %d systems, %.1f s", len(songs), len(systems), time.perf_counter() - started)
    return scores_table(row for index in sorted(results) for row in results[index])

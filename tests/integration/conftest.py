"""A small generated catalogue: a few songs of the demo, rendered once for all integration tests."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import Config
from pipeline.demo.catalogue import plan_demo, render_song, write_catalogue
from pipeline.engine import RunPlace
from pipeline.mine import MiningJob, mine
from pipeline.runners.serial_runner import SerialRunner

NUM_SONGS = 4


@pytest.fixture(scope="session")
def small_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with catalog.parquet, truth.parquet and audio/."""
    folder = tmp_path_factory.mktemp("catalogue")
    songs = sorted(plan_demo(0).songs, key=lambda song: -len({pair.label for pair in song.pairs}))[:NUM_SONGS]
    write_catalogue(str(folder), [render_song(str(folder), song) for song in songs])
    return folder


@pytest.fixture(scope="session")
def small_run(small_catalogue: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run over the small catalogue, made serially. Tests leave it as it is."""
    run = tmp_path_factory.mktemp("finished") / "run"
    place = RunPlace(run_root=str(run), audio_root=str(small_catalogue))
    mine(MiningJob(catalog=str(small_catalogue / "catalog.parquet"), place=place, config=Config()), SerialRunner())
    return run


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    """Commands set up logging for their process; tests share one."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)

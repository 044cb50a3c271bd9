"""The demo from end to end: a generated catalogue, mined, trained on, scored and reported.

The score is taken against the true stems of songs whose artists the model never heard. Songs are scored at the model's
own rate, so that no system is charged for what lies above its band.
"""

import logging
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from data_manifests.audio_files import decode_audio, write_audio
from data_manifests.profiles import PROFILES
from data_manifests.resampling import resample
from data_manifests.schemas import PAIRS, PROPOSED
from data_manifests.storage import Store
from data_manifests.tables import read_table
from evaluation.datasets import dataset_songs
from evaluation.report import build_report
from evaluation.tables import aggregate, display_table, write_results
from pipeline.clips import PairClips
from pipeline.config import Config, parse_config
from pipeline.demo.catalogue import plan_demo, render_song, write_catalogue
from pipeline.engine import RunPlace, StageReport
from pipeline.errors import CommandError
from pipeline.evaluate import DEFAULT_SYSTEMS, choose_systems, score_songs
from pipeline.mine import MiningJob, mine
from pipeline.progress import step
from pipeline.runners import Runner, TaskLost
from training.config import TrainConfig

logger = logging.getLogger("mixminus.demo")

_CONFIG = "[splits]\n# a small catalogue: hold out enough songs for the scores to mean something\ntest_share = 0.2\n"
_METRICS = ("bsseval_v4_sdr", "usdr", "si_sdr")
"""No SIR and SAR: on the generated stems BSSEval's distortion filters (museval's too) are ill-conditioned, and give a
SAR near 0 even to an oracle mask."""


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """What the demo leaves behind."""

    stages: list[StageReport]
    table: pl.DataFrame
    """The score table, a row for each target and system."""
    report: Path
    seconds: float


def tell_story(folder: Path, runner: Runner, *, seed: int, minutes: float) -> DemoResult:
    """Run the demo in a folder; what is there already is not done again.

    Parameters
    ----------
    minutes
        Of training.
    """
    started = time.perf_counter()
    config = parse_config({"splits": {"test_share": 0.2}}, "demo config")
    _render(folder, runner, seed)
    (folder / "config.toml").write_text(_CONFIG, encoding="utf-8")
    stages = _mine(folder, runner, config)
    runner.close()  # idle workers would take turns with the threads of the training, which wait for one another
    _train(folder, seed, minutes)
    songs = write_test_songs(folder)
    scores = score_songs(dataset_songs(songs, "stems"), choose_systems(DEFAULT_SYSTEMS, [folder / "unet"]), runner)
    write_results(scores, folder / "scores")
    table = display_table(aggregate(scores), _METRICS).select("target", "system", "songs", *_METRICS)
    clips = PairClips(run=str(folder / "run"), audio_root=str(folder))
    summary = build_report(str(folder / "run"), folder / "run" / "report.html", audio=clips, scores=table)
    return DemoResult(stages=stages, table=table, report=summary.path, seconds=time.perf_counter() - started)


def _render(folder: Path, runner: Runner, seed: int) -> None:
    """Write the catalogue, unless a whole one of this seed is there."""
    done = folder / "seed.txt"
    if done.is_file() and done.read_text() == str(seed):
        return
    folder.mkdir(parents=True, exist_ok=True)
    plan = plan_demo(seed)
    rendered = {}
    with step("songs", len(plan.songs)) as advance:
        for index, song in runner.map(partial(render_song, str(folder)), list(plan.songs)):
            if isinstance(song, TaskLost):
                raise CommandError("rendering a song killed its worker; try again with --workers 1")
            rendered[index] = song
            advance(1)
    write_catalogue(str(folder), [rendered[index] for index in sorted(rendered)])
    done.write_text(str(seed))


def _mine(folder: Path, runner: Runner, config: Config) -> list[StageReport]:
    place = RunPlace(run_root=str(folder / "run"), audio_root=str(folder))
    return mine(MiningJob(catalog=str(folder / "catalog.parquet"), place=place, config=config), runner)


def _train(folder: Path, seed: int, minutes: float) -> None:
    from training.fit import fit

    fit(
        str(folder / "run"),
        folder / "unet",
        TrainConfig(max_minutes=minutes, batch_size=4, validate_every=200, seed=seed),
    )


def write_test_songs(folder: Path) -> Path:
    """Write the true stems of the test split as a folder of stems that `evaluate` reads.

    Mono, at the model's own rate and number of channels.
    """
    rate = PROFILES["jansson-8k"].sample_rate_hz
    run = Store(str(folder / "run"))
    truth = pl.read_parquet(folder / "truth.parquet")
    pairs = read_table(run, PAIRS).filter((pl.col("outcome") == "accepted") & (pl.col("split") == "test"))
    audio = dict(read_table(run, PROPOSED).select("track_id", "audio").iter_rows())
    songs = folder / "test-songs"
    for original in sorted(set(pairs["original_id"]) & set(truth["original_id"])):
        target = songs / original
        target.mkdir(parents=True, exist_ok=True)
        mixture = decode_audio((folder / audio[original]).read_bytes())
        vocals = decode_audio((folder / "truth" / "vocals" / f"{original}.flac").read_bytes())
        length = min(mixture.duration_s, vocals.duration_s)
        for name, sound in (("mixture", mixture), ("vocals", vocals)):
            mono = sound.samples.mean(axis=0, keepdims=True)
            write_audio(
                target / f"{name}.flac", resample(mono, sound.sample_rate_hz, rate)[:, : int(length * rate)], rate
            )
    return songs

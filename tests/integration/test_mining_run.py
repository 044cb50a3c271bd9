"""Mining a small catalogue: the same tables on any runner, after a crash, after growth; only the new work is done."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from data_manifests.schemas import TABLES
from data_manifests.storage import Store
from data_manifests.tables import read_table
from data_manifests.validate import validate_run
from pipeline.config import parse_config
from pipeline.engine import RunPlace, StageReport
from pipeline.mine import MiningJob, mine, plan
from pipeline.runners.dask_runner import DaskRunner
from pipeline.runners.serial_runner import SerialRunner

RUN_TABLES = [name for name in TABLES if name not in ("quarantine",)]


def _job(folder: Path, run: Path, catalog: Path | None = None, **config: object) -> MiningJob:
    return MiningJob(
        catalog=str(catalog or folder / "catalog.parquet"),
        place=RunPlace(run_root=str(run), audio_root=str(folder)),
        config=parse_config(config, "test"),
    )


def _mine(job: MiningJob) -> list[StageReport]:
    return mine(job, SerialRunner())


def _tables(run: Path) -> dict[str, pl.DataFrame]:
    return {name: read_table(Store(str(run)), TABLES[name]) for name in RUN_TABLES}


def _assert_same(run: Path, other: Path) -> None:
    for name, table in _tables(run).items():
        assert table.equals(_tables(other)[name]), name
    assert (run / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()


@pytest.fixture
def finished(small_run: Path) -> Path:
    """A finished run, made serially."""
    return small_run


def test_the_run_is_sound_and_finds_what_was_planted(small_catalogue: Path, finished: Path) -> None:
    assert validate_run(Store(str(finished))) == []
    truth = pl.read_parquet(small_catalogue / "truth.parquet")
    pairs = read_table(Store(str(finished)), TABLES["pairs"]).filter(pl.col("outcome") == "accepted")
    joined = pairs.join(truth, on=["original_id", "counterpart_id"], how="left", suffix="_true")
    assert joined.height >= 2
    assert set(joined["label"].drop_nulls()) <= {"pair"}


def test_every_stage_accounts_for_its_rows(finished: Path) -> None:
    manifest = json.loads((finished / "manifest.json").read_text())
    assert [stage["name"] for stage in manifest["stages"]] == [
        "catalog", "candidates", "tracks", "evidence", "pairs", "shards",
    ]  # fmt: skip
    for stage in manifest["stages"]:
        assert stage["rows_in"] == stage["kept"] + stage["rejected"] + stage["failed"]
        assert sum(stage["reasons"].values()) == stage["rejected"] + stage["failed"]


def test_dask_gives_the_same_tables(small_catalogue: Path, finished: Path, tmp_path: Path) -> None:
    runner = DaskRunner("local", workers=2)
    try:
        mine(_job(small_catalogue, tmp_path / "run"), runner)
    finally:
        runner.close()
    _assert_same(tmp_path / "run", finished)


def test_running_again_does_nothing(small_catalogue: Path, finished: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file()}
    reports = _mine(_job(small_catalogue, finished))
    assert [report.new_rows for report in reports] == [0] * 7
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*") if path.is_file()} == before
    assert [(stage.name, stage.undone) for stage in plan(_job(small_catalogue, finished))][1:] == [
        ("tracks", 0), ("evidence", 0), ("shards", 0),
    ]  # fmt: skip


def test_a_threshold_decides_again_and_hears_nothing(small_catalogue: Path, finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    reports = {r.name: r.new_rows for r in _mine(_job(small_catalogue, run, decisions={"min_overlap_s": 10_000.0}))}
    assert (reports["tracks"], reports["evidence"]) == (0, 0)
    assert reports["pairs"] > 0
    pairs = read_table(Store(str(run)), TABLES["pairs"])
    assert not (pairs["outcome"] == "accepted").any()
    assert validate_run(Store(str(run))) == []
    _mine(_job(small_catalogue, run))
    _assert_same(run, finished)


def test_growth_does_only_the_new_work(small_catalogue: Path, finished: Path, tmp_path: Path) -> None:
    catalog = pl.read_parquet(small_catalogue / "catalog.parquet")
    first_artist = catalog["artists"].list.first().sort()[0]
    part = tmp_path / "part.parquet"
    catalog.filter(pl.col("artists").list.first() != first_artist).write_parquet(part)
    run = tmp_path / "run"
    small = {report.name: report.new_rows for report in _mine(_job(small_catalogue, run, part))}
    grown = {report.name: report.new_rows for report in _mine(_job(small_catalogue, run))}
    total = read_table(Store(str(run)), TABLES["tracks"]).height
    assert small["tracks"] + grown["tracks"] == total
    assert grown["evidence"] < read_table(Store(str(run)), TABLES["evidence"]).height
    for name in ("catalog", "candidates", "tracks", "evidence", "pairs"):
        assert _tables(run)[name].equals(_tables(finished)[name]), name
    segments = ["segment_id", "start_s", "num_frames", "weight", "split"]
    assert _tables(run)["segments"].select(segments).equals(_tables(finished)["segments"].select(segments))


def test_an_opt_out_leaves_pairs_and_shards(small_catalogue: Path, finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    pair = _tables(finished)["pairs"].filter(pl.col("outcome") == "accepted").row(0, named=True)
    refused = tmp_path / "refused.parquet"
    catalog = pl.read_parquet(small_catalogue / "catalog.parquet")
    catalog.with_columns(
        opt_out=pl.col("opt_out").fill_null(value=False) | (pl.col("track_id") == pair["original_id"])
    ).write_parquet(refused)
    _mine(_job(small_catalogue, run, refused))
    after = _tables(run)
    assert pair["pair_id"] not in after["pairs"].filter(pl.col("outcome") == "accepted")["pair_id"].to_list()
    assert pair["pair_id"] not in after["segments"]["pair_id"].to_list()
    assert after["splits"].equals(_tables(finished)["splits"]), "nobody moves"


def _mine_command(folder: Path, run: Path) -> list[str]:
    return [
        sys.executable, "-c", "from pipeline.entry import main; main()", "mine", str(folder / "catalog.parquet"),
        "--audio-root", str(folder), "--out", str(run), "--scheduler", "serial",
    ]  # fmt: skip


@pytest.mark.parametrize(("num_records", "number"), [(1, signal.SIGKILL), (4, signal.SIGKILL), (2, signal.SIGTERM)])
def test_a_killed_run_goes_on_to_the_same_tables(
    small_catalogue: Path, finished: Path, tmp_path: Path, num_records: int, number: signal.Signals
) -> None:
    """Killed when so many records of finished work are there."""
    run = tmp_path / "run"
    process = subprocess.Popen(_mine_command(small_catalogue, run), stderr=subprocess.PIPE, text=True)
    while process.poll() is None and len(list(run.glob("work/**/*.json"))) < num_records:
        time.sleep(0.01)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (143 if number == signal.SIGTERM else -number), said
    if number == signal.SIGTERM:
        assert "run the same command again" in said
        assert not (run / "run.lock").exists()
    _mine(_job(small_catalogue, run))
    _assert_same(run, finished)


def test_a_second_run_at_the_same_time_is_refused(small_catalogue: Path, finished: Path) -> None:
    lock = finished / "run.lock"
    lock.write_text(json.dumps({"host": __import__("socket").gethostname(), "pid": os.getpid()}))
    try:
        refused = subprocess.run(_mine_command(small_catalogue, finished), check=False, capture_output=True, text=True)
    finally:
        lock.unlink()
    assert refused.returncode == 75
    assert "in use by process" in refused.stderr

"""A catalogue larger than the memory it is allowed; parts that are lost; identical tables whatever the cut."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from data_manifests.catalogues import open_catalogue
from data_manifests.schemas import CANDIDATES, CATALOG, MATCHING, PROPOSED
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, read_table
from pipeline import engine
from pipeline.config import Config
from pipeline.engine import RunPlace, run_stage
from pipeline.errors import TryAgainError
from pipeline.runners import TaskLost
from pipeline.runners.serial_runner import SerialRunner
from pipeline.stages import candidates, catalog
from pipeline.status import read_status

ALLOWED = 1_200_000_000
"""Bytes of private memory; the libraries alone take about a third of them."""


def _write(place: Path, num_rows: int, *, row_group: int, filler: int = 0) -> None:
    """Pairs of original and instrumental by 50-track artists, ids in no order; `filler` bytes of genre a row."""
    ids = pl.Series(range(num_rows)).shuffle(seed=1)
    number = pl.col("n")
    marked = pl.when(number % 10 == 1).then(pl.lit(" (Instrumental)")).otherwise(pl.lit(""))
    with pq.ParquetWriter(place, _rows(ids[:1], number, marked, filler).to_arrow().schema) as writer:
        for begin in range(0, num_rows, row_group):
            writer.write_table(_rows(ids[begin : begin + row_group], number, marked, filler).to_arrow())


def _rows(ids: pl.Series, number: pl.Expr, marked: pl.Expr, filler: int) -> pl.DataFrame:
    return pl.DataFrame({"n": ids}).select(
        track_id=pl.format("t{}", number),
        title=pl.format("Song {}{}", number // 2, marked),
        artists=pl.concat_list(pl.format("Artist {}", number // 50)),
        duration_s=180.25 + (number // 2) % 60,
        genre=pl.format("{}-{}", number, pl.lit("x" * filler)),
    )


@pytest.mark.slow
def test_a_catalogue_larger_than_memory_is_matched(tmp_path: Path) -> None:
    table = tmp_path / "large.parquet"
    _write(table, 120_000, row_group=2_000, filler=15_000)
    footer = pq.ParquetFile(table).metadata
    size = sum(footer.row_group(at).total_byte_size for at in range(footer.num_row_groups))
    assert size > 1.4 * ALLOWED
    command = ["mine", str(table), "--out", str(tmp_path / "run"), "--until", "candidates", "--scheduler", "serial"]
    done = subprocess.run(
        [sys.executable, "-c", "from pipeline.entry import main; main()", *command],
        env={"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (ALLOWED, ALLOWED)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kept = pl.scan_parquet(tmp_path / "run" / "candidates.parquet").filter(pl.col("outcome") == "kept").collect()
    numbers = kept.select(*(pl.col(f"{side}_id").str.slice(1).cast(pl.Int64) for side in ("original", "counterpart")))
    assert numbers.height == 12_000
    assert (numbers["counterpart_id"] - numbers["original_id"] == 1).all()


def _run(tmp_path: Path, name: str, table: Path, runner: Any = None, **sizes: int) -> Store:
    """Take in and match a catalogue, cut as `sizes` say."""
    place = RunPlace(run_root=str(tmp_path / name), audio_root=None)
    source = open_catalogue(str(table), slice_rows=sizes.get("slice_rows", 1_000))
    run_stage(catalog.STAGE, place, Config(), SerialRunner(), source)
    stage = replace(candidates.STAGE, part_rows=sizes.get("part_rows", 1_000))
    run_stage(stage, place, Config(), runner or SerialRunner())
    return place.store


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.parquet"
    _write(path, 3_000, row_group=300)
    return path


def test_the_cut_changes_nothing(tmp_path: Path, table: Path) -> None:
    whole = _run(tmp_path, "whole", table, slice_rows=10_000, part_rows=10_000)
    cut = _run(tmp_path, "cut", table, slice_rows=500, part_rows=400)
    for schema in (CATALOG, CANDIDATES, MATCHING, PROPOSED):
        assert read_table(cut, schema).equals(read_table(whole, schema)), schema.name
    assert read_table(whole, CATALOG)["track_id"].is_sorted()
    assert cut.names("work/candidates") == ["work/candidates/table.json"]
    assert cut.names("work/catalog") == ["work/catalog/table.json"]


def test_ids_given_twice_in_far_slices_are_found(tmp_path: Path, table: Path) -> None:
    rows = pl.read_parquet(table)
    pl.concat([rows, rows.head(1)]).write_parquet(table, row_group_size=100)
    with pytest.raises(InvalidTableError, match="occur more than once, such as"):
        _run(tmp_path, "run", table, slice_rows=200)
    assert not (tmp_path / "run" / "catalog.parquet").exists()


class _Losing:
    """Loses the worker of some tasks, each once or always, and stops where it is told to."""

    name = "losing"

    def __init__(self, *, always: bool = False, stop_after: int | None = None) -> None:
        self.lost: set[str] = set()
        self.always = always
        self.left = stop_after
        self.done: list[str] = []

    def map(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any | TaskLost]]:
        for index, item in enumerate(items):
            if self.left == 0:
                raise KeyboardInterrupt
            if item.name.endswith("1") and (self.always or item.name not in self.lost):
                self.lost.add(item.name)
                yield index, TaskLost("worker_died")
                continue
            self.left = None if self.left is None else self.left - 1
            self.done.append(item.name)
            yield index, task(item)

    def close(self) -> None:
        """Nothing to give back."""


def test_a_lost_worker_costs_nothing_but_its_task(tmp_path: Path, table: Path) -> None:
    runner = _Losing()
    lost = _run(tmp_path, "lost", table, runner)
    assert runner.lost
    assert read_table(lost, CANDIDATES).equals(read_table(_run(tmp_path, "whole", table), CANDIDATES))


def test_a_task_that_is_lost_again_ends_the_run_and_keeps_what_is_done(tmp_path: Path, table: Path) -> None:
    with pytest.raises(TryAgainError, match=r"workers were lost twice on \d+ of \d+ tasks"):
        _run(tmp_path, "run", table, _Losing(always=True))
    runner = _Losing()
    store = _run(tmp_path, "run", table, runner)
    assert "survey-000000" not in runner.done
    assert read_table(store, CANDIDATES).equals(read_table(_run(tmp_path, "whole", table), CANDIDATES))


def test_an_interrupted_run_does_no_finished_task_again(tmp_path: Path, table: Path) -> None:
    first = _Losing(stop_after=5)
    with pytest.raises(KeyboardInterrupt):
        _run(tmp_path, "run", table, first)
    states = {stage.stage: stage.state for stage in read_status(str(tmp_path / "run")).stages}
    assert (states["catalog"], states["candidates"], states["tracks"]) == ("done", "working", "to do")
    second = _Losing()
    store = _run(tmp_path, "run", table, second)
    assert len(first.done) == 5
    assert not set(first.done) & set(second.done)
    assert read_table(store, CANDIDATES).equals(read_table(_run(tmp_path, "whole", table), CANDIDATES))


def test_a_changed_rule_matches_again_and_a_finished_run_does_nothing(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = RunPlace(run_root=str(tmp_path / "run"), audio_root=None)
    _run(tmp_path, "run", table)
    calls: list[str] = []
    monkeypatch.setattr(engine, "run_partitioned", lambda *_: calls.append("again") or pytest.fail("worked again"))
    report = run_stage(replace(candidates.STAGE, part_rows=7), place, Config(), SerialRunner())
    assert (report.new_rows, calls) == (0, [])
    changed = replace(Config(), candidates=replace(Config().candidates, max_alternatives=1))
    with pytest.raises(pytest.fail.Exception):
        run_stage(candidates.STAGE, place, changed, SerialRunner())
    assert calls == ["again"]

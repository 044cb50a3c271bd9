"""The engine with small stages: done means done for this input, config and version; nothing is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

import pipeline.engine as engine_module
from data_manifests.audio_files import UnusableAudio
from data_manifests.audio_store import AudioStore
from data_manifests.schemas import TABLES, Column, TableSchema
from data_manifests.storage import Store
from data_manifests.tables import read_table
from pipeline.config import Config
from pipeline.engine import RunPlace, run_stage
from pipeline.runners import TaskLost
from pipeline.runners.serial_runner import SerialRunner
from pipeline.stage import Account, BatchResult, Row, RowStage, StageResult, Tables, TableStage

_OUTCOME = (
    Column(name="outcome", type="string", about="", required=True, choices=("kept", "rejected", "failed")),
    Column(name="reason", type="string", about=""),
)
NUMBERS = TableSchema(
    name="numbers",
    about="numbers",
    key=("n",),
    columns=(
        Column(name="n", type="int64", about="a number", required=True),
        Column(name="audio", type="string", about="a file"),
        *_OUTCOME,
    ),
)
SIZES = TableSchema(
    name="sizes",
    about="sizes",
    key=("n",),
    columns=(
        Column(name="n", type="int64", about="a number", required=True),
        Column(name="size", type="int64", about="bytes", required=True),
        *_OUTCOME,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Factor:
    factor: int = 1


@dataclass(frozen=True, kw_only=True)
class Given:
    numbers: tuple[int, ...] = ()


def _numbers(_: Tables, given: Given) -> StageResult:
    named = pl.DataFrame({"n": list(given.numbers), "audio": [f"{n}.wav" for n in given.numbers]})
    rows = named.with_columns(outcome=pl.lit("kept"), reason=pl.lit(None, dtype=pl.String))
    return StageResult(kept=rows, rejected=rows.clear(), account=Account(rows_in=rows.height, kept=rows.height))


CALLS: list[int] = []


def _sizes(rows: Sequence[Row], audio: AudioStore, settings: Factor) -> BatchResult:
    out = []
    for index, row in enumerate(rows):
        CALLS.append(row["n"])
        if row["n"] == 13:
            raise ZeroDivisionError("a poisoned row")
        try:
            size = len(audio.read(row["audio"])) * settings.factor
        except UnusableAudio as fault:
            out.append({"row_index": index, "n": row["n"], "outcome": "rejected", "reason": fault.reason})
            continue
        out.append({"row_index": index, "n": row["n"], "size": size, "outcome": "kept"})
    return BatchResult(rows=out)


def _stages(numbers: Sequence[int] = (), factor: int = 1, version: int = 1) -> tuple[TableStage, RowStage]:
    given = Given(numbers=tuple(numbers))
    table = TableStage(name="numbers", version=1, inputs=(), writes=NUMBERS, settings=lambda _: given, run=_numbers)
    rows = RowStage(
        name="sizes",
        version=version,
        inputs=("numbers",),
        writes=SIZES,
        settings=lambda _: Factor(factor=factor),
        select=lambda tables: tables["numbers"].select("n", "audio").sort("n"),
        run=_sizes,
        stub=lambda row: {"n": row["n"]},
        batch_rows=3,
        audio_columns=("audio",),
    )
    return table, rows


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunPlace:
    monkeypatch.setattr(engine_module, "TABLES", {**TABLES, "numbers": NUMBERS, "sizes": SIZES})
    audio = tmp_path / "audio"
    audio.mkdir()
    for n in range(20):
        (audio / f"{n}.wav").write_bytes(b"x" * (n + 1))
    CALLS.clear()
    return RunPlace(run_root=str(tmp_path / "run"), audio_root=str(audio))


def _run(place: RunPlace, numbers: Sequence[int], runner: object | None = None, **how: int) -> tuple[pl.DataFrame, int]:
    CALLS.clear()
    table, rows = _stages(numbers, **how)
    serial = SerialRunner()
    run_stage(table, place, Config(), serial)
    report = run_stage(rows, place, Config(), runner or serial)  # type: ignore[arg-type]
    return read_table(Store(place.run_root), SIZES), report.new_rows


def test_a_second_run_does_nothing(place: RunPlace) -> None:
    first, new = _run(place, range(10))
    assert new == 10
    assert first["size"].to_list() == list(range(1, 11))
    stamp = (Path(place.run_root) / "sizes.parquet").stat().st_mtime_ns
    second, new = _run(place, range(10))
    assert new == 0
    assert CALLS == []
    assert second.equals(first)
    assert (Path(place.run_root) / "sizes.parquet").stat().st_mtime_ns == stamp


def test_a_grown_catalogue_does_only_the_new_rows(place: RunPlace) -> None:
    _run(place, [0, 2, 4, 6, 8])
    table, new = _run(place, [0, 1, 2, 4, 6, 8, 9])
    assert new == 2
    assert sorted(CALLS) == [1, 9]
    fresh_place = RunPlace(run_root=place.run_root + "-fresh", audio_root=place.audio_root)
    fresh, _ = _run(fresh_place, [0, 1, 2, 4, 6, 8, 9])
    assert table.equals(fresh)


def test_config_and_version_changes_run_again(place: RunPlace) -> None:
    _run(place, range(4))
    table, new = _run(place, range(4), factor=2)
    assert (new, table["size"].to_list()) == (4, [2, 4, 6, 8])
    _, new = _run(place, range(4), factor=2, version=2)
    assert new == 4
    _, new = _run(place, range(4))
    assert CALLS == [], "results of the first config are still there"
    assert new == 0 or CALLS == []


def test_redelivered_audio_is_heard_again(place: RunPlace) -> None:
    _run(place, range(5))
    (Path(place.audio_root or "") / "3.wav").write_bytes(b"y" * 100)
    table, new = _run(place, range(5))
    assert (new, CALLS) == (1, [3])
    assert table.filter(pl.col("n") == 3)["size"].item() == 100


def test_missing_audio_is_rejected_with_its_reason(place: RunPlace) -> None:
    (Path(place.audio_root or "") / "2.wav").unlink()
    table, _ = _run(place, range(4))
    row = table.filter(pl.col("n") == 2).row(0, named=True)
    assert (row["outcome"], row["reason"]) == ("rejected", "missing_file")


def test_a_poisoned_row_fails_alone_and_is_tried_again(place: RunPlace) -> None:
    table, _ = _run(place, range(12, 16))
    assert table["outcome"].to_list() == ["kept", "failed", "kept", "kept"]
    assert table.filter(pl.col("n") == 13)["reason"].item() == "crashed: ZeroDivisionError"
    _, new = _run(place, range(12, 16))
    assert (new, CALLS) == (1, [13])


class _LosesWorkers(SerialRunner):
    """Loses every batch that holds one of the numbers."""

    def __init__(self, deadly: set[int]) -> None:
        self._deadly = deadly

    def map(self, task, items):  # type: ignore[no-untyped-def]
        for index, item in enumerate(items):
            lost = any(row["n"] in self._deadly for row in item.rows)
            yield index, TaskLost("worker_died") if lost else task(item)


def test_a_row_that_kills_its_worker_is_isolated(place: RunPlace) -> None:
    table, _ = _run(place, range(9), runner=_LosesWorkers({4}))
    assert table.filter(pl.col("outcome") == "failed")["n"].to_list() == [4]
    assert table.filter(pl.col("n") == 4)["reason"].item() == "worker_died"
    again, _ = _run(place, range(9))
    assert (again["outcome"] == "kept").all()


class _DiesAfter(SerialRunner):
    """Stops the whole run after a number of batches, out of order."""

    def __init__(self, batches: int) -> None:
        self._batches = batches

    def map(self, task, items):  # type: ignore[no-untyped-def]
        for index in list(reversed(range(len(items))))[: self._batches]:
            yield index, task(items[index])
        if len(items) > self._batches:
            raise KeyboardInterrupt


@pytest.mark.parametrize("batches", [0, 1, 2, 3])
def test_a_killed_run_ends_in_the_same_tables(place: RunPlace, batches: int) -> None:
    undisturbed, _ = _run(RunPlace(run_root=place.run_root + "-calm", audio_root=place.audio_root), range(10))
    with pytest.raises(KeyboardInterrupt):
        _run(place, range(10), runner=_DiesAfter(batches))
    resumed, new = _run(place, range(10))
    assert resumed.equals(undisturbed)
    assert new <= 10
    assert len(CALLS) < 10 or batches == 0


def test_a_damaged_batch_counts_as_not_done(place: RunPlace) -> None:
    first, _ = _run(place, range(6))
    victim = next((Path(place.run_root) / "work/sizes/batches").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:50])
    again, new = _run(place, range(6))
    assert new == 3
    assert again.equals(first)


def test_an_account_that_does_not_add_up_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="10 rows came in"):
        Account(rows_in=10, kept=8, rejected=1)

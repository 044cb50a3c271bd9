"""What the catalogue benchmark measures of a program: memory of the whole family, time, and why it ended."""

import sys
from pathlib import Path

import pytest

from tests.benches.catalogue.measure import FINISHED, Usage, run

_HOLD = "held = bytearray(b'x') * {size}; import time; time.sleep({seconds})"
_MB = 1_000_000


def _run(tmp_path: Path, script: str, *, memory_bytes: int = 2_000 * _MB, timeout_s: float = 60.0) -> Usage:
    return run(
        [sys.executable, "-c", script],
        log=tmp_path / "log.txt",
        environment={"GREETING": "hello"},
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
    )


def test_memory_is_the_programs_own_whatever_the_benchmark_holds(tmp_path: Path) -> None:
    ballast = bytearray(b"x") * (400 * _MB)
    usage = _run(tmp_path, _HOLD.format(size=50 * _MB, seconds=0.3))
    assert usage.fate == FINISHED
    assert 50 * _MB < usage.peak_bytes < 150 * _MB < len(ballast)


def test_a_short_peak_counts(tmp_path: Path) -> None:
    usage = _run(tmp_path, "held = bytearray(b'x') * 300_000_000; del held; import time; time.sleep(0.3)")
    assert usage.peak_bytes > 300 * _MB


def test_children_count(tmp_path: Path) -> None:
    child = _HOLD.format(size=100 * _MB, seconds=0.6)
    script = f"import subprocess, sys; c = [sys.executable, '-c', {child!r}]\n"
    script += "runs = [subprocess.Popen(c) for _ in range(2)]\nfor run in runs: run.wait()"
    assert 200 * _MB < _run(tmp_path, script).peak_bytes < 350 * _MB


def test_cpu_time_of_children_counts_and_sleep_does_not(tmp_path: Path) -> None:
    child = "import time\nwhile time.process_time() < 0.5: pass"
    usage = _run(
        tmp_path, f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {child!r}]); time.sleep(1)"
    )
    assert 0.5 <= usage.cpu_s < 1.2
    assert usage.wall_s > 1.4


def test_too_much_memory_ends_the_whole_family(tmp_path: Path) -> None:
    child = _HOLD.format(size=300 * _MB, seconds=30)
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    usage = _run(tmp_path, script, memory_bytes=200 * _MB)
    assert usage.fate.startswith("did not finish: memory")
    assert usage.wall_s < 10


def test_too_much_time(tmp_path: Path) -> None:
    assert _run(tmp_path, "import time; time.sleep(30)", timeout_s=0.2).fate == "did not finish: time"


@pytest.mark.parametrize(
    ("script", "fate"),
    [
        ("import os; assert os.environ['GREETING'] == 'hello'", FINISHED),
        ("raise SystemExit(3)", "failed: exit 3"),
        ("import sys; sys.exit('Out of Memory Error: could not allocate')", "did not finish: memory"),
    ],
)
def test_fate(tmp_path: Path, script: str, fate: str) -> None:
    assert _run(tmp_path, script).fate == fate

"""Running a program and measuring it: wall and CPU time, and the peak memory of all its processes together."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FINISHED = "finished"
"""Fate of a run that came to its end; any other fate says why it did not."""
_SAMPLE_S = 0.05


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a run took.

    Attributes
    ----------
    fate
        `FINISHED`, or why it did not.
    cpu_s
        Of the program and the children it waited for.
    peak_bytes
        Largest sum of resident memory over its processes, sampled, or the highest that one process reached by the
        kernel's count. Shared pages count in each. (The usage that `wait4` reports begins with this process's own.)
    message
        The end of what it wrote to standard error.
    """

    fate: str
    wall_s: float
    cpu_s: float
    peak_bytes: int
    message: str


def run(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str], memory_bytes: int, timeout_s: float
) -> Usage:
    """Run a program to its end, or until it takes more memory or time than allowed.

    Parameters
    ----------
    log
        File for its standard output and error.
    environment
        Variables beside the ones of this process.
    """
    with log.open("wb") as text:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=text, stderr=text, env={**os.environ, **environment}, start_new_session=True
        )
        watch = _Watch(process.pid, memory_bytes, started + timeout_s)
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        watch.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    message = log.read_text(errors="replace").strip()[-800:]
    fate = watch.cause or (FINISHED if process.returncode == 0 else _failure(process.returncode, message))
    return Usage(
        fate=fate,
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_bytes=watch.peak_bytes,
        message=message,
    )


def _failure(code: int, message: str) -> str:
    out_of_memory = code == -9 or "out of memory" in message.casefold() or "memory allocation" in message
    return "did not finish: memory" if out_of_memory else f"failed: exit {code}"


class _Watch(threading.Thread):
    """Samples the memory of a process and its descendants; ends them where they exceed what is allowed."""

    def __init__(self, pid: int, memory_bytes: int, deadline: float) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self.cause: str | None = None
        self._pid, self._memory_bytes, self._deadline = pid, memory_bytes, deadline
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Stop sampling."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        """Sample until stopped."""
        while not self._stopped.wait(_SAMPLE_S):
            sizes = [_resident_bytes(pid) for pid in _family(self._pid)]
            total = sum(now for now, _ in sizes)
            self.peak_bytes = max(self.peak_bytes, total, *(highest for _, highest in sizes))
            if total > self._memory_bytes:
                self._end(f"did not finish: memory (limit {self._memory_bytes / 1e9:.1f} GB)")
            elif time.perf_counter() > self._deadline:
                self._end("did not finish: time")

    def _end(self, cause: str) -> None:
        self.cause = self.cause or cause
        for pid in reversed(_family(self._pid)):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue


def _family(pid: int) -> list[int]:
    """List a process and its descendants."""
    found = [pid]
    for known in found:
        for task in Path(f"/proc/{known}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in task.read_text().split())
            except (OSError, ProcessLookupError):
                continue
    return found


def _resident_bytes(pid: int) -> tuple[int, int]:
    """Read a process's memory: now, and at its highest since it started."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (OSError, ProcessLookupError):
        return 0, 0
    found = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "VmHWM")))
    now, highest = (int(found.get(name, "0 kB").split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, highest

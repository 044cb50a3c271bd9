"""Choosing a runner from what the command line says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import UsageError
from pipeline.runners import Runner
from pipeline.runners.serial_runner import SerialRunner


@contextmanager
def chosen_runner(scheduler: str | None, workers: int | None) -> Iterator[Runner]:
    """Open the runner that `--scheduler` and `--workers` ask for; by default all cores of this machine.

    Raises
    ------
    UsageError
        Where the scheduler is none of serial, local, tcp://host:port (or tls://…).
    """
    runner = _make(scheduler, workers)
    try:
        yield runner
    finally:
        runner.close()


def _make(scheduler: str | None, workers: int | None) -> Runner:
    if workers is not None and workers < 1:
        raise UsageError(f"--workers {workers}: expected at least 1")
    if scheduler is None:
        scheduler = "local" if (workers or os.cpu_count() or 1) > 1 else "serial"
    if scheduler == "serial":
        return SerialRunner()
    if scheduler != "local" and not scheduler.startswith(("tcp://", "tls://", "ucx://")):
        raise UsageError(f"--scheduler {scheduler!r}: expected serial, local or an address such as tcp://host:8786")
    from pipeline.runners.dask_runner import DaskRunner

    return DaskRunner(scheduler, workers)

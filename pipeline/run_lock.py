"""One writer at a time in a run directory: the second run refuses, a dead run's lock is recognised."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_manifests.storage import Store
from pipeline.errors import TryAgainError

_LOCK = "run.lock"


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold the run directory while the block runs (local directories; on an object store nothing is locked).

    Raises
    ------
    TryAgainError
        Where another run that is alive, or lives on another machine, holds it.
    """
    if not store.is_local:
        yield
        return
    path = store.local_path(_LOCK)
    path.parent.mkdir(parents=True, exist_ok=True)
    _acquire(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _acquire(path: Path) -> None:
    me = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": time.time()})
    for _ in range(2):
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(me)
            return
        except FileExistsError:
            holder = _holder(path)
            if holder is not None:
                raise TryAgainError(
                    f"{path.parent} is in use by {holder}; wait for it, or remove {path} if that run is gone"
                ) from None
            path.unlink(missing_ok=True)
    raise TryAgainError(f"{path.parent}: another run took the lock just now; try again")


def _holder(path: Path) -> str | None:
    """Describe who holds the lock; None where it was left by a process of this machine that is gone."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        host, pid = str(values["host"]), int(values["pid"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return None  # half written by a run that died doing so
    if host == socket.gethostname() and not _alive(pid):
        return None
    return f"process {pid} on {host}"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

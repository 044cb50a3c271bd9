"""Stopping on SIGINT and SIGTERM: as soon as it is safe, and never unnoticed.

The handler raises `Interrupted`. Native code may swallow it on the way (a callback of a decoder) or turn it into an
error of its own; so the signal is remembered, the engine asks between batches, and whatever ends the command afterwards
counts as the interrupt it was.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline.errors import Interrupted

_received: list[int] = []


@contextmanager
def handled_signals() -> Iterator[None]:
    """Take over SIGINT and SIGTERM while the block runs."""
    _received.clear()
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if not _received:  # a second one must not cut the clean-up short
        _received.append(number)
        raise Interrupted(number)


def received() -> Interrupted | None:
    """Give the interrupt that came, if one did."""
    return Interrupted(_received[0]) if _received else None


def stop_if_asked() -> None:
    """Raise `Interrupted` where a signal came and was swallowed."""
    stop = received()
    if stop is not None:
        raise stop

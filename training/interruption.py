"""Stopping a training between two steps when SIGINT or SIGTERM asks for it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Whether a signal has asked the training to stop."""

    def __init__(self) -> None:
        self.signal_number: int | None = None

    def __bool__(self) -> bool:
        return self.signal_number is not None


@contextmanager
def deferred_signals() -> Iterator[StopRequest]:
    """Note SIGINT and SIGTERM while the block runs; deliver the signal when it has ended.

    A second signal is delivered at once. Outside the main thread nothing is deferred.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    previous = {number: signal.getsignal(number) for number in _SIGNALS}

    def note(number: int, _frame: FrameType | None) -> None:
        if request:
            restore()
            signal.raise_signal(number)
        request.signal_number = number

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    for number in _SIGNALS:
        signal.signal(number, note)
    try:
        yield request
    finally:
        restore()
    if request.signal_number is not None:
        signal.raise_signal(request.signal_number)

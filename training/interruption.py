"""Stopping a training between two steps when SIGINT or SIGTERM asks for it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Whether a signal has asked the training to stop; true once one has."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._previous: dict[signal.Signals, Any] = {}

    def __bool__(self) -> bool:
        return self.signal_number is not None

    def listen(self) -> None:
        """Take the signals; again where somebody else has taken them since. Does nothing outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            handler = signal.signal(number, self._note)
            self._previous.setdefault(number, handler)

    def give_back(self) -> None:
        """Restore what handled the signals before."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self:  # asked twice: at once
            self.give_back()
            signal.raise_signal(number)
        self.signal_number = number


@contextmanager
def deferred_signals() -> Iterator[StopRequest]:
    """Note SIGINT and SIGTERM while the block runs; deliver the signal when it has ended, a second one at once."""
    request = StopRequest()
    request.listen()
    try:
        yield request
    finally:
        request.give_back()
    if request.signal_number is not None:
        signal.raise_signal(request.signal_number)

"""Telling people how far a run is: bars on a terminal, plain lines otherwise; always on stderr."""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_LINE_EVERY_S = 10.0

logger = logging.getLogger("mixminus.progress")

Advance = Callable[[int], None]
"""Adds a number of finished units to the step."""


@contextmanager
def step(name: str, total: int) -> Iterator[Advance]:
    """Show a step of `total` units while the block runs, as a bar on a terminal, else as a line every ten seconds."""
    if sys.stderr.isatty():
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
        )
        with Progress(*columns, console=Console(stderr=True)) as bars:
            bar = bars.add_task(name, total=total)
            yield lambda count: bars.advance(bar, count)
    else:
        yield _line_counter(name, total)


def _line_counter(name: str, total: int) -> Advance:
    state = {"done": 0, "started": time.monotonic(), "said": time.monotonic()}

    def advance(count: int) -> None:
        state["done"] += count
        now = time.monotonic()
        if now - state["said"] >= _LINE_EVERY_S:
            state["said"] = now
            left_s = (now - state["started"]) * (total - state["done"]) / max(state["done"], 1)
            logger.info("%s: %d of %d, about %.0f s left", name, state["done"], total, left_s)

    return advance

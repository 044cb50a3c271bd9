"""Everything in this process, one item after another."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pipeline.runners import TaskLost


class SerialRunner:
    """Runs items in their order in this process."""

    name = "serial"

    def map(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any | TaskLost]]:
        """Yield each item's result in order."""
        for index, item in enumerate(items):
            yield index, task(item)

    def close(self) -> None:
        """Nothing to give back."""

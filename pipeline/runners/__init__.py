"""Where batches are carried out: in this process, on this machine's cores, or on a Dask cluster.

A runner maps a function over items and yields results as they come; everything else is the engine's. Results never
depend on which runner did the work.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class TaskLost:
    """The worker died or was lost while doing an item (out of memory, a crash in native code)."""

    reason: str


class Runner(Protocol):
    """Maps a function over items."""

    @property
    def name(self) -> str:
        """How the runner is named on the command line."""
        ...

    def map(self, task: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[int, Any | TaskLost]]:
        """Yield (index of the item, its result) in the order of completion. Exceptions of a task propagate."""
        ...

    def close(self) -> None:
        """Give back workers. Safe to call twice; the next `map` takes new ones."""
        ...

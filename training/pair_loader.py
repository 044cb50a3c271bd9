"""Batches from worker processes, with a position that is exact."""

from collections.abc import Iterator

from torch.utils.data import DataLoader

from training.epoch_order import batches
from training.errors import ShardsError
from training.samples import Sample
from training.shards import PairShards, State


class PairLoader:
    """A `DataLoader` over `PairShards` that knows how far the training has come.

    Iterating gives an epoch (or the rest of one after `load_state_dict`); `state_dict` stands after the last item
    handed out, however far the workers have read ahead.
    """

    def __init__(
        self, shards: PairShards, *, num_workers: int = 0, pin_memory: bool = False, start_method: str | None = None
    ) -> None:
        self.shards = shards
        self._state = self._begin = shards.state_dict()
        self._num_samples = shards.num_samples  # known here, so that an empty split is an error here
        self._loader: DataLoader[Sample] = DataLoader(
            shards,
            batch_size=None,
            num_workers=num_workers,
            pin_memory=pin_memory,
            multiprocessing_context=start_method if num_workers else None,
        )

    def __len__(self) -> int:
        """Items of a whole epoch on this rank."""
        return len(self.shards)

    def __iter__(self) -> Iterator[Sample]:
        """Iterate over the epoch, or over the rest of it after `load_state_dict`."""
        begin, self._begin = self._begin, self.shards.state_at(self._begin["epoch"], 0)
        self.shards.load_state_dict(begin)
        positions = self._positions(begin["epoch"], begin["position"])
        try:
            for item in self._loader:
                self._state = self.shards.state_at(*next(positions))
                yield item
        except ShardsError as error:  # from a worker it comes wrapped in that worker's traceback
            raise type(error)(_last_message(error)) from error
        self.set_epoch(self._state["epoch"] + 1)

    def _positions(self, epoch: int, first: int) -> Iterator[tuple[int, int]]:
        """Walk through the epochs as the workers do: (epoch, position) after each item."""
        _, world_size = self.shards.ranks()
        size = self.shards.batch_size or 1
        while True:
            for _, _, position in batches(self._num_samples, first, batch_size=size, rank=0, world_size=world_size):
                yield epoch, position
            epoch, first = epoch + 1, 0

    def set_epoch(self, epoch: int) -> None:
        """Begin the next iteration at the start of `epoch`."""
        self._state = self._begin = self.shards.state_at(epoch, 0)

    def state_dict(self) -> State:
        """Where the training stands: after the last item handed out."""
        return dict(self._state)

    def load_state_dict(self, state: State) -> None:
        """Continue where `state` was taken; see `PairShards.load_state_dict`."""
        self.shards.load_state_dict(state)
        self._state = self._begin = dict(state)
        self._num_samples = self.shards.num_samples


def _last_message(error: ShardsError) -> str:
    """Take our own sentence out of a worker's traceback."""
    last_line = str(error).strip().rpartition("\n")[2]
    return last_line.partition("Error: ")[2] or str(error)

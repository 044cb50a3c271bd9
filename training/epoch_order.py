"""In which order an epoch's samples come, and who takes which.

The order is a function of (seed, epoch) and of nothing else: units of storage (row groups) are permuted, then samples
are permuted within windows of whole units, so that a shuffled pass reads each unit about once and holds one window in
memory. Sets that fit one window are shuffled uniformly.

Ranks and workers divide that order, they do not make it. Step s of an epoch covers the next `batch_size · world_size`
samples; rank r takes the r-th run of `batch_size` of them. The last step shares what is left equally, so that all ranks
take the same number of steps with equal batches; the remainder of fewer than `world_size` samples sits this epoch out
(none on one rank). Worker w of n prepares the batches w, w + n, w + 2n, …, the order in which a `DataLoader` asks.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def epoch_order(units: NDArray[np.int64], *, seed: int, epoch: int, window: int) -> NDArray[np.int64]:
    """Permute the samples of an epoch.

    Parameters
    ----------
    units : int64, shape (num_samples,)
        The storage unit of each sample, not decreasing.
    window
        Samples that are shuffled among each other (at least; windows hold whole units).

    Returns
    -------
    int64, shape (num_samples,): every sample index exactly once
    """
    random = _generator(seed, epoch, purpose=0)
    names, unit_of_sample, sizes = np.unique(units, return_inverse=True, return_counts=True)
    turns = np.argsort(random.random(len(names)), kind="stable")
    starts = np.empty(len(names), dtype=np.int64)
    starts[turns] = np.cumsum(sizes[turns]) - sizes[turns]
    windows = (starts // max(window, 1))[unit_of_sample]
    order: NDArray[np.int64] = np.lexsort((random.random(len(units)), windows)).astype(np.int64)
    return order


def crop_positions(num_samples: int, *, seed: int, epoch: int) -> NDArray[np.float64]:
    """Where each sample's crop begins this epoch, as a share in [0, 1) of what is possible; shape (num_samples,)."""
    return _generator(seed, epoch, purpose=1).random(num_samples)


def _generator(seed: int, epoch: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, epoch, purpose])))


def num_steps(num_left: int, *, batch_size: int, world_size: int) -> int:
    """Count the steps that `num_left` samples of an epoch's order make, the same on every rank."""
    return -(-(num_left // world_size) // batch_size)


def batches(
    num_samples: int, first: int, *, batch_size: int, rank: int, world_size: int
) -> Iterator[tuple[int, int, int]]:
    """Divide an epoch's order from position `first` on.

    Yields
    ------
    (start, stop, position): this rank's run of the order, and the epoch's position once all ranks took theirs
    """
    last = num_samples - (num_samples - first) % world_size
    while first < last:
        size = min(batch_size, (last - first) // world_size)
        yield first + rank * size, first + (rank + 1) * size, first + size * world_size
        first += size * world_size

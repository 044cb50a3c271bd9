"""The loader: mined segments as a PyTorch dataset, exact to resume.

    shards = PairShards("RUN", split="train", batch_size=16, segment_frames=128, seed=1)
    for batch in shards.loader(num_workers=2):
        mixture = batch["mixture"]  # float16 (batch, frames, bins): cast on the device

Promises, each with a test:

- the order of samples is a function of (seed, epoch) only, whatever the numbers of workers and ranks;
- every sample comes exactly once an epoch; on `world_size` ranks the last `num_samples % world_size` of the epoch's
  order sit it out (others each epoch), so that all ranks take the same number of steps with equal batches;
- `state_dict` in mid-epoch resumes exactly, a second time too, and with another number of workers or ranks;
- a dataset holds on to the manifest it was opened on; its state names that manifest by digest, and loading a state goes
  back to it, whatever was mined since.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch.distributed
from numpy.typing import NDArray
from torch.utils.data import IterableDataset, get_worker_info

from data_manifests.profiles import SignalProfile
from data_manifests.shard_format import AUDIO_COLUMNS, PLANES, SCALARS
from training.epoch_order import batches, crop_positions, epoch_order, num_steps
from training.errors import ConfigError, NoShardsError, ShardsError
from training.manifest_pin import read_manifest
from training.samples import Row, Sample, as_batch, as_sample, crop_row, decode_row
from training.shard_index import ShardIndex, index_shards
from training.shard_reader import RowGroupReader

if TYPE_CHECKING:
    from training.pair_loader import PairLoader

_STATE_VERSION = 1
_CACHE_BYTES = 512 * 1024 * 1024
_ALL_COLUMNS = (*SCALARS, *PLANES, "activity", *AUDIO_COLUMNS)
DEFAULT_COLUMNS = (*SCALARS, *PLANES, "activity")
"""What a sample holds unless `columns` says otherwise: all but the audio."""

State = dict[str, Any]


class PairShards(IterableDataset[Sample]):
    """Segments of mined pairs, from the shards of a run.

    Parameters
    ----------
    source
        A run directory or URL (anything fsspec opens), or the path of one of its manifests.
    split
        `train`, `valid` or `test`.
    grades
        Keep only these grades, such as ("A", "B"); None keeps all.
    segment_frames
        Frames of a sample: None for the whole patch, else a crop, at a place seeded by (seed, epoch) where `shuffle`,
        at the segment's start otherwise. `start_s` and `num_frames` follow the crop.
    seed, shuffle
        The order of samples; without `shuffle` it is the order of the manifest.
    batch_size
        None: samples one by one. Else batches of stacked samples; then give a plain `DataLoader` `batch_size=None`.
        (A `DataLoader` that makes batches itself still sees each sample once, in an order that depends on its workers.)
    columns
        Names of the columns wanted; see `DEFAULT_COLUMNS`. FLAC columns come as bytes, in held-out splits only.
    shuffle_window
        Samples shuffled among each other. It is part of the order, and bounds memory: keep `cache_bytes` above
        `shuffle_window` times the bytes of a row, or row groups are read more than once.
    manifest_digest
        Pin this manifest of the run rather than the newest.
    rank, world_size
        This process among those that train together; by default what `torch.distributed` says when iteration begins.
    endless
        Go on with the next epoch, without end.

    Yields
    ------
    dict
        Named as the shard's columns. `mixture`, `vocals`, `instrumental`: float16 tensors (frames, bins), from 0 Hz up;
        `activity`: float16 (frames,). Numbers as Python numbers, missing ones as NaN; missing text as "". In batches,
        tensors gain a leading dimension, numbers become tensors (`weight` float32), text becomes lists.

    Raises
    ------
    NoShardsError, DamagedShardError, ShardsError, ConfigError
        When first iterated or asked for its length, or (manifest and settings) when made.
    """

    def __init__(
        self,
        source: str | Path,
        *,
        split: str = "train",
        grades: Sequence[str] | None = None,
        segment_frames: int | None = None,
        seed: int = 0,
        shuffle: bool = True,
        batch_size: int | None = None,
        columns: Sequence[str] | None = None,
        shuffle_window: int = 512,
        manifest_digest: str | None = None,
        rank: int | None = None,
        world_size: int | None = None,
        endless: bool = False,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        super().__init__()
        self._manifest = read_manifest(source, manifest_digest)
        self.split = split
        self.grades = None if grades is None else tuple(sorted(set(grades)))
        self.segment_frames = segment_frames
        self.seed = seed
        self.shuffle = shuffle
        self.batch_size = batch_size
        self.columns = tuple(columns) if columns is not None else DEFAULT_COLUMNS
        self.shuffle_window = shuffle_window
        self.endless = endless
        self._rank, self._world_size = rank, world_size
        self._cache_bytes = cache_bytes
        self._index: ShardIndex | None = None
        self._reader: RowGroupReader | None = None
        self._crops: tuple[int, NDArray[np.float64]] | None = None
        self._epoch, self._position = 0, 0
        self._resume_at = 0
        self._check_settings()

    @property
    def profile(self) -> SignalProfile:
        """The signal profile of the shards."""
        return self._manifest.profile

    @property
    def manifest_digest(self) -> str:
        """The digest of the manifest that every sample comes from."""
        return self._manifest.digest

    @property
    def num_samples(self) -> int:
        """Segments in the split with the grades wanted, over all ranks."""
        return self._indexed().num_samples

    @property
    def epoch(self) -> int:
        """The epoch that iteration is in, or will begin with."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Begin the next iteration at the start of `epoch`.

        Iterating in this process goes from epoch to epoch by itself; where a plain `DataLoader` with workers iterates
        copies, call this before each epoch (`loader` does).
        """
        self._epoch, self._position, self._resume_at = epoch, 0, 0

    def __len__(self) -> int:
        """Items (batches or samples) of a whole epoch on this rank; an endless iteration has no length."""
        if self.endless:
            raise TypeError("an endless PairShards has no length")
        _, world_size = self.ranks()
        return num_steps(self.num_samples, batch_size=self.batch_size or 1, world_size=world_size)

    def __iter__(self) -> Iterator[Sample]:
        """Iterate over the epoch; after `load_state_dict`, over the rest of it."""
        worker = get_worker_info()
        turn, num_turns = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        for number, (epoch, picked, position) in enumerate(self._plan()):
            if worker is None:
                self._epoch, self._position = epoch, position
            if number % num_turns == turn:
                yield self._load(picked, epoch)
        self.set_epoch(self._epoch + 1)

    def _plan(self) -> Iterator[tuple[int, NDArray[np.int64], int]]:
        """Yield (epoch, sample indices, position after them) for each item of this rank."""
        rank, world_size = self.ranks()
        size, num_samples = self.batch_size or 1, self.num_samples
        epoch, first = self._epoch, self._resume_at
        self._resume_at = 0
        if self.endless and num_samples < world_size:
            raise NoShardsError(f"{num_samples} segments cannot be divided among {world_size} ranks: use fewer ranks")
        while True:
            order = self._order(epoch)
            for start, stop, position in batches(num_samples, first, batch_size=size, rank=rank, world_size=world_size):
                yield epoch, order[start:stop], position
            if not self.endless:
                return
            epoch, first = epoch + 1, 0

    def _order(self, epoch: int) -> NDArray[np.int64]:
        if not self.shuffle:
            return np.arange(self.num_samples, dtype=np.int64)
        return epoch_order(self._indexed().units, seed=self.seed, epoch=epoch, window=self.shuffle_window)

    def _load(self, picked: NDArray[np.int64], epoch: int) -> Sample:
        """Read samples by index: one, or a batch of them."""
        rows = [self._read_row(sample, epoch) for sample in picked.tolist()]
        return as_sample(rows[0]) if self.batch_size is None else as_batch(rows)

    def _read_row(self, sample: int, epoch: int) -> Row:
        shard, group, row = self._indexed().locate(sample)
        values = decode_row(self._opened_reader().row_group(shard, group), row, self.profile)
        if self.segment_frames is not None:
            share = self._crop_share(sample, epoch) if self.shuffle else 0.0
            values = crop_row(values, share, self.segment_frames, self.profile)
        return {name: values[name] for name in self.columns}

    def _crop_share(self, sample: int, epoch: int) -> float:
        if self._crops is None or self._crops[0] != epoch:
            self._crops = (epoch, crop_positions(self.num_samples, seed=self.seed, epoch=epoch))
        return float(self._crops[1][sample])

    def _indexed(self) -> ShardIndex:
        if self._index is None:
            self._index = index_shards(self._manifest, self.split, self.grades)
        return self._index

    def _opened_reader(self) -> RowGroupReader:
        if self._reader is None or self._reader.process != os.getpid():  # a forked worker opens files of its own
            wanted = sorted({*self.columns, "num_frames", "start_s"})
            self._reader = RowGroupReader(self._manifest, wanted, self._cache_bytes)
        return self._reader

    def ranks(self) -> tuple[int, int]:
        """Rank and world size: as given, else as `torch.distributed` says, else (0, 1)."""
        if self._world_size is not None:
            return self._rank or 0, self._world_size
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            return torch.distributed.get_rank(), torch.distributed.get_world_size()
        return 0, 1

    def state_dict(self) -> State:
        """Where the iteration stands, and what it depends on.

        Iterating in this process moves the position. Where workers read ahead in copies of the dataset, the position
        is known to the loop alone: take the state of `loader(...)`, which counts what was handed out.
        """
        return self.state_at(self._epoch, self._position if not self._resume_at else self._resume_at)

    def state_at(self, epoch: int, position: int) -> State:
        """Give the state after `position` samples (over all ranks) of `epoch`."""
        return {"version": _STATE_VERSION, "epoch": epoch, "position": position, **self._order_settings()}

    def load_state_dict(self, state: State) -> None:
        """Continue where `state` was taken: the same manifest, the samples that were still to come, in their order.

        Raises
        ------
        ShardsError
            The state is of another version, its manifest is gone, or it was taken with other settings: each is named.
        """
        if state.get("version") != _STATE_VERSION:
            raise ShardsError(f"loader state of version {state.get('version')}, expected {_STATE_VERSION}")
        if state["manifest_digest"] != self.manifest_digest:
            self._manifest = read_manifest(self._manifest.root, state["manifest_digest"])
            self._index, self._reader, self._crops = None, None, None
        mine = self._order_settings()
        differing = [
            f"{name}: {state.get(name)!r}, now {mine[name]!r}" for name in mine if state.get(name) != mine[name]
        ]
        if differing:
            raise ShardsError(
                "the loader's state was taken with other settings (" + "; ".join(differing) + "): "
                "use the same ones to resume, or start again without the state"
            )
        self._epoch = int(state["epoch"])
        self._position = self._resume_at = int(state["position"])

    def _order_settings(self) -> State:
        return {
            "manifest_digest": self.manifest_digest,
            "split": self.split,
            "grades": None if self.grades is None else list(self.grades),
            "segment_frames": self.segment_frames,
            "seed": self.seed,
            "shuffle": self.shuffle,
            "shuffle_window": self.shuffle_window,
        }

    def loader(
        self, *, num_workers: int = 0, pin_memory: bool = False, start_method: str | None = None
    ) -> "PairLoader":
        """Read in `num_workers` processes: the same items in the same order, with a state that resumes exactly."""
        from training.pair_loader import PairLoader

        return PairLoader(self, num_workers=num_workers, pin_memory=pin_memory, start_method=start_method)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without open files; ranks are fixed here, because worker processes have no process group."""
        rank, world_size = self.ranks()
        return {**self.__dict__, "_reader": None, "_rank": rank, "_world_size": world_size}

    def _check_settings(self) -> None:
        profile, faults = self.profile, []
        unknown = sorted(set(self.columns) - set(_ALL_COLUMNS))
        if unknown:
            faults.append(f"unknown columns {unknown}; a shard has {list(_ALL_COLUMNS)}")
        if self.segment_frames is not None and not 1 <= self.segment_frames <= profile.patch_frames:
            faults.append(f"segment_frames is {self.segment_frames}, shards hold patches of {profile.patch_frames}")
        if self.batch_size is not None and self.batch_size < 1:
            faults.append(f"batch_size is {self.batch_size}, expected at least 1, or None for single samples")
        audio = sorted(set(self.columns) & set(AUDIO_COLUMNS))
        if audio and (self.split == "train" or self.segment_frames is not None):
            faults.append(f"columns {audio} are in held-out splits only, for whole segments (segment_frames=None)")
        if self.seed < 0:
            faults.append(f"seed is {self.seed}, expected 0 or more")
        if self._world_size is not None and not 0 <= (self._rank or 0) < self._world_size:
            faults.append(f"rank {self._rank} of {self._world_size}")
        if faults:
            raise ConfigError("PairShards: " + "; ".join(faults))

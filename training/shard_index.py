"""Which rows of which shards make up an epoch, known without opening a shard unless grades are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_manifests.shard_format import rows_per_group
from training.errors import NoShardsError
from training.manifest_pin import PinnedManifest, ShardEntry
from training.shard_reader import read_scalars


@dataclass(frozen=True, kw_only=True)
class ShardIndex:
    """The samples of a split, in the order of the manifest."""

    shards: tuple[ShardEntry, ...]
    shard_of: NDArray[np.int64]
    """Position in `shards`, shape (num_samples,)."""
    rows: NDArray[np.int64]
    """Row within the shard, shape (num_samples,)."""
    rows_per_group: int

    @property
    def num_samples(self) -> int:
        """Samples of an epoch, over all ranks."""
        return len(self.rows)

    @property
    def units(self) -> NDArray[np.int64]:
        """Row group of each sample as a number that does not decrease, shape (num_samples,)."""
        largest = max(shard.num_rows for shard in self.shards) // self.rows_per_group + 1
        units: NDArray[np.int64] = self.shard_of * largest + self.rows // self.rows_per_group
        return units

    def locate(self, sample: int) -> tuple[ShardEntry, int, int]:
        """Give the shard of a sample, its row group there, and its row within that."""
        group, row = divmod(int(self.rows[sample]), self.rows_per_group)
        return self.shards[self.shard_of[sample]], group, row


def index_shards(manifest: PinnedManifest, split: str, grades: Sequence[str] | None) -> ShardIndex:
    """List the samples of a split, of all grades or some.

    Raises
    ------
    NoShardsError
        Where there is none: says which splits have segments, and what to do.
    DamagedShardError
    """
    shards = manifest.of_split(split)
    kept = [np.arange(shard.num_rows, dtype=np.int64) for shard in shards]
    if grades is not None:
        of_rows = read_scalars(manifest, shards, "grade")
        kept = [rows[np.isin(values, list(grades))] for rows, values in zip(kept, of_rows, strict=True)]
    if not any(len(rows) for rows in kept):
        raise _nothing_to_read(manifest, split, grades)
    return ShardIndex(
        shards=shards,
        shard_of=np.repeat(np.arange(len(shards), dtype=np.int64), [len(rows) for rows in kept]),
        rows=np.concatenate(kept),
        rows_per_group=rows_per_group(manifest.profile),
    )


def _nothing_to_read(manifest: PinnedManifest, split: str, grades: Sequence[str] | None) -> NoShardsError:
    counts = {name: sum(shard.num_rows for shard in manifest.of_split(name)) for name in ("train", "valid", "test")}
    has = ", ".join(f"{name} {count}" for name, count in counts.items())
    if not any(counts.values()):
        remedy = f"no pair was accepted; `mixminus audit {manifest.root}` shows why"
    elif counts.get(split) and grades is not None:
        remedy = "choose other grades"
    else:
        remedy = "choose another split, or mine more artists (a song's split is a hash of its primary artist)"
    wanted = f"split {split!r}" + (f" with grades {list(grades)}" if grades is not None else "")
    return NoShardsError(f"{manifest.root} has no segments for {wanted} (segments by split: {has}): {remedy}")

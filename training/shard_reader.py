"""Reading row groups of shards, local or remote, through a cache with a bound."""

import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_manifests.profiles import SignalProfile
from data_manifests.shard_format import ShardFormatError, check_schema, rows_per_group
from training.errors import DamagedShardError, ShardsError
from training.manifest_pin import PinnedManifest, ShardEntry

_OPEN_FILES = 16
_INDEX_THREADS = 16


class RowGroupReader:
    """Reads row groups of the shards of one manifest; each process makes its own.

    Parameters
    ----------
    columns
        The columns to read.
    cache_bytes
        Row groups are kept up to this many bytes, the least recently used one leaves first; at least one is kept.
    """

    def __init__(self, manifest: PinnedManifest, columns: Sequence[str], cache_bytes: int) -> None:
        self.process = os.getpid()
        """The process that made it: open files are not for a fork."""
        self._manifest = manifest
        self._columns = list(columns)
        self._cache_bytes = cache_bytes
        self._groups: OrderedDict[tuple[str, int], pa.Table] = OrderedDict()
        self._held_bytes = 0
        self._files: OrderedDict[str, pq.ParquetFile] = OrderedDict()

    def row_group(self, shard: ShardEntry, index: int) -> pa.Table:
        """Give one row group.

        Raises
        ------
        DamagedShardError
            Naming the shard: missing, of another size than the manifest says, or with a wrong checksum.
        """
        key = (shard.path, index)
        if key in self._groups:
            self._groups.move_to_end(key)
            return self._groups[key]
        table = self._read(shard, index)
        self._groups[key] = table
        self._held_bytes += table.nbytes
        while self._held_bytes > self._cache_bytes and len(self._groups) > 1:
            self._held_bytes -= self._groups.popitem(last=False)[1].nbytes
        return table

    def _read(self, shard: ShardEntry, index: int) -> pa.Table:
        try:
            return self._file(shard).read_row_group(index, columns=self._columns, use_threads=False)
        except (OSError, pa.ArrowException, IndexError) as error:
            raise _damaged(self._manifest, shard, error) from error

    def _file(self, shard: ShardEntry) -> pq.ParquetFile:
        if shard.path not in self._files:
            self._files[shard.path] = open_shard(self._manifest, shard)
            if len(self._files) > _OPEN_FILES:
                self._files.popitem(last=False)[1].close(force=True)
        self._files.move_to_end(shard.path)
        return self._files[shard.path]


def open_shard(manifest: PinnedManifest, shard: ShardEntry) -> pq.ParquetFile:
    """Open a shard and check it against its manifest: size, rows, profile, layout of row groups.

    Raises
    ------
    DamagedShardError, ShardsError
    """
    address = f"{manifest.root}/{shard.path}"
    try:
        filesystem, path = fsspec.core.url_to_fs(address)
        num_bytes = int(filesystem.size(path))
        if num_bytes != shard.num_bytes:
            raise OSError(f"{num_bytes} bytes, the manifest says {shard.num_bytes}")
        local = "file" in filesystem.protocol
        source: Any = str(path) if local else filesystem.open(path, "rb")
        file = pq.ParquetFile(source, memory_map=local, pre_buffer=not local, page_checksum_verification=True)
        profile = check_schema(file.schema_arrow)
        _check_layout(file, shard, profile)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(manifest, shard, error) from error
    except ShardFormatError as error:
        raise ShardsError(f"{address}: {error}") from error
    if profile != manifest.profile:
        raise ShardsError(f"{address} has profile {profile.name!r}, its manifest {manifest.profile.name!r}: mine again")
    return file


def _check_layout(file: pq.ParquetFile, shard: ShardEntry, profile: SignalProfile) -> None:
    metadata = file.metadata
    if metadata.num_rows != shard.num_rows:
        raise OSError(f"{metadata.num_rows} rows, the manifest says {shard.num_rows}")
    expected = rows_per_group(profile)
    for index in range(metadata.num_row_groups - 1):
        if metadata.row_group(index).num_rows != expected:
            found = metadata.row_group(index).num_rows
            raise OSError(f"row group {index} has {found} rows, expected {expected}")


def _damaged(manifest: PinnedManifest, shard: ShardEntry, error: BaseException) -> DamagedShardError:
    missing = isinstance(error, FileNotFoundError)
    what = "is missing" if missing else f"is damaged or unreadable ({str(error).strip() or type(error).__name__})"
    return DamagedShardError(
        f"shard {shard.path} of {manifest.root} {what}. Restore it from a copy, or mine again into a new run; "
        f"`mixminus manifest validate {manifest.root}` lists all that is damaged"
    )


def read_scalars(manifest: PinnedManifest, shards: Sequence[ShardEntry], column: str) -> list[NDArray[Any]]:
    """Read one scalar column of several shards, a few at a time: one array a shard."""

    def read(shard: ShardEntry) -> NDArray[Any]:
        try:
            with open_shard(manifest, shard) as file:
                return np.asarray(file.read(columns=[column], use_threads=False)[column].to_pylist())
        except (OSError, pa.ArrowException) as error:
            raise _damaged(manifest, shard, error) from error

    with ThreadPoolExecutor(_INDEX_THREADS) as threads:
        return list(threads.map(read, shards))

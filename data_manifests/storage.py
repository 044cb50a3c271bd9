"""Where a run lives: a folder, or any URL that fsspec opens.

On a local disk a file is written beside its target, flushed and renamed, so that a crash leaves the old file or the
new one. An object store shows an object only when its upload is complete, which gives the same promise.
"""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import fsspec

_LOCAL_PROTOCOLS = frozenset({"file", "local"})
_CHUNK = 1 << 22


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """Bytes of a file, and a stamp that changes when it is written again (ETag, else nanoseconds)."""

    size: int
    stamp: str


@dataclass(frozen=True)
class Store:
    """A tree of files below one root; names are relative, with forward slashes.

    Raises
    ------
    OSError
        From every method: disk full, no permission, storage unreachable. `FileNotFoundError` where a file is missing.
    """

    root: str

    @cached_property
    def _filesystem(self) -> tuple[Any, str]:
        filesystem, path = fsspec.core.url_to_fs(self.root)
        return filesystem, str(path).rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether the tree lies on a disk of this machine."""
        protocol = self._filesystem[0].protocol
        names = {protocol} if isinstance(protocol, str) else set(protocol)
        return bool(names & _LOCAL_PROTOCOLS)

    def local_path(self, name: str = "") -> Path:
        """Path of a file on the local disk.

        Raises
        ------
        ValueError
            Where the tree is remote.
        """
        if not self.is_local:
            raise ValueError(f"{self.root} is not on a local disk")
        return Path(self._filesystem[1]) / name

    def address(self, name: str) -> str:
        """Full path of a file, as its filesystem spells it."""
        return f"{self._filesystem[1]}/{name}"

    def read(self, name: str) -> bytes:
        """All bytes of a file."""
        content: bytes = self._filesystem[0].cat_file(self.address(name))
        return content

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading here and there, without holding all of it."""
        with self._filesystem[0].open(self.address(name), "rb") as file:
            yield file

    def sha256(self, name: str) -> str:
        """SHA-256 of a file's bytes, as 64 hex digits; read piece by piece, and again only when the file changed."""
        return _sha256(self, name, self.facts(name))

    def exists(self, name: str) -> bool:
        """Whether the file is there."""
        return bool(self._filesystem[0].exists(self.address(name)))

    def facts(self, name: str) -> FileFacts:
        """Size and stamp of a file, without reading it."""
        if self.is_local:
            status = self.local_path(name).stat()
            return FileFacts(size=status.st_size, stamp=str(status.st_mtime_ns))
        info = self._filesystem[0].info(self.address(name))
        stamp = next((info[key] for key in ("ETag", "etag", "LastModified", "mtime") if info.get(key)), "")
        return FileFacts(size=int(info.get("size") or 0), stamp=str(stamp))

    def write(self, name: str, content: bytes) -> None:
        """Write a file, complete or not at all."""
        if self.is_local:
            _write_and_rename(self.local_path(name), content)
        else:
            self._filesystem[0].pipe_file(self.address(name), content)

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Write a file piece by piece; it is there when the block ends well, and not at all when it does not."""
        if self.is_local:
            with _renamed_when_done(self.local_path(name)) as file:
                yield file
            return
        file = self._filesystem[0].open(self.address(name), "wb", autocommit=False)
        try:
            yield file
            file.close()
        except BaseException:
            file.discard()
            raise
        file.commit()

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no error."""
        with contextlib.suppress(FileNotFoundError):
            self._filesystem[0].rm_file(self.address(name))

    def names(self, folder: str, suffix: str = "") -> list[str]:
        """Names (relative to the root, sorted) of the files below `folder` that end in `suffix`."""
        filesystem, root = self._filesystem
        if not filesystem.exists(f"{root}/{folder}"):
            return []
        found = filesystem.find(f"{root}/{folder}")
        return sorted(str(PurePosixPath(path).relative_to(root)) for path in found if path.endswith(suffix))


@lru_cache(maxsize=256)
def _sha256(store: Store, name: str, _facts: FileFacts) -> str:
    digest = hashlib.sha256()
    with store.open(name) as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _write_and_rename(path: Path, content: bytes) -> None:
    with _renamed_when_done(path) as file:
        file.write(content)


@contextlib.contextmanager
def _renamed_when_done(path: Path) -> Iterator[BinaryIO]:
    """Write beside the target, flush, and rename; the part is removed where the block fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

"""Reading a run's manifest and holding on to that one, whatever nightly mining does beside it.

A run is a folder or any URL that fsspec opens. `manifest.json` is the newest manifest; `manifests/<digest>.json` are
all of them, immutable. Shards are immutable too, so a digest pins every sample.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from data_manifests.profiles import SignalProfile
from training.errors import ShardsError

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class ShardEntry:
    """A shard as its manifest lists it; `path` is relative to the run."""

    path: str
    split: str
    num_rows: int
    num_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PinnedManifest:
    """One manifest of a run."""

    root: str
    """Folder or URL of the run; shard paths are relative to it."""
    digest: str
    profile: SignalProfile
    shards: tuple[ShardEntry, ...]

    def of_split(self, split: str) -> tuple[ShardEntry, ...]:
        """List the shards of a split, in the order of the manifest."""
        return tuple(shard for shard in self.shards if shard.split == split)


def read_manifest(source: str | Path, digest: str | None = None) -> PinnedManifest:
    """Read the newest manifest of a run, or the one with `digest`.

    Parameters
    ----------
    source
        A run directory or URL, or the path of one of its manifests.

    Raises
    ------
    ShardsError
        No manifest there, not readable, of another schema version, or the pinned one is gone.
    """
    root, name = _locate(str(source))
    if digest is not None:
        name = f"manifests/{digest}.json"
    content = _read(root, name, digest)
    try:
        values = json.loads(content)
        version = values["schema_version"]
        if version != SCHEMA_VERSION:
            raise ShardsError(
                f"{root}/{name} is a manifest of schema version {version}, this program reads {SCHEMA_VERSION}: "
                "use the mixminus that wrote it, or mine again"
            )
        return PinnedManifest(
            root=root,
            digest=values["digest"],
            profile=SignalProfile.from_dict(values["profile"]),
            shards=tuple(_entry(shard) for shard in values["shards"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShardsError(f"{root}/{name} is not a manifest of mixminus ({type(error).__name__}: {error})") from error


def _entry(values: Mapping[str, Any]) -> ShardEntry:
    return ShardEntry(
        path=values["path"],
        split=values["split"],
        num_rows=int(values["rows"]),
        num_bytes=int(values["bytes"]),
        sha256=values["sha256"],
    )


def _locate(source: str) -> tuple[str, str]:
    """Split a run or manifest path into the run's root and the manifest's name below it."""
    source = source.rstrip("/") or "/"
    if not source.endswith(".json"):
        return source, "manifest.json"
    folder, _, name = source.rpartition("/")
    parent, _, last = folder.rpartition("/")
    if last == "manifests":
        return parent or ".", f"manifests/{name}"
    return folder or ".", name


def _read(root: str, name: str, digest: str | None) -> bytes:
    try:
        with fsspec.open(f"{root}/{name}", "rb") as file:
            content: bytes = file.read()
            return content
    except (FileNotFoundError, NotADirectoryError) as error:
        if digest is not None:
            raise ShardsError(
                f"the manifest {digest} that this training is pinned to is no longer in {root}/manifests: "
                "restore it, or start a new training on the newest manifest"
            ) from error
        raise ShardsError(
            f"there is no {name} in {root}: expected a finished run; `mixminus mine CATALOG --out {root}` makes one, "
            f"`mixminus status {root}` says how far it is"
        ) from error

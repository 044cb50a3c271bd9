"""Finding and reading the audio that a catalogue names, below one audio root and nowhere else."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from data_manifests.audio_files import UnusableAudio
from data_manifests.storage import Store

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://")
_REMOTE_SCHEMES = frozenset({"http", "https", "s3", "gs", "gcs", "az", "abfs", "abfss"})


@dataclass(frozen=True, kw_only=True)
class FileIdentity:
    """What tells one delivery of a file from the next without reading it."""

    size: int
    stamp: str
    """ETag where the storage has one, else the time of modification in nanoseconds."""


@dataclass(frozen=True)
class AudioStore:
    """Audio files below a root (folder or URL).

    A catalogue's path never leaves the root: absolute paths, `..` and links that point out are refused. A full URL in
    the catalogue is opened as it is where its scheme is one of the common remote stores.
    """

    root: str | None

    def read(self, path: str | None) -> bytes:
        """All bytes of a file.

        Raises
        ------
        UnusableAudio
            `no_audio_path`, `path_outside_root` or `missing_file`.
        OSError
            Where the storage is unreachable: worth trying again.
        """
        store, name = self._locate(path)
        try:
            return store.read(name)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise UnusableAudio("missing_file", f"no file {path!r} below the audio root") from error
        except PermissionError as error:
            raise UnusableAudio("missing_file", f"no permission to read {path!r}") from error

    def identity(self, path: str | None) -> FileIdentity | None:
        """Size and stamp of a file; None where it cannot be used (reading it then says why)."""
        try:
            store, name = self._locate(path)
            facts = store.facts(name)
        except (UnusableAudio, FileNotFoundError, NotADirectoryError, PermissionError):
            return None
        return FileIdentity(size=facts.size, stamp=facts.stamp)

    def _locate(self, path: str | None) -> tuple[Store, str]:
        if not path:
            raise UnusableAudio("no_audio_path", "the catalogue names no audio for this track")
        if _SCHEME.match(path):
            scheme = path.split("://", 1)[0].lower()
            if scheme not in _REMOTE_SCHEMES:
                raise UnusableAudio("path_outside_root", f"URLs of scheme {scheme!r} are not opened")
            folder, _, name = path.rpartition("/")
            return Store(folder), name
        return self._below_root(path)

    def _below_root(self, path: str) -> tuple[Store, str]:
        if self.root is None:
            raise UnusableAudio("missing_file", "no audio root was given")
        parts = PurePosixPath(path).parts
        if "\x00" in path or path.startswith("/") or ".." in parts:
            raise UnusableAudio("path_outside_root", f"{path!r} leads out of the audio root")
        store = Store(self.root)
        if store.is_local:
            root = store.local_path().resolve()
            if not (root / path).resolve().is_relative_to(root):
                raise UnusableAudio("path_outside_root", f"{path!r} is a link out of the audio root")
        return store, str(PurePosixPath(path))

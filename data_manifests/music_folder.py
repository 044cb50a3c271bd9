"""A folder of music as a catalogue: tags and durations; broken tags survive, and no music file is left out silently.

Folders behind links are not entered (no loops, and no path that leads out of the audio root); they are set aside by
name like files that cannot be read. The order is that of the paths, whatever the number of threads.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from data_manifests.file_tags import FileTags, read_tags
from data_manifests.ids import digest
from data_manifests.import_values import CATALOGUE_SCHEMA, QUARANTINE_SCHEMA, isrc_column
from data_manifests.imports import Imported
from data_manifests.raw_tables import as_json

SUFFIXES = frozenset(
    {".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".wav", ".aif", ".aiff", ".aifc"}
)

_BATCH_FILES = 1024
_NUM_THREADS = 8
"""Reading waits for the disk or the network, not for the processor."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A music file, or something else that is set aside without opening it."""

    name: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Scanned:
    row: dict[str, Any] | None
    reasons: list[str]
    damaged: bool = False


def scan_folder(folder: Path) -> Imported:
    """Read every music file below a folder into memory; see `scan_batches`."""
    parts = list(scan_batches(folder))
    repairs: Counter[str] = Counter()
    for part in parts:
        repairs.update(part.repairs)
    return Imported(
        catalogue=pl.concat([pl.DataFrame(schema=CATALOGUE_SCHEMA), *(part.catalogue for part in parts)]),
        quarantine=pl.concat([pl.DataFrame(schema=QUARANTINE_SCHEMA), *(part.quarantine for part in parts)]),
        repairs=dict(repairs),
    )


def scan_batches(folder: Path) -> Iterator[Imported]:
    """Read every music file below a folder, a thousand at a time.

    Yields
    ------
    Imported
        Catalogue rows with paths relative to `folder`; files and folders that could not be read, with their reasons:
        `empty_file`, `not_audio`, `no_duration`, `no_permission`, `missing_file`, `link_loop`, `linked_folder`,
        `link_out_of_folder`, `not_a_file`, `bad_file_name`, `unreadable`. Repairs: `damaged_tags` (files whose tags
        could not all be read) and `malformed_isrc`.
    """
    number = 1
    found = _walk(folder)
    with ThreadPoolExecutor(_NUM_THREADS, thread_name_prefix="scan") as pool:
        while part := list(islice(found, _BATCH_FILES)):
            scanned = list(pool.map(lambda item: _scan(folder, item), part))
            yield _batch(part, scanned, number)
            number += len(part)


def _batch(part: list[_Found], scanned: list[_Scanned], first: int) -> Imported:
    good = [item.row for item in scanned if item.row is not None]
    bad = [
        {"row_number": number, "values": as_json({"audio": _printable(found.name)}), "reasons": item.reasons}
        for number, (found, item) in enumerate(zip(part, scanned, strict=True), start=first)
        if item.row is None
    ]
    if len(good) + len(bad) != len(part):
        raise AssertionError(f"{len(part)} files became {len(good)} of the catalogue and {len(bad)} set aside")
    repairs = Counter({"damaged_tags": sum(item.damaged for item in scanned)})
    catalogue = pl.DataFrame(good, schema=CATALOGUE_SCHEMA)
    catalogue = catalogue.with_columns(isrc_column(catalogue["isrc"], repairs).alias("isrc"))
    return Imported(
        catalogue=catalogue,
        quarantine=pl.DataFrame(bad, schema=QUARANTINE_SCHEMA),
        repairs={name: count for name, count in repairs.items() if count},
    )


def _walk(folder: Path) -> Iterator[_Found]:
    """Music files and what is like them, in the order of their paths; folders without permission among them."""
    root = os.path.realpath(folder)
    pending = [""]
    while pending:
        name = pending.pop()
        if not name or name.endswith("/"):
            below, fault = _entries(folder, name)
            pending.extend(reversed(below))
            if fault:
                yield _Found(name=name.rstrip("/") or ".", reason=fault)
        else:
            item = _look_at(folder, root, name)
            if item:
                yield item


def _entries(folder: Path, name: str) -> tuple[list[str], str | None]:
    """Names within a folder, sorted; those of folders end in a slash."""
    try:
        with os.scandir(folder / name) as entries:
            names = [f"{name}{entry.name}{'/' if entry.is_dir(follow_symlinks=False) else ''}" for entry in entries]
    except OSError as error:
        return [], _os_reason(error)
    return sorted(names, key=os.fsencode), None


def _look_at(folder: Path, root: str, name: str) -> _Found | None:
    """Decide whether a name that is no folder is music; None where it is something else."""
    path = folder / name
    is_music = path.suffix.lower() in SUFFIXES
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return _Found(name=name, reason=_os_reason(error)) if is_music else None
    if stat.S_ISDIR(mode):
        return _Found(name=name, reason="linked_folder")
    if not is_music:
        return None
    if not stat.S_ISREG(mode):
        return _Found(name=name, reason="not_a_file")
    leads_out = path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root)
    return _Found(name=name, reason="link_out_of_folder" if leads_out else None)


def _os_reason(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "no_permission"
    if error.errno == errno.ELOOP:
        return "link_loop"
    return "missing_file" if error.errno in (errno.ENOENT, errno.ENOTDIR) else "unreadable"


def _scan(folder: Path, found: _Found) -> _Scanned:
    reasons = [] if _is_utf8(found.name) else ["bad_file_name"]
    if found.reason:
        return _Scanned(row=None, reasons=[*reasons, found.reason])
    path = folder / found.name
    try:
        tags = _tags(path)
    except OSError as error:
        return _Scanned(row=None, reasons=[*reasons, _os_reason(error)])
    if isinstance(tags, str):
        return _Scanned(row=None, reasons=[*reasons, tags])
    if not 0 < tags.duration_s < float("inf"):
        reasons.append("no_duration")
    if reasons:
        return _Scanned(row=None, reasons=reasons)
    return _Scanned(
        row=_row(Path(folder.resolve().name) / found.name, found.name, tags), reasons=[], damaged=tags.damaged
    )


def _tags(path: Path) -> FileTags | str:
    """Tags and duration, the latter by the audio where the tags are broken; a reason where the file is no music."""
    if path.stat().st_size == 0:
        return "empty_file"
    try:
        tags = read_tags(path)
    except OSError:
        raise
    except Exception:  # broken tags raise whatever the broken byte leads to, far beyond mutagen's own errors
        tags = FileTags(values={}, duration_s=0.0, damaged=True)
    if tags.duration_s > 0:
        return tags
    duration_s = _decoded_duration_s(path)
    if duration_s is None:
        return "not_audio" if tags.damaged else "no_duration"
    return FileTags(values=tags.values, duration_s=duration_s, damaged=tags.damaged)


def _decoded_duration_s(path: Path) -> float | None:
    """Seconds by the container's header, provided that audio can be decoded; None where it cannot."""
    import av

    try:
        with path.open("rb") as stream, av.open(stream, "r") as container:
            if not container.streams.audio or next(container.decode(audio=0), None) is None:
                return None
            sound = container.streams.audio[0]
            if sound.duration and sound.time_base:
                return float(sound.duration * sound.time_base)
            return container.duration / 1e6 if container.duration else None
    except (av.FFmpegError, ValueError, EOFError, ArithmeticError):
        return None


def _row(path: Path, name: str, tags: FileTags) -> dict[str, Any]:
    title, artists = _from_name(path)
    values = {"title": title, "artists": artists, **tags.values}
    return {**values, "track_id": digest(["file", name])[:16], "duration_s": tags.duration_s, "audio": name}


def _from_name(path: Path) -> tuple[str, list[str]]:
    """Title and artist from the file's name, `Artist - Title`, else the name and its folder."""
    artist, dash, title = path.stem.partition(" - ")
    if dash and artist.strip() and title.strip():
        return title.strip(), [artist.strip()]
    return path.stem, [path.parent.name or "unknown"]


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    """A file name for people: bytes that are no UTF-8 as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")

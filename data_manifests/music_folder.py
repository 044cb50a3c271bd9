"""A folder of music as a catalogue: tags and durations, read by mutagen; broken tags survive."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import mutagen
import polars as pl

from data_manifests.ids import digest
from data_manifests.schemas import CATALOG, QUARANTINE
from data_manifests.tables import polars_schema

SUFFIXES = frozenset({".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".wav", ".aif", ".aiff"})

_TAGS: Mapping[str, str] = {
    "title": "title", "album": "album", "isrc": "isrc", "genre": "genre", "language": "language",
    "licence": "copyright", "release_date": "date",
}  # fmt: skip


def scan_folder(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read every music file below a folder.

    Returns
    -------
    catalogue, quarantine
        Catalogue rows with paths relative to `folder`; files that no tag reader understands, with the reason.
    """
    good, bad = [], []
    for number, path in enumerate(_music_files(folder), start=1):
        name = path.relative_to(folder).as_posix()
        try:
            good.append(_row(path, name))
        except (mutagen.MutagenError, OSError, ValueError, ArithmeticError, LookupError) as error:
            bad.append({"row_number": number, "values": name, "reasons": [f"unreadable: {type(error).__name__}"]})
    schema = {name: dtype for name, dtype in polars_schema(CATALOG).items() if name not in ("outcome", "reason")}
    return pl.DataFrame(good, schema=schema), pl.DataFrame(bad, schema=polars_schema(QUARANTINE))


def _music_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def _row(path: Path, name: str) -> dict[str, Any]:
    file = mutagen.File(path, easy=True)
    if file is None or file.info is None:
        raise ValueError("no tag reader knows this format")
    tags = file.tags or {}
    values: dict[str, Any] = {ours: _first(tags, theirs) for ours, theirs in _TAGS.items()}
    title, artists = _from_name(path)
    values["title"] = values["title"] or title
    values["artists"] = _all(tags, "artist") or artists
    values["track_id"] = digest(["file", name])[:16]
    values["duration_s"] = float(file.info.length)
    values["audio"] = name
    return values


def _from_name(path: Path) -> tuple[str, list[str]]:
    """Title and artist from the file's name, `Artist - Title`, else the name and its folder."""
    artist, dash, title = path.stem.partition(" - ")
    return (title, [artist]) if dash else (path.stem, [path.parent.name or "unknown"])


def _all(tags: Any, key: str) -> list[str]:
    try:
        values = tags.get(key) or []
    except (KeyError, ValueError, TypeError):
        return []
    values = [values] if isinstance(values, str) else values
    return [text for text in (str(value).replace("\x00", " ").strip() for value in values) if text]


def _first(tags: Any, key: str) -> str | None:
    values = _all(tags, key)
    return values[0] if values else None

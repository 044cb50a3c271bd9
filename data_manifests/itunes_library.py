"""The library of iTunes or Apple Music as its property list (`Library.xml`, `iTunes Music Library.xml`).

The whole list is held in memory while it is read: about 2 kB a track. Podcasts, films and the like are rows that end in
quarantine. A file below the library's music folder is named relative to it, so that `--audio-root MUSIC_FOLDER` finds
it; any other file keeps its whole path.
"""

import datetime
import plistlib
import xml.parsers.expat
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from data_manifests.raw_tables import RawTable, record_batches
from data_manifests.tables import InvalidTableError

COLUMNS = ("track_id", "title", "artists", "album", "genre", "duration_ms", "explicit", "release_date", "audio")
_NOT_MUSIC: Mapping[str, str] = {
    "Podcast": "podcast",
    "Movie": "film",
    "TV Show": "television",
    "Audiobook": "audiobook",
    "iTunesU": "lecture",
    "Has Video": "video",
    "Music Video": "video",
}


def open_itunes_library(path: Path) -> RawTable:
    """Open a library.

    Raises
    ------
    InvalidTableError
        No property list, or none with tracks.
    OSError
    """
    try:
        with path.open("rb") as file:
            library = plistlib.load(file)
    except (plistlib.InvalidFileException, xml.parsers.expat.ExpatError, ValueError, OverflowError) as error:
        raise InvalidTableError(
            f"{path} is no property list ({error}); the preset itunes expects the XML that File > Library > "
            "Export Library writes"
        ) from error
    tracks = library.get("Tracks") if isinstance(library, dict) else None
    if not isinstance(tracks, dict):
        raise InvalidTableError(
            f"{path} holds no Tracks; the preset itunes expects an exported library, not a playlist"
        )
    folder = _local_path(str(library.get("Music Folder") or ""))
    return RawTable(
        names=COLUMNS,
        batches=lambda columns: record_batches(_records(tracks, folder), columns),
        repairs=Counter(),
    )


def _records(tracks: Mapping[str, Any], folder: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for key, track in tracks.items():
        if not isinstance(track, dict):
            yield {"Tracks": key, "value": track}, ("not_a_track",)
            continue
        yield {**track, **_row(key, track, folder)}, _faults(track)


def _row(key: str, track: Mapping[str, Any], folder: str) -> dict[str, Any]:
    released = track.get("Release Date")
    year = track.get("Year")
    return {
        "track_id": str(track.get("Persistent ID") or track.get("Track ID") or key),
        "title": _text(track.get("Name")),
        "artists": _text(track.get("Artist") or track.get("Album Artist")),
        "album": _text(track.get("Album")),
        "genre": _text(track.get("Genre")),
        "duration_ms": _text(track.get("Total Time")),
        "explicit": "true" if track.get("Explicit") else "false" if track.get("Clean") else None,
        "release_date": released.date().isoformat() if isinstance(released, datetime.datetime) else _text(year),
        "audio": _audio(track.get("Location"), folder),
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _faults(track: Mapping[str, Any]) -> tuple[str, ...]:
    reasons = {reason for key, reason in _NOT_MUSIC.items() if track.get(key)}
    kind = str(track.get("Kind") or "").casefold()
    if "audiobook" in kind:
        reasons.add("audiobook")
    if "stream" in kind or str(track.get("Track Type")) == "URL":
        reasons.add("stream")
    return tuple(sorted(reasons))


def _audio(location: Any, folder: str) -> str | None:
    """A path below the music folder, a whole path, or a URL other than of a file; None for tracks without a file."""
    if not location:
        return None
    if urlsplit(str(location)).scheme.lower() != "file":
        return str(location)
    path = _local_path(str(location))
    below = folder.rstrip("/") + "/"
    return path[len(below) :] if folder and path.startswith(below) and path != below else path


def _local_path(url: str) -> str:
    """`file://localhost/C:/Music/a%20b.mp3` → `C:/Music/a b.mp3`."""
    if not url.lower().startswith("file:"):
        return url
    path = unquote(url[len("file:") :])
    if path.startswith("//"):
        host, slash, rest = path[2:].partition("/")
        path = slash + rest if host in ("", "localhost") else f"//{host}/{rest}"
    return path[1:] if path[2:3] == ":" and path[1:2].isalpha() else path

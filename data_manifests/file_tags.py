"""Tags of one music file as catalogue columns, whichever tag format it uses; read by mutagen, RIFF INFO by hand.

References: ID3v2.4 frames (id3.org), Vorbis comment field names (xiph.org, picard-docs.musicbrainz.org), iTunes' MP4
atoms (`rtng`: 1 and 4 explicit, 2 clean, 0 nothing said).
"""

import struct
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import mutagen
import mutagen.id3
import mutagen.mp4

from data_manifests.import_cells import ARTIST_SEPARATORS, parse_date, split_names

_MP4_FREE = "----:com.apple.iTunes:"
_ID3: Mapping[str, tuple[str, ...]] = {
    "title": ("TIT2",),
    "artists": ("TXXX:ARTISTS", "TPE1", "TPE2"),
    "artist_ids": ("TXXX:MusicBrainz Artist Id", "TXXX:MUSICBRAINZ_ARTISTID"),
    "album": ("TALB",),
    "isrc": ("TSRC", "TXXX:ISRC"),
    "genre": ("TCON",),
    "language": ("TLAN",),
    "licence": ("TXXX:LICENSE", "WCOP", "TCOP"),
    "release_date": ("TDRC", "TDRL", "TDOR", "TYER"),
    "explicit": ("TXXX:ITUNESADVISORY", "TXXX:EXPLICIT"),
}
_VORBIS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "artists": ("artists", "artist", "albumartist"),
    "artist_ids": ("musicbrainz_artistid",),
    "album": ("album",),
    "isrc": ("isrc",),
    "genre": ("genre",),
    "language": ("language",),
    "licence": ("license", "licence", "copyright"),
    "release_date": ("date", "originaldate", "year"),
    "explicit": ("itunesadvisory", "explicit"),
}
_MP4: Mapping[str, tuple[str, ...]] = {
    "title": ("\xa9nam",),
    "artists": (f"{_MP4_FREE}ARTISTS", "\xa9ART", "aART"),
    "artist_ids": (f"{_MP4_FREE}MusicBrainz Artist Id",),
    "album": ("\xa9alb",),
    "isrc": (f"{_MP4_FREE}ISRC",),
    "genre": ("\xa9gen",),
    "language": (f"{_MP4_FREE}LANGUAGE",),
    "licence": (f"{_MP4_FREE}LICENSE", "cprt"),
    "release_date": ("\xa9day",),
    "explicit": ("rtng",),
}
_RIFF_INFO: Mapping[str, tuple[str, ...]] = {
    "title": ("INAM",),
    "artists": ("IART",),
    "album": ("IPRD",),
    "isrc": ("ISRC",),
    "genre": ("IGNR",),
    "language": ("ILNG",),
    "licence": ("ICOP",),
    "release_date": ("ICRD",),
}
_LISTS = ("artists", "artist_ids")
_ADVISORY = {"1": True, "4": True, "2": False, "true": True, "explicit": True, "clean": False, "false": False}


@dataclass(frozen=True, kw_only=True)
class FileTags:
    """What a file's tags say.

    Attributes
    ----------
    values
        Catalogue column → value: text, a list of names, a bool; what is not said is absent.
    duration_s
        Seconds by the file's header; 0 where it does not say.
    damaged
        Whether some of the tags could not be read.
    """

    values: Mapping[str, Any]
    duration_s: float
    damaged: bool


def read_tags(path: Path) -> FileTags:
    """Read the tags of a file.

    Raises
    ------
    OSError
        Gone, no permission.
    Exception
        Whatever mutagen raises on broken files: its own errors, and many others.
    """
    with path.open("rb") as stream:
        file = mutagen.File(stream)
        if file is None or file.info is None:
            raise ValueError("no tag reader knows this format")
        values, damaged = _values(file.tags)
        if not values and type(file).__name__ == "WAVE":
            values = _pick(_riff_info(stream), _RIFF_INFO)
    return FileTags(values=values, duration_s=float(file.info.length or 0), damaged=damaged)


def _values(tags: Any) -> tuple[dict[str, Any], bool]:
    if tags is None:
        return {}, False
    items: list[tuple[str, Any]] = list(tags.items())
    if isinstance(tags, mutagen.id3.ID3):
        damaged = any(frame[:1] in (b"T", "T") for frame in getattr(tags, "unknown_frames", ()))
        return _pick({key: _frame_texts(frame) for key, frame in items}, _ID3), damaged
    if isinstance(tags, mutagen.mp4.MP4Tags):
        return _pick({key: _as_list(value) for key, value in items}, _MP4), False
    lowered: dict[str, list[Any]] = {}
    for key, value in items:
        lowered.setdefault(str(key).casefold(), []).extend(_as_list(value))
    return _pick(lowered, _VORBIS), False


def _frame_texts(frame: Any) -> list[Any]:
    """Texts of an ID3 frame; genres by name, not by number."""
    if isinstance(frame, mutagen.id3.TCON):
        return list(frame.genres)
    if hasattr(frame, "text"):
        texts = list(frame.text) if isinstance(frame.text, list) else [frame.text]
        return [_repaired(str(text)) for text in texts] if frame.encoding == mutagen.id3.Encoding.UTF16 else texts
    return [getattr(frame, "url", "")]


def _repaired(text: str) -> str:
    """Single-byte text that a frame declares to be UTF-16: told by characters that nobody has assigned."""
    if not any(unicodedata.category(sign) in ("Co", "Cn", "Cs") for sign in text):
        return text
    try:
        plain = text.encode("utf-16-le").rstrip(b"\x00").decode("cp1252")
    except UnicodeError:
        return ""
    return plain if plain.isprintable() else ""


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _pick(tags: dict[str, list[Any]], names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The first tag that says something, for each column."""
    values: dict[str, Any] = {}
    folded = {key.casefold(): texts for key, texts in reversed(tags.items())}
    for column, keys in names.items():
        texts = next((found for key in keys if (found := _texts(folded.get(key.casefold(), ())))), None)
        if texts is None:
            continue
        value = _column_value(column, texts)
        if value is not None and value != []:
            values[column] = value
    return values


def _column_value(column: str, texts: list[str]) -> Any:
    if column in _LISTS:
        return [name for text in texts for name in split_names(text, ARTIST_SEPARATORS)]
    text = _line(texts[0])
    if column == "explicit":
        return _ADVISORY.get(text.casefold())
    return parse_date(text) if column == "release_date" else text or None


def _texts(values: Iterable[Any]) -> list[str]:
    texts = (_storable(value) for value in values)
    return [text for text in texts if text.strip(" \x00\t\r\n\ufeff")]


def _storable(value: Any) -> str:
    """Text that a table can hold: lone surrogates replaced."""
    text = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\ufeff", "")


def _line(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(sign if sign >= " " and sign != "\x7f" else " " for sign in text).split())


def _riff_info(stream: BinaryIO) -> dict[str, list[str]]:
    """The INFO list of a WAV file, where many programs keep their tags; empty where it is broken."""
    stream.seek(12)
    while len(head := stream.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"LIST" and stream.read(4) == b"INFO":
            return _info_items(stream.read(min(size - 4, 1 << 20)))
        stream.seek(size + size % 2 - (4 if name == b"LIST" else 0), 1)
    return {}


def _info_items(content: bytes) -> dict[str, list[str]]:
    items: dict[str, list[str]] = {}
    position = 0
    while position + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, position)
        raw = content[position + 8 : position + 8 + size].rstrip(b"\x00")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        items[name.decode("latin-1")] = [text]
        position += 8 + size + size % 2
    return items

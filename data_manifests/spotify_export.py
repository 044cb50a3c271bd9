"""Spotify playlists as Exportify writes them, in its three headings; artists are parted with the help of their URIs.

Spotify's own account data (`Playlist1.json`, `YourLibrary.json`) names no durations, without which no pair can be
proposed: it is recognised and refused with that reason.
"""

from pathlib import Path

import polars as pl

from data_manifests.delimited_text import open_delimited
from data_manifests.import_cells import split_commas
from data_manifests.raw_tables import RawBatch, RawTable
from data_manifests.tables import InvalidTableError

SPOTIFY_COLUMNS = {
    "track_id": ("Track URI", "Spotify URI", "Spotify ID", "Track ID"),
    "title": ("Track Name",),
    "artists": ("Artist Name(s)", "Artist Name", "Artists"),
    "artist_ids": ("Artist URI(s)", "Artist IDs", "Artist ID(s)"),
    "album": ("Album Name",),
    "duration_ms": ("Track Duration (ms)", "Duration (ms)"),
    "isrc": ("ISRC",),
    "explicit": ("Explicit",),
    "release_date": ("Album Release Date", "Release Date"),
    "genre": ("Genres", "Artist Genres"),
}


def open_spotify_export(path: Path) -> RawTable:
    """Open an export.

    Raises
    ------
    InvalidTableError
        For Spotify's own account data, which lacks durations.
    OSError, ValueError
    """
    if path.suffix.lower() == ".json":
        raise InvalidTableError(
            f"{path}: Spotify's account data names no durations, and without them no pair can be proposed; "
            "export the playlists with Exportify (CSV) and import those"
        )
    return open_delimited(path)


def adapt_spotify(batch: RawBatch) -> RawBatch:
    """Shorten URIs to ids, part artists, set podcast episodes aside."""
    raw = batch.columns
    ids = raw["track_id"].cast(pl.String).str.strip_chars()
    episodes = ids.str.contains("^spotify:(?:episode|show):|open.spotify.com/episode/").fill_null(value=False)
    columns = raw.with_columns(_short(ids, "track").alias("track_id"), _artists(raw))
    if "artist_ids" in raw.columns:
        artist_ids = raw["artist_ids"].cast(pl.String).str.replace_all("spotify:artist:", "", literal=True)
        columns = columns.with_columns(artist_ids.alias("artist_ids"))
    faults = dict(batch.faults)
    for index in episodes.arg_true().to_list():
        faults[index] = (*faults.get(index, ()), "podcast_episode")
    return RawBatch(columns=columns, numbers=batch.numbers, describe=batch.describe, faults=faults)


def _short(ids: pl.Series, kind: str) -> pl.Series:
    return ids.str.replace(rf"^(?:spotify:{kind}:|https://open\.spotify\.com/{kind}/)([0-9A-Za-z]+).*$", "$1")


def _artists(raw: pl.DataFrame) -> pl.Series:
    """Names as lists: as many as there are URIs, where a table has them."""
    names = raw["artists"].cast(pl.String).to_list()
    uris = raw["artist_ids"].cast(pl.String).to_list() if "artist_ids" in raw.columns else [None] * len(names)
    parted = [_parted(name or "", uri or "") for name, uri in zip(names, uris, strict=True)]
    return pl.Series("artists", parted, dtype=pl.List(pl.String))


def _parted(names: str, uris: str) -> list[str]:
    """Part by semicolons where the newest heading is used, else by commas, unless the URIs name a single artist."""
    num_uris = len([uri for uri in uris.replace(";", ",").split(",") if uri.strip()])
    if num_uris == 1 or ("," not in names and ";" not in names):
        return [names.replace("\\,", ",")]
    by_semicolon = [name.strip() for name in names.split(";")]
    if len(by_semicolon) > 1 and num_uris in (0, len(by_semicolon)):
        return [name.replace("\\,", ",") for name in by_semicolon]
    return [name.replace("\\,", ",") for name in split_commas(names)]

"""Songs of a mined run's held-out splits, put together from the audio in its shards.

The references are mined, and labelled so: the instrumental is the aligned, level-matched counterpart, at the profile's
rate and in mono. Vocals have a waveform only where the pair's target is one (`waveform`, `acapella`); elsewhere scores
of vocals are spectral.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import soundfile

from data_manifests.manifests import read_manifest
from data_manifests.shard_format import read_shard_table
from data_manifests.storage import Store
from evaluation.songs import Song, Target, Waveform

HeldOutSplit = Literal["valid", "test"]
_INDEX_COLUMNS = ("segment_id", "pair_id", "start_s", "genre")
_AUDIO_COLUMNS = ("mixture_audio", "instrumental_audio", "vocals_audio")


@dataclass(frozen=True, kw_only=True)
class RunSong:
    """Where a held-out song lies: a value small enough to be sent to a worker, which then reads it."""

    run: str
    pair_id: str
    genre: str | None
    sample_rate_hz: int
    shards: tuple[str, ...]
    """Files within the run that hold its segments."""


def held_out_songs(run: str, split: HeldOutSplit = "test", *, limit: int | None = None) -> list[RunSong]:
    """List the songs of a held-out split, sorted by pair id; `limit` takes the first ones.

    Raises
    ------
    data_manifests.manifests.InvalidManifestError
        Where the run has no manifest.
    data_manifests.shard_format.ShardFormatError
        Where a shard is damaged.
    """
    store = Store(run)
    shards: dict[str, set[str]] = defaultdict(set)
    genres: dict[str, str | None] = {}
    manifest = read_manifest(store)
    for entry in manifest["shards"]:
        if entry["split"] != split:
            continue
        index = read_shard_table(store.read(entry["path"]), columns=_INDEX_COLUMNS)
        for row in index.to_pylist():
            shards[row["pair_id"]].add(entry["path"])
            genres[row["pair_id"]] = row["genre"]
    rate = int(manifest["profile"]["sample_rate_hz"])
    return [
        RunSong(run=run, pair_id=pair, genre=genres[pair], sample_rate_hz=rate, shards=tuple(sorted(shards[pair])))
        for pair in sorted(shards)[:limit]
    ]


def read_run_song(place: RunSong) -> Song:
    """Read a song: its segments' audio laid end to end in the order of time.

    Raises
    ------
    data_manifests.shard_format.ShardFormatError
        Where a shard is damaged.
    ValueError
        Where the shards hold no audio of the pair.
    """
    store = Store(place.run)
    tables = [read_shard_table(store.read(name), (*_INDEX_COLUMNS, *_AUDIO_COLUMNS)) for name in place.shards]
    rows = [row for table in tables for row in table.to_pylist() if row["pair_id"] == place.pair_id]
    rows.sort(key=lambda row: row["start_s"])
    if not rows:
        raise ValueError(f"{place.run}: shards {list(place.shards)} hold no segment of pair {place.pair_id}")
    mixture = _joined(rows, "mixture_audio")
    references: dict[Target, Waveform] = {"instrumental": _joined(rows, "instrumental_audio")}
    if all(row["vocals_audio"] is not None for row in rows):
        references["vocals"] = _joined(rows, "vocals_audio")
    return Song(
        track_id=place.pair_id,
        mixture=mixture,
        references=references,
        sample_rate_hz=place.sample_rate_hz,
        genre=place.genre,
        reference_kind="mined reference",
    )


def read_held_out(run: str, split: HeldOutSplit = "test", *, limit: int | None = None) -> Iterator[Song]:
    """Read the songs of a held-out split one by one."""
    for place in held_out_songs(run, split, limit=limit):
        yield read_run_song(place)


def _joined(rows: Sequence[dict[str, Any]], column: str) -> Waveform:
    """Decode and concatenate a column's FLAC segments: float32, ``(channels, samples)``."""
    segments = [soundfile.read(io.BytesIO(row[column]), dtype="float32", always_2d=True)[0] for row in rows]
    return np.ascontiguousarray(np.concatenate(segments).T)

"""Renders a demo catalogue to disk: audio files, ``catalog.parquet``, and beside them the truth.

`plan_demo` plans, `render_song` is a task for any runner, `write_catalogue` writes the tables at the end. The same plan
gives the same bytes.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.io import wavfile

from data_manifests.storage import Store
from pipeline.demo.mastering import LOSSLESS, encode, master, relation
from pipeline.demo.plans import Content, DemoPlan, PlantedPair, SongPlan, TrackPlan
from pipeline.demo.releases import plan_demo
from pipeline.demo.songs import Performance, SongSeeds, Stems, record
from pipeline.demo.tones import Samples, seconds_to_samples

__all__ = ["DemoPlan", "RenderedSong", "SongPlan", "plan_demo", "render_song", "write_catalogue"]

CATALOG_SCHEMA = pl.Schema(
    {
        "track_id": pl.String(),
        "title": pl.String(),
        "artists": pl.List(pl.String()),
        "artist_ids": pl.List(pl.String()),
        "album": pl.String(),
        "isrc": pl.String(),
        "genre": pl.String(),
        "language": pl.String(),
        "licence": pl.String(),
        "explicit": pl.Boolean(),
        "release_date": pl.String(),
        "duration_s": pl.Float64(),
        "audio": pl.String(),
        "opt_out": pl.Boolean(),
    }
)
TRUTH_SCHEMA = pl.Schema(
    {
        "original_id": pl.String(),
        "counterpart_id": pl.String(),
        "kind": pl.String(),
        "label": pl.String(),
        "offset_s": pl.Float64(),
        "gain_db": pl.Float64(),
        "drift_ppm": pl.Float64(),
        "polarity": pl.Int64(),
        "limited": pl.Boolean(),
        "lossless": pl.Boolean(),
        "source": pl.String(),
    }
)
_NOT_AUDIO = b"<html><body><h1>403 Forbidden</h1><p>This asset is not available in your region.</p></body></html>\n"


@dataclass(frozen=True, kw_only=True)
class RenderedSong:
    """What is left to write down once a song's files lie on disk."""

    catalog_rows: list[dict[str, Any]]
    truth_rows: list[dict[str, Any]]


def render_song(directory: str, plan: SongPlan) -> RenderedSong:
    """Write a song's audio files and the true vocals of its originals below ``directory``.

    Files are written beside their place and renamed. Returns rows for `write_catalogue`.

    Raises
    ------
    OSError
        Where the directory cannot be written.
    """
    store = Store(directory)
    recordings = _Recordings()
    for track in plan.tracks:
        content = _file_content(track, recordings)
        if content is not None:
            store.write(track.label.audio, content)
    for original_id in sorted({pair.original_id for pair in plan.pairs}):
        store.write(f"truth/vocals/{original_id}.flac", _true_vocals(plan.track(original_id), recordings))
    return RenderedSong(
        catalog_rows=[asdict(track.label) for track in plan.tracks],
        truth_rows=[_truth_row(plan, pair) for pair in plan.pairs],
    )


def write_catalogue(directory: str, songs: Iterable[RenderedSong]) -> None:
    """Write ``catalog.parquet`` and ``truth.parquet``, sorted by ids so that the order of ``songs`` does not matter."""
    rendered = list(songs)
    catalog = [row for song in rendered for row in song.catalog_rows]
    truth = [row for song in rendered for row in song.truth_rows]
    _write_table(directory, "catalog.parquet", catalog, CATALOG_SCHEMA, ["track_id"])
    _write_table(directory, "truth.parquet", truth, TRUTH_SCHEMA, ["original_id", "counterpart_id"])


def _write_table(directory: str, name: str, rows: Sequence[dict[str, Any]], schema: pl.Schema, keys: list[str]) -> None:
    buffer = io.BytesIO()
    pl.DataFrame(list(rows), schema=schema).sort(keys).write_parquet(buffer)
    Store(directory).write(name, buffer.getvalue())


class _Recordings:
    """Recordings made so far: several tracks come from one session."""

    def __init__(self) -> None:
        self._stems: dict[tuple[SongSeeds, Performance], Stems] = {}

    def of(self, content: Content) -> Stems:
        """The stems that ``content`` is made from."""
        key = (content.seeds, content.performance)
        if key not in self._stems:
            self._stems[key] = record(content.seeds, content.singer, content.performance)
        return self._stems[key]


def _stem(content: Content, recordings: _Recordings) -> Samples:
    stems = recordings.of(content)
    stem: Samples = getattr(stems, content.stem)
    if content.cut_s is None:
        return stem
    start, length = (seconds_to_samples(seconds) for seconds in content.cut_s)
    return np.delete(stem, np.s_[start : start + length], axis=1)


def _file_content(track: TrackPlan, recordings: _Recordings) -> bytes | None:
    """Bytes of a track's file; None for one that is missing."""
    if track.defect == "missing":
        return None
    if track.defect == "empty":
        return b""
    if track.defect == "text":
        return _NOT_AUDIO
    mastering = track.mastering
    sound = master(_stem(track.content, recordings), mastering)
    if track.defect == "silent":
        sound = np.zeros_like(sound)
    if track.defect == "nan":
        sound[:, sound.shape[1] // 2 :] = np.nan
        return _float_wav(sound, mastering.sample_rate_hz)
    content = encode(sound, mastering.sample_rate_hz, mastering.codec)
    return content[: len(content) * 2 // 5] if track.defect == "truncated" else content


def _float_wav(sound: Samples, sample_rate_hz: int) -> bytes:
    """A WAV of 32-bit floats; libsndfile would stamp it with the time of day."""
    buffer = io.BytesIO()
    wavfile.write(buffer, sample_rate_hz, sound.T)
    return buffer.getvalue()


def _true_vocals(original: TrackPlan, recordings: _Recordings) -> bytes:
    """The vocals as they are in the original's file: its level, its start, and what its limiter did to the mixture."""
    stems = recordings.of(original.content)
    vocals = master(stems.vocals, original.mastering, within=stems.mixture)
    return encode(vocals, original.mastering.sample_rate_hz, "flac")


def _truth_row(plan: SongPlan, pair: PlantedPair) -> dict[str, Any]:
    original, counterpart = plan.track(pair.original_id), plan.track(pair.counterpart_id)
    unrelated = pair.label in ("other_song", "same_loop")
    planted = relation(original.mastering, counterpart.mastering)
    measures = dict.fromkeys(asdict(planted)) if unrelated else asdict(planted)
    both = (original.mastering, counterpart.mastering)
    return {
        **asdict(pair),
        **measures,
        "limited": any(mastering.limiter_ceiling is not None for mastering in both),
        "lossless": all(mastering.codec in LOSSLESS for mastering in both),
        "source": f"demo/{plan.number:02d}/{original.content.performance}",
    }

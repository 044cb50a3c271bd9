"""tracks: every track of a kept candidate, heard once: decoded, fingerprinted, its loudness measured."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from data_manifests.audio_files import Audio, UnusableAudio, decode_audio
from data_manifests.audio_store import AudioStore
from data_manifests.ids import content_digest
from data_manifests.schemas import TRACKS
from mining import fingerprints
from pipeline.config import TrackSettings
from pipeline.stage import BatchResult, Row, RowStage, Tables

_LOUDNESS_BLOCK_S = 0.4
"""Gating block of ITU-R BS.1770; shorter audio has no integrated loudness."""


def select(tables: Tables) -> pl.DataFrame:
    """List the tracks that any kept candidate names, each once."""
    kept = tables["candidates"].filter(pl.col("outcome") == "kept")
    named = pl.concat([kept["original_id"], kept["counterpart_id"]]).unique().alias("track_id")
    return (
        tables["proposed"]
        .join(named.to_frame(), on="track_id", how="semi")
        .select("track_id", "audio")
        .sort("track_id")
    )


def run(rows: Sequence[Row], audio: AudioStore, settings: TrackSettings) -> BatchResult:
    """Hear each track; an unusable file is a rejected row with its reason."""
    return BatchResult(rows=[{"row_index": index, **_hear(row, audio, settings)} for index, row in enumerate(rows)])


def _hear(row: Row, store: AudioStore, settings: TrackSettings) -> dict[str, Any]:
    known: dict[str, Any] = {"track_id": row["track_id"]}
    try:
        content = store.read(row["audio"])
        known["content_sha256"] = content_digest(content)
        audio = decode_audio(content, min_duration_s=settings.min_duration_s, max_duration_s=settings.max_duration_s)
    except UnusableAudio as fault:
        return {**known, "outcome": "rejected", "reason": fault.reason, "detail": fault.detail}
    codes = fingerprints.extract(audio.samples, audio.sample_rate_hz)
    return {
        **known,
        "fingerprint": codes.astype("<u4").tobytes(),
        "fingerprint_version": fingerprints.library_version(),
        "decoded_duration_s": audio.duration_s,
        "sample_rate_hz": audio.sample_rate_hz,
        "channels": audio.num_channels,
        "loudness_lufs": _loudness(audio),
        "outcome": "kept",
    }


def _loudness(audio: Audio) -> float | None:
    """Integrated loudness in LUFS; None where the gates of BS.1770 leave nothing."""
    if audio.duration_s <= _LOUDNESS_BLOCK_S:
        return None
    import pyloudnorm  # brings scipy.signal: half a second that matching a catalogue does without

    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.simplefilter("ignore")
        meter = pyloudnorm.Meter(audio.sample_rate_hz)
        loudness = float(meter.integrated_loudness(audio.samples[:5].T.astype(np.float64)))
    return loudness if math.isfinite(loudness) else None


STAGE = RowStage(
    name="tracks",
    version=1,
    inputs=("proposed", "candidates"),
    writes=TRACKS,
    settings=lambda config: config.tracks,
    select=select,
    run=run,
    stub=lambda row: {"track_id": row["track_id"]},
    batch_rows=8,
    audio_columns=("audio",),
)

"""shards: accepted pairs, decoded again, aligned, and written as segments of magnitudes.

A batch of pairs makes one file for each split it touches, named by its content.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import polars as pl

from data_manifests.audio_files import decode_audio
from data_manifests.audio_store import AudioStore
from data_manifests.ids import content_digest
from data_manifests.profiles import PROFILES
from data_manifests.schemas import SEGMENTS
from data_manifests.shard_format import shard_bytes
from mining.segments import PairAudio, cut_segments
from pipeline.config import ShardSettings
from pipeline.stage import BatchResult, Row, RowStage, Tables

_HELD_OUT = ("valid", "test")


def select(tables: Tables) -> pl.DataFrame:
    """List accepted pairs with their audio and its content digests."""
    pairs = tables["pairs"].filter(pl.col("outcome") == "accepted").drop("outcome", "reason")
    audio = (
        tables["tracks"]
        .select("track_id", "content_sha256")
        .join(tables["proposed"].select("track_id", "audio"), on="track_id")
    )
    for side in ("original", "counterpart"):
        named = audio.select(pl.col("track_id").alias(f"{side}_id"), pl.exclude("track_id").name.prefix(f"{side}_"))
        pairs = pairs.join(named, on=f"{side}_id", how="left")
    return pairs.sort("pair_id")


def run(rows: Sequence[Row], audio: AudioStore, settings: ShardSettings) -> BatchResult:
    """Cut each pair into segments; the batch's shards come back as files."""
    profile = PROFILES[settings.profile]
    outputs: list[dict[str, Any]] = []
    by_split: dict[str, list[dict[str, Any]]] = defaultdict(list)
    placed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for index, row in enumerate(rows):
        segments = _segments(row, audio, settings)
        if not segments:
            outputs.append(
                {"row_index": index, **_stub(row), "outcome": "rejected", "reason": _why_none(row, settings)}
            )
        for segment in segments:
            by_split[row["split"]].append(segment)
            placed[row["split"]].append({"row_index": index, **_entry(segment, row)})
    files: dict[str, bytes] = {}
    for split, segments in sorted(by_split.items()):
        content = shard_bytes(segments, profile, with_audio=split in _HELD_OUT)
        sha256 = content_digest(content)
        name = f"shards/{split}/{profile.name}-{sha256[:32]}.parquet"
        files[name] = content
        where = {"shard": name, "shard_bytes": len(content), "shard_sha256": sha256}
        outputs.extend({**entry, **where} for entry in placed[split])
    return BatchResult(rows=outputs, files=files)


def _segments(row: Row, store: AudioStore, settings: ShardSettings) -> list[dict[str, Any]]:
    if row["grade"] not in settings.grades:
        return []
    original = decode_audio(store.read(row["original_audio"]))
    counterpart = decode_audio(store.read(row["counterpart_audio"]))
    pair = PairAudio(
        original=original.samples,
        original_rate_hz=original.sample_rate_hz,
        counterpart=counterpart.samples,
        counterpart_rate_hz=counterpart.sample_rate_hz,
    )
    return cut_segments(
        pair,
        row,
        PROFILES[settings.profile],
        min_vocal_activity=settings.min_vocal_activity,
        with_audio=row["split"] in _HELD_OUT,
    )


def _why_none(row: Row, settings: ShardSettings) -> str:
    return "grade_not_wanted" if row["grade"] not in settings.grades else "no_segment_with_vocals"


def _entry(segment: Row, row: Row) -> dict[str, Any]:
    names = ("segment_id", "pair_id", "start_s", "num_frames", "grade", "weight")
    return {**{name: segment[name] for name in names}, "split": row["split"], "outcome": "kept"}


def _stub(row: Row) -> dict[str, Any]:
    return {
        "segment_id": f"{row['pair_id']}-none",
        "pair_id": row["pair_id"],
        "grade": row["grade"],
        "split": row["split"],
    }


STAGE = RowStage(
    name="shards",
    version=2,  # 2: what only one recording covers is silent
    inputs=("proposed", "tracks", "pairs"),
    writes=SEGMENTS,
    settings=lambda config: config.shards,
    select=select,
    run=run,
    stub=_stub,
    batch_rows=8,
)

"""evidence: every kept candidate compared by ear. Only measures; `pairs` decides."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from data_manifests.audio_files import Audio, decode_audio
from data_manifests.audio_store import AudioStore
from data_manifests.schemas import EVIDENCE
from mining.evidence import compare_recordings
from mining.evidence_settings import EvidenceSettings
from pipeline.stage import BatchResult, Row, RowStage, Tables

_HEARD = ("audio", "outcome", "reason", "fingerprint", "content_sha256")


def select(tables: Tables) -> pl.DataFrame:
    """List kept candidates, each with what is known of its two tracks; sorted so that alternatives share a batch."""
    heard = tables["tracks"].join(tables["proposed"].select("track_id", "audio"), on="track_id")
    pairs = tables["candidates"].filter(pl.col("outcome") == "kept")
    pairs = pairs.select("pair_id", "original_id", "counterpart_id", "kind")
    for side in ("original", "counterpart"):
        facts = heard.select(pl.col("track_id").alias(f"{side}_id"), pl.col(_HEARD).name.prefix(f"{side}_"))
        pairs = pairs.join(facts, on=f"{side}_id", how="left")
    return pairs.sort("original_id", "counterpart_id")


def run(rows: Sequence[Row], audio: AudioStore, settings: EvidenceSettings) -> BatchResult:
    """Compare each pair; one whose track could not be used is a rejected row that says which, and why."""
    ear = _Ear(audio)
    return BatchResult(rows=[{"row_index": index, **_measure(row, ear, settings)} for index, row in enumerate(rows)])


def _measure(row: Row, ear: "_Ear", settings: EvidenceSettings) -> dict[str, Any]:
    known: dict[str, Any] = {"pair_id": row["pair_id"]}
    for side in ("original", "counterpart"):
        if row[f"{side}_outcome"] != "kept":
            outcome = "failed" if row[f"{side}_outcome"] == "failed" else "rejected"
            return {**known, "outcome": outcome, "reason": f"{side}_{row[f'{side}_reason']}"}
    original, counterpart = ear.hear(row["original_audio"]), ear.hear(row["counterpart_audio"])
    evidence = compare_recordings(
        original.samples,
        original.sample_rate_hz,
        counterpart.samples,
        counterpart.sample_rate_hz,
        original_fingerprint=np.frombuffer(row["original_fingerprint"], dtype="<u4"),
        counterpart_fingerprint=np.frombuffer(row["counterpart_fingerprint"], dtype="<u4"),
        kind=row["kind"],
        settings=settings,
    )
    return {**known, **asdict(evidence), "outcome": "kept"}


class _Ear:
    """Decodes audio and remembers the last original, which its alternatives share."""

    def __init__(self, store: AudioStore) -> None:
        self._store = store
        self._last: dict[str, Audio] = {}

    def hear(self, path: str) -> Audio:
        if path not in self._last:
            while len(self._last) > 1:
                self._last.pop(next(iter(self._last)))
            self._last[path] = decode_audio(self._store.read(path))
        return self._last[path]


STAGE = RowStage(
    name="evidence",
    version=1,
    inputs=("proposed", "candidates", "tracks"),
    writes=EVIDENCE,
    settings=lambda config: config.evidence,
    select=select,
    run=run,
    stub=lambda row: {"pair_id": row["pair_id"]},
    batch_rows=4,
)

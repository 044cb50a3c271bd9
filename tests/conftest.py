"""A made-up mining run, small and quick, with every kind of row that an auditor may meet."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HOSTILE_TITLE = "<script>document.title = 'pwned'</script><img src=x onerror=\"document.title='pwned'\">'\"&"
_REASONS = ("too_similar", "not_aligned", "too_different")


@dataclass(frozen=True, kw_only=True)
class FakeRun:
    """Where the run lies, and clips of its pairs."""

    path: Path

    def clips(self, original_id: str, counterpart_id: str) -> tuple[Any, Any, int] | None:
        """Mixture and counterpart of a pair at 8 kHz; the pairs of one original cannot be heard."""
        if original_id == "o001":
            return None
        rng = np.random.default_rng(int(original_id[1:]))
        time_s = np.arange(9 * 8000) / 8000
        backing = sum(np.sin(2 * np.pi * f * time_s) for f in rng.uniform(100, 900, 4)) * 0.1
        backing = backing + 0.2 * rng.standard_normal(time_s.size) * np.exp(-20 * (time_s * 2 % 1))
        pitch = 300 + 60 * np.sin(2 * np.pi * 0.3 * time_s) + 8 * np.sin(2 * np.pi * 5.5 * time_s)
        phase = 2 * np.pi * np.cumsum(pitch) / 8000
        voice = sum(np.sin(k * phase) / k for k in range(1, 8)) * 0.15 * (np.sin(2 * np.pi * 0.4 * time_s) > 0)
        return (backing + voice).astype(np.float32), backing.astype(np.float32), 8000


@pytest.fixture(scope="session")
def fake_run(tmp_path_factory: pytest.TempPathFactory) -> FakeRun:
    """Write the run once for all tests, which only read it."""
    path = tmp_path_factory.mktemp("fake") / "nightly-run"
    write_fake_run(path)
    return FakeRun(path=path)


def write_fake_run(path: Path, num_pairs: int = 80) -> None:
    """Write all tables of a run with `num_pairs` kept candidates, of which two in three are accepted."""
    import polars as pl

    from data_manifests.schemas import CANDIDATES, CATALOG, EVIDENCE, PAIRS, PROPOSED, SEGMENTS, TRACKS
    from data_manifests.storage import Store
    from data_manifests.tables import conform, write_table

    rng = np.random.default_rng(0)
    pairs = [_pair(index, rng) for index in range(num_pairs)]
    catalog = [row for index in range(num_pairs) for row in _tracks(index)]
    catalog.append(
        {**_tracks(0)[0], "track_id": "opted-out", "opt_out": True, "outcome": "rejected", "reason": "opt_out"}
    )
    candidates = [
        {**pair, "title_score": 100.0, "duration_difference_s": float(rng.normal(0, 0.3)), "rank": 1}
        | {"tier": "strict", "match_score": 90.0, "original_edition_id": f"e{pair['original_id']}"}
        | {"counterpart_edition_id": f"e{pair['counterpart_id']}", "outcome": "kept", "reason": None}
        for pair in pairs
    ]
    evidence = [{**pair, "outcome": "kept", "reason": None} for pair in pairs]
    heard = [
        {"track_id": row["track_id"], "fingerprint": b"\x00" * 8, "fingerprint_version": "1.5.1"}
        | {"decoded_duration_s": 200.0, "sample_rate_hz": 44100, "channels": 2, "outcome": "kept", "reason": None}
        for row in catalog[:-1]
    ]
    segments = [_segment(pair, index) for pair in pairs if pair["outcome"] == "accepted" for index in range(3)]
    store = Store(str(path))
    tables = [
        (CATALOG, catalog), (PROPOSED, catalog[:-1]), (CANDIDATES, candidates), (TRACKS, heard),
        (EVIDENCE, evidence), (PAIRS, pairs), (SEGMENTS, segments),
    ]  # fmt: skip
    for schema, rows in tables:
        frame = pl.DataFrame(rows, infer_schema_length=None)
        known = [name for name in frame.columns if name in schema.column_names]
        write_table(store, conform(frame.select(known), schema), schema)
    _write_manifest(path, pairs, len(catalog))


def _tracks(index: int) -> list[dict[str, Any]]:
    title = HOSTILE_TITLE if index == 0 else f"Song {index}"
    shared = {
        "artists": [f"Artist {index % 31}", "Guest"], "album": "Album", "duration_s": 200.0,
        "genre": ("pop", "rap", "rock", None, "electronica")[index % 5], "licence": (None, "CC BY 4.0")[index % 2],
        "opt_out": False, "outcome": "kept", "reason": None,
    }  # fmt: skip
    original = {"track_id": f"o{index:03d}", "title": title, "audio": f"o{index}.flac", **shared}
    return [original, {**original, "track_id": f"c{index:03d}", "title": f"{title} (Instrumental)"}]


def _pair(index: int, rng: np.random.Generator) -> dict[str, Any]:
    accepted = index % 3 != 2
    quality = float(rng.uniform(6, 18))
    return {
        "pair_id": f"pair-{index:03d}", "original_id": f"o{index:03d}", "counterpart_id": f"c{index:03d}",
        "kind": "instrumental", "song_id": f"s{index:03d}",
        "bit_error_rate": float(rng.uniform(0.15, 0.36) if accepted else rng.uniform(0.3, 0.48)),
        "offset_s": float(rng.normal(0, 0.05)), "offset_uncertainty_s": 1e-5, "drift_ppm": float(rng.normal(0, 3)),
        "gain_db": float(rng.normal(0, 1.5)), "polarity": 1,
        "alignment_confidence": float(rng.uniform(0.8, 1) if accepted else rng.uniform(0, 0.5)),
        "residual_db": float(rng.normal(-28, 5) if accepted else rng.normal(-5, 3)),
        "vocal_activity": float(rng.uniform(0.3, 0.8)), "overlap_s": 195.0,
        "aligned_fraction": float(rng.uniform(0.8, 1) if accepted else rng.uniform(0, 0.6)), "num_cuts": 0,
        "speed_ratio": 1.0, "vocal_to_backing_db": -3.0, "predicted_sdr_db": quality,
        "grade": ("A" if quality > 14 else "B" if quality > 10 else "C") if accepted else None,
        "target_kind": "half_wave" if accepted else None, "recording_id": f"r{index:03d}" if accepted else None,
        "split": ("train", "train", "train", "valid", "test")[(index % 31) % 5] if accepted else None,
        "genre": ("pop", "rap", "rock", None, "electronica")[index % 5],
        "outcome": "accepted" if accepted else "rejected", "reason": None if accepted else _REASONS[index % 9 // 3],
    }  # fmt: skip


def _segment(pair: dict[str, Any], index: int) -> dict[str, Any]:
    return {
        "segment_id": f"{pair['pair_id']}-{index}", "pair_id": pair["pair_id"], "start_s": 12.0 * index,
        "num_frames": 128, "grade": pair["grade"], "weight": 1.0, "split": pair["split"],
        "shard": f"shards/{pair['split']}/a.parquet", "shard_bytes": 1000, "shard_sha256": "0" * 64,
        "outcome": "kept", "reason": None,
    }  # fmt: skip


def _write_manifest(path: Path, pairs: list[dict[str, Any]], num_tracks: int) -> None:
    from data_manifests.ids import digest

    reasons = {reason: sum(pair["reason"] == reason for pair in pairs) for reason in _REASONS}
    turned_down = sum(reasons.values())

    def stage(name: str, unit: str, rows_in: int, kept: int, failed: int = 0, **why: int) -> dict[str, Any]:
        counts = {"rows_in": rows_in, "kept": kept, "rejected": rows_in - kept - failed, "failed": failed}
        return {"name": name, "unit": unit, **counts, "reasons": why}

    content = {
        "schema_version": 1,
        "config": {"decisions": {"max_residual_db": -6.0, "min_confidence": 0.5, "too_different_bit_error_rate": 0.38}},
        "versions": {"mixminus": "0.1.0"},
        "shards": [],
        "stages": [
            stage("catalog", "tracks", num_tracks, num_tracks - 1, opt_out=1),
            stage("candidates", "tracks", num_tracks - 1, 2 * len(pairs)),
            stage("evidence", "pairs", len(pairs), len(pairs)),
            stage("pairs", "pairs", len(pairs), len(pairs) - turned_down, **reasons),
        ],
    }
    (path / "manifest.json").write_text(json.dumps({"digest": digest(content), **content}))

"""A small run on disk, as a mining run leaves it: shards of made-up magnitudes and a manifest."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_manifests.profiles import PROFILES
from data_manifests.shard_format import shard_bytes

PROFILE = PROFILES["jansson-8k"]
RunMaker = Callable[..., Path]


def made_up_segment(split: str, index: int, grade: str = "A") -> dict[str, Any]:
    """A segment in which harmonic 'vocals' come and go over a noisy backing."""
    random = np.random.default_rng([len(split), index])
    shape = (PROFILE.patch_frames, PROFILE.num_bins)
    active = np.repeat(random.random(8) < 0.6, PROFILE.patch_frames // 8)
    comb = np.zeros(PROFILE.num_bins, np.float32)
    comb[random.integers(12, 30) :: random.integers(12, 30)] = 8.0
    vocals = (active[:, None] * comb * random.uniform(0.5, 1.5, shape)).astype(np.float16)
    instrumental = random.gamma(1.0, 1.0, shape).astype(np.float16)
    return {
        "segment_id": f"{split}-{index:04d}",
        "pair_id": f"{split}-pair-{index // 5}",
        "start_s": 12.0 * (index % 5),
        "num_frames": PROFILE.patch_frames if index % 5 < 4 else 100,
        "grade": grade,
        "weight": 1.0 if grade == "A" else 0.5,
        "genre": "pop" if index % 2 else None,
        "recording_id": f"{split}-rec-{index // 5}",
        "target_kind": "half_wave",
        "predicted_sdr_db": None,
        "mixture": vocals + instrumental,
        "vocals": vocals,
        "instrumental": instrumental,
        "activity": active.astype(np.float16),
    }


def write_run(
    root: Path, rows: dict[str, Sequence[int]], *, made: Callable[..., dict[str, Any]] = made_up_segment, first: int = 0
) -> Path:
    """Write shards with the given numbers of rows for each split, and the manifest that lists them."""
    shards = []
    for split, sizes in rows.items():
        index = first
        for size in sizes:
            segments = [made(split, index + i, "AB"[(index + i) % 3 == 2]) for i in range(size)]
            index += size
            content = shard_bytes(segments, PROFILE, with_audio=False)
            sha256 = hashlib.sha256(content).hexdigest()
            path = f"shards/{split}/{PROFILE.name}-{sha256[:16]}.parquet"
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
            shards.append({"path": path, "split": split, "rows": size, "bytes": len(content), "sha256": sha256})
    values = {"schema_version": 1, "profile": PROFILE.as_dict(), "shards": shards, "config": {}}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    text = json.dumps({"digest": digest, **values})
    (root / "manifests").mkdir(parents=True, exist_ok=True)
    (root / f"manifests/{digest}.json").write_text(text)
    (root / "manifest.json").write_text(text)
    return root


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """67 training segments in three shards of several row groups, 10 for validation, none for the test split."""
    return write_run(tmp_path_factory.mktemp("run"), {"train": [30, 7, 30], "valid": [10]})


@pytest.fixture
def make_run(tmp_path: Path) -> RunMaker:
    """Write runs of other sizes: `make_run({"train": [3]}, name="other")`."""

    def make(rows: dict[str, Sequence[int]], name: str = "run", first: int = 0) -> Path:
        return write_run(tmp_path / name, rows, first=first)

    return make

"""`import training` works where only torch, numpy, pyarrow and fsspec are installed, as in a GPU container.

The lean environment is real: an interpreter without site-packages that sees symbolic links to those packages, what they
require, and our two rooms, nothing else.
"""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data_manifests.profiles import PROFILES
from data_manifests.shard_format import shard_bytes

REPO = Path(__file__).parents[2]
ALLOWED = ("torch", "numpy", "pyarrow", "fsspec")
FORBIDDEN = (
    "polars", "librosa", "dask", "distributed", "lightning", "pytorch_lightning", "soundfile", "scipy", "typer",
    "pydantic", "rich", "soxr", "av", "pandas", "mining", "pipeline", "evaluation",
)  # fmt: skip


def run_python(code: str, *options: str, path: str) -> str:
    result = subprocess.run(
        [sys.executable, *options, "-c", code],
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        cwd="/",  # the working directory is on the path of `python -c`
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A run with one shard of three segments."""
    profile = PROFILES["jansson-8k"]
    shape = (profile.patch_frames, profile.num_bins)
    rows: list[dict[str, Any]] = [
        {
            "segment_id": f"s{index}", "pair_id": "p", "start_s": 0.0, "num_frames": 128, "grade": "A", "weight": 1.0,
            "recording_id": "r", "target_kind": "half_wave", "activity": np.ones(128),
            **{name: np.full(shape, index + 1.0, np.float32) for name in ("mixture", "vocals", "instrumental")},
        }
        for index in range(3)
    ]  # fmt: skip
    content = shard_bytes(rows, profile, with_audio=False)
    (tmp_path / "run").mkdir()
    (tmp_path / "run/a.parquet").write_bytes(content)
    shard = {"path": "a.parquet", "split": "train", "rows": 3, "bytes": len(content), "sha256": ""}
    manifest = {"schema_version": 1, "digest": "d", "profile": profile.as_dict(), "shards": [shard]}
    (tmp_path / "run/manifest.json").write_text(json.dumps(manifest))
    return tmp_path / "run"


def required_distributions() -> set[str]:
    """The allowed packages and, step by step, what they require on this machine."""
    found: set[str] = set()
    waiting = list(ALLOWED)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            requirements = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # required on other systems only
        found.add(name)
        waiting += [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in requirements if "extra ==" not in text]
    return found


@pytest.fixture
def lean_path(tmp_path: Path) -> str:
    """A folder of links to the allowed distributions and to our two rooms."""
    folder = tmp_path / "lean"
    folder.mkdir()
    for name in required_distributions():
        distribution = importlib.metadata.distribution(name)
        for top in {Path(file).parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
            source = Path(str(distribution.locate_file(top)))
            if source.exists() and not (folder / top).exists():
                (folder / top).symlink_to(source)
    for room in ("training", "data_manifests"):
        (folder / room).symlink_to(REPO / room)
    return str(folder)


LOAD = """
import sys
from training import PairShards
items = list(PairShards({run!r}, seed=1, batch_size=2).loader(num_workers=1))
assert sorted(name for item in items for name in item["segment_id"]) == ["s0", "s1", "s2"]
"""
SEPARATE = """
import numpy as np, torch
from data_manifests.profiles import PROFILES
from training.checkpoints import ModelCard, save_model
from training.models import build_model
from training.separation import load_model
card = ModelCard(model="unet", target="vocals", profile=PROFILES["jansson-8k"], manifest_digest="", config={},
                 step=0, scores={})
from pathlib import Path
save_model(Path(MODEL), build_model("unet"), card)
parts = load_model(MODEL)(np.zeros((2, 9000), np.float32), 8192)
assert parts["vocals"].shape == (2, 9000)
"""


def test_shards_are_read_in_an_environment_of_four_packages(lean_path: str, run_dir: Path) -> None:
    assert not {path.name for path in Path(lean_path).iterdir()} & set(FORBIDDEN)
    run_python(LOAD.replace("{run!r}", repr(str(run_dir))), "-S", path=lean_path)


def test_models_separate_in_an_environment_of_four_packages(lean_path: str, tmp_path: Path) -> None:
    run_python(SEPARATE.replace("MODEL)", repr(str(tmp_path / "model")) + ")"), "-S", path=lean_path)


def test_nothing_else_is_imported_where_everything_is_installed(run_dir: Path) -> None:
    code = LOAD.replace("{run!r}", repr(str(run_dir))) + "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    imported = set(run_python(code, path=str(REPO)).split())
    assert imported & set(FORBIDDEN) == set()
    assert set(ALLOWED) <= imported


def test_importing_the_loader_adds_little_to_torch() -> None:
    code = """
import time
import torch, torch.utils.data, torch.distributed, numpy
start = time.process_time()
import training
print(time.process_time() - start)
"""
    assert min(float(run_python(code, path=str(REPO))) for _ in range(2)) < 1.0

"""Comparing fingerprints, against pyacoustid's own comparison of the same pairs in the same run."""

import time
from collections.abc import Callable

import acoustid
import chromaprint
import numpy as np
import pytest

from mining.fingerprints import compare

_NUM_CODES = 970
"""Two minutes: all that pyacoustid compares by default."""


def _seconds(call: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best


@pytest.mark.bench
def test_compare_against_pyacoustid(capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(0)
    first = generator.integers(0, 2**32, _NUM_CODES, dtype=np.uint32)
    second = np.roll(first, 7) ^ (generator.random(_NUM_CODES) < 0.3).astype(np.uint32)
    peers = [(120.0, chromaprint.encode_fingerprint(codes.astype(np.int64).tolist(), 1)) for codes in (first, second)]
    ours = _seconds(lambda: compare(first, second), 20)
    theirs = _seconds(lambda: acoustid.compare_fingerprints(*peers), 3)
    with capsys.disabled():
        print(f"\nfingerprint comparison: ours {ours * 1e3:.2f} ms, pyacoustid {theirs * 1e3:.1f} ms, "  # noqa: T201
              f"ratio {theirs / ours:.0f}")  # fmt: skip
    assert compare(first, second).offset_frames in (7, -7)

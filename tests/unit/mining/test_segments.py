"""Segments of a pair whose counterpart starts later and ends earlier: what only one recording has is not a voice."""

import numpy as np
import pytest

from data_manifests.profiles import PROFILES
from mining.segments import PairAudio, cut_segments

PROFILE = PROFILES["jansson-8k"]
RATE = PROFILE.sample_rate_hz


@pytest.mark.parametrize("with_audio", [False, True])
def test_uncovered_ends_are_silent_in_every_source(with_audio: bool) -> None:
    backing = np.random.default_rng(0).normal(0, 0.1, (1, 30 * RATE)).astype(np.float32)
    pair = PairAudio(
        original=backing,
        original_rate_hz=RATE,
        counterpart=backing[:, RATE : 16 * RATE],
        counterpart_rate_hz=RATE,
    )
    decided = {
        "pair_id": "p", "offset_s": -1.0, "drift_ppm": 0.0, "gain_db": 0.0, "polarity": 1, "grade": "A", "genre": None,
        "recording_id": "r", "target_kind": "waveform", "predicted_sdr_db": 20.0,
    }  # fmt: skip
    segments = cut_segments(pair, decided, PROFILE, min_vocal_activity=0.0, with_audio=with_audio)
    assert [segment["start_s"] for segment in segments] == [0.0, 12.0], "nothing is left of the third patch"
    assert max(float(segment["vocals"].max()) for segment in segments) < 0.02
    assert float(segments[0]["mixture"][20:].mean()) > 1.0
    assert float(segments[0]["mixture"][:9].max()) < 0.02

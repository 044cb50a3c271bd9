"""Evidence as a whole: kinds, degenerate audio, determinism, settings."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mining.evidence import compare_recordings
from mining.evidence_settings import EvidenceSettings

NO_CODES = np.zeros(0, dtype=np.uint32)


def measure(first: np.ndarray, second: np.ndarray, rates: tuple[int, int] = (16000, 16000), kind: str = "instrumental"):
    return compare_recordings(
        first, rates[0], second, rates[1],
        original_fingerprint=NO_CODES, counterpart_fingerprint=NO_CODES, kind=kind, settings=EvidenceSettings(),
    )  # fmt: skip


def is_plain(evidence) -> bool:
    return all(isinstance(value, (int, float)) and np.isfinite(value) for value in asdict(evidence).values())


def test_acapella_measures_the_voice(studio) -> None:
    counterpart = studio.counterpart(studio.voice, 0.0, 0.0, -1.3, -1)
    evidence = studio.compare(studio.mixture, counterpart, kind="acapella")
    assert abs(evidence.offset_s) < 2e-6
    assert abs(evidence.gain_db + 1.3) < 0.05
    assert evidence.polarity == -1
    assert evidence.residual_db < -10.0
    assert evidence.alignment_confidence == 1.0
    assert 0.05 < evidence.difference_share < 0.95
    assert is_plain(evidence)


def test_stereo_with_opposite_channels_is_heard(studio) -> None:
    sides = np.stack([studio.backing, -studio.backing]).astype(np.float32)
    evidence = measure(studio.mixture[None].astype(np.float32), sides)
    assert evidence.alignment_confidence == 1.0


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 2),
    st.integers(0, 30000),
    st.integers(0, 30000),
    st.sampled_from(["silence", "tone", "noise", "click", "constant", "huge", "tiny"]),
    st.sampled_from(["silence", "tone", "noise", "click", "constant", "huge", "tiny"]),
    st.sampled_from([8000, 16000, 44100]),
    st.sampled_from(["instrumental", "acapella"]),
)
def test_never_raises_on_finite_audio(channels, first_samples, second_samples, first, second, rate, kind) -> None:
    def make(what: str, samples: int) -> np.ndarray:
        noise = np.random.default_rng(samples).standard_normal((channels, samples))
        sounds = {
            "silence": np.zeros((channels, samples)),
            "tone": np.tile(np.sin(0.1 * np.arange(samples)), (channels, 1)),
            "noise": 0.1 * noise,
            "click": np.eye(1, samples, samples // 2).repeat(channels, 0) if samples else noise,
            "constant": np.ones((channels, samples)),
            "huge": 1e30 * noise,
            "tiny": 1e-30 * noise,
        }
        return sounds[what].astype(np.float32)

    evidence = measure(make(first, first_samples), make(second, second_samples), (rate, 16000), kind)
    assert is_plain(evidence)
    assert evidence.alignment_confidence == 0.0


def test_long_silence_and_tones_give_no_confidence() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 / 16000 * np.arange(16000 * 20))[None].astype(np.float32)
    other = 0.3 * np.sin(2 * np.pi * 523 / 16000 * np.arange(16000 * 20))[None].astype(np.float32)
    for first, second in ((tone, other), (tone, 0 * tone), (0 * tone, 0 * tone)):
        assert measure(first, second).alignment_confidence < 0.5


def test_same_result_twice_and_for_either_channel_count(studio) -> None:
    mixture, backing = (np.atleast_2d(s).astype(np.float32) for s in (studio.mixture, studio.backing))
    once = measure(mixture, backing)
    assert once == measure(mixture.copy(), backing.copy())
    doubled = measure(np.repeat(mixture, 2, 0), backing)
    assert doubled.offset_s == pytest.approx(once.offset_s, abs=1e-9)
    assert doubled.gain_db == pytest.approx(once.gain_db, abs=1e-4)


def test_far_offsets_are_found_by_the_fingerprints(studio) -> None:
    intro = studio.make_backing(14.0, 31)
    evidence = studio.compare(studio.mixture, np.concatenate([intro, studio.backing]))
    assert abs(evidence.offset_s - 14.0) < 2e-6
    assert evidence.alignment_confidence == 1.0


def test_settings_refuse_unknown_keys_and_bad_values() -> None:
    adapter = TypeAdapter(EvidenceSettings)
    assert adapter.validate_python({"search_reach_s": 5.0}).search_reach_s == 5.0
    with pytest.raises(ValidationError, match="search_reach"):
        adapter.validate_python({"search_reach": 5.0})
    with pytest.raises(ValidationError, match="greater than 0"):
        adapter.validate_python({"search_reach_s": 0.0})

"""Targets from aligned pairs against the true voice."""

from dataclasses import asdict

import numpy as np
import pytest
import soxr

from mining import spectra
from mining.targets import (
    Placement,
    activity,
    align_counterpart,
    choose_target_kind,
    half_wave_target,
    waveform_target,
)


def sdr_db(truth: np.ndarray, estimate: np.ndarray) -> float:
    return float(10 * np.log10(np.sum(np.abs(truth) ** 2) / np.sum(np.abs(truth - estimate) ** 2)))


def placed(studio, evidence, counterpart: np.ndarray) -> np.ndarray:
    samples = len(studio.mixture)
    track = counterpart[None].astype(np.float32)
    return align_counterpart(track, studio.rate_hz, studio.rate_hz, evidence.placement, samples)[0]


@pytest.mark.parametrize(("offset_s", "drift_ppm", "polarity"), [(0.31234, 0.0, 1), (0.2, 60.0, -1), (0.1, -150.0, 1)])
def test_waveform_voice_is_clean_on_lossless_pairs(studio, offset_s, drift_ppm, polarity) -> None:
    counterpart = studio.counterpart(studio.backing, offset_s, drift_ppm, -2.0, polarity)
    aligned = placed(studio, studio.compare(studio.mixture, counterpart), counterpart)
    voice = waveform_target(studio.mixture[None].astype(np.float32), aligned[None])[0]
    inside = slice(1000, -8000)
    assert sdr_db(studio.voice[inside], voice[inside]) > 35.0


def test_half_wave_loses_little_against_perfect_knowledge(studio) -> None:
    counterpart = studio.counterpart(studio.backing, -0.2, 20.0, 1.0)
    aligned = placed(studio, studio.compare(studio.mixture, counterpart), counterpart)
    mix, ours, truth, voice = (
        spectra.stft(s.astype(np.float32)[4000:-4000], 1024, 768)
        for s in (studio.mixture, aligned, studio.backing, studio.voice)
    )
    phase = mix / np.maximum(np.abs(mix), 1e-12)
    scores = [sdr_db(voice, phase * half_wave_target(np.abs(mix), np.abs(b))) for b in (ours, truth)]
    assert abs(scores[0] - scores[1]) < 0.1
    assert scores[1] > 6.0


def test_placement_follows_the_contract_formula_across_rates() -> None:
    # a slow tone whose phase tells the position: counterpart(u) = sin(2 pi 200 u), read at t + offset + drift t
    time = np.arange(44100 * 4) / 44100
    counterpart = np.sin(2 * np.pi * 200 * time)[None].astype(np.float32)
    placement = Placement(offset_s=0.0123, drift_ppm=100.0, gain_db=-6.0, polarity=-1)
    read = align_counterpart(counterpart, 44100, 8192, placement, 8192 * 3)[0]
    t = np.arange(8192 * 3) / 8192
    wanted = -(10 ** (-6 / 20)) * np.sin(2 * np.pi * 200 * (t + 0.0123 + 1e-4 * t))
    assert np.abs(read - wanted)[500:-500].max() < 1e-3


def test_nothing_is_changed_where_nothing_differs() -> None:
    track = np.random.default_rng(0).standard_normal((2, 5000)).astype(np.float32)
    placement = Placement(offset_s=0.0, drift_ppm=0.0, gain_db=0.0, polarity=1)
    np.testing.assert_array_equal(align_counterpart(track, 8192, 8192, placement, 5000), track)


def test_resampled_counterparts_land_on_the_resampled_original(studio) -> None:
    counterpart = soxr.resample(studio.counterpart(studio.backing, 0.1), 16000, 44100, quality="VHQ")[None]
    placement = Placement(offset_s=0.1, drift_ppm=0.0, gain_db=0.0, polarity=1)
    original = soxr.resample(studio.backing, 16000, 8192, quality="HQ")
    read = align_counterpart(counterpart.astype(np.float32), 44100, 8192, placement, len(original))[0]
    inside = slice(500, -2000)
    assert sdr_db(original[inside], read[inside]) > 50.0


def test_half_wave_never_falls_below_zero() -> None:
    target = half_wave_target(np.array([[1.0, 2.0]], dtype=np.float32), np.array([[3.0, 0.5]], dtype=np.float32))
    np.testing.assert_array_equal(target, [[0.0, 1.5]])
    assert target.dtype == np.float32


def test_activity_marks_the_sung_frames(studio) -> None:
    voice, mix = (np.abs(spectra.stft(s.astype(np.float32), 1024, 768)) for s in (studio.voice, studio.mixture))
    truth = np.array(
        [np.abs(studio.voice[max(k * 768 - 384, 0) : k * 768 + 384]).max() > 1e-3 for k in range(len(voice))]
    )
    found = activity(voice, mix)
    assert set(np.unique(found)) == {0.0, 1.0}
    hits = (truth & (found > 0)).sum()
    assert 2 * hits / (truth.sum() + (found > 0).sum()) > 0.9
    assert not activity(0 * voice, mix).any()


def test_target_kind_follows_the_predictions(studio) -> None:
    clean = asdict(studio.compare(studio.mixture, studio.counterpart(studio.backing, 0.1)))
    assert choose_target_kind(clean, "instrumental") == "waveform"
    assert choose_target_kind(clean, "acapella") == "acapella"
    assert choose_target_kind(clean | {"waveform_sdr_db": 3.0}, "instrumental") == "half_wave"

"""Oracles and baselines on songs whose best separation is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.baselines import HpssHarmonic, HpssTwoStage, RepetSim, baselines
from evaluation.oracles import ConstantMask, IdealMask, MinedTargetMask, Mixture, masked, oracles
from evaluation.scores import usdr
from evaluation.songs import Estimator, Song
from evaluation.spectrograms import spectrogram, window_samples

RATE = 8192


def tone(frequency_hz: float, seconds: float = 3.0) -> NDArray[np.float32]:
    time_s = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)[None]


def apart() -> Song:
    """A voice and a backing that share no bin, with the backing twice as loud."""
    vocals, instrumental = tone(600), 2 * tone(2000)
    return Song(
        track_id="apart",
        mixture=vocals + instrumental,
        references={"vocals": vocals, "instrumental": instrumental},
        sample_rate_hz=RATE,
        reference_kind="true stems",
    )


def without_vocals(song: Song) -> Song:
    return Song(
        track_id=song.track_id,
        mixture=song.mixture,
        references={"instrumental": song.references["instrumental"]},
        sample_rate_hz=song.sample_rate_hz,
        reference_kind="mined reference",
    )


@pytest.mark.parametrize("oracle", [IdealMask(kind="IBM"), IdealMask(), IdealMask(kind="IRM-2"), MinedTargetMask()])
@pytest.mark.parametrize("mined", [False, True])
def test_masks_separate_what_shares_no_bin(oracle: Estimator, mined: bool) -> None:
    song = apart()
    estimates = oracle(without_vocals(song) if mined else song)
    for target in ("vocals", "instrumental"):
        assert usdr(song.references[target], estimates[target]) > 25


def test_masks_add_up_to_the_mixture() -> None:
    song = apart()
    estimates = IdealMask()(song)
    np.testing.assert_allclose(estimates["vocals"] + estimates["instrumental"], song.mixture, atol=1e-6)


def test_a_mask_of_ones_gives_the_mixture_back() -> None:
    song = apart()
    n_fft = window_samples(RATE)
    mask = np.ones(spectrogram(song.mixture, n_fft).shape, dtype=np.float32)
    np.testing.assert_allclose(masked(song, mask, n_fft)["vocals"], song.mixture, atol=1e-5)


def test_constant_mask_is_the_best_constant() -> None:
    song = apart()
    estimate = ConstantMask()(song)["vocals"]
    factor = float(np.vdot(estimate, song.mixture) / np.vdot(song.mixture, song.mixture))
    assert factor == pytest.approx(0.2, abs=1e-3)
    best = usdr(song.references["vocals"], estimate)
    for other in (0.0, factor - 0.05, factor + 0.05, 1.0):
        assert usdr(song.references["vocals"], np.float32(other) * song.mixture) < best


def test_constant_mask_without_vocal_reference_takes_what_is_left() -> None:
    song = apart()
    estimates = ConstantMask()(without_vocals(song))
    np.testing.assert_allclose(estimates["vocals"] + estimates["instrumental"], song.mixture, atol=1e-6)


def test_mixture_scores_the_input_ratio() -> None:
    song = apart()
    assert usdr(song.references["instrumental"], Mixture()(song)["instrumental"]) == pytest.approx(6.02, abs=0.01)


def test_band_limited_oracle_leaves_the_top_to_the_instrumental() -> None:
    song = apart()
    estimates = IdealMask(below_hz=500)(song)
    assert usdr(song.mixture, estimates["instrumental"]) > 20
    assert IdealMask(below_hz=500).name == "IRM-1 below 500 Hz"


def test_hpss_harmonic_takes_steady_tones_from_clicks() -> None:
    vocals, clicks = tone(600), np.zeros((1, 3 * RATE), dtype=np.float32)
    clicks[0, :: RATE // 4] = 1.0
    song = Song(
        track_id="t",
        mixture=vocals + clicks,
        references={"vocals": vocals, "instrumental": clicks},
        sample_rate_hz=RATE,
        reference_kind="true stems",
    )
    assert usdr(vocals, HpssHarmonic()(song)["vocals"]) > usdr(vocals, song.mixture) + 3


def test_hpss_two_stage_takes_a_vibrato_from_a_chord() -> None:
    time_s = np.arange(4 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(500 + 80 * np.sin(2 * np.pi * 3 * time_s)) / RATE
    vocals = (0.3 * np.sin(phase)).astype(np.float32)[None]
    chord = tone(220, 4.0) + tone(330, 4.0) + tone(1500, 4.0)
    song = Song(
        track_id="t",
        mixture=vocals + chord,
        references={"vocals": vocals, "instrumental": chord},
        sample_rate_hz=RATE,
        reference_kind="true stems",
    )
    estimates = HpssTwoStage()(song)
    assert usdr(vocals, estimates["vocals"]) > usdr(vocals, song.mixture) + 6
    assert usdr(chord, estimates["instrumental"]) > usdr(chord, song.mixture) + 3


def test_repet_finds_what_does_not_recur() -> None:
    beat = np.tile(0.5 * np.random.default_rng(0).standard_normal(RATE), 12).astype(np.float32)[None]
    vocals = np.zeros_like(beat)
    vocals[:, 6 * RATE : 8 * RATE] = tone(900, 2.0)
    song = Song(
        track_id="t",
        mixture=vocals + beat,
        references={"vocals": vocals, "instrumental": beat},
        sample_rate_hz=RATE,
        reference_kind="true stems",
    )
    assert usdr(vocals, RepetSim()(song)["vocals"]) > usdr(vocals, song.mixture) + 10


@pytest.mark.parametrize("estimator", [*oracles().values(), *baselines().values()], ids=lambda e: e.name)
@pytest.mark.parametrize("samples", [1, 700, 3000])
def test_short_and_silent_songs_do_no_harm(estimator: Estimator, samples: int) -> None:
    silence = np.zeros((2, samples), dtype=np.float32)
    for audio in (silence, np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)):
        song = Song(
            track_id="t",
            mixture=audio,
            references={"vocals": audio, "instrumental": silence},
            sample_rate_hz=RATE,
            reference_kind="true stems",
        )
        for estimate in estimator(song).values():
            assert estimate.shape == audio.shape
            assert np.isfinite(estimate).all()

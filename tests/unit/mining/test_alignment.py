"""Planted offsets, drifts, polarities, cuts and rates are recovered."""

import numpy as np
import pytest
import soxr

from mining.alignment import align
from mining.block_lags import BlockPlan
from mining.fine_lags import fit_line
from mining.warping import read_at


def misalignment_s(evidence, offset_s: float, drift_ppm: float, duration_s: float) -> float:
    """Give the largest error of the lag anywhere along the song."""
    times = np.array([0.0, duration_s])
    error = evidence.offset_s - offset_s + 1e-6 * (evidence.drift_ppm - drift_ppm) * times
    return float(np.abs(error).max())


@pytest.mark.parametrize(
    ("offset_s", "drift_ppm", "polarity", "within_s"),
    [
        (0.0, 0.0, 1, 2e-6),
        (0.2384375, 0.0, 1, 2e-6),
        (-0.5312345, 0.0, -1, 2e-6),
        (4.7, 0.0, 1, 2e-6),
        (-3.3333, 20.0, 1, 5e-6),
        (0.1, 60.0, -1, 5e-6),
        (0.1, -200.0, 1, 10e-6),
    ],
)
def test_offset_and_drift_to_microseconds(studio, offset_s, drift_ppm, polarity, within_s) -> None:
    counterpart = studio.counterpart(studio.backing, offset_s, drift_ppm, 1.5, polarity)
    evidence = studio.compare(studio.mixture, counterpart)
    assert misalignment_s(evidence, offset_s, drift_ppm, studio.duration_s) < within_s
    assert evidence.polarity == polarity
    assert evidence.alignment_confidence == 1.0
    assert evidence.num_cuts == 0


@pytest.mark.parametrize("kind", ["mp3", "ogg"])
def test_lossy_copies_align_after_the_codecs_own_delay(studio, kind) -> None:
    counterpart = studio.through_codec(studio.counterpart(studio.backing, 0.3), kind)
    delay_s = studio.compare(studio.backing, studio.through_codec(studio.backing, kind)).offset_s
    evidence = studio.compare(studio.through_codec(studio.mixture, kind), counterpart)
    assert misalignment_s(evidence, 0.3 + delay_s * 0.0, 0.0, studio.duration_s) < 20e-6 + abs(delay_s)


def test_separate_limiters_do_not_move_the_offset(studio) -> None:
    counterpart = studio.limit(studio.counterpart(studio.backing, -0.2), 0.15)
    evidence = studio.compare(studio.limit(studio.mixture, 0.2), counterpart)
    assert misalignment_s(evidence, -0.2, 0.0, studio.duration_s) < 20e-6


def test_a_voice_much_louder_than_the_backing(studio) -> None:
    evidence = studio.compare(studio.backing + 4.0 * studio.voice, studio.counterpart(studio.backing, 0.123))
    assert misalignment_s(evidence, 0.123, 0.0, studio.duration_s) < 2e-6


@pytest.mark.parametrize("counterpart_hz", [44100, 48000, 22050])
def test_sample_rates_may_differ(studio, counterpart_hz) -> None:
    counterpart = soxr.resample(studio.counterpart(studio.backing, 0.25), studio.rate_hz, counterpart_hz, quality="VHQ")
    evidence = studio.compare(studio.mixture, np.stack([counterpart, counterpart]), counterpart_hz=counterpart_hz)
    assert misalignment_s(evidence, 0.25, 0.0, studio.duration_s) < 2e-6


def test_a_cut_in_the_middle_is_seen_and_its_first_part_measured(studio) -> None:
    backing = studio.counterpart(studio.backing, 0.3)
    counterpart = np.delete(backing, slice(int(13 * studio.rate_hz), int(15.9 * studio.rate_hz)))
    evidence = studio.compare(studio.mixture, counterpart)
    assert evidence.num_cuts == 1
    assert abs(evidence.offset_s - 0.3) < 2e-6
    assert 9.0 < evidence.overlap_s < 14.0


def test_silent_passages_of_the_backing_are_no_cuts(studio) -> None:
    backing = studio.backing.copy()
    backing[int(8 * studio.rate_hz) : int(14 * studio.rate_hz)] = 0.0
    evidence = studio.compare(backing + studio.voice, studio.counterpart(backing, 0.4))
    assert (evidence.num_cuts, evidence.alignment_confidence) == (0, 1.0)
    assert misalignment_s(evidence, 0.4, 0.0, studio.duration_s) < 2e-6


def test_a_perfect_loop_aligns_at_the_lag_nearest_to_zero(studio) -> None:
    bar = studio.make_backing(3.0, 5)
    loop = np.tile(bar, 8)
    evidence = studio.compare(loop + studio.voice, studio.counterpart(loop, 0.05))
    assert evidence.num_cuts == 0
    assert misalignment_s(evidence, 0.05, 0.0, studio.duration_s) < 2e-6


def test_other_songs_have_no_confidence(studio) -> None:
    evidence = studio.compare(studio.mixture, studio.make_backing(24.0, 9))
    assert evidence.alignment_confidence < 0.1
    assert evidence.chain_fraction < 0.2


def test_uncertainty_covers_the_error(studio) -> None:
    for seed in (11, 12, 13):
        mixture = studio.through_codec(studio.backing + studio.make_voice(24.0, seed), "ogg")
        evidence = studio.compare(mixture, studio.through_codec(studio.counterpart(studio.backing, 0.3, 60.0), "ogg"))
        error = misalignment_s(evidence, 0.3, 60.0, studio.duration_s)
        assert error < 6.0 * evidence.offset_uncertainty_s + 1e-6
        assert evidence.offset_uncertainty_s < 5e-6


def test_short_signals_give_an_alignment_without_blocks() -> None:
    noise = np.random.default_rng(0).standard_normal(3000).astype(np.float32)
    found, frames = align(noise, noise, 16000, centre_s=0.0, plan=BlockPlan())
    assert found.chain_blocks <= 1
    assert frames.num_frames < 32


def test_line_fit_ignores_a_third_of_outliers() -> None:
    rng = np.random.default_rng(3)
    times = np.linspace(0.0, 200.0, 90)
    lags = 0.01 + 4e-5 * times + rng.normal(0, 1e-6, 90)
    lags[::3] += rng.uniform(-1e-3, 1e-3, 30)
    line, scale = fit_line(times, lags, np.ones(90), 1e-7)
    assert abs(line.offset_s - 0.01) < 1e-6
    assert abs(line.drift - 4e-5) < 1e-8
    assert scale < 5e-6


@pytest.mark.parametrize(("first", "drift"), [(0.25, 0.0), (-7.6, 6e-5), (12.1, -2e-4), (3.0, 0.0)])
def test_reading_at_fractions_against_a_known_function(first: float, drift: float) -> None:
    def sound(position):
        return np.sin(0.31 * position) + 0.5 * np.cos(2.6 * position + 1.0)

    signal = np.stack([sound(np.arange(6000.0)), -sound(np.arange(6000.0))]).astype(np.float32)
    read = read_at(signal, first, drift, 5800)
    wanted = sound(first + (1 + drift) * np.arange(5800))
    assert np.abs(read[0] - wanted)[200:-200].max() < 1e-4
    np.testing.assert_allclose(read[1], -read[0], atol=1e-6)


def test_reading_beyond_the_signal_gives_zeros_and_wild_drifts_are_refused() -> None:
    signal = np.ones((1, 100), dtype=np.float32)
    assert not read_at(signal, 1000.5, 0.0, 50).any()
    np.testing.assert_array_equal(read_at(signal, -10.0, 0.0, 20)[0], [0.0] * 10 + [1.0] * 10)
    with pytest.raises(ValueError, match="got 1000 ppm"):
        read_at(signal, 0.0, 1e-3, 50)

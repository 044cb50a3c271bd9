"""Gain, residual, activity and the marks of duplicates and kept vocals."""

import numpy as np
import pytest

from mining.cell_fit import fit_cells
from mining.levels import measure_levels
from mining.paired_frames import LagLine, pair_frames


@pytest.mark.parametrize("gain_db", [-3.0, 0.0, 2.2])
@pytest.mark.parametrize("voice", [0.5, 1.0, 2.0])
def test_gain_is_not_biased_by_the_voice(studio, gain_db: float, voice: float) -> None:
    evidence = studio.compare(
        studio.backing + voice * studio.voice, studio.counterpart(studio.backing, 0.2, 0.0, gain_db)
    )
    assert abs(evidence.gain_db - gain_db) < 0.02
    assert evidence.gain_uncertainty_db < 0.1
    assert evidence.residual_db < -40.0


def test_gain_holds_at_any_recording_level(studio) -> None:
    evidence = studio.compare(1e-3 * studio.mixture, 50.0 * studio.backing)
    assert abs(evidence.gain_db - 20 * np.log10(1e-3 / 50.0)) < 0.02
    assert evidence.alignment_confidence == 1.0


def test_limited_gain_stays_close(studio) -> None:
    counterpart = studio.limit(studio.counterpart(studio.backing, 0.2, 0.0, 2.0), 0.25)
    evidence = studio.compare(studio.limit(studio.mixture, 0.3), counterpart)
    assert abs(evidence.gain_db - 2.0) < 0.5


def test_activity_finds_the_frames_with_voice(studio) -> None:
    mixture, backing = studio.mixture.astype(np.float32), studio.backing.astype(np.float32)
    frames = pair_frames(mixture, backing, studio.rate_hz, LagLine(offset_s=0.0, drift=0.0))
    levels = measure_levels(frames, 1.0, "instrumental")
    half = int(frames.frame_s / 2 * studio.rate_hz)
    centres = np.rint(frames.times_s * studio.rate_hz).astype(int)
    energy = np.array([np.mean(studio.voice[c - half : c + half] ** 2) for c in centres])
    truth = energy > 1e-3 * np.quantile(energy, 0.95)
    hits = (truth & levels.active).sum()
    assert 2 * hits / (truth.sum() + levels.active.sum()) > 0.9
    assert abs(levels.vocal_to_backing_db - 10 * np.log10(energy[truth].mean() / np.mean(studio.backing**2))) < 2.0


@pytest.mark.parametrize("spoil", ["nothing", "mp3", "ogg", "limiters"])
def test_duplicates_leave_nothing_of_their_own(studio, spoil: str) -> None:
    first, second = studio.mixture, studio.counterpart(studio.mixture, 0.2, 0.0, 2.7)
    if spoil == "limiters":
        first, second = studio.limit(first, 0.3), studio.limit(second, 0.2)
    elif spoil != "nothing":
        second = studio.through_codec(second, spoil)
    assert studio.compare(first, second).difference_share < 0.01


@pytest.mark.parametrize("level_db", [-12.0, -6.0, 0.0, 10.0])
def test_voices_own_cells_even_when_quiet(studio, level_db: float) -> None:
    mixture = studio.through_codec(studio.backing + studio.make_voice(24.0, 4, level_db=level_db), "mp3")
    evidence = studio.compare(mixture, studio.counterpart(studio.backing, 0.2))
    assert evidence.difference_share > 0.015
    assert evidence.counterpart_only_share < 0.1


def test_a_counterpart_that_sings_too_is_marked(studio) -> None:
    counterpart = studio.backing + studio.make_voice(24.0, 77)
    assert studio.compare(studio.mixture, counterpart).counterpart_only_share > 0.15


def test_gain_spread_tells_limiters(studio) -> None:
    plain = studio.compare(studio.mixture, studio.backing).gain_spread_db
    limited = studio.compare(studio.limit(studio.mixture, 0.2), studio.backing).gain_spread_db
    assert plain < 0.02 < limited


def test_cell_fit_recovers_a_planted_gain_and_slope(studio) -> None:
    frames = pair_frames(
        studio.mixture.astype(np.float32), -0.5 * studio.backing.astype(np.float32), studio.rate_hz,
        LagLine(offset_s=2e-5, drift=0.0),
    )  # fmt: skip
    fit = fit_cells(frames, -1.5, 6)
    assert fit.gain == pytest.approx(-2.0, rel=2e-3)
    assert abs(fit.line.offset_s + 2e-5) < 1e-6
    assert abs(fit.line.drift) < 1e-7

"""Rows of scores: values against their definitions, and every missing value counted with its reason."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.scores import log_spectral_distance_db, missing_rows, score_song, si_sdr, usdr
from evaluation.songs import Song, fitted

RATE = 4000


def noise(seed: int, channels: int = 2, seconds: float = 4.0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((channels, int(seconds * RATE))).astype(np.float32)


def make_song(**changes: object) -> Song:
    vocals, instrumental = noise(0), noise(1)
    values: dict[str, object] = {
        "track_id": "t",
        "mixture": vocals + instrumental,
        "references": {"vocals": vocals, "instrumental": instrumental},
        "sample_rate_hz": RATE,
        "reference_kind": "true stems",
    }
    return Song(**(values | changes))  # type: ignore[arg-type]


def values_of(rows: list, target: str) -> dict[str, float | None]:
    return {row.metric: row.value for row in rows if row.target == target}


def test_mixture_of_equal_levels_scores_zero() -> None:
    song = make_song()
    rows = score_song(song, {"vocals": song.mixture, "instrumental": song.mixture}, system="mixture")
    found = values_of(rows, "vocals")
    for metric in ("bsseval_v4_sdr", "bsseval_v4_sdr_all_frames", "usdr"):
        assert found[metric] == pytest.approx(0.0, abs=0.3)
    assert found["nsdr_usdr"] == pytest.approx(0.0, abs=1e-9)
    assert all(row.num_frames == 4 for row in rows if row.metric.startswith("bsseval"))


def test_scores_of_known_error() -> None:
    song = make_song()
    estimate = song.references["vocals"] + 0.1 * noise(2)
    found = values_of(score_song(song, {"vocals": estimate}, system="s"), "vocals")
    assert found["usdr"] == pytest.approx(20.0, abs=0.2)
    assert found["si_sdr"] == pytest.approx(20.0, abs=0.2)
    assert found["bsseval_v4_sir"] is None


def test_si_sdr_ignores_scale_and_usdr_does_not() -> None:
    reference = noise(0)
    assert si_sdr(reference, reference + noise(1)) == pytest.approx(
        si_sdr(reference, 3 * (reference + noise(1))), abs=1e-4
    )
    assert usdr(reference, 2 * reference) == pytest.approx(0.0, abs=1e-4)
    assert si_sdr(reference, np.zeros_like(reference)) == -np.inf


def test_gate_is_counted_and_does_not_flatter() -> None:
    song = make_song()
    estimate = song.references["vocals"] + 0.1 * noise(2)
    estimate[:, :RATE] = 0
    estimate[:, 2 * RATE : 3 * RATE] = 0
    rows = score_song(song, {"vocals": estimate, "instrumental": song.references["instrumental"]}, system="gate")
    museval_row = next(r for r in rows if r.target == "vocals" and r.metric == "bsseval_v4_sdr")
    honest_row = next(r for r in rows if r.target == "vocals" and r.metric == "bsseval_v4_sdr_all_frames")
    assert (museval_row.num_frames, museval_row.num_excluded) == (4, 2)
    assert honest_row.num_excluded == 0
    assert museval_row.value == pytest.approx(20.0, abs=0.5)
    assert honest_row.value == pytest.approx(10.0, abs=0.5)


def test_silent_reference_gives_rows_without_values() -> None:
    silent = np.zeros_like(noise(0))
    song = make_song(references={"vocals": silent, "instrumental": noise(1)}, mixture=noise(1))
    rows = score_song(song, {"vocals": 0.1 * noise(2), "instrumental": noise(1)}, system="s")
    vocals = [row for row in rows if row.target == "vocals"]
    assert all(row.value is None and row.note and row.num_excluded for row in vocals)
    instrumental = values_of(rows, "instrumental")
    assert instrumental["bsseval_v4_sdr"] is None
    assert instrumental["usdr"] is not None


def test_left_minus_right_is_scored_beside_museval() -> None:
    left = noise(0, channels=1)
    wide = np.concatenate([left, -left])
    song = make_song(references={"vocals": wide, "instrumental": noise(1)}, mixture=wide + noise(1))
    found = values_of(
        score_song(song, {"vocals": wide + 0.1 * noise(3), "instrumental": noise(1)}, system="s"), "vocals"
    )
    assert found["bsseval_v4_sdr"] is None
    assert found["bsseval_v4_sdr_all_frames"] == pytest.approx(20.0, abs=0.5)


def test_magnitude_reference_gives_spectral_scores_only() -> None:
    song = make_song(references={"instrumental": noise(1)}, reference_kind="mined reference")
    found = values_of(score_song(song, {"vocals": noise(0)}, system="s"), "vocals")
    assert found["lsd_db_half_wave"] is not None
    assert found["usdr"] is None
    assert not any(metric.startswith("bsseval") for metric in found)


def test_log_spectral_distance() -> None:
    magnitudes = np.abs(np.random.default_rng(0).standard_normal((1, 5, 9))).astype(np.float32) + 0.5
    assert log_spectral_distance_db(magnitudes, magnitudes) == 0
    assert log_spectral_distance_db(magnitudes, 10 * magnitudes) == pytest.approx(20.0, abs=1e-4)
    assert log_spectral_distance_db(0 * magnitudes, magnitudes) is None


def test_mono_and_short_estimates_are_fitted() -> None:
    like = noise(0)
    found = fitted(noise(1, channels=1)[:, :100], like)
    assert found.shape == like.shape
    np.testing.assert_array_equal(found[0], found[1])
    assert not found[:, 100:].any()
    with pytest.raises(ValueError, match="3 channels"):
        fitted(noise(1, channels=3), like)


def test_estimates_that_are_not_finite_are_refused() -> None:
    song = make_song()
    with pytest.raises(ValueError, match="NaN"):
        score_song(song, {"vocals": np.full_like(song.mixture, np.nan)}, system="s")


def test_missing_system_is_counted() -> None:
    rows = missing_rows(make_song(), "model", "ran out of memory")
    assert {row.target for row in rows} == {"vocals", "instrumental"}
    assert all(row.value is None and row.num_excluded == 1 and row.note == "ran out of memory" for row in rows)


def test_song_refuses_disagreeing_shapes() -> None:
    with pytest.raises(ValueError, match="one shape"):
        make_song(mixture=noise(0, channels=1))
    with pytest.raises(ValueError, match="references"):
        make_song(references={})

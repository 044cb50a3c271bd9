"""Planted pairs are accepted; every planted fault is turned down under its name."""

from dataclasses import asdict

import numpy as np
import pytest
import soxr

from mining.decisions import REASONS, DecisionRules, decide


def verdict(studio, original: np.ndarray, counterpart: np.ndarray, kind: str = "instrumental") -> str | None:
    return decide(asdict(studio.compare(original, counterpart, kind)), kind, DecisionRules())


@pytest.mark.parametrize("level_db", [-10.0, 0.0, 12.0])
@pytest.mark.parametrize("spoil", ["nothing", "mp3", "ogg", "limiters"])
def test_true_pairs_are_accepted(studio, level_db: float, spoil: str) -> None:
    mixture = studio.backing + studio.make_voice(24.0, 21, level_db=level_db)
    counterpart = studio.counterpart(studio.backing, -0.4, 40.0, 1.0, -1)
    if spoil == "limiters":
        mixture, counterpart = studio.limit(mixture, 0.35), studio.limit(counterpart, 0.25)
    elif spoil != "nothing":
        mixture, counterpart = studio.through_codec(mixture, spoil), studio.through_codec(counterpart, spoil)
    assert verdict(studio, mixture, counterpart) is None


def test_acapellas_are_accepted_and_full_mixes_sold_as_such_are_not(studio) -> None:
    assert verdict(studio, studio.mixture, studio.counterpart(studio.voice, 0.1), "acapella") is None
    assert verdict(studio, studio.mixture, studio.counterpart(studio.mixture, 0.1), "acapella") == "too_similar"
    same_backing = studio.backing + studio.make_voice(24.0, 55)
    assert verdict(studio, studio.mixture, same_backing, "acapella") == "not_aligned"


def test_duplicates_are_too_similar(studio) -> None:
    counterpart = studio.through_codec(studio.counterpart(studio.mixture, 0.5, 20.0, 2.7), "mp3")
    assert verdict(studio, studio.mixture, counterpart) == "too_similar"


def test_other_songs_are_turned_down(studio) -> None:
    assert verdict(studio, studio.mixture, studio.make_backing(24.0, 9)) == "too_different"


def test_another_song_on_the_same_chords_and_tempo_is_not_aligned(studio) -> None:
    other = studio.make_backing(24.0, 8, chords_of=1)
    assert verdict(studio, studio.mixture, other) in {"not_aligned", "too_different"}


@pytest.mark.parametrize("speed", [1.005, 1.01, 0.98])
def test_stretched_copies_are_turned_down(studio, speed: float) -> None:
    stretched = soxr.resample(studio.backing, studio.rate_hz * speed, studio.rate_hz, quality="HQ")
    assert verdict(studio, studio.mixture, stretched) in {"speed_differs", "not_aligned"}


def test_a_change_of_speed_is_measured_and_named(studio) -> None:
    stretched = soxr.resample(studio.backing, studio.rate_hz, studio.rate_hz * 1.005, quality="HQ")
    evidence = studio.compare(studio.mixture, stretched)
    assert evidence.speed_ratio_ppm == pytest.approx(5000.0, abs=5.0)
    assert decide(asdict(evidence), "instrumental", DecisionRules()) == "speed_differs"


def test_edits_are_named(studio) -> None:
    counterpart = np.delete(studio.backing, slice(12 * studio.rate_hz, int(14.9 * studio.rate_hz)))
    assert verdict(studio, studio.mixture, counterpart) == "edited"


def test_another_take_that_still_sings_has_kept_its_vocals(studio) -> None:
    assert verdict(studio, studio.mixture, studio.backing + studio.make_voice(24.0, 55)) == "vocals_kept"


def test_a_few_seconds_are_too_short(studio) -> None:
    piece = slice(0, 5 * studio.rate_hz)
    assert verdict(studio, studio.mixture[piece], studio.backing[piece]) == "too_short_overlap"


def test_every_reason_is_listed_and_rows_of_tables_serve_as_evidence(studio) -> None:
    good = asdict(studio.compare(studio.mixture, studio.backing))
    faults = {
        "too_similar": {"difference_share": 0.0},
        "too_different": {"alignment_confidence": 0.1, "bit_error_rate": 0.45},
        "not_aligned": {"alignment_confidence": 0.1, "bit_error_rate": 0.2},
        "speed_differs": {"drift_ppm": 400.0},
        "edited": {"longest_gap_s": 15.0},
        "vocals_kept": {"counterpart_only_share": 0.4},
        "too_short_overlap": {"overlap_s": 3.0},
    }
    assert decide(good, "instrumental", DecisionRules()) is None
    for reason, fault in faults.items():
        assert decide(good | fault, "instrumental", DecisionRules()) == reason
    assert set(faults) == set(REASONS)

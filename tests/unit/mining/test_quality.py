"""Predicted quality ranks true quality; grades and weights keep their bounds."""

from dataclasses import asdict

import numpy as np
import pytest
import scipy.stats

from mining import quality
from mining.targets import align_counterpart, choose_target_kind


@pytest.mark.parametrize(
    ("sdr_db", "letter"), [(40.0, "A"), (15.0, "A"), (14.9, "B"), (7.0, "B"), (6.9, "C"), (-30.0, "C")]
)
def test_grade_bounds(sdr_db: float, letter: str) -> None:
    assert quality.grade(sdr_db) == letter


def test_weights_rise_with_quality_and_song() -> None:
    assert 0.0 < quality.segment_weight(-5.0, 0.0) < quality.segment_weight(5.0, 0.0) < 0.3
    assert quality.segment_weight(20.0, 0.9) == pytest.approx(1.0, abs=0.02)
    assert quality.segment_weight(5.0, 0.1) < quality.segment_weight(5.0, 0.3)


def test_distortions_add() -> None:
    assert quality.combine_sdr_db(10.0, 10.0) == pytest.approx(7.0, abs=0.02)
    assert quality.combine_sdr_db(300.0) == quality.HIGHEST_DB


def test_prediction_ranks_and_nears_the_truth(studio) -> None:
    predicted, measured = [], []
    for index, level_db in enumerate((-10.0, -3.0, 3.0, 9.0)):
        voice = studio.make_voice(24.0, 40 + index, level_db=level_db)
        for spoil in ("nothing", "mp3", "limiters"):
            mixture, counterpart = studio.backing + voice, studio.counterpart(studio.backing, 0.2)
            if spoil == "mp3":
                mixture, counterpart = (studio.through_codec(s, spoil) for s in (mixture, counterpart))
            if spoil == "limiters":
                mixture, counterpart = studio.limit(mixture, 0.3), studio.limit(counterpart, 0.25)
            evidence = studio.compare(mixture, counterpart)
            track = counterpart[None].astype(np.float32)
            aligned = align_counterpart(track, studio.rate_hz, studio.rate_hz, evidence.placement, len(mixture))[0]
            error = (mixture - aligned - voice)[1000:-8000]
            predicted.append(evidence.waveform_sdr_db)
            measured.append(10 * np.log10(np.sum(voice**2) / np.sum(error**2)))
            assert choose_target_kind(asdict(evidence), "instrumental") in {"half_wave", "waveform"}
    assert scipy.stats.spearmanr(predicted, measured).statistic > 0.8
    lossy = np.array(predicted)[1::3] - np.array(measured)[1::3]
    assert np.abs(np.median(lossy)) < 6.0

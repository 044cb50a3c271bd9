"""How good a pair's vocal target is: a predicted signal-to-distortion ratio, a grade, and weights for segments.

The prediction is measured on the pair itself. Of the waveform difference, the voice is what stands above the residual
that remains where nobody sings. Of the half-wave target, the loss against that difference is computed outright (phases
of voice and backing differ: 6 to 12 dB at equal levels), and the same residual is added to it.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

Grade = Literal["A", "B", "C"]

GRADE_A_DB = 15.0
"""From here the target errs by less than a fifth of the voice's amplitude: better than any separator reaches
(HTDemucs: 10 dB on MoisesDB), and beyond the ideal ratio mask (10.7 dB)."""
GRADE_B_DB = 7.0
"""From here the target is at least as good as what a good separator would give (Spleeter: 7.6 dB on MoisesDB)."""
HIGHEST_DB = 60.0
LOWEST_DB = -30.0


def predicted_target_sdr_db(evidence: Mapping[str, Any], target_kind: str) -> float:
    """Read the prediction for one kind of target from a row of evidence, in dB."""
    column = {"half_wave": "half_wave_sdr_db", "waveform": "waveform_sdr_db", "acapella": "predicted_sdr_db"}
    value = evidence[column[target_kind]]
    return LOWEST_DB if value is None else float(value)


def combine_sdr_db(*ratios_db: float) -> float:
    """Add independent distortions, each given as signal over distortion in dB; held to −30..60 dB."""
    distortion = sum(10.0 ** (-ratio / 10.0) for ratio in ratios_db)
    return float(np.clip(-10.0 * np.log10(max(distortion, 1e-12)), LOWEST_DB, HIGHEST_DB))


def grade(predicted_sdr_db: float) -> Grade:
    """Grade a target: A from 15 dB, B from 7 dB, C below."""
    if predicted_sdr_db >= GRADE_A_DB:
        return "A"
    return "B" if predicted_sdr_db >= GRADE_B_DB else "C"


def segment_weight(predicted_sdr_db: float, active_share: float) -> float:
    """Weight a segment's loss, 0..1.

    Rises with the share of the voice's energy that the target gets right, s / (1 + s) for a power ratio s. Segments in
    which nobody sings keep a quarter: they teach silence, but there are many of them.

    Parameters
    ----------
    predicted_sdr_db : of the pair
    active_share : share of the segment's frames in which somebody sings, 0..1
    """
    ratio = 10.0 ** (np.clip(predicted_sdr_db, LOWEST_DB, HIGHEST_DB) / 10.0)
    sung = 0.25 + 0.75 * min(1.0, max(0.0, active_share) / 0.25)
    return float(ratio / (1.0 + ratio) * sung)

"""Training targets from an aligned pair.

The counterpart is put on the original's timeline at the profile's rate, level-matched and polarity-corrected; then the
vocal is max(|mix| − |instrumental|, 0) (forgiving: 5 ms and a limiter cost it little), or, where alignment is fine
enough, the waveform difference, which is also audio; or the acapella itself.

References
----------
Jansson et al., ISMIR 2017, section 3 (half-wave target). Humphrey et al., ISMIR 2017 (activity from its frame energy).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.ndimage
import soxr
from numpy.typing import NDArray

from mining.quality import predicted_target_sdr_db
from mining.warping import read_at

TargetKind = Literal["half_wave", "waveform", "acapella"]

_WAVEFORM_ADVANTAGE_DB = 1.0
"""The waveform must promise this much more: it fails harder than the half-wave where a prediction is wrong."""
_ACTIVE_BELOW_LOUD = 10.0**-1.75  # magnitudes: 35 dB under the loud frames
_ACTIVE_OVER_MIXTURE = 0.1  # 20 dB under the mixture's frame
_MEDIAN_FRAMES = 3


@dataclass(frozen=True, kw_only=True)
class Placement:
    """How a counterpart sits on its original, in the sense of the contract.

    original_backing(t) ≈ polarity · 10^(gain_db / 20) · counterpart(t + offset_s + 1e-6 · drift_ppm · t)
    """

    offset_s: float
    drift_ppm: float
    gain_db: float
    polarity: int

    @classmethod
    def from_values(cls, evidence: Mapping[str, Any]) -> "Placement":
        """Take the four from a row of evidence."""
        return cls(
            offset_s=float(evidence["offset_s"]),
            drift_ppm=float(evidence["drift_ppm"]),
            gain_db=float(evidence["gain_db"]),
            polarity=int(evidence["polarity"]),
        )


def align_counterpart(
    counterpart: NDArray[np.float32], from_rate_hz: int, to_rate_hz: int, placement: Placement, num_samples: int
) -> NDArray[np.float32]:
    """Put a counterpart on its original's timeline, at the original's level and polarity.

    Parameters
    ----------
    counterpart : float32, shape (channels, samples), at `from_rate_hz`
    to_rate_hz : the profile's rate; the original at that rate has `num_samples` samples

    Returns
    -------
    float32, shape (channels, num_samples); zero where the counterpart has nothing

    Raises
    ------
    ValueError
        Where the drift is beyond ±500 ppm: such a pair is no pair.
    """
    if from_rate_hz != to_rate_hz and counterpart.shape[1]:
        converted = soxr.resample(np.ascontiguousarray(counterpart.T), from_rate_hz, to_rate_hz, quality="HQ")
        counterpart = np.ascontiguousarray(converted.T, dtype=np.float32)
    read = read_at(counterpart, placement.offset_s * to_rate_hz, 1e-6 * placement.drift_ppm, num_samples)
    read *= np.float32(placement.polarity * 10.0 ** (placement.gain_db / 20.0))
    return read


def half_wave_target(mixture: NDArray[np.float32], instrumental: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give max(mixture − instrumental, 0) of magnitudes, any one shape, float32."""
    rest: NDArray[np.float32] = np.maximum(mixture - instrumental, np.float32(0.0))
    return rest


def waveform_target(mixture: NDArray[np.float32], instrumental: NDArray[np.float32]) -> NDArray[np.float32]:
    """Subtract waveforms, float32, shape (channels, samples); a mono counterpart serves every channel."""
    difference: NDArray[np.float32] = (mixture - instrumental).astype(np.float32, copy=False)
    return difference


def activity(vocals: NDArray[np.float32], mixture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tell the frames in which somebody sings.

    A frame is active where the vocal's energy is within 35 dB of its own loud frames (95th percentile of the whole
    array given: pass whole tracks) and within 20 dB of the mixture's; a median over three frames removes specks.

    Parameters
    ----------
    vocals, mixture : magnitudes, float32, shape (frames, bins)

    Returns
    -------
    float32, shape (frames,): 0 or 1
    """
    if not len(vocals):
        return np.zeros(0, dtype=np.float32)
    voice, whole = (np.sqrt(np.square(m).sum(axis=1, dtype=np.float64)) for m in (vocals, mixture))
    loud = float(np.quantile(voice, 0.95))
    active = (voice > _ACTIVE_BELOW_LOUD * loud) & (voice > _ACTIVE_OVER_MIXTURE * whole) & (voice > 1e-6)
    smooth = scipy.ndimage.median_filter(active.astype(np.uint8), _MEDIAN_FRAMES, mode="nearest")
    marks: NDArray[np.float32] = smooth.astype(np.float32)
    return marks


def choose_target_kind(evidence: Mapping[str, Any], kind: str) -> TargetKind:
    """Choose how the vocal is derived, by what each way promises.

    Parameters
    ----------
    evidence : a row of evidence; `half_wave_sdr_db` and `waveform_sdr_db` are read
    kind : 'instrumental' or 'acapella'
    """
    if kind == "acapella":
        return "acapella"
    half_wave = predicted_target_sdr_db(evidence, "half_wave")
    waveform = predicted_target_sdr_db(evidence, "waveform")
    return "waveform" if waveform > half_wave + _WAVEFORM_ADVANTAGE_DB else "half_wave"

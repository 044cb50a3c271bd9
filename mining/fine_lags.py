"""Lags of short windows to a fraction of a sample, and the line through them.

Each window sums the cross-spectrum of its frames and weights the phases by magnitude-squared coherence (the
maximum-likelihood weights of Hannan and Thomson, in which bins that the voice drowned hardly count); the peak of
its inverse transform is the window's lag. A robust line over all windows gives offset and drift.

References
----------
Knapp and Carter, 1976, section IV (HT processor). Tukey's biweight: Huber, "Robust Statistics", 1981.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from mining.paired_frames import Floats, LagLine, PairedFrames

WINDOW_FRAMES = 16
_OVERSAMPLING = 4
_MAX_WEIGHT = 20.0
_LONGEST_FOR_SLOPES = 400


@dataclass(frozen=True, kw_only=True)
class WindowLags:
    """What each window of about 0.8 s (longer in long tracks) says; shape (windows,)."""

    times_s: Floats
    lags_s: Floats
    """Beyond the line along which the frames were paired."""
    heights: Floats
    """Phase agreement at the peak, 0..1, negative where polarity is inverted."""
    audible: NDArray[np.bool_]


def window_lags(frames: PairedFrames, reach_s: float) -> WindowLags:
    """Find the lag of each window within ± `reach_s`."""
    count = frames.num_frames // WINDOW_FRAMES
    if count == 0:
        empty = np.zeros(0)
        return WindowLags(times_s=empty, lags_s=empty, heights=empty, audible=np.zeros(0, dtype=bool))
    used = count * WINDOW_FRAMES
    shape = (count, WINDOW_FRAMES, -1)
    x, y = frames.original[:used].reshape(shape), frames.counterpart[:used].reshape(shape)
    cross = (x * np.conj(y)).sum(axis=1)
    power_x, power_y = (np.square(np.abs(s)).sum(axis=1) for s in (x, y))
    weights = _coherence_weights(cross, power_x, power_y)
    lags, heights = _peaks(frames, cross, weights, reach_s)
    times = frames.times_s[:used].reshape(count, -1).mean(axis=1)
    return WindowLags(times_s=times, lags_s=lags, heights=heights, audible=_audible(power_x) & _audible(power_y))


def _coherence_weights(
    cross: NDArray[np.complex64], power_x: NDArray[np.float32], power_y: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Hannan–Thomson weights from coherence, its bias for few frames removed, smoothed over three bins."""
    coherence = np.square(np.abs(cross)) / np.maximum(power_x * power_y, 1e-30)
    coherence = scipy.ndimage.uniform_filter1d(coherence, 3, axis=1)
    bias = 1.5 / WINDOW_FRAMES  # half-overlapping Hann frames are worth two thirds of their number
    unbiased = np.clip((coherence - bias) / (1.0 - bias), 0.0, 0.999)
    weights: NDArray[np.float32] = np.minimum(unbiased / (1.0 - unbiased), _MAX_WEIGHT).astype(np.float32)
    return weights


def _peaks(
    frames: PairedFrames, cross: NDArray[np.complex64], weights: NDArray[np.float32], reach_s: float
) -> tuple[Floats, Floats]:
    spacing = float(frames.frequencies_hz[1] - frames.frequencies_hz[0])
    first_bin = round(float(frames.frequencies_hz[0]) / spacing)
    size = scipy.fft.next_fast_len(2 * _OVERSAMPLING * (first_bin + cross.shape[1]), real=True)
    spectrum = np.zeros((len(cross), size // 2 + 1), dtype=np.complex64)
    # the counterpart is late by the lag when X · conj(Y) turns with +ω·lag
    spectrum[:, first_bin : first_bin + cross.shape[1]] = np.conj(cross) / np.maximum(np.abs(cross), 1e-20) * weights
    step_s = 1.0 / (size * spacing)
    reach = max(2, round(reach_s / step_s))
    correlation = scipy.fft.irfft(spectrum, size, axis=1, workers=1)
    near = np.concatenate([correlation[:, -reach:], correlation[:, : reach + 1]], axis=1)
    near *= size / (2.0 * np.maximum(weights.sum(axis=1, keepdims=True), 1e-6))
    places = np.clip(np.argmax(np.abs(near), axis=1), 1, 2 * reach - 1)
    rows = np.arange(len(near))
    heights = near[rows, places].astype(np.float64)
    before, after = (np.abs(near[rows, places + shift]).astype(np.float64) for shift in (-1, 1))
    bend = np.minimum(before - 2.0 * np.abs(heights) + after, -1e-12)
    return (places - reach + 0.5 * (before - after) / bend) * step_s, heights


def _audible(power: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Windows within 50 dB of the mean, and above numerical nothing."""
    total = power.sum(axis=1, dtype=np.float64)
    return np.asarray(total > max(1e-5 * float(total.mean()), 1e-9))


def fit_line(times_s: Floats, lags_s: Floats, weights: Floats, scale_floor_s: float) -> tuple[LagLine, float]:
    """Fit lag = offset + drift · t robustly: weighted Theil–Sen, then Tukey's biweight.

    Returns
    -------
    LagLine, float
        The line and the robust deviation of the lags about it in seconds. Of fewer than three lags: a constant.
    """
    if len(times_s) < 3 or float(np.ptp(times_s)) <= 0.0:
        offset = float(np.median(lags_s)) if len(lags_s) else 0.0
        return LagLine(offset_s=offset, drift=0.0), scale_floor_s
    line = _theil_sen(times_s, lags_s, weights)
    scale = scale_floor_s
    for _ in range(12):
        miss = lags_s - line.at(times_s)
        scale = max(1.4826 * _weighted_median(np.abs(miss), weights), scale_floor_s)
        biweight = weights * np.square(np.clip(1.0 - np.square(miss / (4.685 * scale)), 0.0, None))
        line = _least_squares(times_s, lags_s, biweight, line)
    return line, scale


def _theil_sen(times_s: Floats, lags_s: Floats, weights: Floats) -> LagLine:
    stride = -(-len(times_s) // _LONGEST_FOR_SLOPES)
    t, lag, w = times_s[::stride], lags_s[::stride], weights[::stride]
    i, j = np.triu_indices(len(t), 1)
    apart = t[j] - t[i]
    far = apart >= 0.2 * np.ptp(t)
    i, j, apart = i[far], j[far], apart[far]
    drift = _weighted_median((lag[j] - lag[i]) / apart, w[i] * w[j] * apart)
    return LagLine(offset_s=_weighted_median(lag - drift * t, w), drift=drift)


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    return float(values[order[min(np.searchsorted(cumulative, 0.5 * cumulative[-1]), len(order) - 1)]])


def _least_squares(times_s: Floats, lags_s: Floats, weights: Floats, fallback: LagLine) -> LagLine:
    total = float(weights.sum())
    if total <= 0.0:
        return fallback
    middle = float((weights * times_s).sum()) / total
    level = float((weights * lags_s).sum()) / total
    spread = float((weights * np.square(times_s - middle)).sum())
    if spread <= 0.0:
        return fallback
    drift = float((weights * (times_s - middle) * (lags_s - level)).sum()) / spread
    return LagLine(offset_s=level - drift * middle, drift=drift)

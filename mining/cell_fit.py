"""Gain, offset and drift from all time-frequency cells at once, weighted by how little else sounds there.

Where nobody sings, X = g · Y exactly; where somebody does, the voice is noise with a free phase, symmetric about
g · Y in the complex plane. So a complex fit is unbiased (one of magnitudes is not: a voice adds energy), and with
weights 1 / |X − g · Y|², smoothed over neighbouring cells, the quiet cells decide. Gauss–Newton on log-gain and phase
slope, reweighted in each step.

Uncertainties are sandwich estimates with the frame as the unit: cells of one frame share their errors.

References
----------
Holland and Welsch, "Robust regression using iteratively reweighted least-squares", 1977.
White, "A heteroskedasticity-consistent covariance matrix estimator", Econometrica 48(4), 1980.
"""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from mining.paired_frames import Floats, LagLine, PairedFrames, phase_slope

_NEIGHBOURHOOD = (3, 5)
_CLEANEST = 1e-5
"""No cell is trusted beyond −50 dB: that is what window edges, drift within a frame and 16 bits leave."""


@dataclass(frozen=True, kw_only=True)
class CellFit:
    """Result of the fit; `line` and `gain` map the counterpart onto the original."""

    gain: float
    """Signed: polarity · 10^(gain_db / 20)."""
    line: LagLine
    """To add to the line along which the frames were paired."""
    offset_uncertainty_s: float
    """Standard error of the lag where it is worst within the span of the frames."""
    gain_uncertainty_db: float


def fit_cells(frames: PairedFrames, gain: float, num_steps: int) -> CellFit:
    """Refine gain and line, starting from `gain` (signed) and the line along which frames were paired.

    The start must be within a quarter period of the band that carries the weight, about 30 µs.
    """
    middle, half = _span(frames.times_s)
    u = (frames.times_s - middle) / half
    omega = 2.0 * np.pi * frames.frequencies_hz
    slope = np.zeros(2)
    covariance, gain_error = np.zeros((2, 2)), 0.0
    aligned = frames.counterpart
    for _ in range(num_steps):
        weights = _weights(frames.original, gain * aligned)
        gain, gain_error = _gain_step(frames.original, aligned, weights, gain)
        step, covariance = _slope_step(frames.original, gain * aligned, weights, omega, u)
        slope = slope + step
        aligned = frames.counterpart * phase_slope(frames.frequencies_hz, slope[0] + slope[1] * u)
    drift = float(slope[1] / half)
    worst = np.sqrt(max(covariance[0, 0] + covariance[1, 1] + 2.0 * abs(covariance[0, 1]), 0.0))
    return CellFit(
        gain=gain,
        line=LagLine(offset_s=float(slope[0]) - drift * middle, drift=drift),
        offset_uncertainty_s=float(worst),
        gain_uncertainty_db=8.686 * gain_error / max(abs(gain), 1e-12),
    )


def _span(times_s: Floats) -> tuple[float, float]:
    begin, end = float(times_s[0]), float(times_s[-1])
    return 0.5 * (begin + end), max(0.5 * (end - begin), 0.5)


def _weights(x: NDArray[np.complex64], fitted: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Inverse of the local energy of what does not fit."""
    noise = scipy.ndimage.uniform_filter(_square(x - fitted), _NEIGHBOURHOOD, mode="nearest")
    noise += _CLEANEST * scipy.ndimage.uniform_filter(_square(x), _NEIGHBOURHOOD, mode="nearest")
    weights: NDArray[np.float32] = np.reciprocal(np.maximum(noise, np.float32(1e-12)))
    return weights


def _square(spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _gain_step(
    x: NDArray[np.complex64], y: NDArray[np.complex64], weights: NDArray[np.float32], gain: float
) -> tuple[float, float]:
    agreement = (weights * (x.real * y.real + x.imag * y.imag)).sum(axis=1, dtype=np.float64)
    power = (weights * _square(y)).sum(axis=1, dtype=np.float64)
    total = float(power.sum())
    if total <= 0.0:
        return gain, 0.0
    new = float(agreement.sum()) / total
    misses = agreement - new * power
    return new if new != 0.0 else gain, float(np.sqrt(np.square(misses).sum())) / total


def _slope_step(
    x: NDArray[np.complex64], fitted: NDArray[np.complex64], weights: NDArray[np.float32], omega: Floats, u: Floats
) -> tuple[Floats, Floats]:
    """Solve for the phase slope (seconds at the middle, seconds from middle to end) and its covariance."""
    imaginary = x.imag * fitted.real - x.real * fitted.imag
    turning = (weights * imaginary * omega.astype(np.float32)).sum(axis=1, dtype=np.float64)
    strength = (weights * _square(fitted) * np.square(omega).astype(np.float32)).sum(axis=1, dtype=np.float64)
    design = np.stack([np.ones_like(u), u], axis=1)
    normal = (strength[:, None, None] * design[:, :, None] * design[:, None, :]).sum(axis=0)
    determinant = float(normal[0, 0] * normal[1, 1] - normal[0, 1] ** 2)
    if determinant <= 1e-9 * float(normal[0, 0]) ** 2:
        return np.zeros(2), np.full((2, 2), np.inf)
    inverse = np.array([[normal[1, 1], -normal[0, 1]], [-normal[1, 0], normal[0, 0]]]) / determinant
    step = (inverse * (turning[:, None] * design).sum(axis=0)).sum(axis=1)
    misses = (turning - strength * (design * step).sum(axis=1))[:, None] * design
    spread = (misses[:, :, None] * misses[:, None, :]).sum(axis=0)
    half = (inverse[:, :, None] * spread[None, :, :]).sum(axis=1)
    return step, (half[:, :, None] * inverse[None, :, :]).sum(axis=1)

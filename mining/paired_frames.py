"""Frames of two recordings laid on one timeline, ready for cell-by-cell comparison.

A frame of the original centred on t meets the frame of the counterpart centred on t + lag(t): whole samples by
where it is cut, the fraction by a phase slope. Within a frame of 0.1 s even 200 ppm of drift shift the edges by
10 µs only, so no resampling is needed to measure.
"""

from dataclasses import dataclass, replace

import numpy as np
import soxr
from numpy.typing import NDArray

from mining.spectra import frames_at

Floats = NDArray[np.float64]
Spectrogram = NDArray[np.complex64]

MAX_ANALYSIS_RATE_HZ = 22050
"""Sound above 10 kHz adds little to alignment, lossy codecs drop it, and half the rate costs half the time."""
_FRAME_S = 0.093
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 10000.0
_HIGHEST_SHARE = 0.44  # of the rate: below the roll-off of resamplers


@dataclass(frozen=True, kw_only=True)
class LagLine:
    """The original at t lies at t + offset_s + drift · t in the counterpart; drift is a plain ratio (1e-6 = 1 ppm)."""

    offset_s: float
    drift: float

    def at(self, times_s: Floats) -> Floats:
        """Give the lag in seconds at times of the original."""
        return self.offset_s + self.drift * times_s

    def moved(self, offset_s: float, drift: float) -> "LagLine":
        """Add to offset and drift."""
        return LagLine(offset_s=self.offset_s + offset_s, drift=self.drift + drift)


@dataclass(frozen=True, kw_only=True)
class PairedFrames:
    """Spectra of both recordings at the same moments; (frames, bins)."""

    original: Spectrogram
    counterpart: Spectrogram
    times_s: Floats
    """Centres of the frames in the original."""
    frequencies_hz: Floats
    frame_s: float
    hop_s: float

    @property
    def num_frames(self) -> int:
        """Moments compared."""
        return len(self.times_s)


def to_analysis_rate(samples: NDArray[np.float32], sample_rate_hz: int, rate_hz: int) -> NDArray[np.float32]:
    """Mix to mono (of opposite channels: take the first) and resample.

    Parameters
    ----------
    samples : float32, shape (channels, num_samples)

    Returns
    -------
    float32, shape (round(num_samples · rate_hz / sample_rate_hz),)
    """
    mono = samples.mean(axis=0, dtype=np.float32)
    if len(samples) > 1 and _energy(mono) < 1e-4 * _energy(samples[0]):
        mono = samples[0]
    if sample_rate_hz == rate_hz or not mono.size:
        return np.ascontiguousarray(mono, dtype=np.float32)
    converted: NDArray[np.float32] = soxr.resample(mono, sample_rate_hz, rate_hz, quality="HQ")
    return converted


def _energy(samples: NDArray[np.float32]) -> float:
    return float(np.sum(np.square(samples), dtype=np.float64))


def frame_samples(rate_hz: int) -> int:
    """Choose the frame length: the power of two nearest to 0.093 s."""
    return int(2 ** max(6, round(np.log2(_FRAME_S * rate_hz))))


def pair_frames(
    original: NDArray[np.float32],
    counterpart: NDArray[np.float32],
    rate_hz: int,
    line: LagLine,
    *,
    begin_s: float = -np.inf,
    end_s: float = np.inf,
    max_frames: int = 2048,
) -> PairedFrames:
    """Cut and transform frames of both recordings (mono, at `rate_hz`) along `line`.

    Frames that reach beyond either recording, or centre outside begin_s..end_s, are left out. Long recordings get
    sparser frames, never more than `max_frames`.
    """
    n_fft = frame_samples(rate_hz)
    room = max(len(original) - n_fft, 0)
    hop = max(n_fft // 2, -(-room // max_frames))
    starts = np.arange(0, room + 1, hop, dtype=np.int64)
    times = (starts + n_fft / 2) / rate_hz
    places = starts + line.at(times) * rate_hz
    whole = np.rint(places).astype(np.int64)
    kept = (times >= begin_s) & (times <= end_s) & (whole >= 0) & (whole + n_fft <= len(counterpart))
    kept &= len(original) >= n_fft
    starts, times, whole, places = starts[kept], times[kept], whole[kept], places[kept]
    frequencies = np.arange(n_fft // 2 + 1) * rate_hz / n_fft
    band = (frequencies >= _LOWEST_HZ) & (frequencies <= min(_HIGHEST_HZ, _HIGHEST_SHARE * rate_hz))
    first = frames_at(original, starts, n_fft)[:, band]
    second = frames_at(counterpart, whole, n_fft)[:, band]
    second *= phase_slope(frequencies[band], (places - whole) / rate_hz)
    return PairedFrames(
        original=first,
        counterpart=second,
        times_s=times,
        frequencies_hz=frequencies[band],
        frame_s=n_fft / rate_hz,
        hop_s=hop / rate_hz,
    )


def advanced(frames: PairedFrames, line: LagLine) -> PairedFrames:
    """Move the counterpart's frames by a small lag more (well under a frame) by phase alone."""
    turned = frames.counterpart * phase_slope(frames.frequencies_hz, line.at(frames.times_s))
    return replace(frames, counterpart=turned)


def phase_slope(frequencies_hz: Floats, advances_s: Floats) -> Spectrogram:
    """Give the factors that advance spectra by `advances_s`, complex64, shape (advances, frequencies)."""
    angle = (2.0 * np.pi * np.multiply.outer(advances_s, frequencies_hz)).astype(np.float32)
    factors = np.empty(angle.shape, dtype=np.complex64)
    np.cos(angle, out=factors.real)
    np.sin(angle, out=factors.imag)
    return factors

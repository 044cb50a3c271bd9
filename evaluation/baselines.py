"""Baselines that know no training data, on librosa. Each states what it calls vocals.

``HPSS`` splits sound into what is steady over time (harmonic) and what is steady over frequency (percussive); neither
is vocals. Two mappings are in use, and both are offered:

- ``HPSS two-stage`` (Tachibana et al. 2010): vocals are what a long window (1/4 s) calls percussive, because a voice
  never holds still for so long, and a short window (1/32 s) calls harmonic, because drums are shorter still;
- ``HPSS harmonic``: vocals are the harmonic part of one window (1/8 s); the instrumental is the percussive part.

``REPET-SIM`` (Rafii and Pardo 2012): vocals are what does not recur; each frame's backing is the median of the frames
most like it (at least 2 s apart), soft-masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import librosa
import numpy as np

from evaluation.oracles import masked
from evaluation.songs import Estimator, Song, Target, Waveform
from evaluation.spectrograms import Magnitudes, spectrogram, waveform, window_samples

_TINY = np.float32(1e-12)


@dataclass(frozen=True)
class HpssHarmonic:
    """Harmonic–percussive separation; vocals are the harmonic part."""

    name: str = "HPSS harmonic"

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Separate each channel."""
        n_fft = window_samples(song.sample_rate_hz)
        return masked(song, _harmonic_mask(song.mixture, n_fft), n_fft)


@dataclass(frozen=True)
class HpssTwoStage:
    """Harmonic–percussive separation with a long, then a short window; vocals are percussive, then harmonic."""

    name: str = "HPSS two-stage"

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Separate each channel."""
        usual, samples = window_samples(song.sample_rate_hz), song.mixture.shape[1]
        long_window, short_window = 2 * usual, usual // 4
        moving = spectrogram(song.mixture, long_window) * (1 - _harmonic_mask(song.mixture, long_window))
        first = waveform(np.asarray(moving, dtype=np.complex64), long_window, samples)
        sung = spectrogram(first, short_window) * _harmonic_mask(first, short_window)
        vocals = waveform(np.asarray(sung, dtype=np.complex64), short_window, samples)
        return {"vocals": vocals, "instrumental": song.mixture - vocals}


def _harmonic_mask(audio: Waveform, n_fft: int) -> Magnitudes:
    """Soft mask of the harmonic part, ``(channels, frames, bins)``, by median filters of 31 frames and bins.

    On shorter axes the filters are shorter: SciPy's median filter reads beyond arrays that its window exceeds.
    """
    magnitudes = np.abs(spectrogram(audio, n_fft))
    num_frames, num_bins = (min(31, length - 1 + length % 2) for length in magnitudes.shape[1:])
    masks = [
        librosa.decompose.hpss(channel.T, kernel_size=(num_frames, num_bins), mask=True)[0].T for channel in magnitudes
    ]
    return np.asarray(np.stack(masks), dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class RepetSim:
    """Repetition-based separation; vocals are what does not recur elsewhere in the song."""

    name: str = "REPET-SIM"
    apart_s: float = 2.0
    """Frames nearer than this do not count as recurrences."""
    margin_vocals: float = 10.0
    """How much weaker the backing must be for a bin to be given to the vocals (librosa's worked example)."""

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Separate each channel."""
        n_fft = window_samples(song.sample_rate_hz)
        mixture = np.abs(spectrogram(song.mixture, n_fft))
        mask = np.stack([self._vocal_mask(channel, song.sample_rate_hz / (n_fft // 4)) for channel in mixture])
        return masked(song, mask, n_fft)

    def _vocal_mask(self, magnitudes: Magnitudes, frames_per_s: float) -> Magnitudes:
        """Soft mask ``(frames, bins)`` of one channel; nothing is vocals in a song too short to repeat."""
        width = max(1, int(self.apart_s * frames_per_s))
        if magnitudes.shape[0] < 2 * width + 3:
            return np.zeros_like(magnitudes)
        recurring = librosa.decompose.nn_filter(
            magnitudes.T + _TINY, aggregate=np.median, metric="cosine", width=width
        ).T
        backing = np.minimum(magnitudes, recurring)
        mask = librosa.util.softmask(magnitudes - backing, self.margin_vocals * backing + _TINY, power=2)
        return np.asarray(mask, dtype=np.float32)


def baselines() -> dict[str, Estimator]:
    """All baselines by name."""
    every: list[Estimator] = [HpssTwoStage(), HpssHarmonic(), RepetSim()]
    return {baseline.name: baseline for baseline in every}

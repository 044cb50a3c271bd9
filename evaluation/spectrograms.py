"""The spectrograms that oracles, baselines and spectral scores share, channel by channel.

The STFT is the project's one convention (`mining.spectra`), with a window near 1/8 s (1024 samples at 8192 Hz, 4096 at
44.1 kHz) and a hop of a quarter of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluation.songs import Song, Waveform
from mining.spectra import istft, stft

Spectrogram = NDArray[np.complex64]
"""``(channels, frames, bins)``."""
Magnitudes = NDArray[np.float32]
"""``(channels, frames, bins)``, not negative."""


def window_samples(sample_rate_hz: int) -> int:
    """The largest power of two that is no longer than 1/8 s."""
    return int(2 ** np.floor(np.log2(max(sample_rate_hz / 8, 16))))


def spectrogram(audio: Waveform, n_fft: int, hop: int | None = None) -> Spectrogram:
    """Transform ``(channels, samples)``; the hop is a quarter of the window unless given."""
    return np.stack([stft(channel, n_fft, hop or n_fft // 4) for channel in audio])


def waveform(spectra: Spectrogram, n_fft: int, num_samples: int, hop: int | None = None) -> Waveform:
    """Invert `spectrogram`."""
    return np.stack([istft(channel, n_fft, hop or n_fft // 4, num_samples) for channel in spectra])


def half_wave_vocals(mixture: Magnitudes, instrumental: Magnitudes) -> Magnitudes:
    """The mined vocal, max(|mixture| - |instrumental|, 0)."""
    vocals: Magnitudes = np.maximum(mixture - instrumental, 0.0)
    return vocals


def reference_magnitudes(song: Song, n_fft: int) -> tuple[Magnitudes, Magnitudes, bool]:
    """Magnitudes of vocals and instrumental, and whether both come from waveforms.

    The side that has no waveform is the half-wave difference of mixture and the other side.
    """
    known = {target: np.abs(spectrogram(audio, n_fft)) for target, audio in song.references.items()}
    if len(known) == 2:
        return known["vocals"], known["instrumental"], True
    mixture = np.abs(spectrogram(song.mixture, n_fft))
    if "instrumental" in known:
        return half_wave_vocals(mixture, known["instrumental"]), known["instrumental"], False
    return known["vocals"], half_wave_vocals(mixture, known["vocals"]), False

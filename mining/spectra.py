"""Short-time spectra by the one convention that shards, targets and models share.

Periodic Hann of `n_fft` samples; the signal is zero-padded by `n_fft // 2` in front and, at the back, to whole hops
plus `n_fft // 2`; frame k is centred on sample k · `hop`; `ceil(num_samples / hop) + 1` frames; no normalisation.
The inverse is weighted overlap-add divided by the summed squared window. (Reflection padding is avoided on purpose:
unpadded or reflected edges cost 1e-2 of error at hop / n_fft = 3/4.)
"""

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from data_manifests.profiles import SignalProfile

_FRAMES_PER_CHUNK = 2048  # bounds the float work array to about 30 MB at n_fft = 4096


def hann(n_fft: int) -> NDArray[np.float32]:
    """Give the periodic Hann window, float32, shape (n_fft,)."""
    return (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)


def num_frames(num_samples: int, hop: int) -> int:
    """Count the frames of a signal of `num_samples` samples."""
    return -(-num_samples // hop) + 1


def stft(mono: NDArray[np.float32], n_fft: int, hop: int) -> NDArray[np.complex64]:
    """Transform one channel.

    Parameters
    ----------
    mono : float32, shape (num_samples,)
    n_fft, hop : window and step in samples

    Returns
    -------
    complex64, shape (num_frames, n_fft // 2 + 1)
    """
    frames = num_frames(mono.shape[0], hop)
    padded = np.zeros((frames - 1) * hop + n_fft, dtype=np.float32)
    padded[n_fft // 2 : n_fft // 2 + mono.shape[0]] = mono
    return frames_at(padded, np.arange(frames, dtype=np.int64) * hop, n_fft)


def frames_at(signal: NDArray[np.float32], starts: NDArray[np.int64], n_fft: int) -> NDArray[np.complex64]:
    """Transform windowed stretches of `signal` that begin at `starts` (all inside the signal).

    Returns
    -------
    complex64, shape (len(starts), n_fft // 2 + 1)
    """
    window = hann(n_fft)
    spectra = np.empty((len(starts), n_fft // 2 + 1), dtype=np.complex64)
    if not len(starts):
        return spectra
    stretches = np.lib.stride_tricks.sliding_window_view(signal, n_fft)
    for first in range(0, len(starts), _FRAMES_PER_CHUNK):
        chunk = slice(first, first + _FRAMES_PER_CHUNK)
        spectra[chunk] = scipy.fft.rfft(stretches[starts[chunk]] * window, axis=1, workers=1)
    return spectra


def istft(spectrum: NDArray[np.complex64], n_fft: int, hop: int, length: int) -> NDArray[np.float32]:
    """Invert `stft`.

    Parameters
    ----------
    spectrum : complex64, shape (num_frames, n_fft // 2 + 1)
    length : samples of the signal wanted

    Returns
    -------
    float32, shape (length,)

    Raises
    ------
    ValueError
        Where the frames do not reach `length` samples.
    """
    frames = spectrum.shape[0]
    if frames < num_frames(length, hop):
        raise ValueError(f"{length} samples at hop {hop} take {num_frames(length, hop)} frames, got {frames}")
    window = hann(n_fft)
    total = np.zeros((frames - 1) * hop + n_fft, dtype=np.float32)
    weight = np.zeros_like(total)
    for first in range(0, frames, _FRAMES_PER_CHUNK):
        pieces = scipy.fft.irfft(spectrum[first : first + _FRAMES_PER_CHUNK], n=n_fft, axis=1, workers=1)
        for index, piece in enumerate(pieces.astype(np.float32) * window, start=first):
            total[index * hop : index * hop + n_fft] += piece
            weight[index * hop : index * hop + n_fft] += window * window
    kept = slice(n_fft // 2, n_fft // 2 + length)
    return np.divide(total[kept], np.maximum(weight[kept], np.float32(1e-8)), dtype=np.float32)


def magnitudes(mono: NDArray[np.float32], profile: SignalProfile) -> NDArray[np.float32]:
    """Magnitudes of one channel as a profile keeps them.

    Parameters
    ----------
    mono : float32, shape (num_samples,), at the profile's rate

    Returns
    -------
    float32, shape (num_frames, profile.num_bins): bins from 0 Hz up
    """
    return np.abs(stft(mono, profile.n_fft, profile.hop)[:, : profile.num_bins])

"""STFT convention against a plain loop, and its inverse."""

import numpy as np
import pytest

from data_manifests.profiles import PROFILES
from mining.spectra import istft, magnitudes, num_frames, stft


def reference_stft(signal: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
    """Cut frame by frame, centred on k · hop, with a window written out."""
    frames = int(np.ceil(len(signal) / hop)) + 1
    window = np.sin(np.pi * np.arange(n_fft) / n_fft) ** 2
    rows = []
    for index in range(frames):
        samples = [
            signal[n] if 0 <= n < len(signal) else 0.0
            for n in range(index * hop - n_fft // 2, index * hop + n_fft // 2)
        ]
        rows.append(np.fft.rfft(np.array(samples, dtype=np.float64) * window))
    return np.array(rows)


@pytest.mark.parametrize(
    ("samples", "n_fft", "hop"), [(3000, 1024, 768), (4096, 512, 128), (1, 64, 48), (100, 256, 64)]
)
def test_follows_the_convention(samples: int, n_fft: int, hop: int) -> None:
    signal = np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    ours, theirs = stft(signal, n_fft, hop), reference_stft(signal, n_fft, hop)
    assert ours.dtype == np.complex64
    assert ours.shape == theirs.shape == (num_frames(samples, hop), n_fft // 2 + 1)
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize(
    ("samples", "n_fft", "hop"), [(20000, 1024, 768), (20000, 4096, 1024), (7, 64, 48), (768, 1024, 768)]
)
def test_inverse_gives_the_signal_back(samples: int, n_fft: int, hop: int) -> None:
    signal = np.random.default_rng(1).standard_normal(samples).astype(np.float32)
    back = istft(stft(signal, n_fft, hop), n_fft, hop, samples)
    assert back.dtype == np.float32
    assert np.abs(back - signal).max() < 1e-5


def test_inverse_refuses_too_few_frames() -> None:
    with pytest.raises(ValueError, match="take 14 frames, got 3"):
        istft(np.zeros((3, 513), dtype=np.complex64), 1024, 768, 9600)


def test_magnitudes_drop_the_top_bin_of_the_small_profile() -> None:
    profile = PROFILES["jansson-8k"]
    tone = np.cos(np.pi * np.arange(8192)).astype(np.float32)  # all energy in the top bin
    kept = magnitudes(tone, profile)
    assert kept.shape == (num_frames(8192, 768), 512)
    assert kept.dtype == np.float32
    whole = np.abs(stft(tone, 1024, 768))
    assert kept[5].max() < 0.6 * whole[5].max()


def test_long_signals_in_chunks_equal_short_ones() -> None:
    signal = np.random.default_rng(2).standard_normal(64 * 3000).astype(np.float32)
    whole = stft(signal, 128, 64)
    part = stft(signal[64 * 2040 : 64 * 2060], 128, 64)
    np.testing.assert_allclose(whole[2042:2058], part[2:18], atol=1e-4)

"""Spectra against scipy, and there and back."""

import numpy as np
import pytest
import scipy.signal
import torch

from training.spectra import istft, num_frames, spectrum_at, stft


def noise(channels: int, length: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(length).standard_normal((channels, length)).astype(np.float32))


@pytest.mark.parametrize("length", [1, 767, 768, 769, 5000, 40_000])
@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 768), (4096, 1024)])
def test_round_trip(length: int, n_fft: int, hop: int) -> None:
    samples = noise(2, length)
    spectrum = stft(samples, n_fft, hop)
    assert spectrum.shape == (2, -(-length // hop) + 1, n_fft // 2 + 1)
    torch.testing.assert_close(istft(spectrum, n_fft, hop, length), samples, atol=2e-5, rtol=0)


def test_agrees_with_scipy() -> None:
    n_fft, hop, length = 1024, 768, 20_000
    samples = noise(1, length)
    window = scipy.signal.get_window("hann", n_fft)
    transform = scipy.signal.ShortTimeFFT(window, hop, fs=1, fft_mode="onesided", phase_shift=None)
    frames = num_frames(length, hop)
    padded = np.pad(samples[0].double().numpy(), (0, n_fft))
    expected = transform.stft(padded, p0=0, p1=frames)
    ours = stft(samples, n_fft, hop)[0].T.numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-4)


def test_a_run_of_frames_is_a_slice_of_the_whole() -> None:
    samples = noise(2, 30_000)
    whole = stft(samples, 1024, 768)
    for frames in (range(0, 5), range(3, 9), range(30, whole.shape[1])):
        part = spectrum_at(samples, frames, 1024, 768)
        torch.testing.assert_close(part, whole[:, frames.start : frames.stop])
    beyond = spectrum_at(samples, range(whole.shape[1] - 1, whole.shape[1] + 90), 1024, 768)
    torch.testing.assert_close(beyond[:, 0], whole[:, -1])
    assert beyond[:, 2:].abs().max() == 0


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="take 3 frames, got 2"):
        istft(torch.zeros(1, 2, 513, dtype=torch.complex64), 1024, 768, 1000)

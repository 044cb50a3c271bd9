"""Short-time spectra in torch, by the convention of the signal profile.

Periodic Hann of `n_fft`; the signal is zero-padded by `n_fft // 2` in front and, behind, to whole hops plus
`n_fft // 2`; frame k is centred on sample k · `hop`; `ceil(num_samples / hop) + 1` frames; no normalisation. The
inverse is weighted overlap-add divided by the summed squared window: at hop / n_fft = 3/4 the synthesis gain reaches 4,
and unpadded or reflected edges would err by 1e-2.

Shapes: C channels, N samples, T frames, F = n_fft // 2 + 1 bins.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def num_frames(num_samples: int, hop: int) -> int:
    """Count the frames of a signal of `num_samples` samples."""
    return -(-num_samples // hop) + 1


def stft(samples: Tensor, n_fft: int, hop: int) -> Tensor:
    """Transform float32 audio (C, N) to complex64 (C, T, F)."""
    return spectrum_at(samples, range(num_frames(samples.shape[-1], hop)), n_fft, hop)


def spectrum_at(samples: Tensor, frames: range, n_fft: int, hop: int) -> Tensor:
    """Transform a run of frames alone: (C, N) to (C, len(frames), F); zeros stand where there is no signal."""
    first = frames.start * hop - n_fft // 2
    last = (frames.stop - 1) * hop + n_fft // 2
    inside = samples[:, max(first, 0) : max(last, 0)]
    padded = F.pad(inside, (max(-first, 0), max(last - max(first, 0) - inside.shape[-1], 0)))
    window = torch.hann_window(n_fft, dtype=padded.dtype, device=padded.device)
    spectrum: Tensor = torch.fft.rfft(padded.unfold(-1, n_fft, hop) * window, dim=-1)
    return spectrum


def istft(spectrum: Tensor, n_fft: int, hop: int, length: int) -> Tensor:
    """Invert `stft`: complex64 (C, T, F) to float32 (C, length).

    Raises
    ------
    ValueError
        Where the frames do not reach `length` samples.
    """
    frames = spectrum.shape[-2]
    if frames < num_frames(length, hop):
        raise ValueError(f"{length} samples at hop {hop} take {num_frames(length, hop)} frames, got {frames}")
    pieces = torch.fft.irfft(spectrum, n=n_fft, dim=-1)
    window = torch.hann_window(n_fft, dtype=pieces.dtype, device=pieces.device)
    total = _overlap_add(pieces * window, hop)
    weight = _overlap_add((window * window).expand(1, frames, n_fft), hop)
    kept = slice(n_fft // 2, n_fft // 2 + length)
    return total[:, kept] / weight[:, kept].clamp_min(1e-8)


def _overlap_add(pieces: Tensor, hop: int) -> Tensor:
    """Add pieces (C, T, n_fft) at steps of `hop`: (C, (T − 1) · hop + n_fft)."""
    channels, frames, n_fft = pieces.shape
    length = (frames - 1) * hop + n_fft
    summed = F.fold(pieces.transpose(1, 2), output_size=(1, length), kernel_size=(1, n_fft), stride=(1, hop))
    return summed.reshape(channels, length)

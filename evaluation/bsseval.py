"""BSSEval version 4 in batched torch, equal to museval, and honest about the frames museval leaves out.

Conventions. References and estimates are ``(sources, channels, samples)``; scores are ``(sources, frames)`` in dB.
A frame is one second and frames do not overlap; the last part-second is dropped, as museval does. One distortion
filter of 512 taps per source and channel pair is fitted on the whole signal.

Two readings of the same frames are offered. ``FrameScores.as_museval`` puts NaN for *every* source wherever *any*
reference or estimate is silent, which is museval's rule (its "silent" is: the channels add up to zero, so a stereo
signal with L = -R counts as silent). ``FrameScores.all_frames`` keeps each frame in which the source's own
reference sounds: an estimate that is gated to zero there scores 0 dB instead of leaving the statistics.

The energies of the projected frames are summed over spectra (Parseval), which needs no inverse transform. SDR is taken
in the time domain: it is the framewise signal-to-noise ratio. Above some 150 dB all scores are rounding noise, here and
in museval alike, and differ.

References
----------
.. [1] Stöter, Liutkus, Ito: The 2018 Signal Separation Evaluation Campaign, LVA/ICA 2018.
.. [2] Vincent, Gribonval, Févotte: Performance measurement in blind audio source separation, IEEE TASLP 14(4), 2006.
.. [3] museval 0.4.1, ``museval.metrics.bss_eval``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.fft import next_fast_len

from evaluation.distortion_filters import fit_filters

FILTER_TAPS = 512
# Bounds the working memory: spectra of so many samples are held at once (about 16 bytes each, per array).
SAMPLES_PER_BATCH = 400_000


@dataclass(frozen=True, kw_only=True)
class FrameScores:
    """Framewise scores in dB, each ``(sources, frames)``, nothing excluded yet.

    A value is NaN only where energy divided by energy is undefined (the source's own reference is all zero and so is
    the error). ``excluded`` ``(frames,)`` marks the frames that museval leaves out for every source, ``unvoiced``
    ``(sources, frames)`` those in which the source's own reference is exactly zero in all channels.
    """

    sdr: NDArray[np.float64]
    isr: NDArray[np.float64]
    sir: NDArray[np.float64]
    sar: NDArray[np.float64]
    excluded: NDArray[np.bool_]
    unvoiced: NDArray[np.bool_]

    def as_museval(self, metric: str) -> NDArray[np.float64]:
        """Scores with NaN in the frames that museval excludes, ``(sources, frames)``."""
        scores: NDArray[np.float64] = getattr(self, metric)
        return np.where(self.excluded, np.nan, scores)

    def all_frames(self, metric: str) -> NDArray[np.float64]:
        """Scores of every frame in which the source's own reference sounds; NaN elsewhere."""
        scores: NDArray[np.float64] = getattr(self, metric)
        return np.where(self.unvoiced, np.nan, scores)


def bsseval_v4(
    references: ArrayLike,
    estimates: ArrayLike,
    sample_rate_hz: int,
    *,
    window_s: float = 1.0,
    hop_s: float = 1.0,
    filter_taps: int = FILTER_TAPS,
    device: str = "cpu",
) -> FrameScores:
    """Framewise SDR, ISR, SIR and SAR of estimates against references.

    Parameters
    ----------
    references, estimates
        ``(sources, channels, samples)``. Estimates are cut, or padded with zeros, to the references' length.
    sample_rate_hz
        Turns ``window_s`` and ``hop_s`` into samples, rounded down.
    device
        A torch device with float64, such as ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    ValueError
        Where shapes disagree or values are not finite.
    """
    reference, estimate = _validated(references, estimates)
    refs, ests = torch.from_numpy(reference).to(device), torch.from_numpy(estimate).to(device)
    filters = fit_filters(refs, ests, filter_taps)
    window, hop = int(window_s * sample_rate_hz), int(hop_s * sample_rate_hz)
    ref_frames, est_frames = _framed(refs, window, hop), _framed(ests, window, hop)
    batch = max(1, SAMPLES_PER_BATCH // (refs.shape[0] * refs.shape[1] * ref_frames.shape[-1]))
    parts = [
        _frame_ratios(ref_frames[first : first + batch], est_frames[first : first + batch], *filters)
        for first in range(0, ref_frames.shape[0], batch)
    ]
    sdr, isr, sir, sar = torch.cat(parts, dim=-1).cpu().numpy()
    silent = _silent(ref_frames).any(dim=-1) | _silent(est_frames).any(dim=-1)
    unvoiced = (ref_frames == 0).all(dim=-1).all(dim=-1).T
    return FrameScores(
        sdr=sdr, isr=isr, sir=sir, sar=sar, excluded=silent.cpu().numpy(), unvoiced=unvoiced.cpu().numpy()
    )


def _validated(references: ArrayLike, estimates: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as float64 ``(sources, channels, samples)`` of one length, or a ValueError that says what is wrong."""
    reference, estimate = np.asarray(references, np.float64), np.asarray(estimates, np.float64)
    if reference.ndim != 3 or reference.shape[:2] != estimate.shape[:2] or reference.size == 0:
        raise ValueError(
            f"references {reference.shape} and estimates {estimate.shape} must both be (sources, channels, samples) "
            "with equal sources and channels and at least one sample; bring mono and stereo together first"
        )
    if not (np.isfinite(reference).all() and np.isfinite(estimate).all()):
        raise ValueError("references and estimates must be finite; got NaN or infinite samples")
    missing = reference.shape[2] - estimate.shape[2]
    fitted = np.pad(estimate, ((0, 0), (0, 0), (0, max(missing, 0))))[..., : reference.shape[2]]
    return np.ascontiguousarray(reference), np.ascontiguousarray(fitted)


def _framed(signals: torch.Tensor, window: int, hop: int) -> torch.Tensor:
    """``(sources, channels, samples)`` as ``(frames, sources, channels, window)``; a short signal is one frame."""
    window = min(window, signals.shape[-1])
    return signals.unfold(-1, window, hop).permute(2, 0, 1, 3)


def _silent(frames: torch.Tensor) -> torch.Tensor:
    """Where museval finds silence, ``(frames, sources)``: the channels add up to exactly zero throughout."""
    return (frames.sum(dim=2) == 0).all(dim=-1)


def _frame_ratios(
    ref_frames: torch.Tensor, est_frames: torch.Tensor, everything: torch.Tensor, own: torch.Tensor
) -> torch.Tensor:
    """SDR, ISR, SIR, SAR of a batch of frames ``(frames, sources, channels, window)``, as ``(4, sources, frames)``."""
    sources, channels, window = ref_frames.shape[1:]
    n_fft = next_fast_len(window + own.shape[2] - 1, real=True)
    reference = torch.fft.rfft(ref_frames, n=n_fft)
    estimate = torch.fft.rfft(est_frames, n=n_fft)
    own_response = torch.fft.rfft(own, n=n_fft, dim=2).transpose(2, 3)  # (sources, channels, channels, bins)
    all_response = torch.fft.rfft(everything, n=n_fft, dim=1).transpose(1, 2)  # (width, width, bins)
    from_own = torch.zeros_like(estimate)
    for channel in range(channels):
        from_own += reference[:, :, channel, None] * own_response[None, :, channel]
    from_all = torch.zeros_like(estimate).flatten(1, 2)
    if sources == 1:
        from_all = from_own.flatten(1, 2)
    else:
        for index, spectrum in enumerate(reference.flatten(1, 2).unbind(dim=1)):
            from_all += spectrum[:, None] * all_response[None, index]
    from_all = from_all.view_as(estimate)
    sounding = (ref_frames**2).sum(dim=(2, 3))
    error = ((est_frames - ref_frames) ** 2).sum(dim=(2, 3))
    ratios = (
        (sounding, error),
        (sounding, _energy(from_own - reference, n_fft)),
        (_energy(from_own, n_fft), _energy(from_all - from_own, n_fft)),
        (_energy(from_all, n_fft), _energy(estimate - from_all, n_fft)),
    )
    return torch.stack([10 * torch.log10(signal / noise) for signal, noise in ratios]).transpose(1, 2)


def _energy(spectra: torch.Tensor, n_fft: int) -> torch.Tensor:
    """Energy in time of half spectra ``(frames, sources, channels, bins)``, summed over channels and samples."""
    power = torch.view_as_real(spectra).square().sum(dim=(2, 4))
    edges = power[..., 0] + (power[..., -1] if n_fft % 2 == 0 else 0)
    return (2 * power.sum(dim=-1) - edges) / n_fft

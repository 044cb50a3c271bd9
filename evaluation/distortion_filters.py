"""The least-squares distortion filters of BSSEval: each estimate projected on delayed copies of the references.

Two roads lead to the same filters. The quick one sums correlations over the spectra of short blocks (memory does not
grow with the song) and lets one Cholesky factor serve every estimate. Where the normal equations are so ill-conditioned
that rounding shows in the scores (references with an empty top octave, as lossy codecs and resamplers leave), no two
solvers agree to 1e-6 dB; there the filters are computed by museval's own order of operations, which is slower and gives
museval's digits.

References
----------
.. [1] museval 0.4.1, ``_compute_reference_correlations`` and ``_compute_projection_filters``.
"""

from __future__ import annotations

import itertools
import math
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import scipy.fftpack
import scipy.linalg
import torch
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Spectra = NDArray[np.complex128]

CORRELATION_FFT = 16384
SAMPLES_PER_BATCH = 400_000
# Smallest over largest eigenvalue below which the slower road is taken. The quick road's distance from museval grows
# with the inverse: 5e-14 dB at 1e-5, 5e-8 at 2e-9, 1e-5 at 3e-11, 0.1 at 4e-15 (tests/unit/evaluation/test_bsseval.py).
SAFE_CONDITION = 1e-8
_INVERSE_ITERATIONS = 4


def fit_filters(refs: torch.Tensor, ests: torch.Tensor, taps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Filters from all references, and from each estimate's own reference alone.

    Parameters
    ----------
    refs, ests
        ``(sources, channels, samples)``, float64.

    Returns
    -------
    ``(sources·channels, taps, sources·channels)`` from every reference channel to every estimate channel, and
    ``(sources, channels, taps, channels)`` from a reference's channels to its own estimate's.
    """
    quick = _quick_filters(refs, ests, taps)
    return quick if quick is not None else _careful_filters(refs, ests, taps)


def correlations(left: torch.Tensor, right: torch.Tensor, taps: int) -> torch.Tensor:
    """Sum over t of left[p, t] · right[q, t + lag], ``(p, q, 2·taps - 1)``, for lags from ``1 - taps`` to ``taps - 1``.

    Both are ``(signals, samples)`` of one length. Blocks of the left are correlated with the stretch of the right
    that any lag can reach, and their cross-spectra summed.
    """
    margin, samples = taps - 1, left.shape[-1]
    fft_length = max(CORRELATION_FFT, 2 ** math.ceil(math.log2(4 * taps)))
    block = fft_length - 2 * margin
    tail = math.ceil(samples / block) * block - samples
    left_blocks = torch.nn.functional.pad(left, (0, tail)).unfold(-1, block, block)
    right_blocks = torch.nn.functional.pad(right, (margin, tail + margin)).unfold(-1, fft_length, block)
    total = torch.zeros(left.shape[0], right.shape[0], fft_length // 2 + 1, dtype=torch.complex128, device=left.device)
    step = max(1, SAMPLES_PER_BATCH // (fft_length * right.shape[0]))
    for first in range(0, left_blocks.shape[1], step):
        reach = slice(first, first + step)
        left_spectra = torch.fft.rfft(torch.nn.functional.pad(left_blocks[:, reach], (margin, margin))).conj()
        right_spectra = torch.fft.rfft(right_blocks[:, reach])
        for p in range(left.shape[0]):
            total[p] += (left_spectra[p] * right_spectra).sum(dim=1)
    lags = torch.fft.irfft(total, n=fft_length)
    return torch.cat((lags[..., fft_length - margin :], lags[..., :taps]), dim=-1)


def _quick_filters(refs: torch.Tensor, ests: torch.Tensor, taps: int) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Block correlations and Cholesky, or None where the equations are too ill-conditioned for that."""
    sources, channels, _ = refs.shape
    flat, width = refs.flatten(0, 1), sources * channels
    if any(_is_band_limited(channel[None], taps) for channel in flat):
        return None
    crossed = correlations(flat, torch.cat((flat, ests.flatten(0, 1))), taps)
    lag, row = torch.arange(taps, device=refs.device), torch.arange(width, device=refs.device)
    # gram[p, a, q, b] = correlation of reference channels p and q at lag a - b
    gram = crossed[
        row[:, None, None, None], row[None, None, :, None], (lag[:, None, None] - lag + taps - 1)[None]
    ].contiguous()
    target = crossed[:, width:, taps - 1 :].transpose(1, 2).contiguous()  # (width, taps, width)
    everything = _cholesky_solution(gram.view(width * taps, -1), target.view(width * taps, width))
    if everything is None:
        return None
    own = []
    for source in range(sources):
        here = slice(source * channels, (source + 1) * channels)
        block = gram[here, :, here].reshape(channels * taps, channels * taps)
        own.append(_cholesky_solution(block, target[here, :, here].reshape(channels * taps, channels)))
    if any(filters is None for filters in own):
        return None
    stacked = torch.stack([filters for filters in own if filters is not None])
    return everything.view(width, taps, width), stacked.view(sources, channels, taps, channels)


def _is_band_limited(channel: torch.Tensor, taps: int) -> bool:
    """Whether one channel ``(1, samples)`` alone makes the equations ill-conditioned: a cheap look before the leap.

    Eigenvalues interlace: the whole system's condition is at least that of each block on its diagonal.
    """
    lag = torch.arange(taps, device=channel.device)
    lags = correlations(channel, channel, taps)[0, 0]
    return _cholesky_solution(lags[lag[:, None] - lag + taps - 1], lags[:taps, None]) is None


def _cholesky_solution(gram: torch.Tensor, target: torch.Tensor) -> torch.Tensor | None:
    """The filters of the normal equations, or None where they are too ill-conditioned (or singular).

    The diagonal is loaded with one machine epsilon, as in museval.
    """
    loaded = gram.clone()
    loaded.diagonal().add_(torch.finfo(gram.dtype).eps)
    factor, failed = torch.linalg.cholesky_ex(loaded)
    if bool(failed) or _reciprocal_condition(loaded, factor) < SAFE_CONDITION:
        return None
    return torch.cholesky_solve(target, factor)


def _reciprocal_condition(gram: torch.Tensor, factor: torch.Tensor) -> float:
    """Smallest eigenvalue, by inverse iteration with the Cholesky factor, over a bound of the largest (the 1-norm)."""
    starts = torch.randn(gram.shape[0], 4, generator=torch.Generator().manual_seed(0), dtype=gram.dtype)
    vectors = starts.to(gram.device)
    smallest = torch.inf
    for _ in range(_INVERSE_ITERATIONS):
        vectors = vectors / vectors.norm(dim=0)
        vectors = torch.cholesky_solve(vectors, factor)
        smallest = min(smallest, 1.0 / float(vectors.norm(dim=0).max()))
    return smallest / float(torch.linalg.matrix_norm(gram, ord=1))


def _careful_filters(refs: torch.Tensor, ests: torch.Tensor, taps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Take museval's order of operations: whole-length transforms of a power of two, one LU solution per estimate.

    Every transform is the call that museval makes, so that it rounds alike; they only run side by side.
    """
    reference, estimate = refs.cpu().numpy(), ests.cpu().numpy()
    sources, channels, samples = reference.shape
    width, fft_length = sources * channels, int(2 ** np.ceil(np.log2(samples + taps - 1.0)))
    spectra = _spectra(reference, fft_length).reshape(width, fft_length)
    everything = np.zeros((width, taps, sources, channels))
    own = np.zeros((sources, channels, taps, channels))
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        gram = _whole_gram(spectra, taps, pool)
        for source in range(sources):
            target = _whole_target(spectra, _spectra(estimate[source], fft_length), taps, pool)
            everything[:, :, source] = _lu_solution(gram, target)
            here = slice(source * channels, (source + 1) * channels)
            alone = sources == 1
            own[source] = everything[:, :, source] if alone else _lu_solution(gram[here, :, here], target[here])
    filters = (everything.reshape(width, taps, width), own)
    return torch.from_numpy(filters[0]).to(refs.device), torch.from_numpy(filters[1]).to(refs.device)


def _spectra(signals: Reals, fft_length: int) -> Spectra:
    """Whole spectra of zero-padded signals, along the last axis."""
    return np.asarray(scipy.fftpack.fft(signals, n=fft_length), dtype=np.complex128)  # type: ignore[arg-type]  # stubs


def _lags(first: Spectra, second: Spectra, taps: int) -> tuple[Reals, Reals]:
    """Correlation at lags 0, -1, … and at lags 0, 1, …, each ``(taps,)``, from whole spectra."""
    lags: Reals = np.real(np.asarray(scipy.fftpack.ifft(first * np.conj(second)), dtype=np.complex128))
    return np.hstack((lags[0], lags[-1:-taps:-1])), lags[:taps]


def _whole_gram(spectra: Spectra, taps: int, pool: Executor) -> Reals:
    """Inner products of delayed references, ``(width, taps, width, taps)``, from spectra ``(width, fft_length)``."""
    width = spectra.shape[0]
    gram = np.zeros((width, taps, width, taps))
    pairs = list(itertools.combinations_with_replacement(range(width), 2))
    for (p, q), (column, row) in zip(
        pairs, pool.map(lambda pair: _lags(spectra[pair[1]], spectra[pair[0]], taps), pairs), strict=True
    ):
        gram[q, :, p] = scipy.linalg.toeplitz(column, r=row)
        gram[p, :, q] = gram[q, :, p].T
    return gram


def _whole_target(references: Spectra, estimate: Spectra, taps: int, pool: Executor) -> Reals:
    """Inner products of delayed references and one estimate, ``(width, taps, channels)``."""
    target = np.zeros((references.shape[0], taps, estimate.shape[0]))
    pairs = list(itertools.product(range(references.shape[0]), range(estimate.shape[0])))
    for (p, channel), (column, _) in zip(
        pairs, pool.map(lambda pair: _lags(references[pair[0]], estimate[pair[1]], taps), pairs), strict=True
    ):
        target[p, :, channel] = column
    return target


def _lu_solution(gram: Reals, target: Reals) -> Reals:
    """Filters in the target's shape; the shortest least-squares solution where the equations are singular."""
    size, channels = gram.shape[0] * gram.shape[1], target.shape[-1]
    square, right = gram.reshape(size, size), target.reshape(size, channels)
    try:
        solution = np.linalg.solve(square + np.finfo(float).eps * np.eye(size), right)
    except np.linalg.LinAlgError:
        solution = np.linalg.lstsq(square, right)[0]
    return np.asarray(solution, dtype=np.float64).reshape(target.shape)

"""Where blocks of one recording lie in another: the coarse half of alignment.

Blocks of a few seconds of the original are sought in the counterpart by generalised cross-correlation with PHAT-β
weights, which flatten both spectra so that neither a loud voice nor a tonal chord decides. Every block proposes
several lags; the best chain of proposals whose lags follow one slowly drifting line, with rare jumps (cuts),
wins. A repetitive loop has peaks at every bar, but only at the true lag do the breaks and fills of all blocks agree.

Lags are in seconds: the original at t lies at t + lag in the counterpart.

References
----------
Knapp and Carter, "The generalized correlation method for estimation of time delay", IEEE TASSP 24(4), 1976.
Donohue, Hannemann and Dietz, "Performance of phase transform for detecting sound sources", Signal Processing 87(7),
2007 (PHAT-β).
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_INTERPOLATION_TAPS = 8
_FRACTIONS = np.linspace(-0.5, 0.5, 9)
_DISTANCES = np.arange(-_INTERPOLATION_TAPS, _INTERPOLATION_TAPS + 1) - _FRACTIONS[:, None]
_INTERPOLATION = np.sinc(_DISTANCES) * np.square(np.cos(0.5 * np.pi * _DISTANCES / (_INTERPOLATION_TAPS + 1.0)))


@dataclass(frozen=True, kw_only=True)
class BlockPeaks:
    """Proposed lags of each block; shapes (blocks,) and (blocks, peaks)."""

    times_s: Floats
    """Centre of each block in the original."""
    audible: NDArray[np.bool_]
    """Whether the block has sound in the original, and the counterpart has some around it."""
    lags_s: Floats
    scores: Floats
    """Correlation at the peak in robust standard deviations of that block's correlation; the sign is the polarity."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LagRun:
    """A stretch of the original over which lags follow one line; the best chain is made of one or more of these."""

    times_s: Floats
    lags_s: Floats
    score: float
    polarity: int

    @property
    def begin_s(self) -> float:
        """Centre of the first block."""
        return float(self.times_s[0])

    @property
    def end_s(self) -> float:
        """Centre of the last block."""
        return float(self.times_s[-1])


@dataclass(frozen=True, kw_only=True)
class BlockPlan:
    """How blocks are laid and searched."""

    rate_hz: int = 4000
    """Working rate: the peak is then 0.25 ms wide, and 200 ppm of drift smear a block by 0.6 ms only."""
    lowest_hz: float = 40.0
    """Rumble and DC below tell nothing about the lag."""
    block_s: float = 3.0
    min_hop_s: float = 1.5
    max_blocks: int = 96
    """Long tracks get sparser blocks: bounded cost."""
    reach_s: float = 12.0
    """Lags tried on either side of the centre: encoder delays are milliseconds, lead-ins a few seconds."""
    num_peaks: int = 6
    beta: float = 0.75
    """PHAT-β: 1 whitens fully (and lifts codec noise), 0 not at all; 0.7–0.8 is best in noise (Donohue 2007)."""
    min_score: float = 6.0
    """Below this many robust deviations a peak of 96,000 may be chance (normal noise: 4.5; music has longer tails)."""
    max_score: float = 30.0
    """A block counts no more than this, so that a few loud ones cannot outvote the rest."""
    jump_cost: float = 60.0
    """A jump of the lag must be borne out by three good blocks on its far side."""
    cost_per_s: float = 0.02
    """Per block and second from the centre of the search: of lags that a perfect loop makes equal, the nearest wins."""
    max_drift: float = 4e-4
    """Drifts up to ±400 ppm count as one line."""
    jitter_s: float = 6e-4


def find_block_peaks(
    original: NDArray[np.float32], counterpart: NDArray[np.float32], centre_s: float, plan: BlockPlan
) -> BlockPeaks:
    """Propose lags for blocks of `original`, both mono at `plan.rate_hz`, within `plan.reach_s` of `centre_s`."""
    rate = plan.rate_hz
    block, reach = int(plan.block_s * rate), int(plan.reach_s * rate)
    block = min(block, max(len(original), 1))
    starts = _block_starts(len(original), block, plan)
    size = scipy.fft.next_fast_len(block + 2 * reach, real=True)
    shape = (len(starts), plan.num_peaks)
    lags, scores, audible = np.zeros(shape), np.zeros(shape), np.zeros(len(starts), dtype=bool)
    silence = (_silence(original), _silence(counterpart))
    centre = round(centre_s * rate)
    for row, start in enumerate(starts):
        piece = original[start : start + block]
        region = _stretch(counterpart, int(start) + centre - reach, block + 2 * reach)
        opposite = region[reach : reach + block]
        audible[row] = _power(piece) > silence[0] and _power(opposite) > silence[1]
        if _power(piece) <= silence[0] or not np.any(region):
            continue
        correlation = _phat(piece, region, size, plan)
        peaks, scores[row] = _pick_peaks(correlation, plan.num_peaks, width=max(1, int(0.004 * rate)))
        lags[row] = (peaks - reach + centre) / rate
    return BlockPeaks(times_s=(starts + block / 2) / rate, audible=audible, lags_s=lags, scores=scores)


def _block_starts(num_samples: int, block: int, plan: BlockPlan) -> NDArray[np.int64]:
    room = max(num_samples - block, 0)
    hop = max(plan.min_hop_s * plan.rate_hz, room / max(plan.max_blocks - 1, 1))
    starts: NDArray[np.int64] = np.rint(np.arange(int(room / hop) + 1) * hop).astype(np.int64)
    return starts


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0


def _silence(samples: NDArray[np.float32]) -> float:
    """Power below which a stretch counts as silent: 50 dB under the track's mean, and never below 16-bit dither."""
    return max(1e-5 * _power(samples), 1e-9)


def _stretch(samples: NDArray[np.float32], start: int, length: int) -> NDArray[np.float32]:
    """Cut `length` samples from `start`, with zeros outside the signal."""
    out = np.zeros(length, dtype=np.float32)
    begin, end = max(start, 0), min(start + length, len(samples))
    if end > begin:
        out[begin - start : end - start] = samples[begin:end]
    return out


def _phat(piece: NDArray[np.float32], region: NDArray[np.float32], size: int, plan: BlockPlan) -> NDArray[np.float32]:
    """Correlate whitened signals, over the local energy of the whitened region: the lag of a loop's loudest repeat
    must not win over that of the repeat which fits.
    """
    first = _whitened(piece, size, 1, plan)
    # Smoothed to the resolution of a block: whitening the lines of a loop that fills the region would take its middle
    # repeats away and leave its ends.
    second = _whitened(region, size, 2 * (size // max(len(piece), 1)) + 1, plan)
    correlation: NDArray[np.float32] = scipy.fft.irfft(np.conj(first) * second, size, workers=1)
    energy = np.square(scipy.fft.irfft(second, size, workers=1))
    sums = np.concatenate([np.zeros(1), np.cumsum(energy, dtype=np.float64)])
    local = sums[len(piece) : len(region) + 1] - sums[: len(region) + 1 - len(piece)]
    normalised: NDArray[np.float32] = correlation[: len(local)] / np.sqrt(
        np.maximum(local, 0.02 * local.max() + 1e-30)
    ).astype(np.float32)
    return normalised


def _whitened(samples: NDArray[np.float32], size: int, smoothing: int, plan: BlockPlan) -> NDArray[np.complex64]:
    """Spectrum over its own magnitude to the power β."""
    spectrum: NDArray[np.complex64] = scipy.fft.rfft(samples, size, workers=1)
    magnitude = scipy.ndimage.uniform_filter1d(np.abs(spectrum), smoothing)
    spectrum /= np.maximum(magnitude, 1e-4 * magnitude.max() + 1e-20) ** plan.beta
    spectrum[: int(plan.lowest_hz / plan.rate_hz * size)] = 0.0
    return spectrum


def _pick_peaks(correlation: NDArray[np.float32], count: int, width: int) -> tuple[Floats, Floats]:
    """Find the `count` largest |values|, `width` samples apart: places to an eighth of a sample, and heights over the
    robust deviation of all values.
    """
    deviation = float(np.median(np.abs(correlation))) / 0.6745 + 1e-20
    left = np.abs(correlation)
    places, values = np.zeros(count), np.zeros(count)
    for index in range(count):
        place = int(np.argmax(left))
        left[max(place - width, 0) : place + width + 1] = 0.0
        places[index], values[index] = _between_samples(correlation, place)
    return places, values / deviation


def _between_samples(correlation: NDArray[np.float32], place: int) -> tuple[float, float]:
    """Place and height of a peak, interpolated: halfway between samples a third of the height would be missed."""
    around = correlation[place - _INTERPOLATION_TAPS : place + _INTERPOLATION_TAPS + 1]
    if len(around) != 2 * _INTERPOLATION_TAPS + 1:
        return float(place), float(correlation[place])
    heights = (_INTERPOLATION * around).sum(axis=1)
    best = int(np.argmax(np.abs(heights)))
    return place + float(_FRACTIONS[best]), float(heights[best])


def best_chain(peaks: BlockPeaks, centre_s: float, plan: BlockPlan) -> list[LagRun]:
    """Chain peaks over time at the greatest total score; the runs between jumps, in order of time.

    Dynamic programming over all peaks worth considering: a peak continues an earlier one at no cost where lag and
    polarity agree, and at `plan.jump_cost` where they do not. Blocks may be left out (a voice drowned them).
    """
    rows, columns = np.nonzero(np.abs(peaks.scores) >= plan.min_score)
    if not len(rows):
        return []
    times, lags = peaks.times_s[rows], peaks.lags_s[rows, columns]
    signed = peaks.scores[rows, columns]
    strength = np.abs(peaks.scores)
    relative = (strength / np.maximum(strength.max(axis=1, keepdims=True), 1e-9))[rows, columns]
    worth = (np.minimum(np.abs(signed), plan.max_score) - 0.5 * plan.min_score) * relative
    worth -= plan.cost_per_s * np.abs(lags - centre_s)
    total, previous, jumped = worth.copy(), np.full(len(rows), -1), np.zeros(len(rows), dtype=bool)
    for node in range(len(rows)):
        earlier = np.flatnonzero(rows[:node] < rows[node])
        if not len(earlier):
            continue
        allowed = plan.max_drift * (times[node] - times[earlier]) + plan.jitter_s
        continues = (np.abs(lags[earlier] - lags[node]) <= allowed) & (signed[earlier] * signed[node] > 0)
        gains = total[earlier] - np.where(continues, 0.0, plan.jump_cost)
        best = int(np.argmax(gains))
        if gains[best] > 0:
            total[node] += gains[best]
            previous[node], jumped[node] = earlier[best], not continues[best]
    return _runs(_trace(int(np.argmax(total)), previous), jumped, times, lags, signed, worth)


def _trace(last: int, previous: NDArray[np.int64]) -> list[int]:
    chain = [last]
    while previous[chain[-1]] >= 0:
        chain.append(int(previous[chain[-1]]))
    return chain[::-1]


def _runs(
    chain: list[int], jumped: NDArray[np.bool_], times: Floats, lags: Floats, signed: Floats, worth: Floats
) -> list[LagRun]:
    breaks = [index for index, node in enumerate(chain) if index and jumped[node]]
    runs = []
    for begin, end in zip([0, *breaks], [*breaks, len(chain)], strict=True):
        nodes = np.asarray(chain[begin:end])
        runs.append(
            LagRun(
                times_s=times[nodes],
                lags_s=lags[nodes],
                score=float(worth[nodes].sum()),
                polarity=1 if signed[nodes].sum() >= 0 else -1,
            )
        )
    return runs

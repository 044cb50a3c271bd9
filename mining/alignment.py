"""How one recording lies on another in time: offset, drift, polarity, cuts, with confidence and uncertainty.

Coarse to fine: chained block correlations (`mining.block_lags`) find the lag to 0.3 ms wherever it is, with drifts
and cuts; short coherence-weighted windows (`mining.fine_lags`) find it to some microseconds; a fit over all cells
(`mining.cell_fit`) ends below one. The original at t lies at t + offset_s + drift · t in the counterpart.
"""

from dataclasses import dataclass, replace

import numpy as np
import soxr
from numpy.typing import NDArray

from mining.block_lags import BlockPeaks, BlockPlan, LagRun, best_chain, find_block_peaks
from mining.cell_fit import CellFit, fit_cells
from mining.fine_lags import WindowLags, fit_line, window_lags
from mining.paired_frames import LagLine, PairedFrames, advanced, pair_frames

Mono = NDArray[np.float32]

INLIER_S = 1e-4
"""A window agrees with the line within 0.1 ms: a real backing does to some microseconds, chance to one in thirty."""
_REACH_S = 1.5e-3
_COARSE_SCALE_S = 1.5e-4
_FINE_SCALE_S = 1e-6
_MIN_FRAMES = 32


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """The relation found in time. Always filled; `confidence` says whether to believe it."""

    line: LagLine
    gain: float
    """Signed factor that brings the counterpart to the original's level."""
    gain_uncertainty_db: float
    offset_uncertainty_s: float
    scatter_s: float
    """Robust deviation of window lags about the line: wow, warping, or noise where the voice is loud."""
    chain_blocks: int
    """Blocks on the main run."""
    block_share: float
    """Share of audible blocks whose coarse lag lies on the main run."""
    chain_share: float
    """Share of audible blocks on any run of the chain."""
    window_share: float
    """Share of audible windows whose fine lag lies within 0.1 ms of the line."""
    mean_height: float
    """Mean phase agreement of those windows, 0..1."""
    num_cuts: int
    """Jumps of the lag along the original."""
    longest_gap_s: float
    """Longest stretch of audible windows in a row that do not agree."""

    @property
    def polarity(self) -> int:
        """+1, or −1 where the counterpart is inverted."""
        return 1 if self.gain >= 0 else -1


def align(
    original: Mono, counterpart: Mono, rate_hz: int, *, centre_s: float, plan: BlockPlan
) -> tuple[Alignment, PairedFrames]:
    """Align two mono recordings at one rate.

    Parameters
    ----------
    original, counterpart : float32, shape (num_samples,), finite
    centre_s : lag about which to search
    plan : how coarse blocks are laid

    Returns
    -------
    Alignment, PairedFrames
        And the frames of both, paired along its line: within the main run where there are cuts.
    """
    peaks = find_block_peaks(
        soxr.resample(original, rate_hz, plan.rate_hz, quality="HQ"),
        soxr.resample(counterpart, rate_hz, plan.rate_hz, quality="HQ"),
        centre_s,
        plan,
    )
    runs = best_chain(peaks, centre_s, plan)
    main = max(runs, key=lambda run: run.score) if runs else None
    line = _coarse_line(main)
    begin_s, end_s = _span(main, runs)
    line, scale = _refine_by_windows(original, counterpart, rate_hz, line, begin_s, end_s)
    frames = pair_frames(original, counterpart, rate_hz, line, begin_s=begin_s, end_s=end_s)
    fit, line, frames = _refine_by_cells(line, frames)
    final = window_lags(frames, _REACH_S)
    return _judge(peaks, runs, main, line, fit, final, scale), frames


def _coarse_line(main: LagRun | None) -> LagLine:
    if main is None:
        return LagLine(offset_s=0.0, drift=0.0)
    weights = np.ones_like(main.lags_s)
    return fit_line(main.times_s, main.lags_s, weights, _COARSE_SCALE_S)[0]


def _span(main: LagRun | None, runs: list[LagRun]) -> tuple[float, float]:
    """Span of the main run, open where no cut bounds it; a block across a cut may lie on either side."""
    if main is None:
        return -np.inf, np.inf
    index = runs.index(main)
    begin = -np.inf if index == 0 else main.begin_s
    end = np.inf if index == len(runs) - 1 else main.end_s
    return begin, end


def _refine_by_windows(
    original: Mono, counterpart: Mono, rate_hz: int, line: LagLine, begin_s: float, end_s: float
) -> tuple[LagLine, float]:
    """Move the line onto the windows' lags, in two passes: the second sees the drift corrected."""
    scale = _COARSE_SCALE_S
    for reach in (_REACH_S, 0.3 * _REACH_S):
        frames = pair_frames(original, counterpart, rate_hz, line, begin_s=begin_s, end_s=end_s)
        windows = window_lags(frames, reach)
        weights = np.square(np.abs(windows.heights)) * windows.audible
        if weights.sum() <= 0.0:
            break
        fitted, scale = fit_line(windows.times_s, windows.lags_s, weights, _FINE_SCALE_S)
        line = line.moved(fitted.offset_s, fitted.drift)
    return line, scale


def _refine_by_cells(line: LagLine, frames: PairedFrames) -> tuple[CellFit, LagLine, PairedFrames]:
    fit = CellFit(gain=1e-6, line=LagLine(offset_s=0.0, drift=0.0), offset_uncertainty_s=1.0, gain_uncertainty_db=99.0)
    if frames.num_frames < _MIN_FRAMES:
        return fit, line, frames
    fit = replace(fit, gain=_first_gain(frames))
    for steps in (3, 2):
        step = fit_cells(frames, fit.gain, steps)
        if abs(step.line.at(frames.times_s)).max() > INLIER_S:  # ran away: nothing fits
            break
        fit = step
        line = line.moved(fit.line.offset_s, fit.line.drift)
        frames = advanced(frames, fit.line)
    return fit, line, frames


def _first_gain(frames: PairedFrames) -> float:
    """Median over frames of the real least-squares gain; its sign is the polarity."""
    x, y = frames.original, frames.counterpart
    agreement = (x.real * y.real + x.imag * y.imag).sum(axis=1, dtype=np.float64)
    power = np.square(np.abs(y)).sum(axis=1, dtype=np.float64)
    heard = power > 1e-5 * power.mean()
    gain = float(np.median(agreement[heard] / power[heard])) if heard.any() else 0.0
    return gain if abs(gain) > 1e-6 else 1e-6


def _judge(
    peaks: BlockPeaks,
    runs: list[LagRun],
    main: LagRun | None,
    line: LagLine,
    fit: CellFit,
    windows: WindowLags,
    scale: float,
) -> Alignment:
    audible = max(int(peaks.audible.sum()), 1)
    agreeing = windows.audible & (np.abs(windows.lags_s) < INLIER_S) & (windows.heights * np.sign(fit.gain) > 0)
    num_agreeing = int(agreeing.sum())
    return Alignment(
        line=line,
        gain=fit.gain,
        gain_uncertainty_db=fit.gain_uncertainty_db,
        offset_uncertainty_s=fit.offset_uncertainty_s,
        scatter_s=scale,
        chain_blocks=len(main.times_s) if main else 0,
        block_share=min(1.0, len(main.times_s) / audible) if main else 0.0,
        chain_share=min(1.0, sum(len(run.times_s) for run in runs) / audible),
        window_share=num_agreeing / max(int(windows.audible.sum()), 1),
        mean_height=float(np.abs(windows.heights[agreeing]).mean()) if num_agreeing else 0.0,
        num_cuts=max(len(runs) - 1, 0),
        longest_gap_s=_longest_gap(windows, agreeing),
    )


def _longest_gap(windows: WindowLags, agreeing: NDArray[np.bool_]) -> float:
    """Measure the longest run of audible windows without agreement; silent ones neither add nor break."""
    if len(windows.times_s) < 2:
        return 0.0
    marks = agreeing[windows.audible]
    edges = np.flatnonzero(np.concatenate([[True], marks, [True]]))
    return float((np.diff(edges) - 1).max() * (windows.times_s[1] - windows.times_s[0]))

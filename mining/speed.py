"""Whether a counterpart that does not align is the same recording at another speed.

A changed speed smears every block's correlation at sample level, but not that of onset envelopes, ten milliseconds
wide: their lags run along a steep line, whose slope is the speed. It only proposes; the caller resamples and aligns.
"""

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from mining.block_lags import BlockPlan, best_chain, find_block_peaks
from mining.fine_lags import fit_line
from mining.spectra import frames_at

_ENVELOPE_HZ = 100
_NUM_BANDS = 12
_SCALE_S = 0.005
_MIN_BLOCKS = 5
_PLAN = BlockPlan(
    rate_hz=_ENVELOPE_HZ,
    lowest_hz=0.5,
    block_s=6.0,
    min_hop_s=1.5,
    reach_s=8.0,
    beta=0.3,
    min_score=4.0,
    max_score=15.0,
    jump_cost=60.0,
    max_drift=0.03,
    jitter_s=0.02,
)


def propose_speed(original: NDArray[np.float32], counterpart: NDArray[np.float32], rate_hz: int) -> float | None:
    """Estimate the relative speed s for which original(t) lies at (1 + s) · t + constant in the counterpart.

    Parameters
    ----------
    original, counterpart : float32, shape (num_samples,), at `rate_hz`

    Returns
    -------
    float or None
        To about 100 ppm over a minute, within ±3 %; None where onsets do not agree.
    """
    first, second = (onset_envelope(signal, rate_hz) for signal in (original, counterpart))
    if min(len(first), len(second)) < 2 * _PLAN.block_s * _ENVELOPE_HZ:
        return None
    runs = best_chain(find_block_peaks(first, second, 0.0, _PLAN), 0.0, _PLAN)
    main = max(runs, key=lambda run: run.score, default=None)
    if main is None or len(main.times_s) < _MIN_BLOCKS:
        return None
    line, _ = fit_line(main.times_s, main.lags_s, np.ones_like(main.lags_s), _SCALE_S)
    return line.drift


def onset_envelope(signal: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """Summed rises of log energy in bands, less their slow mean; float32, at 100 Hz."""
    n_fft = int(2 ** np.ceil(np.log2(0.03 * rate_hz)))
    if len(signal) <= n_fft:
        return np.zeros(0, dtype=np.float32)
    count = int((len(signal) - n_fft) / rate_hz * _ENVELOPE_HZ)
    starts = np.rint(np.arange(count) * rate_hz / _ENVELOPE_HZ).astype(np.int64)
    power = np.square(np.abs(frames_at(signal, starts, n_fft)))
    edges = np.unique(np.geomspace(2, power.shape[1] - 1, _NUM_BANDS + 1).astype(np.int64))[:-1]
    bands = np.add.reduceat(power, edges, axis=1)
    level = np.log(bands + 1e-3 * bands.mean(axis=0) + 1e-12)
    rises = np.maximum(np.diff(level, axis=0, prepend=level[:1]), 0.0).sum(axis=1)
    envelope: NDArray[np.float32] = (rises - scipy.ndimage.uniform_filter1d(rises, _ENVELOPE_HZ)).astype(np.float32)
    return envelope

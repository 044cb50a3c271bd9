"""What is left when the counterpart is taken from the original: residual, voice, activity, vocal-to-backing ratio.

All on paired frames (`mining.paired_frames`) and a signed gain (`mining.cell_fit`). Two residuals are kept apart:

- with one gain for the whole track: what a target made from the pair is left with;
- with a gain per frame, fitted where nobody sings: what remains beyond a limiter's pumping. This one tells a duplicate
  mix (nothing remains but codec noise, thinly spread) from a pair (a voice remains, that owns whole cells).

For an acapella the counterpart is the voice and what is left is the backing; `residual_db` keeps its meaning (how
little is left where the counterpart rules), activity is read from the counterpart itself.
"""

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from mining.paired_frames import Floats, PairedFrames
from mining.quality import LOWEST_DB, combine_sdr_db

Kind = Literal["instrumental", "acapella"]

_VOICE_HZ = (150.0, 6000.0)
_REGION_FRAMES = 8
_NUM_BANDS = 12
_QUIETEST_SHARE = 0.1
_VOICELESS_QUANTILE = 0.3
_SUNG_NOISE = 4.0  # codecs put noise where the voice masks it: 6 dB more in sung frames, on 83 synthetic pairs
_LOWEST_TENTH = 0.1
_FLOOR_DB = -120.0
_LOCAL_GAIN_RANGE = (0.25, 2.0)  # limiters duck a frame by less than 12 dB, and lift it by less than 6
_LOCAL_STEPS = 2
_NEIGHBOURHOOD = (3, 5)
_OWNED = 0.5  # a cell is owned by what is left when that holds half its energy
_ACTIVE_BELOW_PEAK = 10.0**-3.5
_ACTIVE_OVER_FLOOR = 4.0
_ACTIVE_OVER_BACKING = 10.0**-2.0
_ACTIVE_OWNED_SHARE = 0.02


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Measurements of a pair beyond its alignment."""

    residual_db: float
    """Energy left / mixture energy in the time-frequency regions that fit best and hold a tenth of the energy."""
    local_residual_db: float
    """The same with a gain per frame: what is left beyond a limiter's pumping."""
    frame_residual_db: float
    """That by whole frames in the voice's band: the tenth of audible frames that fit best."""
    difference_share: float
    """Share of the mixture's energy in the voice's band that lies in cells owned by what is left, 0..1."""
    vocal_to_backing_db: float
    """Energy ratio in frames where somebody sings."""
    vocal_activity: float
    """Share of audible frames in which somebody sings, 0..1."""
    gain_spread_db: float
    """Robust deviation of the gain over frames without much voice: separate limiting moves it, a codec does not."""
    counterpart_only_share: float
    """Share of the counterpart that the original lacks in frames with voice, 0..1: large where it sings too."""
    bandwidth_hz: float
    """Frequency below which 99.9 % of the energy common to both lies."""
    active: NDArray[np.bool_]
    """Per frame, shape (frames,)."""
    local_gains: NDArray[np.float32]
    """Gain of each frame relative to the track's, shape (frames,)."""


def measure_levels(frames: PairedFrames, gain: float, kind: Kind) -> Levels:
    """Measure a pair on its paired frames.

    Parameters
    ----------
    frames : at least one frame
    gain : signed factor on the counterpart
    """
    x = frames.original
    fitted = frames.counterpart * np.float32(gain)
    left = _square(x - fitted)
    mixture = _square(x)
    band = (frames.frequencies_hz >= _VOICE_HZ[0]) & (frames.frequencies_hz <= _VOICE_HZ[1])
    local = local_gains(x, fitted)
    beyond = _square(x - fitted * local[:, None])
    heard = mixture.sum(axis=1, dtype=np.float64)
    audible = heard > max(1e-5 * float(heard.mean()), 1e-9)
    frame_floor = _best_fitting(_sum(beyond[:, band]), _sum(mixture[:, band]), audible)
    residual = region_residual(left, mixture, frames.frequencies_hz)
    local_residual = region_residual(beyond, mixture, frames.frequencies_hz)
    owned = _sum(np.where(beyond[:, band] > _OWNED * mixture[:, band], mixture[:, band], 0.0))
    whole = np.maximum(_sum(mixture[:, band]), 1e-20)
    if kind == "acapella":
        voice = _sum(_square(fitted)[:, band])
        active = audible & _sings(voice, whole)
    else:
        voice = _sum(beyond[:, band])
        floor = min(frame_floor, local_residual)
        active = audible & _sings(voice, whole) & (voice > _ACTIVE_OVER_FLOOR * floor * whole)
        active &= owned > _ACTIVE_OWNED_SHARE * whole
    active = scipy.ndimage.median_filter(active.astype(np.uint8), 5, mode="nearest").astype(bool) & audible
    return Levels(
        residual_db=decibels(residual),
        local_residual_db=decibels(local_residual),
        frame_residual_db=decibels(frame_floor),
        difference_share=float(owned[audible].sum() / max(float(whole[audible].sum()), 1e-20)),
        vocal_to_backing_db=decibels(_vocal_to_backing(beyond, _square(fitted), active, kind)),
        vocal_activity=float(active.sum()) / max(int(audible.sum()), 1),
        gain_spread_db=_spread_db(local[audible & ~active] if (audible & ~active).sum() > 8 else local[audible]),
        counterpart_only_share=_counterpart_only(mixture[:, band], _square(fitted[:, band] * local[:, None]), active),
        bandwidth_hz=_bandwidth(np.minimum(mixture, _square(fitted)), frames.frequencies_hz),
        active=active,
        local_gains=local,
    )


def target_sdrs_db(frames: PairedFrames, gain: float, levels: Levels) -> tuple[float, float]:
    """Predict the signal-to-distortion ratios of the half-wave and the waveform vocal of an instrumental pair.

    Returns
    -------
    float, float
        Half-wave: against the waveform difference, with the mixture's phase. Waveform: energy of the difference over
        the residual that would be there without a voice (`_voiceless_residual`), and what a limiter's pumping leaves
        of the backing. In dB, −30 to 60.
    """
    active = levels.active
    fitted = frames.counterpart * np.float32(gain)
    difference = frames.original - fitted
    mixture = np.abs(frames.original)
    half_wave = np.maximum(mixture - np.abs(fitted), 0.0)
    estimate = frames.original * (half_wave / np.maximum(mixture, np.float32(1e-12)))
    voice = float(_square(difference)[active].sum(dtype=np.float64))
    if voice <= 0.0:
        return LOWEST_DB, LOWEST_DB
    missed = float(_square(estimate - difference)[active].sum(dtype=np.float64))
    residual = _voiceless_residual(_square(difference), np.square(mixture), frames.frequencies_hz)
    noise = _SUNG_NOISE * float((residual * np.square(mixture)[active].sum(axis=0, dtype=np.float64)).sum())
    pumping = np.square(levels.local_gains.astype(np.float64) - 1.0) * _sum(_square(fitted))
    noise += float(pumping[active].sum())
    # the difference holds the voice and the noise: distortion relative to the voice alone
    waveform = combine_sdr_db(decibels(max(voice - noise, 1e-3 * voice) / max(noise, 1e-12 * voice)))
    return combine_sdr_db(decibels(voice / max(missed, 1e-12 * voice)), waveform), waveform


def _voiceless_residual(left: NDArray[np.float32], mixture: NDArray[np.float32], frequencies_hz: Floats) -> Floats:
    """Energy left / mixture energy that would remain without a voice, for each bin; shape (bins,).

    Minimum statistics: a voice leaves cells free between its harmonics and in its pauses, noise does not. Of noise,
    whose cells are exponentially distributed, the lowest tenth ends at 0.105 of the mean; so that quantile over a
    region gives its mean, and the lower third of regions in a band counts as voiceless.

    References
    ----------
    R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum statistics", 2001.
    """
    edges = [*_band_edges(frequencies_hz).tolist(), len(frequencies_hz)]
    smooth = scipy.ndimage.uniform_filter(mixture, (3, 9), mode="nearest")
    ratios = np.minimum(left / np.maximum(smooth, 1e-5 * smooth.mean() + 1e-12), np.float32(10.0))
    count = max(len(left) // _REGION_FRAMES, 1)
    residual = np.ones(len(frequencies_hz))
    for low, high in itertools.pairwise(edges):
        cells = ratios[: count * _REGION_FRAMES, low:high].reshape(count, -1)
        rank = int(_LOWEST_TENTH * cells.shape[1])
        floors = np.partition(cells, rank, axis=1)[:, rank] / -np.log1p(-_LOWEST_TENTH)
        residual[low:high] = min(float(np.quantile(floors, _VOICELESS_QUANTILE)), 1.0)
    return residual


def decibels(power_ratio: float) -> float:
    """Give 10 · log10, held to ±120 dB."""
    return float(np.clip(10.0 * np.log10(max(power_ratio, 1e-12)), _FLOOR_DB, -_FLOOR_DB))


def _square(spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _sum(cells: NDArray[np.float32]) -> Floats:
    return np.asarray(cells.sum(axis=1, dtype=np.float64))


def _vocal_to_backing(
    left: NDArray[np.float32], fitted: NDArray[np.float32], active: NDArray[np.bool_], kind: Kind
) -> float:
    voice, backing = (fitted, left) if kind == "acapella" else (left, fitted)
    if not active.any():
        return 0.0
    return float(voice[active].sum(dtype=np.float64)) / max(float(backing[active].sum(dtype=np.float64)), 1e-20)


def _sings(voice: Floats, mixture: Floats) -> NDArray[np.bool_]:
    """Frames whose voice is within 35 dB of its loud frames and within 20 dB of the mixture."""
    return np.asarray(
        (voice > _ACTIVE_BELOW_PEAK * np.quantile(voice, 0.95)) & (voice > _ACTIVE_OVER_BACKING * mixture)
    )


def local_gains(x: NDArray[np.complex64], fitted: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Gain of each frame relative to the track's, from the cells where little else sounds; float32, shape (frames,).

    Reweighted twice, since a limiter may have ducked the backing under the voice by several dB. Smoothed over three
    frames and bounded, so that a voice cannot be explained away.
    """
    overlap, power = _real_product(x, fitted), _square(fitted)
    cleanest = 1e-4 * scipy.ndimage.uniform_filter(_square(x), _NEIGHBOURHOOD, mode="nearest")
    gains = np.ones(len(x), dtype=np.float32)
    for _ in range(_LOCAL_STEPS):
        noise = scipy.ndimage.uniform_filter(_square(x - fitted * gains[:, None]), _NEIGHBOURHOOD, mode="nearest")
        weights: NDArray[np.float32] = np.reciprocal(np.maximum(noise + cleanest, np.float32(1e-12)))
        agreement, strength = (
            scipy.ndimage.uniform_filter1d(_sum(weights * cells), 3, mode="nearest") for cells in (overlap, power)
        )
        raw = np.where(strength > 1e-9, agreement / np.maximum(strength, 1e-9), 1.0)
        gains = np.clip(raw, *_LOCAL_GAIN_RANGE).astype(np.float32)
    return gains


def _real_product(x: NDArray[np.complex64], y: NDArray[np.complex64]) -> NDArray[np.float32]:
    return x.real * y.real + x.imag * y.imag


def _best_fitting(left: Floats, mixture: Floats, audible: NDArray[np.bool_]) -> float:
    """Energy left / mixture in those cells, frames or regions that fit best and hold a tenth of the energy."""
    left, mixture = left[audible], mixture[audible]
    if not len(left) or mixture.sum() <= 0.0:
        return 1.0
    order = np.argsort(left / np.maximum(mixture, 1e-20), kind="stable")
    energy = np.cumsum(mixture[order])
    last = int(np.searchsorted(energy, _QUIETEST_SHARE * energy[-1])) + 1
    chosen = order[:last]
    return min(float(left[chosen].sum()) / max(float(mixture[chosen].sum()), 1e-20), 1.0)


def region_residual(left: NDArray[np.float32], mixture: NDArray[np.float32], frequencies_hz: Floats) -> float:
    """Energy left / mixture in the best-fitting regions of eight frames by a twelfth of the log-frequency axis.

    Someone who sings without pause still leaves the bass and the cymbals alone.
    """
    edges = _band_edges(frequencies_hz)
    rows = np.arange(0, len(left), _REGION_FRAMES)
    regions = [
        np.add.reduceat(np.add.reduceat(cells, edges, axis=1, dtype=np.float64), rows, axis=0).ravel()
        for cells in (left, mixture)
    ]
    return _best_fitting(regions[0], regions[1], regions[1] > 1e-5 * regions[1].max())


def _band_edges(frequencies_hz: Floats) -> NDArray[np.int64]:
    """First bins of bands equally wide in log-frequency."""
    bounds = np.geomspace(frequencies_hz[0], frequencies_hz[-1], _NUM_BANDS + 1)[:-1]
    return np.unique(np.searchsorted(frequencies_hz, bounds)).astype(np.int64)


def _spread_db(gains: NDArray[np.float32]) -> float:
    if not len(gains):
        return 0.0
    in_db = 20.0 * np.log10(gains.astype(np.float64))
    return float(1.4826 * np.median(np.abs(in_db - np.median(in_db))))


def _counterpart_only(mixture: NDArray[np.float32], own: NDArray[np.float32], active: NDArray[np.bool_]) -> float:
    """Share of the counterpart's energy, in active frames, in cells where the original has less than a quarter of it.

    A mixture that contains the backing falls that low only where voice and backing happen to cancel (at equal levels:
    one cell in ten); of a voice in the counterpart alone, nearly all cells do.
    """
    if not active.any():
        return 0.0
    energy = own[active]
    alone = np.where(mixture[active] < 0.25 * energy, energy, np.float32(0.0))
    return float(alone.sum(dtype=np.float64)) / max(float(energy.sum(dtype=np.float64)), 1e-20)


def _bandwidth(common: NDArray[np.float32], frequencies_hz: Floats) -> float:
    energy = np.cumsum(common.sum(axis=0, dtype=np.float64))
    if energy[-1] <= 0.0:
        return 0.0
    return float(frequencies_hz[min(int(np.searchsorted(energy, 0.999 * energy[-1])), len(energy) - 1)])

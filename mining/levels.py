"""What is left when the counterpart is taken from the original: residual, voice, activity, vocal-to-backing ratio.

All on paired frames (`mining.paired_frames`) and a signed gain (`mining.cell_fit`). Two residuals are kept apart:

- with one gain for the whole track: what a target made from the pair is left with;
- with a gain per frame, fitted where nobody sings: what remains beyond a limiter's pumping. This one tells a duplicate
  mix (nothing remains but codec noise, thinly spread) from a pair (a voice remains, that owns whole cells).

For an acapella the counterpart is the voice and what is left is the backing; `residual_db` keeps its meaning (how
little is left where the counterpart rules), activity is read from the counterpart itself.
"""

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
_VOICELESS_QUANTILE = 0.2
_FLOOR_DB = -120.0
_LOCAL_GAIN_RANGE = 2.0  # a limiter moves a frame by less than ±6 dB against the track
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
    frame_residual_db: float
    """The same by whole frames in the voice's band: the tenth of audible frames that fit best."""
    difference_share: float
    """Share of the mixture's energy in the voice's band that lies in cells owned by what is left, 0..1."""
    vocal_to_backing_db: float
    """Energy ratio in frames where somebody sings."""
    vocal_activity: float
    """Share of audible frames in which somebody sings, 0..1."""
    gain_spread_db: float
    """Robust deviation of the gain over frames without much voice: separate limiting moves it, a codec does not."""
    active_gain_drop_db: float
    """How far agreement falls in frames with voice: near 0 for a true backing, large where the counterpart sings."""
    bandwidth_hz: float
    """Frequency below which 99.9 % of the energy common to both lies."""
    active: NDArray[np.bool_]
    """Per frame, shape (frames,)."""


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
    owned = _sum(np.where(beyond[:, band] > _OWNED * mixture[:, band], mixture[:, band], 0.0))
    whole = np.maximum(_sum(mixture[:, band]), 1e-20)
    if kind == "acapella":
        voice, backing = _sum(_square(fitted)[:, band]), _sum(left[:, band])
        active = audible & _sings(voice, whole)
    else:
        voice, backing = _sum(beyond[:, band]), _sum(_square(fitted)[:, band])
        floor = min(frame_floor, region_residual(beyond, mixture, frames.frequencies_hz))
        active = audible & _sings(voice, whole) & (voice > _ACTIVE_OVER_FLOOR * floor * whole)
        active &= owned > _ACTIVE_OWNED_SHARE * whole
    active = scipy.ndimage.median_filter(active.astype(np.uint8), 5, mode="nearest").astype(bool) & audible
    return Levels(
        residual_db=decibels(residual),
        frame_residual_db=decibels(frame_floor),
        difference_share=float(owned[audible].sum() / max(float(whole[audible].sum()), 1e-20)),
        vocal_to_backing_db=decibels(_ratio(voice, backing, active)),
        vocal_activity=float(active.sum()) / max(int(audible.sum()), 1),
        gain_spread_db=_spread_db(local[audible & ~active] if (audible & ~active).sum() > 8 else local[audible]),
        active_gain_drop_db=_drop_db(x[:, band], fitted[:, band], local, active),
        bandwidth_hz=_bandwidth(np.minimum(mixture, _square(fitted)), frames.frequencies_hz),
        active=active,
    )


def target_sdrs_db(frames: PairedFrames, gain: float, active: NDArray[np.bool_]) -> tuple[float, float]:
    """Predict the signal-to-distortion ratios of the half-wave and the waveform vocal of an instrumental pair.

    Returns
    -------
    float, float
        Half-wave: against the waveform difference, with the mixture's phase. Waveform: energy of the difference over
        the residual that would be there without a voice (`_voiceless_residual`). In dB, −30 to 60.
    """
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
    noise = float((residual * np.square(mixture)[active].sum(axis=0, dtype=np.float64)).sum())
    # the difference holds the voice and the noise: distortion relative to the voice alone
    waveform = combine_sdr_db(decibels(max(voice - noise, 1e-3 * voice) / max(noise, 1e-12 * voice)))
    return combine_sdr_db(decibels(voice / max(missed, 1e-12 * voice)), waveform), waveform


def _voiceless_residual(left: NDArray[np.float32], mixture: NDArray[np.float32], frequencies_hz: Floats) -> Floats:
    """Energy left / mixture energy for each bin, by the best-fitting fifth of regions in its band; shape (bins,)."""
    edges, rows = _band_edges(frequencies_hz), np.arange(0, len(left), _REGION_FRAMES)
    regions = [
        np.add.reduceat(np.add.reduceat(cells, edges, axis=1, dtype=np.float64), rows, axis=0)
        for cells in (left, mixture)
    ]
    heard = regions[1] > 1e-4 * regions[1].mean(axis=0)
    ratios = np.where(heard, regions[0] / np.maximum(regions[1], 1e-20), np.nan)
    per_band = [
        float(np.quantile(column[~np.isnan(column)], _VOICELESS_QUANTILE)) if not np.isnan(column).all() else 1.0
        for column in ratios.T
    ]
    return np.repeat(np.minimum(per_band, 1.0), np.diff([*edges, len(frequencies_hz)]))


def decibels(power_ratio: float) -> float:
    """Give 10 · log10, held to ±120 dB."""
    return float(np.clip(10.0 * np.log10(max(power_ratio, 1e-12)), _FLOOR_DB, -_FLOOR_DB))


def _square(spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _sum(cells: NDArray[np.float32]) -> Floats:
    return np.asarray(cells.sum(axis=1, dtype=np.float64))


def _ratio(above: Floats, below: Floats, chosen: NDArray[np.bool_]) -> float:
    if not chosen.any():
        return 0.0
    return float(above[chosen].sum()) / max(float(below[chosen].sum()), 1e-20)


def _sings(voice: Floats, mixture: Floats) -> NDArray[np.bool_]:
    """Frames whose voice is within 35 dB of its loud frames and within 20 dB of the mixture."""
    return np.asarray(
        (voice > _ACTIVE_BELOW_PEAK * np.quantile(voice, 0.95)) & (voice > _ACTIVE_OVER_BACKING * mixture)
    )


def local_gains(x: NDArray[np.complex64], fitted: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Gain of each frame relative to the track's, from the cells where little else sounds; float32, shape (frames,).

    Smoothed over three frames and held within ±6 dB, so that a voice cannot be explained away.
    """
    noise = scipy.ndimage.uniform_filter(_square(x - fitted), (3, 5), mode="nearest")
    noise += 1e-4 * scipy.ndimage.uniform_filter(_square(x), (3, 5), mode="nearest")
    weights = 1.0 / np.maximum(noise, np.float32(1e-12))
    agreement = _sum(weights * (x.real * fitted.real + x.imag * fitted.imag))
    power = _sum(weights * _square(fitted))
    smooth = [scipy.ndimage.uniform_filter1d(values, 3, mode="nearest") for values in (agreement, power)]
    gains = np.where(smooth[1] > 1e-9, smooth[0] / np.maximum(smooth[1], 1e-9), 1.0)
    return np.clip(gains, 1.0 / _LOCAL_GAIN_RANGE, _LOCAL_GAIN_RANGE).astype(np.float32)


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


def _drop_db(
    x: NDArray[np.complex64], fitted: NDArray[np.complex64], local: NDArray[np.float32], active: NDArray[np.bool_]
) -> float:
    """Gain by plain least squares over active frames, against the frames' robust gains.

    A voice in the original only is uncorrelated with the backing and moves nothing; a voice that the counterpart sings
    too, but differently, adds to its power and not to the agreement.
    """
    if not active.any():
        return 0.0
    y = fitted[active] * local[active, None]
    agreement = float((x[active].real * y.real + x[active].imag * y.imag).sum(dtype=np.float64))
    power = float(_square(y).sum(dtype=np.float64))
    return 2.0 * decibels(max(agreement, 0.0) / max(power, 1e-20)) * -1.0 if power > 0.0 else 0.0


def _bandwidth(common: NDArray[np.float32], frequencies_hz: Floats) -> float:
    energy = np.cumsum(common.sum(axis=0, dtype=np.float64))
    if energy[-1] <= 0.0:
        return 0.0
    return float(frequencies_hz[min(int(np.searchsorted(energy, 0.999 * energy[-1])), len(energy) - 1)])

"""Segments: the aligned pair cut into patches of magnitudes with the vocal derived, ready for a shard.

Consecutive segments of a pair abut, so that laying them end to end gives the whole track; `num_frames` of the last one
may be less than a patch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_manifests.ids import segment_id
from data_manifests.profiles import SignalProfile
from data_manifests.resampling import resample
from mining.quality import segment_weight
from mining.spectra import magnitudes
from mining.targets import Placement, activity, align_counterpart, half_wave_target, waveform_target

Samples = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class PairAudio:
    """Both recordings of a pair as decoded: float32 of shape (channels, num_samples), and their rates."""

    original: Samples
    original_rate_hz: int
    counterpart: Samples
    counterpart_rate_hz: int


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The sources on the original's timeline: waveforms (num_samples,), magnitudes (frames, bins)."""

    mixture: Samples
    vocals: Samples | None
    """None where the vocal is known only as a magnitude."""
    instrumental: Samples
    mixture_magnitudes: Samples
    vocal_magnitudes: Samples
    instrumental_magnitudes: Samples


def separate_pair(pair: PairAudio, decided: Mapping[str, Any], profile: SignalProfile) -> Sources:
    """Derive the sources of an accepted pair.

    Parameters
    ----------
    decided
        The pair's row of `pairs`: its evidence, `kind` and `target_kind`.

    Notes
    -----
    `half_wave`: vocals = max(|mixture| − |instrumental|, 0). `waveform`: the difference of the waveforms. `acapella`:
    the counterpart is the voice itself, and the instrumental is what it leaves of the mixture.
    """
    rate = profile.sample_rate_hz
    mixture = _mono(resample(pair.original, pair.original_rate_hz, rate))
    aligned = align_counterpart(
        _mono(pair.counterpart)[np.newaxis],
        pair.counterpart_rate_hz,
        rate,
        Placement.from_values(decided),
        mixture.size,
    )[0]
    mixture *= covered(pair, decided, rate, mixture.size)  # what only one recording has is no evidence of a voice
    mixture_magnitudes = magnitudes(mixture, profile)
    aligned_magnitudes = magnitudes(aligned, profile)
    if decided["target_kind"] == "acapella":
        rest = mixture - aligned
        instrumental_magnitudes = magnitudes(rest, profile)
        return Sources(
            mixture=mixture, vocals=aligned, instrumental=rest, mixture_magnitudes=mixture_magnitudes,
            vocal_magnitudes=aligned_magnitudes, instrumental_magnitudes=instrumental_magnitudes,
        )  # fmt: skip
    vocals = waveform_target(mixture, aligned) if decided["target_kind"] == "waveform" else None
    vocal_magnitudes = (
        half_wave_target(mixture_magnitudes, aligned_magnitudes) if vocals is None else magnitudes(vocals, profile)
    )
    return Sources(
        mixture=mixture, vocals=vocals, instrumental=aligned, mixture_magnitudes=mixture_magnitudes,
        vocal_magnitudes=vocal_magnitudes, instrumental_magnitudes=aligned_magnitudes,
    )  # fmt: skip


def cut_segments(
    pair: PairAudio,
    decided: Mapping[str, Any],
    profile: SignalProfile,
    *,
    min_vocal_activity: float,
    with_audio: bool,
) -> list[dict[str, Any]]:
    """Cut an accepted pair into segments.

    Returns
    -------
    One dict a segment with the columns of a shard: magnitudes float32 (num_frames, num_bins), audio float32
    (num_samples,). What only one recording covers is silent in all sources; segments
    that hold nothing else are left out.
    """
    sources = separate_pair(pair, decided, profile)
    active = activity(sources.vocal_magnitudes, sources.mixture_magnitudes)
    both = covered(pair, decided, profile.sample_rate_hz, sources.mixture.size)
    segments = []
    total_frames = -(-sources.mixture.size // profile.hop)
    for index, start in enumerate(range(0, total_frames, profile.patch_frames)):
        num_frames = min(profile.patch_frames, total_frames - start)
        stretch = slice(start, start + num_frames)
        heard = both[stretch.start * profile.hop : stretch.stop * profile.hop].any()
        if heard and (with_audio or active[stretch].mean() >= min_vocal_activity):
            segments.append(_segment(index, stretch, sources, active, decided, profile, with_audio))
    return segments


def covered(pair: PairAudio, decided: Mapping[str, Any], rate_hz: int, num_samples: int) -> NDArray[np.bool_]:
    """Tell which samples of the original, at `rate_hz`, the counterpart covers too: shape (num_samples,)."""
    time_s = np.arange(num_samples) / rate_hz
    there_s = time_s + decided["offset_s"] + 1e-6 * decided["drift_ppm"] * time_s
    length_s = pair.counterpart.shape[1] / pair.counterpart_rate_hz
    return np.asarray((there_s >= 0.0) & (there_s < length_s))


def _segment(
    index: int,
    stretch: slice,
    sources: Sources,
    active: Samples,
    decided: Mapping[str, Any],
    profile: SignalProfile,
    with_audio: bool,
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "segment_id": segment_id(decided["pair_id"], index),
        "start_s": stretch.start * profile.hop_s,
        "num_frames": stretch.stop - stretch.start,
        "weight": segment_weight(decided["predicted_sdr_db"], float(active[stretch].mean())),
        "mixture": sources.mixture_magnitudes[stretch],
        "vocals": sources.vocal_magnitudes[stretch],
        "instrumental": sources.instrumental_magnitudes[stretch],
        "activity": active[stretch],
    }
    for name in ("pair_id", "grade", "genre", "recording_id", "target_kind", "predicted_sdr_db"):
        values[name] = decided[name]
    if with_audio:
        values["mixture_audio"] = _samples(sources.mixture, stretch, profile)
        values["instrumental_audio"] = _samples(sources.instrumental, stretch, profile)
        values["vocals_audio"] = None if sources.vocals is None else _samples(sources.vocals, stretch, profile)
    return values


def _samples(signal: Samples, stretch: slice, profile: SignalProfile) -> Samples:
    return signal[stretch.start * profile.hop : stretch.stop * profile.hop]


def _mono(samples: Samples) -> Samples:
    return np.asarray(samples.mean(axis=0), dtype=np.float32)

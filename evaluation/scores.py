"""The scores of one song as tidy rows; the name of every metric states its variant.

==============================  ========================================================================================
``bsseval_v4_sdr`` (isr …)      median over 1 s frames, frames left out by museval's rule: every frame in which any
                                reference or estimate of the song is silent (museval 0.4.1)
``bsseval_v4_sdr_all_frames``   the same without that rule: every frame in which the target's own reference sounds
``usdr``                        one signal-to-noise ratio over the song (MDX 2021: 1e-7 added to both energies)
``si_sdr``                      scale-invariant SDR over the song, one scale for all channels (Le Roux et al. 2019)
``nsdr_usdr``                   ``usdr`` of the estimate minus ``usdr`` of the mixture
``lsd_db``                      log-spectral distance, dB, lower is better; floor 60 dB under the reference's peak
``lsd_db_half_wave``            the same against max(|mixture| - |other reference|, 0), where no waveform is known
==============================  ========================================================================================

All but the last are higher the better. ``num_frames`` counts what a value could rest on (1 for scores of a whole song),
``num_excluded`` what was left out. A value that does not exist is null and its ``note`` says why; no row is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.bsseval import FrameScores, bsseval_v4
from evaluation.songs import TARGETS, Song, Target, Waveform, fitted
from evaluation.spectrograms import Magnitudes, reference_magnitudes, spectrogram, window_samples

MDX_DELTA = 1e-7
LSD_FLOOR_DB = 60.0
LOWER_IS_BETTER = frozenset({"lsd_db", "lsd_db_half_wave"})
BSSEVAL_METRICS = ("sdr", "isr", "sir", "sar")


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One number, with what it rests on."""

    track_id: str
    system: str
    target: Target
    metric: str
    value: float | None
    num_frames: int
    num_excluded: int
    note: str | None
    genre: str | None
    reference_kind: str
    sample_rate_hz: int
    num_channels: int

    def as_dict(self) -> dict[str, object]:
        """Give the row as plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class _Score:
    """A metric's value before it is given its song and system."""

    metric: str
    value: float | None
    num_frames: int = 1
    num_excluded: int = 0
    note: str | None = None


def score_song(song: Song, estimates: Mapping[Target, Waveform], *, system: str, device: str = "cpu") -> list[ScoreRow]:
    """Score the estimates of one system for one song.

    Parameters
    ----------
    estimates
        "vocals", "instrumental" or both, ``(channels, samples)`` at the song's rate; channels and length are fitted to
        the references'.
    device
        Torch device of the BSSEval computation.

    Raises
    ------
    ValueError
        Where estimates hold NaN or infinity, or more channels than can be fitted.
    """
    given = {target: fitted(estimates[target], song.mixture) for target in TARGETS if target in estimates}
    for target, audio in given.items():
        if not np.isfinite(audio).all():
            raise ValueError(f"{system} on {song.track_id}: the estimate of {target} holds NaN or infinity")
    scores: dict[Target, list[_Score]] = {target: [] for target in given}
    for target, found in _framewise(song, given, device).items():
        scores[target] += found
    for target, audio in given.items():
        scores[target] += [*_whole_song(song, target, audio), _spectral(song, target, audio)]
    return [_row(song, system, target, score) for target, found in scores.items() for score in found]


def missing_rows(song: Song, system: str, note: str) -> list[ScoreRow]:
    """Rows without a value for a system that gave no estimate, so that it is counted and not dropped."""
    absent = _Score(metric="usdr", value=None, num_excluded=1, note=note)
    return [_row(song, system, target, absent) for target in TARGETS]


def _row(song: Song, system: str, target: Target, score: _Score) -> ScoreRow:
    return ScoreRow(
        track_id=song.track_id,
        system=system,
        target=target,
        genre=song.genre,
        reference_kind=song.reference_kind,
        sample_rate_hz=song.sample_rate_hz,
        num_channels=song.num_channels,
        **asdict(score),
    )


def _framewise(song: Song, given: Mapping[Target, Waveform], device: str) -> dict[Target, list[_Score]]:
    """BSSEval v4 of the targets that have both a reference and an estimate."""
    targets = [target for target in TARGETS if target in given and target in song.references]
    if not targets:
        return {}
    references = np.stack([song.references[target] for target in targets])
    frames = bsseval_v4(references, np.stack([given[target] for target in targets]), song.sample_rate_hz, device=device)
    alone = len(targets) == 1
    return {
        target: [
            score
            for metric in BSSEVAL_METRICS
            for score in (_museval_score(frames, metric, index, alone), _all_frames_score(frames, metric, index, alone))
        ]
        for index, target in enumerate(targets)
    }


def _museval_score(frames: FrameScores, metric: str, index: int, alone: bool) -> _Score:
    note = None
    if frames.excluded.all():
        note = "museval gives no number: in every frame a reference or an estimate is silent (or L = -R)"
    return _median_score(f"bsseval_v4_{metric}", frames.as_museval(metric)[index], note, alone)


def _all_frames_score(frames: FrameScores, metric: str, index: int, alone: bool) -> _Score:
    note = "the reference is silent throughout" if frames.unvoiced[index].all() else None
    return _median_score(f"bsseval_v4_{metric}_all_frames", frames.all_frames(metric)[index], note, alone)


def _median_score(name: str, values: NDArray[np.float64], note: str | None, alone: bool) -> _Score:
    defined = values[~np.isnan(values)]
    excluded = values.size - defined.size
    if alone and "_sir" in name:
        defined, note = defined[:0], "one target alone has no interference"
    if not defined.size:
        return _Score(metric=name, value=None, num_frames=values.size, num_excluded=excluded, note=note or "undefined")
    with np.errstate(invalid="ignore"):  # the mean of the two middle values may be inf - inf
        value = float(np.median(defined))
    return _Score(metric=name, value=value, num_frames=values.size, num_excluded=excluded, note=note)


def _whole_song(song: Song, target: Target, estimate: Waveform) -> list[_Score]:
    names = ("usdr", "si_sdr", "nsdr_usdr")
    reference = song.references.get(target)
    if reference is None or not reference.any():
        note = "no waveform reference" if reference is None else "the reference is silent throughout"
        return [_Score(metric=name, value=None, num_excluded=1, note=note) for name in names]
    own = usdr(reference, estimate)
    values = (own, si_sdr(reference, estimate), own - usdr(reference, song.mixture))
    return [_Score(metric=name, value=value) for name, value in zip(names, values, strict=True)]


def usdr(reference: Waveform, estimate: Waveform) -> float:
    """Signal-to-noise ratio of the whole song in dB, as in the Music Demixing challenges."""
    signal = float(np.sum(np.square(reference, dtype=np.float64)))
    noise = float(np.sum(np.square(np.subtract(reference, estimate, dtype=np.float64))))
    return 10 * float(np.log10((signal + MDX_DELTA) / (noise + MDX_DELTA)))


def si_sdr(reference: Waveform, estimate: Waveform) -> float:
    """Scale-invariant SDR in dB: -inf for an estimate orthogonal to the reference or silent, inf for a scaled copy."""
    target, guess = reference.astype(np.float64).ravel(), estimate.astype(np.float64).ravel()
    projected = (guess @ target) / (target @ target) * target
    signal, noise = float(projected @ projected), float(np.sum((guess - projected) ** 2))
    if signal == 0:
        return -np.inf
    return np.inf if noise == 0 else 10 * float(np.log10(signal / noise))


def log_spectral_distance_db(reference: Magnitudes, estimate: Magnitudes) -> float | None:
    """Root mean square over bins, mean over frames, of the difference in dB; None where the reference is silent.

    Both are raised to a floor of 60 dB under the reference's largest magnitude, so that silence costs at most 60 dB.
    """
    peak = float(reference.max(initial=0.0))
    if peak == 0:
        return None
    floor = peak * 10 ** (-LSD_FLOOR_DB / 20)
    difference = 20 * np.log10(np.maximum(reference, floor) / np.maximum(estimate, floor))
    return float(np.sqrt(np.mean(np.square(difference, dtype=np.float64), axis=-1)).mean())


def _spectral(song: Song, target: Target, estimate: Waveform) -> _Score:
    n_fft = window_samples(song.sample_rate_hz)
    vocals, instrumental, _ = reference_magnitudes(song, n_fft)
    reference = vocals if target == "vocals" else instrumental
    name = "lsd_db" if target in song.references else "lsd_db_half_wave"
    value = log_spectral_distance_db(reference, np.abs(spectrogram(estimate, n_fft)))
    if value is None:
        return _Score(metric=name, value=None, num_excluded=1, note="the reference is silent throughout")
    return _Score(metric=name, value=value)

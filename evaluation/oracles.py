"""Oracles: what separation could reach, and the floors it must beat. They look at the song's references.

========================  ==============================================================================================
``mixture``               the mixture as both estimates; its SDR is the input-SDR
``constant mask``         the mixture times the one factor per song and source that fits the reference best: the floor
``IBM``                   ideal binary mask: a bin belongs to the louder source
``IRM-1``, ``IRM-2``      ideal ratio mask of magnitudes, of powers
``mined target mask``     the mask that a mined pair teaches: max(|mixture| - |instrumental|, 0) over |mixture|
========================  ==============================================================================================

All masks keep the mixture's phase. The window is that of `evaluation.spectrograms` unless given; state it in tables.
``below_hz`` gives a band-limited oracle, the fair peer of a model that works at a lower rate: above it the vocals are
silent and the instrumental keeps the whole mixture. Where a song has one waveform reference only, the other side's
magnitudes are the half-wave difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.songs import Estimator, Song, Target, Waveform
from evaluation.spectrograms import (
    Magnitudes,
    half_wave_vocals,
    reference_magnitudes,
    spectrogram,
    waveform,
    window_samples,
)

_TINY = np.float32(1e-12)


@dataclass(frozen=True)
class Mixture:
    """The mixture as the estimate of everything."""

    name: str = "mixture"

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Give the mixture twice."""
        return {"vocals": song.mixture, "instrumental": song.mixture}


@dataclass(frozen=True)
class ConstantMask:
    """The mixture times one least-squares factor per source: ⟨source, mixture⟩ / ⟨mixture, mixture⟩."""

    name: str = "constant mask"

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Scale the mixture; a source without reference takes what the other leaves."""
        mixture = song.mixture.astype(np.float64)
        energy = float(np.sum(mixture**2)) or 1.0
        factors = {target: float(np.sum(audio * mixture)) / energy for target, audio in song.references.items()}
        vocals = factors.get("vocals", 1.0 - factors.get("instrumental", 0.0))
        instrumental = factors.get("instrumental", 1.0 - vocals)
        return {
            "vocals": np.asarray(vocals * mixture, dtype=np.float32),
            "instrumental": np.asarray(instrumental * mixture, dtype=np.float32),
        }


@dataclass(frozen=True, kw_only=True)
class IdealMask:
    """A mask made from the true magnitudes of both sources."""

    kind: Literal["IBM", "IRM-1", "IRM-2"] = "IRM-1"
    below_hz: float | None = None
    n_fft: int | None = None
    """Samples of the window; about 1/8 s where not given."""

    @property
    def name(self) -> str:
        """Kind, and the band where it is limited."""
        return self.kind if self.below_hz is None else f"{self.kind} below {self.below_hz:g} Hz"

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Mask the mixture."""
        n_fft = self.n_fft or window_samples(song.sample_rate_hz)
        vocals, instrumental, _ = reference_magnitudes(song, n_fft)
        return masked(song, self._vocal_mask(vocals, instrumental), n_fft, self.below_hz)

    def _vocal_mask(self, vocals: Magnitudes, instrumental: Magnitudes) -> Magnitudes:
        if self.kind == "IBM":
            return np.asarray(vocals > instrumental, dtype=np.float32)
        exponent = 1 if self.kind == "IRM-1" else 2
        vocal_part, other_part = vocals**exponent, instrumental**exponent
        return np.asarray(vocal_part / np.maximum(vocal_part + other_part, _TINY), dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class MinedTargetMask:
    """What the targets of a mined pair would score: the ceiling of a model that learns them perfectly."""

    below_hz: float | None = None
    n_fft: int | None = None

    @property
    def name(self) -> str:
        """Name, and the band where it is limited."""
        return "mined target mask" if self.below_hz is None else f"mined target mask below {self.below_hz:g} Hz"

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Mask the mixture."""
        n_fft = self.n_fft or window_samples(song.sample_rate_hz)
        _, instrumental, _ = reference_magnitudes(song, n_fft)
        mixture = np.abs(spectrogram(song.mixture, n_fft))
        mask = half_wave_vocals(mixture, instrumental) / np.maximum(mixture, _TINY)
        return masked(song, np.asarray(mask, dtype=np.float32), n_fft, self.below_hz)


def masked(song: Song, vocal_mask: Magnitudes, n_fft: int, below_hz: float | None = None) -> dict[Target, Waveform]:
    """Apply a mask of vocals ``(channels, frames, bins)`` to the mixture; the instrumental is what it leaves."""
    spectra = spectrogram(song.mixture, n_fft)
    frequencies_hz = np.fft.rfftfreq(n_fft, 1 / song.sample_rate_hz)
    band = np.ones_like(frequencies_hz) if below_hz is None else frequencies_hz < below_hz
    kept = np.asarray(spectra * vocal_mask * band, dtype=np.complex64)
    vocals = waveform(kept, n_fft, song.mixture.shape[1])
    return {"vocals": vocals, "instrumental": song.mixture - vocals}


def oracles() -> dict[str, Estimator]:
    """All oracles by name."""
    every: list[Estimator] = [
        Mixture(),
        ConstantMask(),
        IdealMask(kind="IBM"),
        IdealMask(kind="IRM-1"),
        IdealMask(kind="IRM-2"),
        MinedTargetMask(),
    ]
    return {oracle.name: oracle for oracle in every}

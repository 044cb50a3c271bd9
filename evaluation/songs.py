"""A song to score, and what anything that separates it looks like.

Models, oracles and baselines share one interface, `Estimator`, so that one call scores them all. Oracles are the
estimators that look at `Song.references`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Target = Literal["vocals", "instrumental"]
TARGETS: tuple[Target, ...] = ("vocals", "instrumental")
ReferenceKind = Literal["true stems", "mined reference"]

Waveform = NDArray[np.float32]
"""Audio, ``(channels, samples)``."""


@dataclass(frozen=True, kw_only=True)
class Song:
    """A mixture with references for what it was mixed from.

    `references` holds "vocals", "instrumental" or both, each ``(channels, samples)`` like `mixture`. A song of a mined
    run whose vocal is known as magnitudes only has no "vocals"; what is derived from such references says so.

    Raises
    ------
    ValueError
        Where shapes disagree, no reference is given, or a target is unknown.
    """

    track_id: str
    mixture: Waveform
    references: Mapping[Target, Waveform]
    sample_rate_hz: int
    reference_kind: ReferenceKind
    genre: str | None = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.references) - set(TARGETS))
        if unknown or not self.references:
            raise ValueError(f"song {self.track_id}: references must be some of {TARGETS}, got {unknown or 'none'}")
        shapes = {"mixture": self.mixture.shape} | {str(name): audio.shape for name, audio in self.references.items()}
        if self.mixture.ndim != 2 or len(set(shapes.values())) > 1:
            raise ValueError(f"song {self.track_id}: all audio must be (channels, samples) of one shape, got {shapes}")

    @property
    def num_channels(self) -> int:
        """Channels of the mixture."""
        return int(self.mixture.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.mixture.shape[1] / self.sample_rate_hz)


class Estimator(Protocol):
    """Separates a song: a model, an oracle or a baseline."""

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Estimate "vocals", "instrumental" or both, each ``(channels, samples)`` at the song's rate."""
        ...


def fitted(estimate: Waveform, like: Waveform) -> Waveform:
    """Bring an estimate to the channels and length of a reference.

    One channel is repeated, several are averaged down to one, the end is cut or padded with zeros.

    Raises
    ------
    ValueError
        Where the channels can be brought together in neither way.
    """
    audio = np.atleast_2d(np.asarray(estimate, dtype=np.float32))
    channels, samples = like.shape
    if audio.shape[0] != channels:
        if 1 not in (audio.shape[0], channels):
            raise ValueError(f"an estimate of {audio.shape[0]} channels cannot be scored against {channels}")
        audio = np.repeat(audio.mean(axis=0, keepdims=True), channels, axis=0)
    missing = max(samples - audio.shape[1], 0)
    return np.pad(audio, ((0, 0), (0, missing)))[:, :samples]

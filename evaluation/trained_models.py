"""Trained models through the interface that oracles and baselines use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from evaluation.songs import TARGETS, Song, Target, Waveform
from training.separation import Separator, load_models


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A model of ours, or one for each part, loaded when it first separates (and again in each worker).

    Raises
    ------
    training.errors.ModelFileError
        From the first separation, where a folder holds no model.
    """

    name: str
    paths: Sequence[str]
    device: str | None = field(default=None)

    @classmethod
    def at(cls, *paths: Path) -> TrainedModel:
        """Name a model by its folders."""
        return cls(name="+".join(path.name for path in paths), paths=tuple(str(path) for path in paths))

    @cached_property
    def _separator(self) -> Separator:
        return load_models(self.paths, device=self.device)

    def __getstate__(self) -> dict[str, object]:
        return {"name": self.name, "paths": self.paths, "device": self.device}

    def __call__(self, song: Song) -> Mapping[Target, Waveform]:
        """Separate the mixture."""
        parts = self._separator(song.mixture, song.sample_rate_hz)
        return {target: parts[target] for target in TARGETS}

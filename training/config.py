"""Settings of a training."""

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from training.errors import ConfigError
from training.models import MODELS

Target = Literal["vocals", "instrumental"]
Precision = Literal["auto", "fp32", "bf16"]
Schedule = Literal["cosine", "constant"]

_DEFAULT_STEPS = 20_000


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How a network is trained; every field has a default that suits mined pairs.

    Raises
    ------
    ConfigError
        When made with values out of range: all faults at once.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    model: str = "unet"
    """Name of the network: `unet`, or `unet-noskip`, the autoencoder baseline."""
    target: Target = "vocals"
    """What the mask lets through."""
    steps: int | None = None
    """Optimiser steps in all; null trains until `max_minutes`, or for 20,000 steps where that is null too."""
    max_minutes: float | None = None
    """Minutes of training in all, resumed sessions added up; null sets no limit."""
    batch_size: int = 16
    """Segments in a step, on each device."""
    segment_frames: int = 128
    """Frames of a segment; less than the shard's patch gives random crops. A multiple of 64 for the U-Net."""
    grades: tuple[str, ...] | None = None
    """Train on these grades of pairs only, such as A and B; null takes all."""
    remix: float = 0.5
    """Share of segments whose vocals are laid over another segment's instrumental (see `training.remixing`)."""
    learning_rate: float = 1e-3
    """Adam's learning rate at its highest."""
    schedule: Schedule = "cosine"
    """The learning rate over the training: `cosine` falls to a hundredth after a short warm-up; `constant`."""
    gradient_clip: float = 5.0
    """Gradients are scaled down to this norm; 0 does not clip."""
    ema: float = 0.99
    """Decay of the averaged weights, which are what is validated and published; 0 publishes the last weights."""
    seed: int = 0
    """Of the initial weights, dropout and the order of segments."""
    precision: Precision = "auto"
    """Arithmetic: `auto` takes bf16 where the device computes it natively, else fp32."""
    num_workers: int = 0
    """Processes that read shards; 0 reads in the training process, which a CPU training hardly notices."""
    validate_every: int = 500
    """Steps between validations, each of which also writes a checkpoint."""
    checkpoint_minutes: float = 1.0
    """Minutes between checkpoints to resume from; an interrupt writes one too."""

    def __post_init__(self) -> None:
        faults = [
            *_range_faults(self),
            *([f"model is {self.model!r}, expected one of {sorted(MODELS)}"] if self.model not in MODELS else []),
            *_choice_faults(self),
        ]
        if faults:
            raise ConfigError("training config: " + "; ".join(faults))

    @property
    def total_steps(self) -> int | None:
        """Steps in all; None where only time is the limit."""
        if self.steps is None and self.max_minutes is None:
            return _DEFAULT_STEPS
        return self.steps


_RANGES: dict[str, tuple[float, float]] = {
    "steps": (1, float("inf")),
    "max_minutes": (0, float("inf")),
    "batch_size": (1, 65536),
    "segment_frames": (1, 65536),
    "remix": (0, 1),
    "learning_rate": (0, 1),
    "gradient_clip": (0, float("inf")),
    "ema": (0, 0.999999),
    "seed": (0, 2**31 - 1),
    "num_workers": (0, 1024),
    "validate_every": (1, float("inf")),
    "checkpoint_minutes": (0, float("inf")),
}
_CHOICES = {
    "target": ("vocals", "instrumental"),
    "precision": ("auto", "fp32", "bf16"),
    "schedule": ("cosine", "constant"),
}


def _range_faults(config: TrainConfig) -> list[str]:
    faults = []
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name in _RANGES and value is not None:
            low, high = _RANGES[field.name]
            if not low <= value <= high:
                faults.append(f"{field.name} is {value}, expected {low:g} to {high:g}")
    return faults


def _choice_faults(config: TrainConfig) -> list[str]:
    return [
        f"{name} is {getattr(config, name)!r}, expected one of {list(allowed)}"
        for name, allowed in _CHOICES.items()
        if getattr(config, name) not in allowed
    ]

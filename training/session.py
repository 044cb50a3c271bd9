"""What a training folder remembers, and how much of a training's budget is used.

OUT/training/last.ckpt holds all that a training needs to go on as if it had not stopped: weights, average, optimiser,
position in the shards, random state, time used. OUT/training/training.json says what it belongs to and how it ended.
"""

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training.checkpoints import write_whole
from training.config import TrainConfig
from training.errors import ConfigError

_FORMAT_VERSION = 1
_MAY_CHANGE = frozenset({"steps", "max_minutes", "num_workers", "validate_every", "checkpoint_minutes"})


@dataclass(frozen=True, kw_only=True)
class FitReport:
    """How a training ended."""

    model: str
    """Folder of the published model."""
    steps: int
    epochs: float
    seconds: float
    """Time in the loop, over all sessions, validation included."""
    num_train_segments: int
    num_valid_segments: int
    segments_per_s: float
    loss: float
    """Mean over the last steps."""
    best_step: int | None
    """The step whose weights are published; None where nothing was published yet."""
    validation_sdr_db: float | None
    """Spectral SDR of the published weights, mean over held-out pairs; None where nothing is held out."""
    finished: bool
    """False where an interrupt came first."""
    notes: tuple[str, ...] = ()


class Budget:
    """Steps and minutes that a training may use, and the time it has used, earlier sessions included."""

    def __init__(self, config: TrainConfig) -> None:
        self._total_steps = config.total_steps
        self._limit_s = None if config.max_minutes is None else 60 * config.max_minutes
        self._before_s = 0.0
        self._started: float | None = None

    def start(self, used_s: float) -> None:
        """Start the clock, `used_s` seconds into the training."""
        self._before_s, self._started = used_s, time.monotonic()

    @property
    def used_s(self) -> float:
        """Seconds used."""
        return self._before_s + (0.0 if self._started is None else time.monotonic() - self._started)

    def share_done(self, step: int) -> float:
        """How far the training is after `step` steps, 0 to 1: by steps or by time, whichever is further."""
        by_steps = step / self._total_steps if self._total_steps else 0.0
        by_time = self.used_s / self._limit_s if self._limit_s else 0.0
        return min(1.0, max(by_steps, by_time))

    def seconds_left(self, step: int) -> float | None:
        """Seconds to go at the pace so far; None at the very beginning."""
        share = self.share_done(step)
        if self._limit_s is not None and self.used_s / self._limit_s >= share:
            return max(0.0, self._limit_s - self.used_s)
        return self.used_s * (1 - share) / share if share > 0 else None


class TrainingFolder:
    """OUT/training: what belongs to an unfinished or extendable training."""

    def __init__(self, out: Path) -> None:
        self._folder = out / "training"
        self.checkpoint = self._folder / "last.ckpt"
        self._record = self._folder / "training.json"

    def open(self, config: TrainConfig, manifest_digest: str, *, out: Path) -> tuple[str, FitReport | None]:
        """Find out what is there, before anything is trained.

        Returns
        -------
        manifest_digest, report
            The manifest to train on (that of the training which goes on here), and how that training ended, where it
            has finished and its limits were not raised since.

        Raises
        ------
        ConfigError
            The folder holds a training with other settings.
        """
        record = self._read()
        if record is None or not self.checkpoint.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self.write(config, manifest_digest, None)
            return manifest_digest, None
        theirs, ours = record["config"], _plain(config)
        differing = [
            f"{name}: {theirs.get(name)!r}, now {ours[name]!r}"
            for name in ours
            if name not in _MAY_CHANGE and theirs.get(name) != ours[name]
        ]
        if differing:
            raise ConfigError(
                f"{out} holds a training with other settings ({'; '.join(differing)}): "
                "train into another folder, use the same settings to go on, or delete it"
            )
        report = record["report"]
        same_limits = all(theirs[name] == ours[name] for name in ("steps", "max_minutes"))
        digest = str(record["manifest_digest"])
        if report is None or not report["finished"] or not same_limits:
            return digest, None
        return digest, replace(FitReport(**report), notes=(*report["notes"], "finished before: nothing was left to do"))

    def write(self, config: TrainConfig, manifest_digest: str, report: FitReport | None) -> None:
        """Record what the checkpoint belongs to."""
        values = {
            "version": _FORMAT_VERSION,
            "config": _plain(config),
            "manifest_digest": manifest_digest,
            "report": None if report is None else asdict(report),
        }
        write_whole(self._record, json.dumps(values, indent=1).encode())

    def _read(self) -> dict[str, Any] | None:
        try:
            values = json.loads(self._record.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            values = {}
        if not isinstance(values, dict) or values.get("version") != _FORMAT_VERSION:
            raise ConfigError(f"{self._record} was written by another version: train into another folder")
        return values


def _plain(config: TrainConfig) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return values

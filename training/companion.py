"""What goes along with the steps of a training: budget, validation, publishing, checkpoints, progress, stopping."""

import logging
import math
import statistics
import time
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from training.checkpoints import ModelCard, save_model
from training.errors import DivergedError
from training.interruption import StopRequest
from training.module import SeparationModule
from training.progress import ProgressCallback, TrainingProgress
from training.samples import Sample
from training.session import Budget, FitReport, TrainingFolder
from training.shards import PairShards, State
from training.validation import spectral_sdr

logger = logging.getLogger(__name__)

_RECENT_STEPS = 50
_REPORT_EVERY_S = 0.5
_NOTHING_HELD_OUT = (
    "no segment is held out (the split `valid` is empty): the last weights are published, without a score"
)


class _Decision(NamedTuple):
    """What to do after a step, the same on every rank."""

    share_done: float
    checkpoint: bool
    stop: bool


class Companion(Callback):
    """Watches a training; its own state travels in Lightning's checkpoint.

    Attributes
    ----------
    loader_state
        The loader's state after the last step; None before the first.
    report
        How the training ended; set when it has.
    """

    report: FitReport

    def __init__(
        self,
        module: SeparationModule,
        folder: TrainingFolder,
        out: Path,
        train: PairShards,
        valid: PairShards | None,
        stop: StopRequest,
        progress: ProgressCallback,
    ) -> None:
        self._module, self._config = module, module.config
        self._folder, self._out = folder, out
        self._train, self._valid = train, valid
        self._stop, self._progress = stop, progress
        self._budget = Budget(module.config)
        self._used_s = 0.0
        self._random_state: dict[str, Any] | None = None
        self._losses: deque[Tensor] = deque(maxlen=_RECENT_STEPS)
        self._step_times: deque[float] = deque(maxlen=_RECENT_STEPS)
        self._scores: dict[str, float] = {}
        self._best: dict[str, Any] | None = None
        self._reported_at = self._saved_at = 0.0
        self.loader_state: State | None = None

    def state_dict(self) -> dict[str, Any]:
        """Give what the checkpoint keeps of the companion."""
        random_state = {"cpu": torch.get_rng_state()}
        if torch.cuda.is_available():
            random_state["cuda"] = torch.cuda.get_rng_state()
        return {
            "loader_state": self.loader_state,
            "used_s": self._budget.used_s,
            "random_state": random_state,
            "best": self._best,
            "scores": self._scores,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up what the checkpoint kept."""
        self.loader_state = state_dict["loader_state"]
        self._used_s = state_dict["used_s"]
        self._random_state = state_dict["random_state"]
        self._best, self._scores = state_dict["best"], state_dict["scores"]

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._stop.listen()  # Lightning has put a handler of its own before ours
        self._budget.start(self._used_s)
        self._saved_at = time.monotonic()
        self._module.share_done = self._budget.share_done(trainer.global_step)
        if self.loader_state is not None:
            logger.info("training goes on at step %d", trainer.global_step)
        if self._valid is None:
            logger.warning("%s", _NOTHING_HELD_OUT)

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Sample, batch_idx: int) -> None:
        """Go on with the random numbers of the interrupted session (fetching a first batch may have drawn some)."""
        if self._random_state is not None:
            torch.set_rng_state(self._random_state["cpu"].cpu())
            if "cuda" in self._random_state and torch.cuda.is_available():
                torch.cuda.set_rng_state(self._random_state["cuda"].cpu())
            self._random_state = None

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Sample, batch_idx: int
    ) -> None:
        """Report, validate, save and stop, each when it is due."""
        step = trainer.global_step
        self.loader_state = batch["loader_state"]
        self._losses.append(outputs["loss"].detach())
        self._step_times.append(time.monotonic())
        decision = self._decide(trainer, step)
        self._module.share_done = decision.share_done
        if self._step_times[-1] - self._reported_at >= _REPORT_EVERY_S and not decision.stop:
            self._report_progress(trainer, step)
        if step % self._config.validate_every == 0 and not decision.stop:
            self._validate(trainer, step)
        if decision.checkpoint:
            self._save(trainer)
        trainer.should_stop = decision.stop

    def _decide(self, trainer: Trainer, step: int) -> _Decision:
        share_done = self._budget.share_done(step)
        decision = _Decision(
            share_done=share_done,
            checkpoint=self._step_times[-1] - self._saved_at >= 60 * self._config.checkpoint_minutes,
            stop=bool(self._stop) or share_done >= 1.0,
        )
        if trainer.world_size > 1:
            decision = trainer.strategy.broadcast(decision)
        return decision

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Publish, write the last checkpoint and the report."""
        step = trainer.global_step
        finished = self._budget.share_done(step) >= 1.0 or not self._stop
        if finished:
            self._validate(trainer, step)
        self._save(trainer)
        self.report = self._make_report(trainer, step, finished=finished)
        if trainer.is_global_zero:
            self._folder.write(self._config, self._train.manifest_digest, self.report)
        self._report_progress(trainer, step)
        if not finished:
            logger.warning("training stopped at step %d; the same command goes on from there", step)

    def _validate(self, trainer: Trainer, step: int) -> None:
        """Score the weights to publish, and publish them where they are the best so far."""
        self._mean_loss(step)
        module = self._module
        if self._valid is not None:
            scores = list(spectral_sdr(module.published, self._valid, self._config.target, module.device).values())
            module.network.train()
            self._scores = {
                "valid_spectral_sdr_db_mean": statistics.fmean(scores),
                "valid_spectral_sdr_db_median": statistics.median(scores),
                "valid_pairs": len(scores),
            }
        score = self._scores.get("valid_spectral_sdr_db_mean")
        if self._best is None or score is None or score > self._best["score"]:
            self._best = {"score": score, "step": step}
            if trainer.is_global_zero:
                save_model(self._out, module.published, self._card(step))

    def _card(self, step: int) -> ModelCard:
        return ModelCard(
            model=self._config.model,
            target=self._config.target,
            profile=self._train.profile,
            manifest_digest=self._train.manifest_digest,
            config=asdict(self._config),
            step=step,
            scores=dict(self._scores),
        )

    def _save(self, trainer: Trainer) -> None:
        """Write a checkpoint beside the old one, then replace it."""
        self._mean_loss(trainer.global_step)
        part = self._folder.checkpoint.with_suffix(".part")
        trainer.save_checkpoint(part)
        if trainer.is_global_zero:
            part.replace(self._folder.checkpoint)
        self._saved_at = time.monotonic()

    def _mean_loss(self, step: int) -> float:
        """Give the mean loss of the last steps.

        Raises
        ------
        DivergedError
            Where it is no number: nothing is saved or published from such weights.
        """
        loss = float(torch.stack(list(self._losses)).mean()) if self._losses else 0.0
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss became {loss} by step {step}. Likely causes: a learning rate that is too high "
                f"({self._config.learning_rate:g}; try a third of it), no gradient clipping "
                f"({self._config.gradient_clip:g}), or reduced precision (try precision fp32). "
                "The last checkpoint is sound; changed settings need another folder"
            )
        return loss

    def _segments_per_s(self, trainer: Trainer) -> float:
        times = self._step_times
        if len(times) < 2:
            return 0.0
        steps_per_s = (len(times) - 1) / max(times[-1] - times[0], 1e-9)
        return steps_per_s * self._config.batch_size * trainer.world_size

    def _report_progress(self, trainer: Trainer, step: int) -> None:
        self._reported_at = time.monotonic()
        loss = self._mean_loss(step)
        if trainer.is_global_zero:
            self._progress(
                TrainingProgress(
                    step=step,
                    total_steps=self._config.total_steps,
                    share_done=self._budget.share_done(step),
                    seconds_left=self._budget.seconds_left(step),
                    segments_per_s=self._segments_per_s(trainer),
                    loss=loss,
                    validation_sdr_db=self._scores.get("valid_spectral_sdr_db_mean"),
                )
            )

    def _make_report(self, trainer: Trainer, step: int, *, finished: bool) -> FitReport:
        position = self.loader_state or {"epoch": 0, "position": 0}
        best = self._best or {"score": None, "step": None}
        return FitReport(
            model=str(self._out),
            steps=step,
            epochs=position["epoch"] + position["position"] / self._train.num_samples,
            seconds=self._budget.used_s,
            num_train_segments=self._train.num_samples,
            num_valid_segments=self._valid.num_samples if self._valid is not None else 0,
            segments_per_s=self._segments_per_s(trainer),
            loss=self._mean_loss(step),
            best_step=best["step"],
            validation_sdr_db=best["score"],
            finished=finished,
            notes=(_NOTHING_HELD_OUT,) if self._valid is None else (),
        )

"""The network as Lightning trains it: loss, optimiser, averaged weights. Only this file and `fit` import Lightning."""

import math
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from training.averaging import AveragedNetwork
from training.config import TrainConfig
from training.losses import masked_l1
from training.models import build_model
from training.remixing import Magnitudes, remix
from training.samples import Sample
from training.validation import plane

_WARM_UP = 0.02
_LOWEST = 0.01


def learning_rate_factor(config: TrainConfig, share_done: float) -> float:
    """Give the learning rate at `share_done` (0 to 1) of the training, as a factor of the highest."""
    if config.schedule == "constant":
        return 1.0
    rising = min(1.0, (share_done + 1e-3) / _WARM_UP)
    falling = _LOWEST + (1 - _LOWEST) * 0.5 * (1 + math.cos(math.pi * min(share_done, 1.0)))
    return rising * falling


class SeparationModule(lightning.LightningModule):
    """One network for one target, trained by the L1 of mask ⊙ mixture to the target.

    Attributes
    ----------
    network, averaged
        The network that learns, and its moving average (None where `ema` is 0).
    share_done
        How far the training is, 0 to 1; the loop sets it before each step.
    """

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        self.network = build_model(config.model)
        self.averaged = AveragedNetwork(self.network, config.ema) if config.ema else None
        self.share_done = 0.0

    @property
    def published(self) -> nn.Module:
        """The weights to validate and publish: the average where there is one."""
        return self.averaged.network if self.averaged is not None else self.network

    def training_step(self, batch: Sample, _batch_index: int) -> Tensor:
        """Loss of a batch of `PairShards`."""
        names = Magnitudes._fields
        planes = remix(Magnitudes(*(plane(batch, name, self.device) for name in names)), self.config.remix)
        target = planes.vocals if self.config.target == "vocals" else planes.instrumental
        return masked_l1(self.network(planes.mixture), planes.mixture, target, batch["weight"])

    def on_train_batch_start(self, _batch: Sample, _batch_index: int) -> None:
        """Set the learning rate for this step."""
        rate = self.config.learning_rate * learning_rate_factor(self.config, self.share_done)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = rate

    def optimizer_step(self, *arguments: Any, **settings: Any) -> None:
        """Step, then let the average follow."""
        super().optimizer_step(*arguments, **settings)
        if self.averaged is not None:
            self.averaged.follow(self.network)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, as in the paper."""
        return torch.optim.Adam(self.network.parameters(), lr=self.config.learning_rate)

"""Exponential moving average of a network's weights.

The average is what is validated and published: it takes the noise out of the last steps, which mined targets have more
of than clean ones. Early on the decay is lower, (1 + step) / (10 + step), so that short trainings are not held back by
their random beginning.
"""

import copy

import torch
from torch import Tensor, nn


class AveragedNetwork(nn.Module):
    """A copy of a network that follows it slowly, batch-norm statistics included."""

    step: Tensor

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.network = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def follow(self, network: nn.Module) -> None:
        """Take one step towards `network`."""
        self.step += 1
        step = int(self.step)
        rate = 1 - min(self.decay, (1 + step) / (10 + step))
        ours = list(self.network.state_dict().values())
        theirs = list(network.state_dict().values())
        floats = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.is_floating_point()]
        torch._foreach_lerp_([a for a, _ in floats], [b for _, b in floats], rate)
        for a, b in zip(ours, theirs, strict=True):
            if not a.is_floating_point():
                a.copy_(b)

    def train(self, mode: bool = True) -> "AveragedNetwork":
        """Stay in evaluation mode: the average is not trained."""
        return super().train(mode=False)

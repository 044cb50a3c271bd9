"""Remixing: vocals of one segment over the instrumental of another, made within the batch.

A few mined songs hold few combinations of voice and backing, which a network of ten million parameters soon knows by
heart. Magnitudes of unrelated sources add up in power on average, so the remixed mixture is √(vocals² + instrumental²).
The instrumental of a mined pair is its clean part, so that a remix has no more noise than the pair it comes from.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Magnitudes(NamedTuple):
    """Magnitudes of a batch, each float (batch, 1, bins, frames)."""

    mixture: Tensor
    vocals: Tensor
    instrumental: Tensor


def remix(batch: Magnitudes, share: float) -> Magnitudes:
    """Remix a share of a batch (drawn from torch's global generator); a batch of one stays as it is."""
    count = len(batch.mixture)
    if count < 2 or share <= 0:
        return batch
    other = batch.instrumental.roll(1 + int(torch.randint(count - 1, ())), dims=0)
    mixed = Magnitudes(torch.hypot(batch.vocals, other), batch.vocals, other)
    chosen = (torch.rand(count) < share).to(other.device).reshape(-1, 1, 1, 1)
    return Magnitudes(*(torch.where(chosen, new, old) for new, old in zip(mixed, batch, strict=True)))

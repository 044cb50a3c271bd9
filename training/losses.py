"""What training minimises, and what validation measures on magnitudes.

Shapes: B batch, F bins, T frames; magnitudes are float (B, 1, F, T).
"""

import torch
from torch import Tensor

_EPSILON = 1e-8


def masked_l1(mask: Tensor, mixture: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """L1 distance of mask ⊙ mixture to the target, weighted by segment (Jansson 2017, equation 1).

    Parameters
    ----------
    mask, mixture, target : shape (B, 1, F, T)
    weight : shape (B,)
        Loss weight of each segment; the weights' mean over the batch does not matter.

    Returns
    -------
    scalar: mean absolute error, relative to the mean mixture magnitude of each segment, so that a quiet song counts
    as much as a loud one
    """
    level = mixture.mean(dim=(1, 2, 3)) + _EPSILON
    error = (mask * mixture - target).abs().mean(dim=(1, 2, 3)) / level
    return (weight * error).sum() / weight.sum().clamp_min(_EPSILON)


def energies(estimate: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Energy of the target and of the error on magnitudes, for each segment: two of shape (B,)."""
    return target.square().sum(dim=(1, 2, 3)), (estimate - target).square().sum(dim=(1, 2, 3))


def spectral_sdr_db(target_energy: Tensor, error_energy: Tensor) -> Tensor:
    """Signal-to-distortion ratio on magnitudes in dB: 10 log10(target / error), of energies summed over a track."""
    return 10 * torch.log10((target_energy + _EPSILON) / (error_energy + _EPSILON))

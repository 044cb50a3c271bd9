"""How well a network separates held-out segments, fast: SDR on magnitudes, song by song."""

from collections import defaultdict

import torch
from torch import Tensor, nn

from training.losses import energies, spectral_sdr_db
from training.samples import Sample
from training.shards import PairShards

COLUMNS = ("pair_id", "weight", "segment_id", "mixture", "vocals", "instrumental")


def plane(batch: Sample, name: str, device: torch.device) -> Tensor:
    """Put a plane of a batch on the device as the networks take it: float32 (batch, 1, bins, frames)."""
    values: Tensor = batch[name].to(device, non_blocking=True)
    return values.transpose(1, 2).unsqueeze(1).float()


@torch.inference_mode()
def spectral_sdr(network: nn.Module, shards: PairShards, target: str, device: torch.device) -> dict[str, float]:
    """Score a network on every segment of `shards`.

    Returns
    -------
    pair id → SDR on magnitudes in dB, energies summed over the segments of the pair
    """
    network.eval()
    sums: dict[str, Tensor] = defaultdict(lambda: torch.zeros(2, dtype=torch.float64))
    shards.set_epoch(0)
    for batch in shards:
        mixture, wanted = plane(batch, "mixture", device), plane(batch, target, device)
        both = torch.stack(energies(network(mixture) * mixture, wanted), dim=1).double().cpu()
        for pair_id, pair_energies in zip(batch["pair_id"], both, strict=True):
            sums[pair_id] += pair_energies
    return {pair_id: float(spectral_sdr_db(total[0], total[1])) for pair_id, total in sorted(sums.items())}

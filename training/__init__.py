"""Training on mined pairs: the shard loader, models, the training loop, separation.

Importing this package takes torch, numpy, pyarrow and fsspec, nothing else: GPU containers carry no more. The loop's
own files (`training.module`, `training.fit`) import Lightning, and are imported by name. What this file offers is
imported when it is asked for, so that settings can be read without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.pair_loader import PairLoader
    from training.shards import PairShards

__all__ = ["PairLoader", "PairShards"]

_PLACES = {"PairLoader": "training.pair_loader", "PairShards": "training.shards"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'training' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)

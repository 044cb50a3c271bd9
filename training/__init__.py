"""Training on mined pairs: the shard loader, models, the training loop, separation.

Importing this package takes torch, numpy, pyarrow and fsspec, nothing else: GPU containers carry no more. The loop's
own files (`training.module`, `training.fit`) import Lightning, and are imported by name.
"""

from training.pair_loader import PairLoader
from training.shards import PairShards

__all__ = ["PairLoader", "PairShards"]

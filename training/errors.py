"""What can go wrong between a run and a trained model.

::

    TrainingError
    ├── ConfigError        a setting, or two that do not go together (also a ValueError)
    ├── ShardsError        the run's shards cannot serve this training
    │   ├── NoShardsError      none for this split and these grades
    │   └── DamagedShardError  one is missing, cut off or altered
    ├── ModelFileError     not a model of ours, or one that does not fit
    └── DivergedError      the loss is no longer a number

Each message says what was got, what was expected and what to do.
"""


class TrainingError(Exception):
    """Base of all errors that `training` raises on purpose."""


class ConfigError(TrainingError, ValueError):
    """A setting is out of range, or settings do not go together."""


class ShardsError(TrainingError):
    """A run's manifest or shards cannot serve this training."""


class NoShardsError(ShardsError):
    """No segment matches the split and grades asked for."""


class DamagedShardError(ShardsError):
    """A shard is missing or does not hold what the manifest says."""


class ModelFileError(TrainingError):
    """The file is no model of ours, is incomplete, or belongs to another profile."""


class DivergedError(TrainingError):
    """The loss became NaN or infinite."""

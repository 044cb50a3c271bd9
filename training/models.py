"""The models that can be trained, by name.

Every model takes mixture magnitudes, float (batch, 1, bins, frames), and returns a mask of the same shape for its
target. To add one: write its module, and add a line here.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import nn

from training.errors import ConfigError
from training.unet import UNet

MODELS: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {
        "unet": lambda: UNet(skips=True),
        "unet-noskip": lambda: UNet(skips=False),
    }
)


def build_model(name: str) -> nn.Module:
    """Make a model with fresh weights (drawn from torch's global generator).

    Raises
    ------
    ConfigError
        Where no model has that name.
    """
    if name not in MODELS:
        raise ConfigError(f"there is no model {name!r}; choose one of {sorted(MODELS)}")
    return MODELS[name]()

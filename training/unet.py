"""The U-Net of singing-voice separation.

Jansson, Humphrey, Montecchio, Bittner, Kumar, Weyde: "Singing voice separation with deep U-Net convolutional networks",
ISMIR 2017. Input: magnitudes of 512 bins × 128 frames at 8192 Hz (Hann 1024, hop 768). Output: a soft mask.

Choices on which re-implementations differ, as made here:

- Bins: 512 of the 513 bins are used; the top one (4096 Hz) is dropped, and at separation its mask is that of the bin
  below.
- Input scale: magnitudes are divided by their mean over the patch and compressed by log(1 + x). The mask therefore does
  not depend on the level of the recording; the loss is taken on magnitudes, not on the compressed ones.
- Order: convolution, batch normalisation, activation (as in the paper), not activation before normalisation.
- Frames: any multiple of 64 works, since the network is convolutional; 128 is what the paper trains.

Shapes: B batch, C channels, F = 512 bins, T = 128 frames.
"""

import itertools

import torch
from torch import Tensor, nn

_CHANNELS = (1, 16, 32, 64, 128, 256, 512)
_DROPOUT_STAGES = 3
FRAME_MULTIPLE = 64


class UNet(nn.Module):
    """Six strided convolutions down, six transposed ones up, with skips between (9,823,313 parameters).

    ======  ==========================================================================  ==================
    stage   operation                                                                    output C × F × T
    ======  ==========================================================================  ==================
    e1–e6   Conv 5×5 / 2, BatchNorm, LeakyReLU 0.2                                       16×256×64 … 512×8×2
    d1–d3   ConvTranspose 5×5 / 2, BatchNorm, ReLU, Dropout 0.5, then concat e5, e4, e3  256×16×4 … 64×64×16
    d4–d5   ConvTranspose 5×5 / 2, BatchNorm, ReLU, then concat e2, e1                   32×128×32, 16×256×64
    d6      ConvTranspose 5×5 / 2, sigmoid                                               1×512×128
    ======  ==========================================================================  ==================

    Parameters
    ----------
    skips
        False gives the autoencoder baseline of the paper (8,734,913 parameters).
    """

    num_bins = 512

    def __init__(self, *, skips: bool = True) -> None:
        super().__init__()
        self.skips = skips
        self.encoder = nn.ModuleList(
            nn.Sequential(nn.Conv2d(before, after, 5, 2, 2), nn.BatchNorm2d(after), nn.LeakyReLU(0.2))
            for before, after in itertools.pairwise(_CHANNELS)
        )
        ups = list(zip(_CHANNELS[:0:-1], _CHANNELS[-2::-1], strict=True))
        self.decoder = nn.ModuleList(
            self._up(before if stage == 0 or not skips else 2 * before, after, stage)
            for stage, (before, after) in enumerate(ups)
        )

    @staticmethod
    def _up(before: int, after: int, stage: int) -> nn.Sequential:
        layers: list[nn.Module] = [nn.ConvTranspose2d(before, after, 5, 2, 2, output_padding=1)]
        if after > 1:
            layers += [nn.BatchNorm2d(after), nn.ReLU()]
        if stage < _DROPOUT_STAGES:
            layers.append(nn.Dropout(0.5))
        return nn.Sequential(*layers)

    def forward(self, mixture: Tensor) -> Tensor:
        """Estimate the mask of the target.

        Parameters
        ----------
        mixture : float, shape (B, 1, 512, T)
            Magnitudes, not scaled; T a multiple of 64.

        Returns
        -------
        float32, shape (B, 1, 512, T), values 0 to 1
        """
        if mixture.shape[-2] != self.num_bins or mixture.shape[-1] % FRAME_MULTIPLE:
            raise ValueError(f"expected (batch, 1, 512 bins, frames in multiples of 64), got {tuple(mixture.shape)}")
        values = compress(mixture)
        encoded: list[Tensor] = []
        for stage in self.encoder:
            values = stage(values)
            encoded.append(values)
        encoded.pop()
        for stage in self.decoder:
            values = stage(values)
            if self.skips and encoded:
                values = torch.cat([values, encoded.pop()], dim=1)
        return torch.sigmoid(values.float())


def compress(magnitudes: Tensor) -> Tensor:
    """Scale magnitudes to a mean of 1 over each patch and compress them: log(1 + x / mean), float32."""
    magnitudes = magnitudes.float()
    level = magnitudes.mean(dim=(1, 2, 3), keepdim=True)
    return torch.log1p(magnitudes / (level + 1e-8))

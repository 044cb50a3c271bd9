"""The networks: sizes as published, and able to learn."""

import pytest
import torch

from training.errors import ConfigError
from training.losses import energies, masked_l1, spectral_sdr_db
from training.models import MODELS, build_model
from training.unet import UNet, compress


@pytest.mark.parametrize(("name", "count"), [("unet", 9_823_313), ("unet-noskip", 8_734_913)])
def test_parameter_counts_are_those_of_the_paper(name: str, count: int) -> None:
    assert sum(parameter.numel() for parameter in build_model(name).parameters()) == count


def test_stages_have_the_published_shapes() -> None:
    network = UNet().eval()
    shapes = []
    for stage in network.encoder:
        stage.register_forward_hook(lambda _module, _in, out: shapes.append(tuple(out.shape[1:])))
    mask = network(torch.rand(1, 1, 512, 128)).detach()
    assert shapes == [(16, 256, 64), (32, 128, 32), (64, 64, 16), (128, 32, 8), (256, 16, 4), (512, 8, 2)]
    assert mask.shape == (1, 1, 512, 128)
    assert 0 <= float(mask.min()) <= float(mask.max()) <= 1


def test_the_mask_does_not_depend_on_level() -> None:
    torch.manual_seed(0)
    network = UNet().eval()
    magnitudes = torch.rand(1, 1, 512, 64)
    torch.testing.assert_close(network(magnitudes), network(magnitudes * 1000), atol=1e-5, rtol=0)
    assert torch.isfinite(compress(torch.zeros(1, 1, 512, 64))).all()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_overfits_one_batch(name: str) -> None:
    torch.manual_seed(0)
    network = build_model(name)
    mixture = torch.rand(2, 1, 512, 64) + 0.1
    target = mixture * (torch.arange(512)[None, None, :, None] // 64 % 2)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(25):
        loss = masked_l1(network(mixture), mixture, target, torch.ones(2))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.25 * losses[0]


def test_wrong_input_and_unknown_models_are_refused() -> None:
    with pytest.raises(ValueError, match=r"512 bins.*got \(1, 1, 513, 128\)"):
        UNet()(torch.zeros(1, 1, 513, 128))
    with pytest.raises(ConfigError, match="no model 'u-net'; choose one of"):
        build_model("u-net")


def test_loss_weighs_segments() -> None:
    mixture, target = torch.ones(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    mask = torch.tensor([0.2, 0.6]).reshape(2, 1, 1, 1).expand(2, 1, 4, 4)
    assert float(masked_l1(mask, mixture, target, torch.tensor([1.0, 1.0]))) == pytest.approx(0.4)
    assert float(masked_l1(mask, mixture, target, torch.tensor([3.0, 1.0]))) == pytest.approx(0.3)
    assert float(masked_l1(mask, 100 * mixture, target, torch.tensor([3.0, 1.0]))) == pytest.approx(0.3)


def test_spectral_sdr() -> None:
    target = torch.full((1, 1, 2, 2), 10.0)
    assert float(spectral_sdr_db(*energies(target + 1.0, target))[0]) == pytest.approx(20.0, abs=1e-4)

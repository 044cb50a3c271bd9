"""Separation: any length, rate and channels; parts add up; blocks do not show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from data_manifests.profiles import PROFILES
from training.checkpoints import ModelCard, save_model
from training.errors import ModelFileError, TrainingError
from training.models import build_model
from training.separation import Separator, load_model, load_models

PROFILE = PROFILES["jansson-8k"]


def noise(*shape: int) -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(shape[-1]).standard_normal(shape)).astype(np.float32)


def card(target: str = "vocals") -> ModelCard:
    return ModelCard(model="unet", target=target, profile=PROFILE, manifest_digest="d", config={}, step=0, scores={})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("model")
    save_model(folder, build_model("unet"), card())
    return folder


class Constant(nn.Module):
    """A network that lets a fixed share through."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, mixture: Tensor) -> Tensor:
        return torch.full_like(mixture, self.share)


class LowBins(nn.Module):
    """A network that lets the bins below 2048 Hz through."""

    def forward(self, mixture: Tensor) -> Tensor:
        mask = torch.zeros_like(mixture)
        mask[..., :256, :] = 1
        return mask


def constant_separator(**shares: float) -> Separator:
    networks: dict[str, nn.Module] = {target: Constant(share) for target, share in shares.items()}
    return Separator(networks=networks, cards=(card(),), profile=PROFILE, device=torch.device("cpu"))


@pytest.mark.parametrize("shape", [(2, 44100), (1, 0), (1, 1), (3, 500), (20_000,)])
@pytest.mark.parametrize("rate", [8192, 16000, 44100])
def test_parts_have_the_inputs_shape_and_add_up(model: Path, shape: tuple[int, ...], rate: int) -> None:
    audio = noise(*shape)
    parts = load_model(model, device="cpu")(audio, rate)
    assert set(parts) == {"vocals", "instrumental"}
    for part in parts.values():
        assert part.shape == audio.shape
        assert part.dtype == np.float32
    np.testing.assert_allclose(parts["vocals"] + parts["instrumental"], audio, atol=1e-7)


def test_a_constant_mask_scales_the_low_band() -> None:
    audio = noise(2, 50_000)
    parts = constant_separator(vocals=0.25)(audio, 8192)
    np.testing.assert_allclose(parts["vocals"], 0.25 * audio, atol=1e-5)
    parts = constant_separator(instrumental=0.25)(audio, 8192)
    np.testing.assert_allclose(parts["instrumental"], 0.25 * audio, atol=1e-5)
    parts = constant_separator(vocals=0.9, instrumental=0.3)(audio, 8192)
    np.testing.assert_allclose(parts["vocals"], 0.75 * audio, atol=1e-5)


def test_the_vocals_hold_nothing_above_the_models_band() -> None:
    parts = constant_separator(vocals=1.0)(noise(1, 44100), 44100)
    spectrum = np.abs(np.fft.rfft(parts["vocals"][0] * np.hanning(44100)))
    assert spectrum[4200:].max() < 1e-3 * spectrum[:3500].max()


def test_masks_act_on_their_frequencies() -> None:
    time = np.arange(3 * 8192) / 8192
    low, high = np.sin(2 * np.pi * 700 * time), np.sin(2 * np.pi * 3000 * time)
    separator = replace(constant_separator(vocals=1.0), networks={"vocals": LowBins()})
    vocals = separator((low + high).astype(np.float32)[None], 8192)["vocals"][0]
    inner = slice(2000, -2000)
    np.testing.assert_allclose(vocals[inner], low[inner], atol=5e-3)


@pytest.mark.parametrize("num_samples", [98_304, 98_305, 300_000])
def test_the_size_of_blocks_does_not_show(model: Path, num_samples: int) -> None:
    separator = load_model(model, device="cpu")
    audio = noise(1, num_samples)
    small, large = replace(separator, block_patches=1), replace(separator, block_patches=100)
    np.testing.assert_allclose(small.vocals_at_profile_rate(audio), large.vocals_at_profile_rate(audio), atol=1e-5)


def test_channels_are_separated_on_their_own(model: Path) -> None:
    separator = load_model(model, device="cpu")
    left, right = noise(1, 30_000), 0.5 * noise(1, 30_001)[:, :30_000]
    both = separator(np.concatenate([left, right]), 8192)["vocals"]
    np.testing.assert_allclose(both[:1], separator(left, 8192)["vocals"], atol=1e-6)
    np.testing.assert_allclose(both[1:], separator(right, 8192)["vocals"], atol=1e-6)


def test_silence_stays_silent(model: Path) -> None:
    parts = load_model(model, device="cpu")(np.zeros((1, 9000), np.float32), 8192)
    assert np.abs(parts["vocals"]).max() == 0


def test_two_models_are_one_for_each_part(model: Path, tmp_path: Path) -> None:
    save_model(tmp_path, build_model("unet-noskip"), replace(card("instrumental"), model="unet-noskip"))
    separator = load_models([model, tmp_path])
    assert set(separator.networks) == {"vocals", "instrumental"}
    assert separator(noise(1, 9000), 8192)["vocals"].shape == (1, 9000)
    with pytest.raises(ModelFileError, match="second model for 'vocals'"):
        load_models([model, model])


def test_unusable_audio_is_explained(model: Path) -> None:
    separator = load_model(model, device="cpu")
    with pytest.raises(TrainingError, match="NaN or infinity"):
        separator(np.full((1, 100), np.nan, np.float32), 8192)
    with pytest.raises(TrainingError, match="transposed"):
        separator(noise(1000, 2), 8192)
    with pytest.raises(TrainingError, match="positive rate"):
        separator(noise(1, 100), 0)

"""Separating audio with a trained model: any length, rate and number of channels.

The mask is estimated at the profile's rate on overlapping patches, for each channel, and applied to that channel's
magnitudes with the mixture's phase. What is not vocals is instrumental: the two add up to the input. A model of a low
band knows nothing above it: the vocals hold nothing above half the profile's rate (4096 Hz for `jansson-8k`), and all
that is there stays in the instrumental.

    separator = load_model("MODEL")
    parts = separator(audio, sample_rate_hz=44100)      # {"vocals": ..., "instrumental": ...}

Shapes: C channels, N samples, T frames, F bins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from data_manifests.profiles import SignalProfile
from training.checkpoints import ModelCard, read_model
from training.errors import ModelFileError, TrainingError
from training.spectra import istft, num_frames, spectrum_at

_BLOCK_PATCHES = 16
"""Patches whose spectra are held at once: about three minutes of `jansson-8k`."""
_FORWARD_PATCHES = 8
_EPSILON = 1e-8

Parts = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Separator:
    """One model, or one for each part, ready to separate. Make it with `load_model` or `load_models`."""

    networks: dict[str, nn.Module]
    """Target → network."""
    cards: tuple[ModelCard, ...]
    profile: SignalProfile
    device: torch.device
    block_patches: int = _BLOCK_PATCHES

    def __call__(self, audio: NDArray[np.float32], sample_rate_hz: int) -> Parts:
        """Separate audio into vocals and instrumental.

        Parameters
        ----------
        audio : float32, shape (C, N) or (N,)
        sample_rate_hz
            Any rate; another than the profile's takes the package `soxr`.

        Returns
        -------
        {"vocals", "instrumental"}, each of the shape and rate of `audio`; they add up to it

        Raises
        ------
        TrainingError
            Where `audio` has another shape, holds NaN or infinity, or `soxr` is needed and missing.
        """
        samples = np.asarray(audio, dtype=np.float32)
        _check_audio(samples, sample_rate_hz)
        channels = np.atleast_2d(samples)
        low_band = _resample(channels, sample_rate_hz, self.profile.sample_rate_hz)
        vocals_low = self.vocals_at_profile_rate(low_band)
        vocals = _fitted(_resample(vocals_low, self.profile.sample_rate_hz, sample_rate_hz), channels.shape[1])
        return {"vocals": vocals.reshape(samples.shape), "instrumental": samples - vocals.reshape(samples.shape)}

    @torch.inference_mode()
    def vocals_at_profile_rate(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Estimate the vocals of audio that has the profile's rate: float32 (C, N) to float32 (C, N)."""
        mixture = torch.from_numpy(np.ascontiguousarray(samples)).to(self.device)
        blocks = [self._block(mixture, first, last) for first, last in self._blocks(mixture.shape[1])]
        joined = torch.cat(blocks, dim=1) if blocks else mixture
        return joined.cpu().numpy()

    def _blocks(self, num_samples: int) -> Iterator[tuple[int, int]]:
        """Divide the audio into stretches of samples that begin at whole patches."""
        step = self.block_patches * self.profile.segment_samples
        for first in range(0, num_samples, step):
            yield first, min(first + step, num_samples)

    def _block(self, mixture: Tensor, first: int, last: int) -> Tensor:
        """Vocals of samples `first` to `last`: the same whatever the size of the blocks."""
        hop, patch = self.profile.hop, self.profile.patch_frames
        total = num_frames(mixture.shape[1], hop)
        reach = -(-self.profile.n_fft // hop)  # frames beyond the stretch that overlap its samples
        wanted = (max(0, first // hop - reach), min(total, -(-last // hop) + reach + 1))
        # patches begin at multiples of half a patch; a frame takes its mask from the two that cover it
        start = max(0, wanted[0] // (patch // 2) - 1) * (patch // 2)
        stop = -(-wanted[1] // (patch // 2)) * (patch // 2) + patch // 2
        spectrum = spectrum_at(mixture, range(start, stop), self.profile.n_fft, hop)
        vocals = spectrum * self._mask(spectrum.abs())
        kept = vocals[:, wanted[0] - start : wanted[1] - start]
        begin = wanted[0] * hop
        samples = istft(kept, self.profile.n_fft, hop, last - begin)
        return samples[:, first - begin :]

    def _mask(self, magnitudes: Tensor) -> Tensor:
        """Mask of the vocals for magnitudes (C, T, n_fft // 2 + 1), T in half patches: the same shape."""
        masks = {target: self._mask_of(network, magnitudes) for target, network in self.networks.items()}
        if len(masks) == 2:
            return masks["vocals"] / (masks["vocals"] + masks["instrumental"] + _EPSILON)
        return masks["vocals"] if "vocals" in masks else 1 - masks["instrumental"]

    def _mask_of(self, network: nn.Module, magnitudes: Tensor) -> Tensor:
        profile = self.profile
        half = profile.patch_frames // 2
        patches = magnitudes[..., : profile.num_bins].unfold(1, profile.patch_frames, half)  # (C, P, F, frames)
        channels, count = patches.shape[:2]
        flat = patches.reshape(-1, 1, *patches.shape[2:])
        masks = torch.cat([network(some) for some in torch.split(flat, _FORWARD_PATCHES)])
        fade = _fade(profile.patch_frames, magnitudes.device)
        pieces = masks.reshape(channels, count, profile.num_bins, profile.patch_frames)
        total = _cross_fade(pieces * fade, half)
        weight = _cross_fade(fade.expand(1, count, 1, -1), half)
        mask = (total / weight).transpose(1, 2)
        missing = magnitudes.shape[-1] - profile.num_bins
        return F.pad(mask, (0, missing), mode="replicate")  # the dropped top bin takes the mask of the bin below


def _fade(num_frames_: int, device: torch.device) -> Tensor:
    """Triangular weights that never reach zero, shape (frames,)."""
    ramp = torch.arange(1, num_frames_ + 1, dtype=torch.float32, device=device)
    return torch.minimum(ramp, ramp.flip(0)) / (num_frames_ / 2)


def _cross_fade(pieces: Tensor, half: int) -> Tensor:
    """Add patches (C, P, F, 2 · half) that begin every `half` frames: (C, F, (P + 1) · half)."""
    first, second = pieces[..., :half], pieces[..., half:]
    summed = F.pad(first, (0, 0, 0, 0, 0, 1)) + F.pad(second, (0, 0, 0, 0, 1, 0))
    return summed.permute(0, 2, 1, 3).flatten(2)


def load_model(path: str | Path, *, device: str | None = None) -> Separator:
    """Load a published model.

    Parameters
    ----------
    path
        The model's folder, as `fit` or `mixminus train` wrote it.
    device
        Such as `cpu` or `cuda:0`; None takes a GPU where there is one.

    Raises
    ------
    ModelFileError
    """
    return load_models([path], device=device)


def load_models(paths: Sequence[str | Path], *, device: str | None = None) -> Separator:
    """Load one model, or one for vocals and one for the instrumental, whose masks are then normalised to add up to 1.

    Raises
    ------
    ModelFileError
        Not a model; two for the same target; or models of different profiles.
    """
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    networks: dict[str, nn.Module] = {}
    cards: list[ModelCard] = []
    for path in paths:
        network, card = read_model(path, profile=cards[0].profile if cards else None)
        if card.target in networks:
            raise ModelFileError(f"{path} is a second model for {card.target!r}; give one for each part at most")
        networks[card.target] = network.to(where)
        cards.append(card)
    if not cards:
        raise ModelFileError("no model was given")
    return Separator(networks=networks, cards=tuple(cards), profile=cards[0].profile, device=where)


def _check_audio(samples: NDArray[np.float32], sample_rate_hz: int) -> None:
    if samples.ndim not in (1, 2) or sample_rate_hz <= 0:
        got = f"{samples.shape} at {sample_rate_hz} Hz"
        raise TrainingError(f"expected audio of shape (channels, samples) and a positive rate, got {got}")
    if samples.ndim == 2 and samples.shape[0] > max(64, samples.shape[1]):
        raise TrainingError(f"{samples.shape[0]} channels of {samples.shape[1]} samples: is the audio transposed?")
    if not np.isfinite(samples).all():
        raise TrainingError("the audio holds NaN or infinity: nothing can be separated from that")


def _resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    if from_hz == to_hz or samples.size == 0:
        return samples
    try:
        from data_manifests.resampling import resample
    except ImportError as error:
        raise TrainingError(
            f"audio at {from_hz} Hz must be resampled to {to_hz} Hz, which takes the package soxr: pip install soxr"
        ) from error
    return resample(samples, from_hz, to_hz)


def _fitted(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Cut or zero-pad (C, n) to (C, length): resampling there and back may differ by a sample."""
    fitted = np.zeros((samples.shape[0], length), dtype=np.float32)
    kept = min(length, samples.shape[1])
    fitted[:, :kept] = samples[:, :kept]
    return fitted

"""Signal profiles: the rate, window and patch that shards, models and scores agree on.

A profile travels with every shard and checkpoint; a checkpoint refuses shards of another profile.
Standard library only, so that a training container can import it.

References
----------
Jansson et al., "Singing voice separation with deep U-Net convolutional networks", ISMIR 2017 (`jansson-8k`).
Stöter et al., "Open-Unmix", JOSS 2019 (`hq-44k`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SignalProfile:
    """How audio becomes magnitudes.

    The STFT of every spectrogram: periodic Hann of `n_fft` samples, the signal zero-padded by `n_fft // 2` in front,
    frame k centred on sample k · `hop`, no normalisation; `num_samples / hop` frames, rounded up, plus one.
    """

    name: str
    sample_rate_hz: int
    channels: int
    n_fft: int
    hop: int
    num_bins: int
    """Bins kept, counted from 0 Hz; where it is less than `n_fft // 2 + 1` the top bin is dropped."""
    patch_frames: int

    @property
    def hop_s(self) -> float:
        """Seconds from one frame to the next."""
        return self.hop / self.sample_rate_hz

    @property
    def segment_samples(self) -> int:
        """Samples that a segment of `patch_frames` frames stands for; consecutive segments abut."""
        return self.patch_frames * self.hop

    def as_dict(self) -> dict[str, Any]:
        """Give the profile as plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "SignalProfile":
        """Read what `as_dict` gave.

        Raises
        ------
        ValueError
            Where fields are missing or unknown.
        """
        expected = {field.name for field in fields(cls)}
        if set(values) != expected:
            raise ValueError(f"a signal profile has the fields {sorted(expected)}, got {sorted(values)}")
        return cls(**values)


_JANSSON_8K = SignalProfile(
    name="jansson-8k", sample_rate_hz=8192, channels=1, n_fft=1024, hop=768, num_bins=512, patch_frames=128
)
_HQ_44K = SignalProfile(
    name="hq-44k", sample_rate_hz=44100, channels=2, n_fft=4096, hop=1024, num_bins=2049, patch_frames=256
)
PROFILES: Mapping[str, SignalProfile] = MappingProxyType({p.name: p for p in (_JANSSON_8K, _HQ_44K)})

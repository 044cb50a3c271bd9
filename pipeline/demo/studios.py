"""How the demo's studios master: each version gets its own level, limiter, equaliser, start and codec.

The ranges are those between which official instrumentals and their originals were seen to differ: a few dB of level,
tenths of a second of start, 20–150 ppm of clock, now and then an inverted wave.
"""

import numpy as np

from pipeline.demo.mastering import Codec, Mastering
from pipeline.demo.tones import SAMPLE_RATE_HZ

_CODECS: tuple[Codec, ...] = ("flac", "wav", "mp3", "ogg", "m4a")
_CODEC_SHARES = (0.45, 0.17, 0.16, 0.12, 0.10)


def original_mastering(rng: np.random.Generator) -> Mastering:
    """For what is sung: half of it driven into a limiter."""
    driven = bool(rng.random() < 0.5)
    return Mastering(
        gain_db=float(rng.uniform(1.5, 5.0) if driven else rng.uniform(-3.0, 0.0)),
        limiter_ceiling=float(rng.uniform(0.93, 0.98)) if driven else None,
        lead_in_s=float(rng.choice([0.0, rng.uniform(0.01, 0.25)])),
        codec=_codec(rng),
    )


def counterpart_mastering(
    rng: np.random.Generator, *, drifting: bool = False, inverted: bool = False, other_rate: bool = False
) -> Mastering:
    """For an instrumental or an a cappella: its own limiter or none, equalised now and then, another start."""
    driven, equalised = bool(rng.random() < 0.5), bool(rng.random() < 0.4)
    start = rng.choice(["same", "later", "earlier"], p=[0.2, 0.5, 0.3])
    starts_s = {"same": 0.0, "later": rng.uniform(0.01, 0.4), "earlier": -rng.uniform(0.005, 0.15)}
    drift_ppm = float(rng.uniform(20, 150) * rng.choice([-1, 1]))
    return Mastering(
        # Shelves may add what the stem's peak leaves no room for: without a limiter there is some to spare.
        gain_db=float(rng.uniform(1.0, 5.0) if driven else rng.uniform(-6.0, -2.0)),
        limiter_ceiling=float(rng.uniform(0.9, 0.98)) if driven else None,
        low_shelf_db=float(rng.uniform(-1.5, 1.5)) if equalised else 0.0,
        high_shelf_db=float(rng.uniform(-1.5, 1.5)) if equalised else 0.0,
        lead_in_s=float(starts_s[str(start)]),
        inverted=inverted,
        drift_ppm=drift_ppm if drifting else 0.0,
        sample_rate_hz=int(rng.choice([48000, 48000, 32000])) if other_rate else SAMPLE_RATE_HZ,
        codec=_codec(rng),
    )


def _codec(rng: np.random.Generator) -> Codec:
    return _CODECS[int(rng.choice(len(_CODECS), p=_CODEC_SHARES))]

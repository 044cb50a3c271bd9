"""The demo's songs as recordings: a composition, played and sung, as two stems that add up to the mixture.

One song may be recorded more than once: in the studio, live, acoustically, and as a remix that keeps the singer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.ndimage import uniform_filter1d

from pipeline.demo.articulation import Singer, SungNote
from pipeline.demo.band import play
from pipeline.demo.composition import Composition, choose_harmony, compose
from pipeline.demo.styles import STYLES, StyleName
from pipeline.demo.tones import SAMPLE_RATE_HZ, Samples, filtered, place, reverb, rms, seconds_to_samples
from pipeline.demo.voice import sing

Performance = Literal["studio", "live", "acoustic", "remix"]
# The loudest sample of a mixture before mastering: nothing clips without a limiter.
PEAK = 0.89
# How much louder than the backing singers are, while they sing; real mixes lie about here.
VOCAL_LEVEL_DB = (-2.5, 2.5)
LIVE_HURRY = 1.03


@dataclass(frozen=True, kw_only=True)
class SongSeeds:
    """What a song is made from: two songs with the same ``harmony`` share style, tempo, key and chord loop."""

    style: StyleName
    harmony: tuple[int, ...]
    own: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Stems:
    """A recording before mastering, float32 ``(2, samples)`` at ``SAMPLE_RATE_HZ``."""

    vocals: Samples
    backing: Samples

    @property
    def mixture(self) -> Samples:
        """What is released."""
        return self.vocals + self.backing


def write_song(seeds: SongSeeds, singer: Singer, performance: Performance = "studio") -> Composition:
    """The song on paper; bands play faster on stage."""
    composition = compose(choose_harmony(seeds.style, seeds.harmony), singer, seeds.own)
    return _at_another_tempo(composition, LIVE_HURRY) if performance == "live" else composition


def duration_s(seeds: SongSeeds, singer: Singer, performance: Performance) -> float:
    """Length of a recording before mastering."""
    return write_song(seeds, singer, performance).duration_s


def record(seeds: SongSeeds, singer: Singer, performance: Performance = "studio") -> Stems:
    """Play and sing a song.

    The result depends on the arguments alone. Singers are ``VOCAL_LEVEL_DB`` louder than the backing while they
    sing (RMS over both channels), and the mixture peaks at ``PEAK``.
    """
    composition = write_song(seeds, singer, performance)
    style = STYLES[{"acoustic": "folk", "remix": "dance"}.get(performance, seeds.style)]  # type: ignore[index]
    take = {"studio": 0, "live": 1, "acoustic": 2, "remix": 3}[performance]
    backing = play(composition, style, (*seeds.own, 7, take))
    # A remixer gets the studio's vocals.
    vocals = _sing_all(composition, singer, (*seeds.own, 8, 0 if performance == "remix" else take))
    if performance == "live":
        backing += _audience(backing.shape[1], (*seeds.own, 9))
        vocals, backing = reverb(vocals, 1.6, 0.25), reverb(backing, 1.6, 0.25)
    wanted_db = np.random.default_rng([*seeds.own, 10, take]).uniform(*VOCAL_LEVEL_DB)
    return _balanced(vocals, backing, float(wanted_db))


def _at_another_tempo(composition: Composition, faster: float) -> Composition:
    def hurried(notes: Sequence[SungNote]) -> tuple[SungNote, ...]:
        return tuple(
            replace(note, start_s=note.start_s / faster, duration_s=note.duration_s / faster) for note in notes
        )

    return replace(
        composition,
        harmony=replace(composition.harmony, bpm=composition.harmony.bpm * faster),
        melody=hurried(composition.melody),
        second_voice=hurried(composition.second_voice),
    )


def _sing_all(composition: Composition, singer: Singer, seed: tuple[int, ...]) -> Samples:
    """Lead in the middle, a second voice to one side in choruses, a little room; ``(2, samples)``."""
    rng = np.random.default_rng(list(seed))
    num_samples = seconds_to_samples(composition.duration_s)
    dry = np.zeros((2, num_samples), dtype=np.float32)
    place(dry, sing(composition.melody, singer, num_samples, rng), 0.0)
    if rng.random() < 0.5:
        second = replace(singer, formant_scale=singer.formant_scale * 1.03, vibrato_hz=singer.vibrato_hz * 0.95)
        late = [replace(note, start_s=note.start_s + 0.015) for note in composition.second_voice]
        place(dry, sing(late, second, num_samples, rng), 0.0, gain=0.6, pan=float(rng.choice([-0.5, 0.5])))
    return reverb(filtered(dry, 90.0, "highpass", 1), float(rng.uniform(0.8, 1.3)), float(rng.uniform(0.08, 0.2)))


def _audience(num_samples: int, seed: tuple[int, ...]) -> Samples:
    rng = np.random.default_rng(list(seed))
    murmur = filtered(rng.standard_normal((2, num_samples)), (300.0, 3000.0), "bandpass", 1)
    swell = 1 + 2 * np.exp(-np.arange(num_samples) / SAMPLE_RATE_HZ / 1.5)
    return (0.012 * swell * murmur).astype(np.float32)


def singing_mask(vocals: Samples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Samples at which somebody sings: the level over 50 ms is within 30 dB of the loudest."""
    power = uniform_filter1d((vocals**2).mean(axis=0), seconds_to_samples(0.05))
    mask: np.ndarray[tuple[int], np.dtype[np.bool_]] = power > power.max() * 1e-3
    return mask


def _balanced(vocals: Samples, backing: Samples, wanted_db: float) -> Stems:
    sung = singing_mask(vocals)
    gain = 10 ** (wanted_db / 20) * rms(backing[:, sung]) / rms(vocals[:, sung])
    vocals = vocals * np.float32(gain)
    scale = np.float32(PEAK / np.max(np.abs(vocals + backing)))
    return Stems(vocals=vocals * scale, backing=backing * scale)

"""Songs with planted truth: a backing of chords, bass and drums, a sung voice, and ways to spoil a copy of them."""

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import scipy.fft
import scipy.ndimage
import scipy.signal
import soundfile

from mining import fingerprints
from mining.evidence import Evidence, compare_recordings
from mining.evidence_settings import EvidenceSettings

RATE_HZ = 16000


def _tone(frequency_hz: float, samples: int, rng: np.random.Generator, partials: int) -> np.ndarray:
    time = np.arange(samples) / RATE_HZ
    tone = sum(
        np.sin(2 * np.pi * frequency_hz * k * time + rng.uniform(0, 6.28)) / k
        for k in range(1, partials + 1)
        if frequency_hz * k < 0.45 * RATE_HZ
    )
    return tone * np.exp(-2 * time) * np.minimum(time / 0.01, 1)


def make_backing(duration_s: float, seed: int, *, chords_of: int | None = None) -> np.ndarray:
    """Chords, bass and drums, played with human timing; `chords_of` borrows key, chords and tempo of another seed."""
    rng, plan = np.random.default_rng(seed), np.random.default_rng(seed if chords_of is None else chords_of)
    beat = int(60 / plan.uniform(90, 130) * RATE_HZ)
    roots = plan.integers(0, 12, 4)
    track = np.zeros(int((duration_s + 4) * RATE_HZ))

    def play(at: int, sound: np.ndarray, level: float) -> None:
        at = max(at, 0)
        track[at : at + len(sound)] += level * sound[: len(track) - at]

    for index in range(int(duration_s * RATE_HZ / beat) + 1):
        root, at = roots[index // 4 % 4], index * beat + int(rng.normal(0, 0.005) * RATE_HZ)
        if index % 4 == 0:
            for step in (0, 4, 7):
                play(at, _tone(220 * 2 ** ((root + step) / 12), beat * 4, rng, 6), 0.25)
        play(at, _tone(55 * 2 ** (root / 12), beat, rng, 4), 0.5)
        noise = rng.standard_normal(RATE_HZ // 8) * np.exp(-np.arange(RATE_HZ // 8) / RATE_HZ * 40)
        play(at, noise, 0.3 if index % 2 else 0.1)
    track = track[: int(duration_s * RATE_HZ)]
    return 0.08 * track / np.sqrt(np.mean(track**2))


def make_voice(duration_s: float, seed: int, *, level_db: float = 0.0) -> np.ndarray:
    """Sung syllables with vibrato and formants, in phrases with pauses; level relative to a backing."""
    rng = np.random.default_rng(seed)
    track, sung = np.zeros(int(duration_s * RATE_HZ)), np.zeros(int(duration_s * RATE_HZ), dtype=bool)
    at = RATE_HZ // 2
    while at < len(track) - RATE_HZ:
        samples = int(rng.uniform(0.2, 0.8) * RATE_HZ)
        time = np.arange(samples) / RATE_HZ
        pitch = 220 * 2 ** (rng.integers(-5, 12) / 12)
        phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * time))) / RATE_HZ
        formants = rng.uniform([300, 900, 2300], [800, 2200, 3200])
        syllable = sum(
            np.sin(k * phase) * sum(1 / (1 + ((pitch * k - f) / (80 + 0.05 * f)) ** 2) for f in formants)
            for k in range(1, int(6000 / pitch))
        )
        syllable *= np.minimum(time / 0.03, 1) * np.minimum((time[-1] - time) / 0.05, 1)
        track[at : at + samples] += syllable
        sung[at : at + samples] = True
        at += samples + int(rng.choice([0.02, 0.1, 1.5], p=[0.5, 0.35, 0.15]) * RATE_HZ)
    return 0.08 * 10 ** (level_db / 20) * track / np.sqrt(np.mean(track[sung] ** 2))


def displace(signal: np.ndarray, offset_s: float, drift_ppm: float, num_samples: int) -> np.ndarray:
    """Make y with signal(t) = y(t + offset_s + 1e-6 · drift_ppm · t), by oversampling sixteen-fold (no code shared)."""
    factor = 16
    padded = np.zeros(scipy.fft.next_fast_len(len(signal) + 2000, real=True))
    padded[1000 : 1000 + len(signal)] = signal
    fine = scipy.fft.irfft(scipy.fft.rfft(padded), len(padded) * factor) * factor
    wanted = (np.arange(num_samples) / RATE_HZ - offset_s) / (1 + 1e-6 * drift_ppm)
    places = (wanted * RATE_HZ + 1000) * factor
    inside = (places >= 0) & (places < len(fine) - 1)
    out = np.zeros(num_samples)
    out[inside] = np.interp(places[inside], np.arange(len(fine)), fine)
    return out


def limit(signal: np.ndarray, threshold: float) -> np.ndarray:
    """Limit with look-ahead and a release of 20 ms."""
    span = RATE_HZ // 100
    wanted = np.minimum(1.0, threshold / np.maximum(np.abs(signal), 1e-9))
    return signal * scipy.ndimage.uniform_filter1d(scipy.ndimage.minimum_filter1d(wanted, 2 * span), span)


def through_codec(signal: np.ndarray, kind: str) -> np.ndarray:
    """Encode and decode by a lossy codec."""
    buffer = io.BytesIO()
    subtype = {"mp3": "MPEG_LAYER_III", "ogg": "VORBIS"}[kind]
    soundfile.write(buffer, signal.astype(np.float32), RATE_HZ, format=kind.upper(), subtype=subtype)
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float64")[0]


def compare(original: np.ndarray, counterpart: np.ndarray, kind: str = "instrumental", **rates: Any) -> Evidence:
    """Fingerprint and compare two mono or stereo signals."""
    first, second = (np.atleast_2d(signal).astype(np.float32) for signal in (original, counterpart))
    first_hz, second_hz = rates.get("original_hz", RATE_HZ), rates.get("counterpart_hz", RATE_HZ)
    return compare_recordings(
        first, first_hz, second, second_hz,
        original_fingerprint=fingerprints.extract(first, first_hz),
        counterpart_fingerprint=fingerprints.extract(second, second_hz),
        kind=kind, settings=EvidenceSettings(),
    )  # fmt: skip


@dataclass(frozen=True)
class Studio:
    """The song most tests use, and the tools above."""

    duration_s: float = 24.0
    rate_hz: int = RATE_HZ
    backing: np.ndarray = field(default_factory=lambda: make_backing(24.0, 1))
    voice: np.ndarray = field(default_factory=lambda: make_voice(24.0, 2))

    make_backing = staticmethod(make_backing)
    make_voice = staticmethod(make_voice)
    displace = staticmethod(displace)
    limit = staticmethod(limit)
    through_codec = staticmethod(through_codec)
    compare = staticmethod(compare)

    @property
    def mixture(self) -> np.ndarray:
        return self.backing + self.voice

    def counterpart(
        self, signal: np.ndarray, offset_s: float = 0.0, drift_ppm: float = 0.0, gain_db: float = 0.0, polarity: int = 1
    ) -> np.ndarray:
        """Give the counterpart from which `signal` follows by the contract's formula."""
        samples = int((self.duration_s + offset_s) * self.rate_hz)
        return polarity * 10 ** (-gain_db / 20) * displace(signal, offset_s, drift_ppm, samples)


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio()

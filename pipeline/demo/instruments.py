"""The demo's band: one function a sound, each returning one note or hit as mono float32 ``(samples,)``.

Levels are such that every sound peaks near 1 at velocity 1. Nothing loops over samples: plucked strings go round
period by period, everything else is a table, a sum of sines or a filter.

References
----------
Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music Journal 7 (1983).
Chowning, "The synthesis of complex audio spectra by means of frequency modulation", JAES 21 (1973).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from pipeline.demo.tones import (
    SAMPLE_RATE_HZ,
    Samples,
    fade_edges,
    filtered,
    midi_to_hz,
    saw,
    seconds_to_samples,
)

Pitched = Callable[[float, float, np.random.Generator], Samples]
Struck = Callable[[np.random.Generator], Samples]


def _time_s(duration_s: float) -> NDArray[np.float64]:
    return np.arange(seconds_to_samples(duration_s)) / SAMPLE_RATE_HZ


def _level(sound: NDArray[np.floating[Any]]) -> Samples:
    levelled: Samples = (sound / (np.max(np.abs(sound)) + 1e-9)).astype(np.float32)
    return levelled


def plucked_string(
    midi: float, duration_s: float, rng: np.random.Generator, *, brightness: float = 0.5, decay_s: float = 1.4
) -> Samples:
    """A Karplus-Strong string; ``brightness`` 0..1 shapes the pick, ``decay_s`` is the fundamental's RT60."""
    period = SAMPLE_RATE_HZ / midi_to_hz(midi) - 0.5  # the averaging delays by half a sample
    whole = int(period)
    burst = lfilter([0.25 + 0.75 * brightness], [1, -0.75 * (1 - brightness)], rng.uniform(-1, 1, whole))
    loss = 10 ** (-3 * whole / SAMPLE_RATE_HZ / decay_s)
    num_samples = seconds_to_samples(duration_s)
    rounds = np.empty((num_samples // whole + 2, whole))
    rounds[0] = burst - burst.mean()
    for index in range(1, len(rounds)):
        previous = rounds[index - 1]
        before = np.roll(previous, 1)
        before[0] = rounds[index - 2][-1] if index > 1 else 0.0
        rounds[index] = loss * 0.5 * (previous + before)
    # A whole number of samples a period would be out of tune: read it at the rate that is in tune.
    position = np.arange(num_samples) * (whole / period)
    string = np.interp(position, np.arange(rounds.size), rounds.ravel())
    return fade_edges(_level(string), 0.001, 0.03)


def steel_guitar(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """A bright acoustic guitar's string."""
    return plucked_string(midi, duration_s, rng, brightness=rng.uniform(0.5, 0.7), decay_s=2.0)


def nylon_guitar(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """A soft guitar's string."""
    return plucked_string(midi, duration_s, rng, brightness=rng.uniform(0.15, 0.3), decay_s=1.2)


def electric_piano(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """Two operators of frequency modulation: a tine that fades faster than its body."""
    time_s, frequency_hz = _time_s(duration_s), midi_to_hz(midi)
    index = rng.uniform(1.0, 1.6) * np.exp(-time_s * 3.5)
    turn = 2 * np.pi * frequency_hz * time_s
    body = np.sin(turn + index * np.sin(turn)) * np.exp(-time_s * 1.6)
    tine = 0.25 * np.sin(turn + 0.8 * np.sin(14 * turn)) * np.exp(-time_s * 9)
    return fade_edges(_level(body + tine), 0.002, 0.05)


def piano(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """Stretched partials of two detuned strings, the high ones dying first."""
    time_s, frequency_hz = _time_s(duration_s), midi_to_hz(midi)
    num_partials = int(min(14, 9000 / frequency_hz))
    sound = np.zeros(len(time_s))
    for partial in range(1, num_partials + 1):
        stretched_hz = frequency_hz * partial * np.sqrt(1 + 4e-4 * partial**2)
        strength = partial**-1.3 * rng.uniform(0.7, 1.3)
        envelope = np.exp(-time_s * (0.9 + 0.55 * partial))
        sound += strength * envelope * np.sin(2 * np.pi * stretched_hz * time_s + rng.uniform(0, 6.28))
    return fade_edges(_level(sound), 0.003, 0.06)


def strings_pad(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """Three detuned saws behind a gentle filter, slow to come and go."""
    frequency_hz = midi_to_hz(midi)
    detune = (1.0, 1.0 + rng.uniform(0.002, 0.006), 1.0 - rng.uniform(0.002, 0.006))
    voices = np.sum([saw(frequency_hz * factor, duration_s, phase=rng.uniform()) for factor in detune], axis=0)
    return fade_edges(_level(filtered(voices, rng.uniform(1200, 2200), "lowpass")), 0.18, 0.25)


def super_saw(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """Five detuned saws, bright and short: dance chords."""
    frequency_hz = midi_to_hz(midi)
    detune = (-0.011, -0.005, 0.0, 0.006, 0.012)
    voices = np.sum([saw(frequency_hz * (1 + by), duration_s, phase=rng.uniform()) for by in detune], axis=0)
    return fade_edges(_level(filtered(voices, 6000, "lowpass")), 0.004, 0.05)


def overdriven_guitar(midis: Sequence[float], duration_s: float, rng: np.random.Generator) -> Samples:
    """A whole chord through one overdriven amplifier, as sums distort together."""
    strings = np.sum([plucked_string(midi, duration_s, rng, brightness=0.8, decay_s=3.0) for midi in midis], axis=0)
    driven = np.tanh(4.0 * strings / max(1, len(midis)))
    return fade_edges(_level(filtered(driven, (110, 4200), "bandpass", 1)), 0.002, 0.03)


def lead_synth(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """A singing synthesiser with vibrato: the line that a separator is tempted to take for the voice."""
    time_s = _time_s(duration_s)
    vibrato = 0.003 * np.sin(2 * np.pi * 5.2 * time_s) * np.minimum(1, time_s / 0.4)
    turn = 2 * np.pi * np.cumsum(midi_to_hz(midi) * (1 + vibrato)) / SAMPLE_RATE_HZ + rng.uniform(0, 6.28)
    hollow = np.sum([np.sin(odd * turn) / odd for odd in (1, 3, 5, 7)], axis=0)
    return fade_edges(_level(hollow), 0.02, 0.06)


def finger_bass(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """A plucked bass guitar."""
    string = plucked_string(midi, duration_s, rng, brightness=0.25, decay_s=2.5)
    return fade_edges(_level(filtered(string, 900, "lowpass", 1)), 0.003, 0.03)


def synth_bass(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """A low-passed saw."""
    body = filtered(saw(midi_to_hz(midi), duration_s, phase=rng.uniform()), 600, "lowpass")
    return fade_edges(_level(body), 0.004, 0.03)


def sub_bass(midi: float, duration_s: float, rng: np.random.Generator) -> Samples:
    """The long, slightly driven sine of hip-hop."""
    time_s = _time_s(duration_s)
    glide = 1 + 0.5 * np.exp(-time_s * 60)
    turn = 2 * np.pi * np.cumsum(midi_to_hz(midi) * glide) / SAMPLE_RATE_HZ
    return fade_edges(_level(np.tanh(rng.uniform(1.4, 2.0) * np.sin(turn)) * np.exp(-time_s * 1.2)), 0.003, 0.05)


def kick(rng: np.random.Generator) -> Samples:
    """A falling sine with a click."""
    time_s = _time_s(0.32)
    turn = 2 * np.pi * np.cumsum(rng.uniform(44, 52) + 130 * np.exp(-time_s * 38)) / SAMPLE_RATE_HZ
    click = rng.standard_normal(len(time_s)) * np.exp(-time_s * 500) * 0.25
    return _level(np.sin(turn) * np.exp(-time_s * 11) + click)


def snare(rng: np.random.Generator) -> Samples:
    """A drum head at 190 Hz and rattling wires."""
    time_s = _time_s(0.25)
    wires = filtered(rng.standard_normal(len(time_s)), (900, 9000), "bandpass", 1) * np.exp(-time_s * 19)
    return _level(0.8 * np.sin(2 * np.pi * rng.uniform(180, 200) * time_s) * np.exp(-time_s * 28) + 1.1 * wires)


def clap(rng: np.random.Generator) -> Samples:
    """Four hands, not quite together."""
    time_s = _time_s(0.22)
    hands = np.sum(
        [np.exp(-np.maximum(0, time_s - late) * 70) * (time_s >= late) for late in (0, 0.011, 0.022, 0.031)], axis=0
    )
    return _level(filtered(rng.standard_normal(len(time_s)), (900, 3500), "bandpass") * hands)


def closed_hat(rng: np.random.Generator) -> Samples:
    """A short hiss."""
    time_s = _time_s(0.07)
    return _level(filtered(rng.standard_normal(len(time_s)), 7000, "highpass") * np.exp(-time_s * 70))


def open_hat(rng: np.random.Generator) -> Samples:
    """A longer hiss."""
    time_s = _time_s(0.35)
    return _level(filtered(rng.standard_normal(len(time_s)), 6500, "highpass") * np.exp(-time_s * 11))


def crash(rng: np.random.Generator) -> Samples:
    """A cymbal that opens a section."""
    time_s = _time_s(1.6)
    return _level(filtered(rng.standard_normal(len(time_s)), 3500, "highpass", 1) * np.exp(-time_s * 2.8))


def conga(rng: np.random.Generator) -> Samples:
    """A tuned hand drum."""
    time_s = _time_s(0.28)
    turn = 2 * np.pi * np.cumsum(rng.choice([196.0, 262.0]) * (1 + 0.15 * np.exp(-time_s * 60))) / SAMPLE_RATE_HZ
    slap = rng.standard_normal(len(time_s)) * np.exp(-time_s * 260) * 0.3
    return _level(np.sin(turn) * np.exp(-time_s * 17) + slap)


def shaker(rng: np.random.Generator) -> Samples:
    """Seeds in a gourd."""
    time_s = _time_s(0.1)
    return _level(filtered(rng.standard_normal(len(time_s)), (4500, 12000), "bandpass", 1) * np.hanning(len(time_s)))

"""Building blocks of the demo's sounds: band-limited oscillators, filters, placing, panning, reverb.

Conventions: one note or one bus is float32; mono sounds have shape ``(samples,)``, stereo ones ``(2, samples)``;
everything runs at ``SAMPLE_RATE_HZ``. No function loops over samples.
"""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, oaconvolve, sosfilt

SAMPLE_RATE_HZ = 44100
TABLE_SIZE = 4096
# No oscillator sounds above this: most of what lies higher is hats and breath.
TOP_HZ = 16000.0

Samples = NDArray[np.float32]


def midi_to_hz(midi: Any) -> Any:
    """Frequency of MIDI pitch ``midi`` (69 is 440 Hz), for a number or an array."""
    return 440.0 * 2.0 ** ((midi - 69.0) / 12.0)


def seconds_to_samples(seconds: float) -> int:
    """Whole samples nearest to ``seconds``."""
    return round(seconds * SAMPLE_RATE_HZ)


def table_from_harmonics(amplitudes: NDArray[np.complex128]) -> Samples:
    """One period, ``(TABLE_SIZE + 1,)``, of the given harmonics (the first is the fundamental)."""
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, dtype=np.complex128)
    count = min(len(amplitudes), TABLE_SIZE // 2 - 1)
    spectrum[1 : count + 1] = amplitudes[:count]
    period = np.fft.irfft(spectrum) * (TABLE_SIZE / 2)
    return np.append(period, period[0]).astype(np.float32)


def read_table(table: Samples, phase_cycles: NDArray[np.float64]) -> Samples:
    """Value of a periodic ``table`` at ``phase_cycles``, by linear interpolation."""
    position = ((phase_cycles % 1.0) * TABLE_SIZE).astype(np.float32)
    whole = position.astype(np.int32)
    fraction = position - whole
    index = whole % TABLE_SIZE  # rounding to float32 may reach the end
    below = table[index]
    return below + fraction * (table[index + 1] - below)


@lru_cache(maxsize=256)
def _saw_table(num_harmonics: int) -> Samples:
    harmonics = np.arange(1, num_harmonics + 1)
    return table_from_harmonics(np.asarray(-1j / harmonics * (2 / np.pi), dtype=np.complex128))


def saw(frequency_hz: float, duration_s: float, *, phase: float = 0.0) -> Samples:
    """A band-limited sawtooth, ``(samples,)``, nominal range −1..1."""
    time_s = np.arange(seconds_to_samples(duration_s)) / SAMPLE_RATE_HZ
    return read_table(_saw_table(max(1, int(TOP_HZ / frequency_hz))), frequency_hz * time_s + phase)


def filtered(
    sound: NDArray[np.floating[Any]],
    cutoff_hz: float | tuple[float, float],
    kind: Literal["lowpass", "highpass", "bandpass"],
    order: int = 2,
) -> Samples:
    """Butterworth-filtered ``sound`` along its last axis."""
    sos = butter(order, cutoff_hz, kind, fs=SAMPLE_RATE_HZ, output="sos")
    return sosfilt(sos, sound, axis=-1).astype(np.float32)


def fade_edges(sound: Samples, attack_s: float, release_s: float) -> Samples:
    """``sound`` (samples,) with linear ramps at both ends, so that notes start and stop without clicks."""
    shaped = sound.copy()
    attack = min(seconds_to_samples(attack_s), len(sound) // 2)
    release = min(seconds_to_samples(release_s), len(sound) // 2)
    shaped[:attack] *= np.linspace(0, 1, attack, dtype=np.float32)
    if release:
        shaped[-release:] *= np.linspace(1, 0, release, dtype=np.float32)
    return shaped


def place(bus: Samples, sound: Samples, start_s: float, *, gain: float = 1.0, pan: float = 0.0) -> None:
    """Add mono ``sound`` to stereo ``bus`` in place at ``start_s``, with constant-power ``pan`` −1 (left)..1."""
    start = seconds_to_samples(start_s)
    skipped = max(0, -start)
    start = max(0, start)
    stop = min(bus.shape[1], start + len(sound) - skipped)
    if stop <= start:
        return
    piece = sound[skipped : skipped + stop - start]
    angle = (pan + 1) * np.pi / 4
    bus[0, start:stop] += np.float32(gain * np.cos(angle) * np.sqrt(2)) * piece
    bus[1, start:stop] += np.float32(gain * np.sin(angle) * np.sqrt(2)) * piece


@lru_cache(maxsize=8)
def _room(decay_s: float) -> Samples:
    rng = np.random.default_rng(round(decay_s * 1000))
    time_s = np.arange(seconds_to_samples(decay_s)) / SAMPLE_RATE_HZ
    # −60 dB at the end; the first 12 ms are silent: the way to the nearest wall.
    noise = rng.standard_normal((2, len(time_s))) * 10.0 ** (-3.0 * time_s / decay_s)
    noise[:, : seconds_to_samples(0.012)] = 0.0
    damped = filtered(noise, (250.0, 5000.0), "bandpass", 1)
    damped /= np.sqrt((damped**2).sum(axis=1, keepdims=True))
    return damped


def reverb(dry: Samples, decay_s: float, wet: float) -> Samples:
    """Stereo ``dry`` plus ``wet`` times its convolution with a decaying-noise room of ``decay_s`` (RT60)."""
    tail = oaconvolve(dry, _room(decay_s), axes=1)[:, : dry.shape[1]]
    return (dry + np.float32(wet) * tail).astype(np.float32)


def rms(sound: NDArray[np.floating[Any]]) -> float:
    """Root mean square of all values; 0 for none."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0

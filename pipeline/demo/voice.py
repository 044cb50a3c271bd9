"""A sung voice: glottal pulses through moving formants, with consonants, vibrato, glides between notes and breath.

The source is a wavetable of Rosenberg's glottal pulse, differentiated (lip radiation), read at a phase that carries
melody, vibrato, drift and jitter. The filter is a cascade of five resonators whose frequencies move every
``HOP`` samples; it is applied in the frequency domain, frame by frame, so that no loop runs over samples.

References
----------
Rosenberg, "Effect of glottal pulse shape on the quality of natural vowels", JASA 49 (1971).
Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67 (1980).
Sundberg, "The Science of the Singing Voice" (1987): vibrato rates and extents, tuning of the first formant.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from pipeline.demo.articulation import HOP, Singer, SungNote, Tracks, articulate
from pipeline.demo.phonemes import BANDWIDTHS_HZ
from pipeline.demo.tones import (
    SAMPLE_RATE_HZ,
    TABLE_SIZE,
    Samples,
    midi_to_hz,
    read_table,
    table_from_harmonics,
)

WINDOW = 4 * HOP
# Room after the window's bulk for the resonators to ring out, by 70 dB: what wraps around would buzz at the hop's rate.
N_FFT = 2048
# The resonators raise unit pulses to about 2.4 RMS; friction is given beside a vowel of 1.
VOWEL_RMS = 2.4
FRAMES_AT_ONCE = 1024
# High, so that low notes of a song are bright too: the highest pitch decides how many harmonics there are.
TOP_HZ = 20000.0


def sing(notes: Sequence[SungNote], singer: Singer, num_samples: int, rng: np.random.Generator) -> Samples:
    """Sing ``notes`` (in time order, not overlapping).

    Returns
    -------
    float32 ``(num_samples,)``, about 0.1 RMS while singing; exactly zero far from every note.
    """
    tracks = articulate(notes, singer, 1 + -(-num_samples // HOP), rng)
    pulses = _glottal_source(tracks, singer, num_samples, rng)
    noise = rng.standard_normal(num_samples, dtype=np.float32)
    return _through_the_mouth(pulses, noise, tracks, num_samples)


@lru_cache(maxsize=64)
def _glottal_table(num_harmonics: int, open_quotient: float, tilt_db_per_octave: float) -> Samples:
    """Rosenberg's pulse B with the given open quotient, differentiated; unit RMS."""
    position = np.arange(TABLE_SIZE) / TABLE_SIZE
    rising, falling = open_quotient * 2 / 3, open_quotient / 3
    flow = np.where(position < rising, 0.5 * (1 - np.cos(np.pi * position / rising)), 0.0)
    closing = (position >= rising) & (position < open_quotient)
    flow = np.where(closing, np.cos(0.5 * np.pi * (position - rising) / falling), flow)
    harmonics = np.arange(1, num_harmonics + 1)
    amplitudes = np.fft.rfft(flow)[1 : num_harmonics + 1] * 1j * harmonics
    amplitudes *= harmonics ** (-tilt_db_per_octave / 6.02)
    return table_from_harmonics(amplitudes / np.sqrt(0.5 * np.sum(np.abs(amplitudes) ** 2)))


def _per_sample(track: NDArray[Any], num_samples: int) -> NDArray[np.float64]:
    frames = np.arange(len(track)) * HOP
    samples: NDArray[np.float64] = np.interp(np.arange(num_samples), frames, track)
    return samples


def _glottal_source(tracks: Tracks, singer: Singer, num_samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Glottal pulses at the melody's pitch, soft or pressed by effort; ``(num_samples,)``."""
    frequency_hz = midi_to_hz(_per_sample(tracks.midi, num_samples))
    cycles = np.cumsum(frequency_hz / SAMPLE_RATE_HZ)
    count = int(cycles[-1]) + 3
    # Jitter and shimmer of healthy singing voices: below 1 % and below 5 %, cycle by cycle.
    jitter, shimmer = 0.004 * rng.standard_normal(count), 1 + 0.03 * rng.standard_normal(count)
    phase = cycles + np.interp(cycles, np.arange(count), np.cumsum(jitter) * 0.2)
    highest_hz = float(midi_to_hz(tracks.midi.max()))
    num_harmonics = max(1, int(TOP_HZ / highest_hz))
    soft = read_table(_glottal_table(num_harmonics, 0.75, singer.tilt_db_per_octave + 5.0), phase)
    pressed = read_table(_glottal_table(num_harmonics, 0.5, singer.tilt_db_per_octave), phase)
    effort = _per_sample(tracks.effort, num_samples).astype(np.float32)
    level = _per_sample(tracks.voicing, num_samples) * np.interp(cycles, np.arange(count), shimmer)
    pulses: NDArray[np.float32] = level.astype(np.float32) * (soft + effort * (pressed - soft))
    return pulses


def _resonances(formants_hz: NDArray[np.float32], formant_scale: float) -> NDArray[np.complex64]:
    """Response ``(frames, bins)`` of the five resonators at ``formants_hz`` (frames, 5)."""
    bins = np.exp(-2j * np.pi * np.arange(N_FFT // 2 + 1) / N_FFT).astype(np.complex64)
    # What a real throat's poles above the fifth would add (Fant's correction, roughly).
    above = 1 + (np.minimum(np.arange(len(bins)) * SAMPLE_RATE_HZ / N_FFT, 12000.0) / 4000.0) ** 2
    response = np.tile(above.astype(np.complex64), (len(formants_hz), 1))
    for formant, bandwidth_hz in enumerate(BANDWIDTHS_HZ):
        radius = np.float32(np.exp(-np.pi * bandwidth_hz * formant_scale / SAMPLE_RATE_HZ))
        angle = 2 * np.pi * formants_hz[:, formant] / SAMPLE_RATE_HZ
        middle = (2 * radius * np.cos(angle)).astype(np.float32)[:, None]
        at_zero = 1 - middle + radius**2
        response *= at_zero / (1 - middle * bins + radius**2 * bins**2)
    return response


def _friction_bands(tracks: Tracks, chosen: NDArray[np.intp]) -> NDArray[np.float32]:
    """Spectrum ``(frames, bins)`` of consonants' noise: a bell over log frequency."""
    frequencies_hz = np.maximum(np.arange(N_FFT // 2 + 1) * SAMPLE_RATE_HZ / N_FFT, 20.0)
    octaves = np.log2(frequencies_hz, dtype=np.float32)
    distance = octaves - np.log2(tracks.noise_hz[chosen])[:, None]
    bell = np.exp(-0.5 * (distance / tracks.noise_width_octaves[chosen][:, None]) ** 2)
    return (VOWEL_RMS * tracks.friction[chosen][:, None] * bell).astype(np.float32)


def _frames_of(signal: NDArray[np.float32], chosen: NDArray[np.intp]) -> NDArray[np.complex64]:
    """Spectra ``(frames, bins)`` of the windows centred on ``chosen`` frames."""
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    padded = np.pad(signal, (WINDOW // 2, WINDOW + HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[chosen * HOP]
    spectra: NDArray[np.complex64] = rfft(windows * window, n=N_FFT, axis=1)
    return spectra


def _through_the_mouth(
    pulses: NDArray[np.float32], noise: NDArray[np.float32], tracks: Tracks, num_samples: int
) -> Samples:
    """Shape source and noise by each frame's spectrum and overlap-add them."""
    padded = np.zeros(HOP * len(tracks.midi) + N_FFT, dtype=np.float32)
    audible = np.flatnonzero(tracks.voicing + tracks.aspiration + tracks.friction > 1e-4)
    for first in range(0, len(audible), FRAMES_AT_ONCE):
        chosen = audible[first : first + FRAMES_AT_ONCE]
        mouth = _resonances(tracks.formants_hz[chosen], tracks.formant_scale)
        noise_spectra = _frames_of(noise, chosen)
        spectra = (_frames_of(pulses, chosen) + noise_spectra * tracks.aspiration[chosen][:, None]) * mouth
        spectra += noise_spectra * _friction_bands(tracks, chosen)
        pieces = irfft(spectra, n=N_FFT, axis=1)
        for piece, frame in zip(pieces, chosen, strict=True):
            padded[frame * HOP : frame * HOP + N_FFT] += piece
    # Hann windows a quarter apart add up to 2.
    return padded[WINDOW // 2 : WINDOW // 2 + num_samples] * np.float32(0.5 * 0.1 / VOWEL_RMS)

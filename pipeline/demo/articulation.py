"""From syllables on pitches to what a singer's pitch, breath, tongue and lips do, every few milliseconds.

A track has one value a frame, ``(frames,)``, frame k at sample ``k * HOP``.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from pipeline.demo.phonemes import CONSONANTS, UPPER_FORMANTS_HZ, VOWELS, Consonant
from pipeline.demo.tones import SAMPLE_RATE_HZ, midi_to_hz

HOP = 256
FRAME_RATE_HZ = SAMPLE_RATE_HZ / HOP
PHRASE_REST_S = 0.15


@dataclass(frozen=True, kw_only=True)
class Singer:
    """One voice: what stays the same from song to song."""

    low_midi: int
    high_midi: int
    formant_scale: float  # 1 is the average man; women have shorter vocal tracts, about 1.15
    breathiness: float  # level of aspiration noise beside the pulses, 0..1
    tilt_db_per_octave: float  # steeper is softer; 0 is Rosenberg's own pulse
    vibrato_hz: float
    vibrato_cents: float
    vibrato_onset_s: float
    portamento_s: float


@dataclass(frozen=True, kw_only=True)
class SungNote:
    """One syllable on one pitch."""

    start_s: float
    duration_s: float
    midi: float
    onset: str  # a consonant of `phonemes.CONSONANTS`, or nothing
    nucleus: str  # one or two vowels of `phonemes.VOWELS`
    level: float  # 0..1

    @property
    def end_s(self) -> float:
        """Where the vowel ends."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """What the source and the filter of a voice do in each frame."""

    midi: NDArray[np.float64]
    voicing: NDArray[np.float32]  # level of the glottal pulses
    effort: NDArray[np.float32]  # 0 soft .. 1 pressed
    aspiration: NDArray[np.float32]  # level of noise that goes through the mouth
    friction: NDArray[np.float32]  # level of noise made at teeth or lips
    noise_hz: NDArray[np.float32]
    noise_width_octaves: NDArray[np.float32]
    formants_hz: NDArray[np.float32]  # (frames, 5)
    formant_scale: float


def smooth(track: NDArray[Any], width_s: float) -> NDArray[np.float64]:
    """``track`` convolved along its first axis with a Hann bell of ``width_s``."""
    width = max(3, 2 * round(width_s * FRAME_RATE_HZ / 2) + 1)
    bell = np.hanning(width + 2)[1:-1]
    smoothed: NDArray[np.float64] = convolve1d(track.astype(np.float64), bell / bell.sum(), axis=0, mode="nearest")
    return smoothed


def phrases_of(notes: Sequence[SungNote]) -> list[list[SungNote]]:
    """``notes`` cut wherever nobody sings for `PHRASE_REST_S`."""
    phrases: list[list[SungNote]] = []
    for note in notes:
        if phrases and note.start_s - phrases[-1][-1].end_s < PHRASE_REST_S:
            phrases[-1].append(note)
        else:
            phrases.append([note])
    return phrases


def articulate(notes: Sequence[SungNote], singer: Singer, num_frames: int, rng: np.random.Generator) -> Tracks:
    """Tracks of ``notes``, which are in time order and do not overlap."""
    levels = _Levels(num_frames)
    for phrase in phrases_of(notes):
        levels.breathe_before(phrase[0], rng)
        for note in phrase:
            levels.sing(note)
        levels.release(phrase[-1])
    midi = _melody(notes, singer, num_frames, rng)
    voicing = smooth(levels.voicing, 0.03)
    effort = smooth(levels.effort, 0.12) + 0.08 * smooth(rng.standard_normal(num_frames), 0.2)
    aspiration = singer.breathiness * (0.35 + 0.65 * (1 - effort)) * voicing + smooth(levels.aspiration, 0.03)
    return Tracks(
        midi=midi,
        voicing=voicing.astype(np.float32),
        effort=np.clip(effort, 0, 1).astype(np.float32),
        aspiration=aspiration.astype(np.float32),
        friction=smooth(levels.friction, 0.012).astype(np.float32),
        noise_hz=levels.noise_hz,
        noise_width_octaves=levels.noise_width_octaves,
        formants_hz=_formants(notes, singer, midi),
        formant_scale=singer.formant_scale,
    )


def _frame(time_s: float) -> int:
    return max(0, round(time_s * FRAME_RATE_HZ))


class _Levels:
    """Levels of voice and noise while the phrases are written into them."""

    def __init__(self, num_frames: int) -> None:
        self.voicing, self.effort, self.aspiration, self.friction = np.zeros((4, num_frames))
        self.noise_hz = np.full(num_frames, 1000.0, dtype=np.float32)
        self.noise_width_octaves = np.ones(num_frames, dtype=np.float32)

    def breathe_before(self, note: SungNote, rng: np.random.Generator) -> None:
        """An audible breath ends shortly before the phrase."""
        end, start = _frame(note.start_s - 0.12), _frame(note.start_s - rng.uniform(0.3, 0.42))
        if 0 < start < end:
            self.aspiration[start:end] += rng.uniform(0.015, 0.05) * np.hanning(end - start)

    def sing(self, note: SungNote) -> None:
        """A syllable: its consonant lies before the beat, its vowel on it."""
        start, end = _frame(note.start_s), _frame(note.end_s)
        self.voicing[start:end] = note.level * np.linspace(1.0, 0.85, max(0, end - start))
        self.effort[start:end] = note.level
        if note.onset:
            self._begin(note, CONSONANTS[note.onset])

    def _begin(self, note: SungNote, consonant: Consonant) -> None:
        start, end = _frame(note.start_s - consonant.duration_s), _frame(note.start_s)
        voiced = {"fricative": 0.35, "plosive": 0.12, "nasal": 0.5, "liquid": 0.65, "breath": 0.0}
        self.voicing[start:end] = voiced[consonant.manner] * note.level if consonant.voiced else 0.0
        self.effort[start:end] = note.level * 0.5
        if consonant.manner == "breath":
            self.aspiration[start:end] += 0.25 * note.level
        elif consonant.noise_level:
            # A plosive is silence, then a burst of 15 ms just before its vowel.
            begin = end - _frame(0.015) if consonant.manner == "plosive" else start
            self.friction[begin : end + 1] = consonant.noise_level * (0.4 + 0.6 * note.level)
            self.noise_hz[start : end + 4] = consonant.noise_hz
            self.noise_width_octaves[start : end + 4] = consonant.noise_width_octaves
            if not consonant.voiced:
                self.aspiration[end : end + _frame(0.03)] += 0.12 * note.level

    def release(self, note: SungNote) -> None:
        """The end of a phrase dies away over a tenth of a second."""
        end = _frame(note.end_s)
        tail = self.voicing[end : end + _frame(0.1)]
        tail[:] = np.maximum(tail, 0.8 * note.level * np.linspace(1, 0, len(tail)) ** 2)
        self.effort[end : end + len(tail)] = note.level * 0.6


def _melody(
    notes: Sequence[SungNote], singer: Singer, num_frames: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Pitch in MIDI semitones: held notes joined by glides, scoops, vibrato that sets in late, slow drift."""
    if not notes:
        return np.full(num_frames, 60.0)
    edges = [0, *(_frame(note.start_s) - 3 for note in notes[1:]), num_frames]
    midi = np.repeat([note.midi for note in notes], np.clip(np.diff(np.clip(edges, 0, num_frames)), 0, None))
    pitch = smooth(midi, singer.portamento_s)
    for phrase in phrases_of(notes):
        start = _frame(phrase[0].start_s)
        scoop = pitch[max(0, start - 12) : start + _frame(0.12)]
        scoop -= rng.uniform(0.3, 1.8) * np.linspace(1, 0, len(scoop)) ** 2
    pitch += _vibrato(notes, singer, num_frames, rng)
    pitch += 0.06 * smooth(rng.standard_normal(num_frames), 0.25) * np.sqrt(0.25 * FRAME_RATE_HZ)
    return pitch


def _vibrato(
    notes: Sequence[SungNote], singer: Singer, num_frames: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    depth = np.zeros(num_frames)
    for note in notes:
        start, end = _frame(note.start_s + singer.vibrato_onset_s), _frame(note.end_s + 0.08)
        if start < end <= num_frames:
            depth[start:end] = singer.vibrato_cents / 100 * rng.uniform(0.6, 1.2)
    rate = singer.vibrato_hz * (1 + 0.6 * smooth(rng.standard_normal(num_frames), 0.5))
    return smooth(depth, 0.3) * np.sin(2 * np.pi * np.cumsum(rate) / FRAME_RATE_HZ + rng.uniform(0, 6.28))


def _formants(notes: Sequence[SungNote], singer: Singer, midi: NDArray[np.float64]) -> NDArray[np.float32]:
    """Formant frequencies ``(frames, 5)``: the vowels' targets, consonants' loci between them, all smoothed."""
    lower = np.tile(np.array(VOWELS["ə"]), (len(midi), 1))
    for note, following in itertools.zip_longest(notes, notes[1:]):
        start = _frame(note.start_s)
        end = _frame(note.end_s + PHRASE_REST_S) if following is None else _frame(following.start_s)
        lower[start:end] = VOWELS[note.nucleus[0]]
        glide = start + round(0.55 * (_frame(note.end_s) - start))
        lower[glide:end] = VOWELS[note.nucleus[-1]]
        if note.onset:
            consonant = CONSONANTS[note.onset]
            lower[_frame(note.start_s - consonant.duration_s) : start] = consonant.locus_hz
    upper = np.tile(np.array(UPPER_FORMANTS_HZ), (len(midi), 1))
    formants = np.hstack([smooth(lower, 0.07), upper]) * singer.formant_scale
    # Singers open the mouth when the pitch would pass the first formant (Sundberg).
    formants[:, 0] = np.maximum(formants[:, 0], 1.03 * midi_to_hz(midi))
    formants[:, 1] = np.maximum(formants[:, 1], formants[:, 0] + 150.0)
    return formants.astype(np.float32)

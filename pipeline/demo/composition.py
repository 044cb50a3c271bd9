"""Writes the demo's songs: key, tempo, chord loop, form, and a melody with syllables that follows the chords."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.demo.articulation import Singer, SungNote
from pipeline.demo.phonemes import NUCLEUS_WEIGHTS, ONSET_WEIGHTS, SYLLABLE_NUCLEI, SYLLABLE_ONSETS
from pipeline.demo.styles import MAJOR_LOOPS, MINOR_LOOPS, STYLES, Style, StyleName

BEATS_A_BAR = 4
# Songs last about this long: 20 s to 32 s with whole bars at any tempo.
TARGET_DURATION_S = (24.0, 29.0)
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)

SectionName = Literal["intro", "verse", "chorus", "break", "outro"]


@dataclass(frozen=True, kw_only=True)
class Harmony:
    """What two songs may share and still be different songs: style, tempo, key and chord loop."""

    style: StyleName
    bpm: float
    tonic: int  # pitch class of the key, 0..11
    minor: bool
    loop: tuple[int, ...]  # degrees of the scale, one a bar
    num_bars: int

    @property
    def beat_s(self) -> float:
        """Length of a beat."""
        return 60.0 / self.bpm

    @property
    def bar_s(self) -> float:
        """Length of a bar."""
        return BEATS_A_BAR * self.beat_s

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the key, from its tonic."""
        return tuple((self.tonic + step) % 12 for step in (MINOR_SCALE if self.minor else MAJOR_SCALE))

    def chord(self, bar: int) -> tuple[int, ...]:
        """Pitch classes sounding in ``bar``, root first."""
        degree = self.loop[bar % len(self.loop)]
        thirds = (0, 2, 4, 6) if STYLES[self.style].sevenths else (0, 2, 4)
        return tuple(self.scale[(degree + third) % 7] for third in thirds)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the form."""

    name: SectionName
    first_bar: int
    num_bars: int


@dataclass(frozen=True, kw_only=True)
class Composition:
    """A song on paper."""

    harmony: Harmony
    sections: tuple[Section, ...]
    melody: tuple[SungNote, ...]
    second_voice: tuple[SungNote, ...]  # a third above, in choruses

    @property
    def duration_s(self) -> float:
        """Length of all bars, and a second for the last chord to ring."""
        return self.harmony.num_bars * self.harmony.bar_s + 1.0


def choose_harmony(style: StyleName, seed: Sequence[int]) -> Harmony:
    """Tempo, key and loop of a song."""
    rng = np.random.default_rng(list(seed))
    manner = STYLES[style]
    bpm = round(float(rng.uniform(*manner.bpm)), 1)
    minor = bool(rng.random() < manner.minor_share)
    loops = MINOR_LOOPS if minor else MAJOR_LOOPS
    return Harmony(
        style=style,
        bpm=bpm,
        tonic=int(rng.integers(12)),
        minor=minor,
        loop=loops[int(rng.integers(len(loops)))],
        num_bars=round(rng.uniform(*TARGET_DURATION_S) * bpm / 60 / BEATS_A_BAR),
    )


def compose(harmony: Harmony, singer: Singer, seed: Sequence[int]) -> Composition:
    """A form and a melody over ``harmony`` in the range of ``singer``."""
    sections = _form(harmony.num_bars)
    melody: list[SungNote] = []
    for section in sections:
        if section.name in ("verse", "chorus"):
            # The same section is the same tune each time it comes.
            rng = np.random.default_rng([*seed, section.name == "chorus"])
            melody += _sing_section(section, harmony, singer, rng)
    choruses = [section for section in sections if section.name == "chorus"]
    second = tuple(
        _third_above(note, harmony)
        for note in melody
        if any(_is_within(note, section, harmony) for section in choruses)
    )
    return Composition(harmony=harmony, sections=sections, melody=tuple(melody), second_voice=second)


def _form(num_bars: int) -> tuple[Section, ...]:
    """Intro, verse, chorus, break, chorus, outro; short songs have one chorus."""
    intro = 2 if num_bars >= 11 else 1
    sung = num_bars - intro - 1
    if num_bars < 10:
        lengths = {"verse": (sung + 1) // 2, "chorus": sung // 2}
        names: tuple[SectionName, ...] = ("intro", "verse", "chorus", "outro")
        counts = [intro, lengths["verse"], lengths["chorus"], 1]
    else:
        names = ("intro", "verse", "chorus", "break", "chorus", "outro")
        verse = (sung - 1) - 2 * ((sung - 1) // 3)
        counts = [intro, verse, (sung - 1) // 3, 1, (sung - 1) // 3, 1]
    starts = np.cumsum([0, *counts])
    return tuple(
        Section(name=name, first_bar=int(start), num_bars=count)
        for name, start, count in zip(names, starts, counts, strict=False)
    )


def _is_within(note: SungNote, section: Section, harmony: Harmony) -> bool:
    start_s = section.first_bar * harmony.bar_s
    return start_s - 0.01 <= note.start_s < start_s + section.num_bars * harmony.bar_s


def _phrase_rhythm(num_beats: int, style: Style, chorus: bool, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Beats at which syllables start and how long they last; a rest ends the phrase."""
    rest = rng.uniform(0.6, 1.3) if chorus else rng.uniform(0.8, 1.8)
    last_length = min(rng.choice([1.0, 1.5, 2.0]), num_beats / 2)
    last_start = num_beats - rest - last_length
    # The last syllable waits for its half beat, and loses what it waited.
    snapped = np.floor(last_start * 2) / 2
    lengths = np.array(style.syllable_beats) * (1.5 if chorus and style.spoken < 0.5 else 1.0)
    beat, rhythm = float(rng.choice([0.0, 0.0, 0.5])), []
    while beat < snapped - 0.2:
        length = min(float(rng.choice(lengths)), snapped - beat)
        rhythm.append((beat, length))
        beat += length
    return [*rhythm, (float(snapped), float(last_length))]


def _sing_section(section: Section, harmony: Harmony, singer: Singer, rng: np.random.Generator) -> list[SungNote]:
    style, chorus = STYLES[harmony.style], section.name == "chorus"
    middle = (singer.low_midi + singer.high_midi) / 2 + (2.5 if chorus else -2.0)
    pitch, notes = middle + rng.uniform(-2, 2), []
    bar = 0
    while bar < section.num_bars:
        num_bars = min(2, section.num_bars - bar)
        rhythm = _phrase_rhythm(num_bars * BEATS_A_BAR, style, chorus, rng)
        for index, (beat, length) in enumerate(rhythm):
            song_beat = (section.first_bar + bar) * BEATS_A_BAR + beat
            chord = harmony.chord(int(song_beat // BEATS_A_BAR))
            on_chord = index == len(rhythm) - 1 or beat % 1 == 0
            allowed = chord if on_chord and style.spoken < 0.5 else harmony.scale
            pitch = _next_pitch(pitch, middle, allowed, singer, style.spoken, rng)
            spoken = style.spoken * rng.normal(0, 0.8)
            notes.append(_note(song_beat, length, pitch + spoken, chorus, harmony, rng))
        bar += num_bars
    return notes


def _next_pitch(
    previous: float,
    middle: float,
    allowed: Sequence[int],
    singer: Singer,
    spoken: float,
    rng: np.random.Generator,
) -> float:
    """A small step, drawn towards the middle of the range, onto a pitch class that is ``allowed``."""
    reach = 3.2 * (1 - 0.7 * spoken)
    wish = previous + rng.normal(0, reach) + 0.25 * (middle - 4 * spoken - previous)
    pitches = [midi for midi in range(singer.low_midi, singer.high_midi + 1) if midi % 12 in allowed]
    return float(min(pitches, key=lambda midi: abs(midi - wish)))


def _note(
    song_beat: float, length: float, midi: float, chorus: bool, harmony: Harmony, rng: np.random.Generator
) -> SungNote:
    weights = np.array(ONSET_WEIGHTS, dtype=float)
    nuclei = np.array(NUCLEUS_WEIGHTS, dtype=float)
    return SungNote(
        start_s=song_beat * harmony.beat_s,
        duration_s=length * harmony.beat_s * 0.96,
        midi=midi,
        onset=str(rng.choice(SYLLABLE_ONSETS, p=weights / weights.sum())),
        nucleus=str(rng.choice(SYLLABLE_NUCLEI, p=nuclei / nuclei.sum())),
        level=float(np.clip(rng.normal(0.85 if chorus else 0.6, 0.1), 0.3, 1.0)),
    )


def _third_above(note: SungNote, harmony: Harmony) -> SungNote:
    pitch = round(note.midi)
    steps = [midi for midi in range(pitch + 1, pitch + 8) if midi % 12 in harmony.scale]
    return SungNote(
        start_s=note.start_s,
        duration_s=note.duration_s,
        midi=float(steps[1]),
        onset=note.onset,
        nucleus=note.nucleus,
        level=0.6 * note.level,
    )

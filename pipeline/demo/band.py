"""The band plays a composition: chords, bass, drums and a lead line, on a stereo bus.

Players repeat patterns but never samples: every hit has its own time, strength and one of a few takes of its sound.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pipeline.demo import instruments
from pipeline.demo.composition import BEATS_A_BAR, Composition, Section
from pipeline.demo.instruments import Pitched, Struck
from pipeline.demo.styles import ChordPart, Style
from pipeline.demo.tones import SAMPLE_RATE_HZ, Samples, place, reverb, seconds_to_samples

STEPS_A_BAR = 16
TAKES = 3
STRENGTHS = {"X": 1.0, "x": 0.75, "o": 0.45}


@dataclass
class _Sounds:
    """Takes of the sounds already played, so that a note costs its synthesis only a few times."""

    rng: np.random.Generator
    takes: dict[tuple[object, ...], list[Samples]] = field(default_factory=dict)

    def take(self, key: tuple[object, ...], make: Callable[[], Samples]) -> Samples:
        takes = self.takes.setdefault(key, [])
        chosen = int(self.rng.integers(TAKES))
        if chosen >= len(takes):
            takes.append(make())
            return takes[-1]
        return takes[chosen]

    def note(self, instrument: Pitched, midi: float, duration_s: float) -> Samples:
        key = (instrument, midi, round(duration_s, 2))
        return self.take(key, lambda: instrument(midi, duration_s, self.rng))

    def hit(self, instrument: Struck) -> Samples:
        return self.take((instrument,), lambda: instrument(self.rng))


def play(composition: Composition, style: Style, seed: tuple[int, ...]) -> Samples:
    """The backing ``(2, samples)`` of a song as players of ``style`` play it, before any mastering."""
    rng = np.random.default_rng(list(seed))
    player = _Player(composition=composition, style=style, rng=rng, sounds=_Sounds(rng))
    for section in composition.sections:
        player.play_section(section)
    return player.mixed()


@dataclass
class _Player:
    composition: Composition
    style: Style
    rng: np.random.Generator
    sounds: _Sounds

    def __post_init__(self) -> None:
        num_samples = seconds_to_samples(self.composition.duration_s)
        self.music = np.zeros((2, num_samples), dtype=np.float32)
        self.low = np.zeros((2, num_samples), dtype=np.float32)
        self.drums = np.zeros((2, num_samples), dtype=np.float32)
        self.kicks_s: list[float] = []
        self.lead_in_intro = bool(self.rng.random() < 0.6)
        self.drums_in_intro = bool(self.rng.random() < 0.5)

    def play_section(self, section: Section) -> None:
        bars = range(section.first_bar, section.first_bar + section.num_bars)
        for bar in bars:
            for part in self.style.chords:
                if section.name == "chorus" or not part.chorus_only:
                    self._play_chords(part, bar)
            if section.name not in ("intro", "outro") or self.drums_in_intro:
                self._play_drums(bar, fill=bar == bars[-1])
            if section.name != "intro":
                self._play_bass(bar)
            if section.name == "break" or (section.name == "intro" and self.lead_in_intro):
                self._play_lead(bar)
        if section.name == "chorus" and len(self.style.drums) > 1:
            place(self.drums, self.sounds.hit(instruments.crash), self._time_s(bars[0], 0), gain=0.16, pan=0.3)

    def _time_s(self, bar: int, step: float) -> float:
        harmony = self.composition.harmony
        stray_s = self.rng.normal(0, self.style.swing_ms / 1000)
        return max(0.0, bar * harmony.bar_s + step * harmony.bar_s / STEPS_A_BAR + stray_s)

    def _voicing(self, bar: int, octave: int) -> list[int]:
        """The chord between C3 and B4, as close to the middle as its notes go."""
        chord = self.composition.harmony.chord(bar)
        return sorted(octave + 52 + (pitch_class - 52) % 12 for pitch_class in chord)

    def _play_chords(self, part: ChordPart, bar: int) -> None:
        voicing = self._voicing(bar, part.octave)
        length_s = part.length_beats * self.composition.harmony.beat_s
        upwards = [*voicing, voicing[0] + 12]
        for turn, (step, strength) in enumerate(self._steps(part.pattern)):
            gain = part.gain * strength
            start_s = self._time_s(bar, step)
            if part.manner == "power":
                self._play_overdriven(voicing, length_s, start_s, gain, part.pan)
            elif part.manner == "arpeggio":
                order = (0, 2, 1, 3, 2, 1)
                midi = upwards[order[turn % len(order)] % len(upwards)]
                place(self.music, self.sounds.note(part.instrument, midi, length_s), start_s, gain=gain, pan=part.pan)
            else:
                delay_s = 0.012 if part.manner == "strum" else 0.0
                for string, midi in enumerate(upwards if part.manner == "strum" else voicing):
                    sound = self.sounds.note(part.instrument, midi, length_s)
                    place(self.music, sound, start_s + string * delay_s, gain=gain, pan=part.pan)

    def _play_overdriven(self, voicing: list[int], length_s: float, start_s: float, gain: float, pan: float) -> None:
        root = voicing[0]
        key = (instruments.overdriven_guitar, root, tuple(voicing), round(length_s, 2))
        midis = (root, root + 7, root + 12, voicing[1] + 12)
        sound = self.sounds.take(key, lambda: instruments.overdriven_guitar(midis, length_s, self.rng))
        place(self.music, sound, start_s, gain=gain, pan=pan)

    def _steps(self, pattern: str) -> list[tuple[int, float]]:
        """Steps to play and how strongly; now and then a soft one is left out."""
        return [
            (step, STRENGTHS[mark] * self.rng.uniform(0.85, 1.1))
            for step, mark in enumerate(pattern)
            if mark in STRENGTHS and (mark == "X" or self.rng.random() > 0.08)
        ]

    def _play_bass(self, bar: int) -> None:
        root = 28 + (self.composition.harmony.chord(bar)[0] - 28) % 12
        steps = self._steps(self.style.bass_pattern)
        ends = [step for step, _ in steps[1:]] + [STEPS_A_BAR]
        for (step, strength), end in zip(steps, ends, strict=True):
            away = 0 if step == 0 else int(self.rng.choice([0, 0, 0, 7, 12]))
            length_s = (end - step) * self.composition.harmony.bar_s / STEPS_A_BAR * 0.95
            sound = self.sounds.note(self.style.bass, root + away, round(length_s, 2))
            place(self.low, sound, self._time_s(bar, step), gain=0.42 * strength)

    def _play_drums(self, bar: int, *, fill: bool) -> None:
        pans: dict[Struck, float] = {instruments.closed_hat: 0.35, instruments.open_hat: -0.3, instruments.shaker: 0.6}
        for instrument, (pattern, gain) in self.style.drums.items():
            for step, strength in self._steps(pattern):
                start_s = self._time_s(bar, step)
                if instrument is instruments.kick:
                    self.kicks_s.append(start_s)
                pan = pans.get(instrument, 0.1 if instrument is instruments.snare else 0.0)
                place(self.drums, self.sounds.hit(instrument), start_s, gain=gain * strength, pan=pan)
        if fill and instruments.snare in self.style.drums:
            for step in sorted(self.rng.choice(np.arange(10, 16), size=3, replace=False)):
                start_s, pan = self._time_s(bar, float(step)), float(self.rng.uniform(-0.5, 0.5))
                place(self.drums, self.sounds.hit(instruments.snare), start_s, gain=0.3, pan=pan)

    def _play_lead(self, bar: int) -> None:
        """A line of chord notes where nobody sings."""
        voicing = self._voicing(bar, 12)
        beat, lead = 0.0, self.style.chords[0].instrument if self.style.name == "folk" else instruments.lead_synth
        while beat < BEATS_A_BAR:
            length = float(self.rng.choice([0.5, 0.5, 1.0, 1.5]))
            midi = int(self.rng.choice(voicing)) + int(self.rng.choice([0, 0, 2 if self.rng.random() < 0.3 else 0]))
            length_s = min(length, BEATS_A_BAR - beat) * self.composition.harmony.beat_s
            place(self.music, self.sounds.note(lead, midi, length_s), self._time_s(bar, 4 * beat), gain=0.2, pan=-0.15)
            beat += length

    def mixed(self) -> Samples:
        """Music in a room, ducked under the kick where the style wants it, with bass and drums."""
        music = reverb(self.music, 0.9, 0.18)
        if self.style.pump:
            time_s = np.arange(music.shape[1]) / SAMPLE_RATE_HZ
            since = (
                time_s
                - np.array([-10.0, *sorted(self.kicks_s)])[np.searchsorted(sorted(self.kicks_s), time_s, side="right")]
            )
            music *= (1 - self.style.pump * np.exp(-since / 0.12)).astype(np.float32)
        return music + self.low + reverb(self.drums, 0.5, 0.06)

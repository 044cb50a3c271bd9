"""The styles of the demo's songs: tempo, chord loops, rhythm of the words, who plays and in which pattern.

Patterns are one bar of sixteen steps: ``X`` accented, ``x`` plain, ``o`` soft, ``.`` nothing. Chords of a loop are
degrees of the scale, 0 for the tonic, one a bar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from pipeline.demo import instruments
from pipeline.demo.instruments import Pitched, Struck

StyleName = Literal["pop", "rock", "dance", "r&b", "latin", "ballad", "hip-hop", "folk"]
Manner = Literal["block", "strum", "arpeggio", "power"]

MAJOR_LOOPS = ((0, 4, 5, 3), (5, 3, 0, 4), (0, 5, 3, 4), (0, 2, 3, 4), (3, 4, 2, 5), (1, 4, 0, 5))
MINOR_LOOPS = ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 6), (0, 2, 5, 4), (5, 6, 0, 0), (0, 3, 5, 4))


@dataclass(frozen=True, kw_only=True)
class ChordPart:
    """One accompanying instrument."""

    instrument: Pitched
    manner: Manner
    pattern: str
    length_beats: float
    gain: float
    pan: float
    octave: int = 0
    chorus_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Style:
    """What makes songs of one genre alike."""

    name: StyleName
    bpm: tuple[float, float]
    minor_share: float
    sevenths: bool
    syllable_beats: tuple[float, ...]  # lengths of syllables in the verse; the chorus sings them longer
    spoken: float  # 0 sung melody .. 1 narrow, gliding pitch of rap
    swing_ms: float  # how far players stray from the grid
    chords: tuple[ChordPart, ...]
    bass: Pitched
    bass_pattern: str
    drums: Mapping[Struck, tuple[str, float]]
    pump: float = 0.0  # how far chords duck under the kick


_HATS = "x.o.x.o.x.o.x.o."
_PAD = ChordPart(
    instrument=instruments.strings_pad, manner="block", pattern="X" + 15 * ".", length_beats=4.0, gain=0.09,
    pan=0.15, octave=12, chorus_only=True,
)  # fmt: skip


def _part(
    instrument: Pitched, manner: Manner, pattern: str, length_beats: float, gain: float, pan: float, octave: int = 0
) -> ChordPart:
    return ChordPart(
        instrument=instrument,
        manner=manner,
        pattern=pattern,
        length_beats=length_beats,
        gain=gain,
        pan=pan,
        octave=octave,
    )


_POP = Style(
    name="pop",
    bpm=(96, 116),
    minor_share=0.3,
    sevenths=False,
    syllable_beats=(0.5, 0.5, 0.5, 1.0),
    spoken=0.0,
    swing_ms=4,
    chords=(
        _part(instruments.electric_piano, "block", "X..x..x.X..x....", 1.0, 0.16, -0.3),
        _part(instruments.steel_guitar, "arpeggio", "x.x.x.x.x.x.x.x.", 0.9, 0.20, 0.5),
        _PAD,
    ),
    bass=instruments.synth_bass,
    bass_pattern="X..x..x.X.x...x.",
    drums={
        instruments.kick: ("X......xX.x.....", 0.75),
        instruments.snare: ("....X.......X...", 0.5),
        instruments.closed_hat: (_HATS, 0.16),
    },
)
_ROCK = Style(
    name="rock",
    bpm=(108, 140),
    minor_share=0.4,
    sevenths=False,
    syllable_beats=(0.5, 0.5, 1.0, 1.0),
    spoken=0.0,
    swing_ms=5,
    chords=(
        _part(instruments.steel_guitar, "power", "X.x.X.x.X.x.X.xx", 0.55, 0.20, -0.7, -12),
        _part(instruments.steel_guitar, "power", "X.....x.X...x...", 1.3, 0.20, 0.7, -12),
    ),
    bass=instruments.finger_bass,
    bass_pattern="X.x.x.x.X.x.x.x.",
    drums={
        instruments.kick: ("X...x.x.X.x.....", 0.8),
        instruments.snare: ("....X.......X..o", 0.6),
        instruments.open_hat: ("x...x...x...x...", 0.14),
    },
)
_DANCE = Style(
    name="dance",
    bpm=(120, 128),
    minor_share=0.7,
    sevenths=False,
    syllable_beats=(0.5, 0.5, 1.0),
    spoken=0.0,
    swing_ms=0.5,
    chords=(_part(instruments.super_saw, "block", "..X...X...X...Xx", 0.45, 0.16, 0.0), _PAD),
    bass=instruments.synth_bass,
    bass_pattern="..X...X...X.x.X.",
    drums={
        instruments.kick: ("X...X...X...X...", 0.9),
        instruments.clap: ("....X.......X...", 0.45),
        instruments.open_hat: ("..x...x...x...x.", 0.2),
        instruments.closed_hat: ("oxooxooxoxooxooo", 0.1),
    },
    pump=0.6,
)
_RNB = Style(
    name="r&b",
    bpm=(76, 92),
    minor_share=0.6,
    sevenths=True,
    syllable_beats=(0.25, 0.5, 0.5, 0.75),
    spoken=0.1,
    swing_ms=9,
    chords=(_part(instruments.electric_piano, "block", "X.....x...x.....", 1.8, 0.20, 0.2), _PAD),
    bass=instruments.sub_bass,
    bass_pattern="X.....x..x......",
    drums={
        instruments.kick: ("X......x..x.....", 0.75),
        instruments.clap: ("....X.......X...", 0.42),
        instruments.closed_hat: ("x.xox.x.x.xoxxx.", 0.13),
    },
)
_LATIN = Style(
    name="latin",
    bpm=(92, 108),
    minor_share=0.6,
    sevenths=False,
    syllable_beats=(0.5, 0.5, 0.5, 0.75, 1.0),
    spoken=0.0,
    swing_ms=6,
    chords=(
        _part(instruments.nylon_guitar, "strum", "X..x..x...x..x..", 0.7, 0.20, -0.45),
        _part(instruments.piano, "arpeggio", "x..xx.x.x.x.x.xx", 0.5, 0.20, 0.45, 12),
    ),
    bass=instruments.finger_bass,
    bass_pattern="X.....x.....x...",
    drums={
        instruments.kick: ("X...x...X...x...", 0.6),
        instruments.snare: ("...x..x....x..x.", 0.3),
        instruments.conga: ("o.x.o.xxo.x.o.xx", 0.3),
        instruments.shaker: ("x.o.x.o.x.o.x.o.", 0.12),
    },
)
_BALLAD = Style(
    name="ballad",
    bpm=(66, 80),
    minor_share=0.3,
    sevenths=False,
    syllable_beats=(0.5, 0.5, 1.0, 1.0),
    spoken=0.0,
    swing_ms=9,
    chords=(_part(instruments.piano, "arpeggio", "x.x.x.x.x.x.x.x.", 1.8, 0.30, -0.1), _PAD),
    bass=instruments.finger_bass,
    bass_pattern="X.......x.....x.",
    drums={
        instruments.kick: ("X.........x.....", 0.5),
        instruments.snare: ("....x.......x...", 0.3),
        instruments.closed_hat: ("x...o...x...o...", 0.09),
    },
)
_HIP_HOP = Style(
    name="hip-hop",
    bpm=(82, 98),
    minor_share=0.8,
    sevenths=True,
    syllable_beats=(0.25, 0.25, 0.25, 0.5),
    spoken=0.8,
    swing_ms=5,
    chords=(
        _part(instruments.electric_piano, "arpeggio", "x..x..x...x..x..", 1.2, 0.24, 0.3),
        _part(instruments.strings_pad, "block", "X...............", 4.0, 0.07, -0.2, 12),
    ),
    bass=instruments.sub_bass,
    bass_pattern="X......x..x.....",
    drums={
        instruments.kick: ("X..x....X.x.....", 0.85),
        instruments.snare: ("....X.......X...", 0.55),
        instruments.closed_hat: ("x.x.x.xxx.x.xxxx", 0.15),
    },
)
_FOLK = Style(
    name="folk",
    bpm=(84, 110),
    minor_share=0.3,
    sevenths=False,
    syllable_beats=(0.5, 0.5, 1.0),
    spoken=0.0,
    swing_ms=8,
    chords=(
        _part(instruments.steel_guitar, "strum", "X...x.xx..x.x.x.", 1.2, 0.22, -0.25),
        _part(instruments.nylon_guitar, "arpeggio", "x.x.x.x.x.x.x.x.", 0.9, 0.24, 0.4),
    ),
    bass=instruments.finger_bass,
    bass_pattern="X.......X.......",
    drums={instruments.shaker: ("x.o.x.o.x.o.x.o.", 0.1)},
)

STYLES: Mapping[StyleName, Style] = MappingProxyType(
    {style.name: style for style in (_POP, _ROCK, _DANCE, _RNB, _LATIN, _BALLAD, _HIP_HOP, _FOLK)}
)

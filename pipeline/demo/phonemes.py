"""What the demo's singers pronounce: vowels as formants, consonants as a manner, a place and a length.

Formant frequencies are those of men after Peterson and Barney, "Control methods used in a study of the vowels" (1952),
with a fourth and fifth formant added; a singer scales them. Loci of consonants follow Klatt, "Software for a
cascade/parallel formant synthesizer" (1980).
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Manner = Literal["fricative", "plosive", "nasal", "liquid", "breath"]

UPPER_FORMANTS_HZ = (3400.0, 4300.0)
# Wider than Klatt's speech values: a sung vowel between two notes is never quite still.
BANDWIDTHS_HZ = (75.0, 95.0, 130.0, 220.0, 300.0)

VOWELS = MappingProxyType(
    {
        "a": (730.0, 1150.0, 2500.0),
        "æ": (660.0, 1720.0, 2450.0),
        "e": (500.0, 1880.0, 2540.0),
        "i": (290.0, 2280.0, 3000.0),
        "o": (520.0, 860.0, 2420.0),
        "u": (320.0, 840.0, 2280.0),
        "ʌ": (620.0, 1200.0, 2450.0),
        "ə": (500.0, 1450.0, 2450.0),
    }
)


@dataclass(frozen=True, kw_only=True)
class Consonant:
    """How a syllable begins."""

    manner: Manner
    voiced: bool
    locus_hz: tuple[float, float, float]  # where the first three formants start from
    noise_hz: float  # centre of the friction or burst
    noise_width_octaves: float
    noise_level: float  # beside a vowel of 1
    duration_s: float


def _consonant(
    manner: Manner,
    duration_s: float,
    locus_hz: tuple[float, float, float],
    noise: tuple[float, float, float] = (1000.0, 1.0, 0.0),
    *,
    voiced: bool = False,
) -> Consonant:
    return Consonant(
        manner=manner,
        voiced=voiced,
        locus_hz=locus_hz,
        noise_hz=noise[0],
        noise_width_octaves=noise[1],
        noise_level=noise[2],
        duration_s=duration_s,
    )


CONSONANTS = MappingProxyType(
    {
        "s": _consonant("fricative", 0.11, (320, 1700, 2600), (7200, 0.55, 0.42)),
        "ʃ": _consonant("fricative", 0.11, (300, 1900, 2500), (3600, 0.6, 0.40)),
        "f": _consonant("fricative", 0.09, (340, 1100, 2100), (6500, 1.4, 0.14)),
        "z": _consonant("fricative", 0.08, (300, 1600, 2600), (6800, 0.6, 0.20), voiced=True),
        "v": _consonant("fricative", 0.06, (280, 1100, 2100), (5500, 1.4, 0.07), voiced=True),
        "h": _consonant("breath", 0.07, (500, 1450, 2450), (1500, 1.0, 0.0)),
        "t": _consonant("plosive", 0.075, (300, 1800, 2650), (4500, 0.8, 0.55)),
        "k": _consonant("plosive", 0.08, (300, 1950, 2300), (1900, 0.5, 0.50)),
        "p": _consonant("plosive", 0.075, (280, 900, 2150), (900, 0.9, 0.35)),
        "d": _consonant("plosive", 0.05, (250, 1700, 2600), (4200, 0.8, 0.28), voiced=True),
        "g": _consonant("plosive", 0.055, (250, 1850, 2250), (1800, 0.5, 0.26), voiced=True),
        "b": _consonant("plosive", 0.05, (220, 900, 2150), (800, 0.9, 0.20), voiced=True),
        "m": _consonant("nasal", 0.07, (250, 1000, 2200), voiced=True),
        "n": _consonant("nasal", 0.06, (250, 1500, 2500), voiced=True),
        "l": _consonant("liquid", 0.06, (330, 1050, 2800), voiced=True),
        "r": _consonant("liquid", 0.06, (340, 1150, 1550), voiced=True),
        "w": _consonant("liquid", 0.07, (290, 650, 2150), voiced=True),
        "y": _consonant("liquid", 0.06, (260, 2200, 2950), voiced=True),
    }
)

# What languages share, weighted roughly by how often syllables begin so.
SYLLABLE_ONSETS = ("s", "t", "d", "l", "m", "n", "k", "r", "w", "h", "b", "f", "y", "ʃ", "g", "p", "v", "z", "")
ONSET_WEIGHTS = (9, 9, 7, 8, 8, 8, 7, 7, 6, 6, 5, 4, 5, 4, 3, 4, 3, 2, 6)
# A pair glides from its first vowel to its second, as in "my", "say", "now", "go".
SYLLABLE_NUCLEI = ("a", "e", "i", "o", "u", "ʌ", "æ", "ə", "ai", "ei", "au", "ou")
NUCLEUS_WEIGHTS = (12, 10, 10, 9, 8, 8, 6, 4, 8, 7, 4, 7)

"""Songs as numbers: who plays them and what they are called, with no text yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benches.catalogue.artists import ArtistPool

Numbers = NDArray[np.int64]

COMMON_TITLES = (
    "Intro", "Outro", "Interlude", "Home", "Skit", "Prelude", "Love", "Angel", "Stay", "Hold On", "Alone", "Freedom",
    "Let It Go", "Hello", "Paradise", "Crazy", "Happy", "Silent Night", "Without You", "Amazing Grace",
    "Karaoke Queen", "Instrumental Hygiene", "Etudes Instrumentales", "Backing Track Blues",
)  # fmt: skip
"""Titles that many songs have; the last four only sound as if they had markers."""
_NUM_TRAPS = 4
_COMMON_SHARE = 0.02
_NUM_WORDS = (0.16, 0.34, 0.3, 0.2)
_GUEST_SHARE = 0.15
_PART_SHARE = 0.01
NUM_PARTS = 4


@dataclass(kw_only=True)
class Songs:
    """Songs, one entry each.

    Attributes
    ----------
    artist, guest
        Numbers of artists; guest −1 where there is none.
    script, words
        Script number, and word numbers of shape (num_songs, 4), −1 beyond the title's length.
    common
        Number in `COMMON_TITLES`, −1 where the words are the title.
    part
        "Pt. n", 0 where there is none.
    """

    artist: Numbers
    guest: Numbers
    script: Numbers
    words: Numbers
    common: Numbers
    part: Numbers

    def __len__(self) -> int:
        return len(self.artist)

    def take(self, at: Numbers) -> "Songs":
        """Select songs, each as a song of its own."""
        return Songs(**{name: values[at] for name, values in vars(self).items()})

    def followed_by(self, other: "Songs") -> "Songs":
        """Put other songs behind these."""
        return Songs(**{name: np.concatenate([values, getattr(other, name)]) for name, values in vars(self).items()})


def draw_songs(rng: np.random.Generator, size: int, pool: ArtistPool) -> Songs:
    """Draw songs: artists by the power law, words by Zipf's law, guests and parts now and then."""
    words = pool.vocabulary
    script = rng.choice(len(words.shares), size, p=words.shares)
    drawn = np.stack([words.draw(rng, script) for _ in _NUM_WORDS], axis=1)
    length = 1 + rng.choice(len(_NUM_WORDS), size, p=_NUM_WORDS)
    drawn[np.arange(len(_NUM_WORDS)) >= length[:, None]] = -1
    artist, guest = pool.draw(rng, size), pool.draw(rng, size)
    weights = 1 / np.arange(1, len(COMMON_TITLES) + 1)
    weights[-_NUM_TRAPS:] *= 0.1
    common = rng.choice(len(COMMON_TITLES), size, p=weights / weights.sum())
    return Songs(
        artist=artist,
        guest=np.where((rng.random(size) < _GUEST_SHARE) & (guest != artist), guest, -1),
        script=script,
        words=drawn,
        common=np.where((script == 0) & (rng.random(size) < _COMMON_SHARE), common, -1),
        part=np.where(rng.random(size) < _PART_SHARE, rng.integers(1, NUM_PARTS + 1, size), 0),
    )


def called_otherwise(rng: np.random.Generator, songs: Songs, pool: ArtistPool) -> Songs:
    """Give songs of the same artists titles that only begin alike, or differ in their part."""
    other = songs.take(np.arange(len(songs)))
    other.common[:] = -1
    by_part = rng.random(len(songs)) < 0.3
    other.common[by_part] = songs.common[by_part]
    other.part[by_part] = songs.part[by_part] % NUM_PARTS + 1
    other.words[~by_part, 1] = pool.vocabulary.draw(rng, other.script[~by_part])
    other.words[~by_part, 2] = pool.vocabulary.draw(rng, other.script[~by_part])
    return other


def covered(songs: Songs, acts: Numbers) -> Songs:
    """Give songs to acts that record them anew; the artist covered is noted as guest."""
    other = songs.take(np.arange(len(songs)))
    other.guest, other.artist = songs.artist.copy(), acts
    return other

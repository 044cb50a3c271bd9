"""Artists by number: how often each occurs, and its names and ids, as a function of the number alone.

The largest artist has number 0. A name belongs to several ids and an id has several spellings as often as in 145,000
rows of real playlists and libraries: 990 names and 314 ids there.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from tests.benches.catalogue.text import fixed_width, gathered, mixed
from tests.benches.catalogue.words import Vocabulary

Numbers = NDArray[np.int64]

EXPONENT = 0.8
"""Size of the artist of rank r goes with r to the power of minus this."""
_ROWS_PER_ARTIST = 15
_SHARES_ITS_NAME = 0.025
_HAS_SPELLINGS = 0.008
_KARAOKE_SUFFIXES = ("Karaoke", "Sing Karaoke", "Karaoke Hits", "Karaoke Band", "Party Karaoke")
NUM_KARAOKE_ACTS = 4
VARIOUS_ARTISTS = "Various Artists"


@dataclass(frozen=True, kw_only=True)
class ArtistPool:
    """Artists of a catalogue; karaoke acts have the numbers from `num_artists` on.

    Attributes
    ----------
    num_artists
        Artists beside the karaoke acts.
    """

    num_artists: int
    vocabulary: Vocabulary

    @classmethod
    def for_rows(cls, num_rows: int, vocabulary: Vocabulary) -> "ArtistPool":
        """Give a catalogue of `num_rows` tracks its artists."""
        return cls(num_artists=max(num_rows // _ROWS_PER_ARTIST, 50), vocabulary=vocabulary)

    def draw(self, rng: np.random.Generator, size: int) -> Numbers:
        """Draw artists by the power law."""
        top = float(self.num_artists + 1) ** (1 - EXPONENT) - 1
        ranks = (1 + rng.random(size) * top) ** (1 / (1 - EXPONENT)) - 1
        drawn: Numbers = np.minimum(ranks.astype(np.int64), self.num_artists - 1)
        return drawn

    def karaoke_acts(self, rng: np.random.Generator, size: int) -> Numbers:
        """Draw karaoke acts, evenly."""
        return self.num_artists + rng.integers(NUM_KARAOKE_ACTS, size=size)

    def is_karaoke_act(self, artist: Numbers) -> NDArray[np.bool_]:
        """Tell karaoke acts."""
        return artist >= self.num_artists

    def names(self, artist: Numbers, respelled: NDArray[np.bool_]) -> pl.Series:
        """Names of artists; where `respelled`, those with several spellings have another than their usual one."""
        salt = mixed(artist, 1) % 10_000
        namesake = (salt < _SHARES_ITS_NAME * 10_000) & (artist > 0) & ~self.is_karaoke_act(artist)
        key = mixed(artist - namesake, 2)
        count = int(self.vocabulary.starts[1])
        first, second = (
            gathered(self.vocabulary.words, key % count),
            gathered(self.vocabulary.words, (key >> np.uint64(20)) % count),
        )
        form = (key >> np.uint64(40)) % 10
        act = gathered(pa.array(_KARAOKE_SUFFIXES), key % len(_KARAOKE_SUFFIXES))
        frame = pl.DataFrame({"first": first, "second": second, "act": act, "form": form}).with_columns(
            karaoke=pl.Series(self.is_karaoke_act(artist)),
            other=pl.Series(respelled & (mixed(artist, 3) % 10_000 < _HAS_SPELLINGS * 10_000)),
        )
        plain = (
            pl.when(pl.col("karaoke")).then(pl.format("{} {}", "first", "act"))
            .when(pl.col("form") < 2).then("first")
            .when(pl.col("form") == 2).then(pl.format("The {} {}s", "first", "second"))
            .when(pl.col("form") == 3).then(pl.format("DJ {}", "second"))
            .when(pl.col("form") == 4).then(pl.format("{} & the {}s", "first", "second"))
            .otherwise(pl.format("{} {}", "first", "second"))
        )  # fmt: skip
        return frame.select(
            pl.when("other").then(plain.str.replace("^The ", "").str.to_uppercase()).otherwise(plain)
        ).to_series()

    def ids(self, artist: Numbers) -> pl.Series:
        """Ids of artists, 16 hexadecimal digits."""
        return fixed_width(mixed(artist, 4))

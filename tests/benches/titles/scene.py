"""One made-up song and the rows a catalogue has of it: what every kind of pair is put together from."""

import hashlib
import random
from collections.abc import Sequence

from .languages import Language
from .pairs import LabelledPair, Track
from .songs import NameBook, folded
from .writing import attached

_GENRES = ("pop", "rap", "dance", "rock", "schlager", "latin", "r&b", "k-pop", "j-pop", "folk", None, None)


class Scene:
    """A song with its artist, and the dice for what a catalogue makes of them.

    Attributes
    ----------
    title, artist
        The song's plain name and the one who sings it.
    """

    def __init__(self, name: str, language: Language, book: NameBook, rng: random.Random) -> None:
        self.language, self.book, self.rng = language, book, rng
        self.title, self.artist = book.title(), book.artist()
        self._name, self._num_tracks = name, 0
        self._with_ids = (rng.random() < 0.4, rng.random() < 0.4)
        self._album = rng.choice((self.title, None, book.title()))
        self._base_s = rng.randrange(95, 330)
        self._precision = rng.choices(("whole", "fraction", "mixed"), (48, 48, 4))[0]

    def mark(self) -> str:
        """Draw a mark of an instrumental, as it stands in brackets."""
        return self.rng.choice(self.language.tags)

    def bare_mark(self) -> str:
        """Draw a mark of an instrumental that also stands without brackets."""
        return self.rng.choice(self.language.bare)

    def marked(self, title: str | None = None) -> str:
        """Write the title of an instrumental in one of the common ways."""
        return attached(title or self.title, self.mark(), self.language, self.rng)

    def tagged(self, tag: str, title: str | None = None) -> str:
        """Write a title with a tag in one of the common ways."""
        return attached(title or self.title, tag, self.language, self.rng)

    def durations(self) -> tuple[float, float]:
        """Draw two lengths of one recording: equal within a second, or a whole second apart on a grid of seconds."""
        base, rng = self._base_s, self.rng
        if self._precision == "whole":
            return float(base), float(base + rng.choice((0, 0, 0, 1, -1)))
        first = base + rng.randrange(1, 999) / 1000
        apart = max(-0.95, min(0.95, rng.gauss(0, 0.25)))
        second = round(first + apart, 3)
        second += 0.003 if second == round(second) else 0.0
        return (float(base), first) if self._precision == "mixed" else (first, round(second, 3))

    def durations_off(self) -> tuple[float, float]:
        """Draw two lengths that cannot be one recording's: 1.6 to 30 s apart."""
        base, rng = self._base_s, self.rng
        sign = rng.choice((1, -1))
        if self._precision == "whole":
            return float(base), float(base + sign * rng.choice((2, 2, 3, 3, 4, 5, 7, 11, 20, 30)))
        first = base + 0.317
        return first, round(first + sign * rng.choice((rng.uniform(1.6, 4.0), rng.uniform(1.6, 30.0))), 3)

    def track(
        self, title: str, duration_s: float, artists: Sequence[str] | None = None, *,
        ids: Sequence[str] | bool | None = True, album: str | None = None,
    ) -> Track:  # fmt: skip
        """Write one row; `ids` are the artists' own, given ones, or none (False)."""
        names = tuple(artists or (self.artist,))
        rng, number = self.rng, self._num_tracks
        self._num_tracks += 1
        if ids is True:
            given = tuple(artist_id(name) for name in names) if self._with_ids[min(number, 1)] else None
        else:
            given = tuple(ids) if ids else None
        isrc = f"QZ{hash_of(self._name + str(number), 10).upper()}" if rng.random() < 0.5 else None
        return Track(
            track_id=f"{self._name}-{number}", title=title, artists=names, artist_ids=given,
            album=album or self._album, isrc=isrc, explicit=rng.choice((None, False, True)), duration_s=duration_s,
            genre=rng.choice(_GENRES), language=self.language.name if rng.random() < 0.5 else None,
            release_date=f"{rng.randrange(1968, 2025)}-{rng.randrange(1, 13):02}-01" if rng.random() < 0.5 else None,
        )  # fmt: skip

    def pair(
        self, a_title: str, b_title: str, why: str, *, label: bool,
        a_artists: Sequence[str] | None = None, b_artists: Sequence[str] | None = None,
        a_ids: Sequence[str] | bool | None = True, b_ids: Sequence[str] | bool | None = True,
        durations: tuple[float, float] | None = None,
    ) -> list[LabelledPair]:  # fmt: skip
        """Write two rows and the truth about them; lengths are one recording's unless given."""
        first_s, second_s = durations or self.durations()
        a = self.track(a_title, first_s, a_artists, ids=a_ids)
        b = self.track(b_title, second_s, b_artists, ids=b_ids)
        return [self.labelled(a, b, why, label=label)]

    def labelled(self, a: Track, b: Track, why: str, *, label: bool) -> LabelledPair:
        """State the truth about two rows; the generator adds the type."""
        return LabelledPair(a=a, b=b, label=label, language=self.language.name, type="", why=why)


def artist_id(name: str) -> str:
    """Give the id that a shop has for an artist, whatever the spelling of the name."""
    return hash_of(folded(name), 12)


def hash_of(text: str, num_digits: int) -> str:
    """Digest of a text in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:num_digits]

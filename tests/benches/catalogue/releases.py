"""Releases of recordings as numbers: which editions a recording has, with which length, version, album and ISRC."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benches.catalogue.songs import Songs
from tests.benches.catalogue.text import mixed

Numbers = NDArray[np.int64]

TAGS = ("", "remix", "live", "acoustic", "radio edit", "extended", "demo")
EDITIONS = (0.32, 0.18, 0.15, 0.11, 0.09, 0.07, 0.04, 0.04)
"""Share of recordings with one edition, two, and so on: 3.0 on average."""
_TAGGED_SHARE = 0.08
_FURTHER_RECORDING_SHARE = 0.12
_SAME_ISRC_SHARE = 0.7
_JITTER_S = 0.008
_ALBUMS_PER_ARTIST = 8


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """Recordings of songs, the main one of each song first and in the songs' order."""

    song: Numbers
    tag: Numbers
    tag_word: Numbers
    duration_s: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Releases:
    """Tracks, one entry each.

    Attributes
    ----------
    song, recording
        Numbers; the recording is −1 for what has no recording to share.
    tag, tag_word
        Version in `TAGS`, and the word that names its remixer.
    edition
        0 for a recording's first release.
    album, isrc
        Hashes that name the release and the code.
    """

    song: Numbers
    recording: Numbers
    tag: Numbers
    tag_word: Numbers
    edition: Numbers
    album: NDArray[np.uint64]
    isrc: NDArray[np.uint64]
    duration_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.song)

    def followed_by(self, other: "Releases") -> "Releases":
        """Put other tracks behind these."""
        return Releases(**{name: np.concatenate([mine, getattr(other, name)]) for name, mine in vars(self).items()})

    def take(self, at: Numbers) -> "Releases":
        """Select tracks."""
        return Releases(**{name: values[at] for name, values in vars(self).items()})


def draw_recordings(rng: np.random.Generator, num_songs: int, num_words: int) -> Recordings:
    """Draw a main recording for each song, and a further version for some."""
    further = np.flatnonzero(rng.random(num_songs) < _FURTHER_RECORDING_SHARE)
    song = np.concatenate([np.arange(num_songs), further])
    tag = np.where(rng.random(len(song)) < _TAGGED_SHARE, rng.integers(1, len(TAGS), len(song)), 0)
    tag[num_songs:] = (tag[further] + rng.integers(1, len(TAGS), len(further))) % len(TAGS)
    return Recordings(
        song=song,
        tag=tag,
        tag_word=rng.integers(num_words, size=len(song)),
        duration_s=draw_durations_s(rng, len(song)),
    )


def draw_durations_s(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Draw lengths of songs around three and a half minutes."""
    drawn: NDArray[np.float64] = np.clip(205 * np.exp(0.33 * rng.standard_normal(size)), 40, 1500)
    return drawn


def release(rng: np.random.Generator, recordings: Recordings, songs: Songs, num_rows: int, num_first: int) -> Releases:
    """Release recordings in about three editions each, until there are `num_rows` tracks.

    Parameters
    ----------
    num_first
        The main recordings of that many songs are certainly among them.
    """
    num = len(recordings.song)
    order = np.concatenate([np.arange(num_first), num_first + rng.permutation(num - num_first)])
    counts = 1 + rng.choice(len(EDITIONS), num, p=EDITIONS)
    ends = np.minimum(np.cumsum(counts), num_rows)
    if ends[-1] < num_rows:
        raise ValueError(f"{num} recordings give {ends[-1]} tracks, {num_rows} were wanted: draw more songs")
    counts = np.diff(ends, prepend=0)
    recording = np.repeat(order, counts)
    edition = np.arange(num_rows) - np.repeat(ends - counts, counts)
    song = recordings.song[recording]
    first = edition == 0
    jitter = np.where(first, 0, np.clip(rng.normal(0, _JITTER_S, num_rows), -0.03, 0.03))
    salt = rng.integers(2**62)
    own_isrc = first | (rng.random(num_rows) < _SAME_ISRC_SHARE)
    return Releases(
        song=song,
        recording=recording,
        tag=recordings.tag[recording],
        tag_word=recordings.tag_word[recording],
        edition=edition,
        album=np.where(
            first | (rng.random(num_rows) < 0.2),
            own_album(songs.artist[song], recording),
            mixed(rng.integers(num_rows // 12 + 1, size=num_rows), 7),
        ),
        isrc=mixed(np.where(own_isrc, recording, num + np.arange(num_rows)) + salt, 8),
        duration_s=recordings.duration_s[recording] + jitter,
    )


def own_album(artist: Numbers, recording: Numbers) -> NDArray[np.uint64]:
    """Name the artist's own album that a recording came out on."""
    return mixed(artist * _ALBUMS_PER_ARTIST + recording % _ALBUMS_PER_ARTIST, 6)

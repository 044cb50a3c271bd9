"""Which tracks a block of the catalogue holds, as numbers, with no text yet.

Shares follow a public tally over 256 million tracks: 1.1 % of titles are marked as vocal-less, 34 % of those have an
original by a shared artist, recordings have three editions, 57 % of pairs share an album, and 69 : 77 : 87 pairs are
within 0.25, 0.5 and 1 s. What is marked without a true original is a lone instrumental, a karaoke act's cover, or
stands beside a wrong partner: another length, another version, another title.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benches.catalogue.artists import ArtistPool
from tests.benches.catalogue.releases import (
    TAGS,
    Recordings,
    Releases,
    draw_durations_s,
    draw_recordings,
    own_album,
    release,
)
from tests.benches.catalogue.songs import Songs, called_otherwise, covered, draw_songs
from tests.benches.catalogue.text import mixed

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MARKED_SHARE = 0.011
PAIRED_SHARE = 0.34
SAME_ALBUM_SHARE = 0.57
VARIOUS_ARTISTS_SHARE = 0.01
OPT_OUT_SHARE = 0.0005
KINDS = {
    "instrumental": 0.77,
    "karaoke": 0.19,
    "backing track": 0.013,
    "off vocal": 0.007,
    "sing-along": 0.007,
    "accompaniment": 0.006,
    "minus one": 0.003,
}
_KARAOKE = list(KINDS).index("karaoke")
_KARAOKE_ACT_SHARE = 0.9
"""Share of the karaoke tracks without a true original that are by karaoke acts; each of the four has 44,000 tracks
in a catalogue of 256 million."""
_PARTNERS = {"none": 0.55, "another length": 0.15, "another version": 0.15, "another title": 0.15}
_FAMILIES_PER_COUNTERPART = 0.83
_SONGS_PER_ROW = 0.36
_MIN_ROWS = 1000


@dataclass(frozen=True, kw_only=True)
class Block:
    """Tracks of one block, in no order that tells anything.

    Attributes
    ----------
    songs
        Songs that `tracks.song` numbers.
    tracks
        A marked track with a true original has the number of that original's recording.
    kind
        Number in `KINDS`, −1 for tracks without a marker.
    various, opt_out
        Tracks whose artist reads "Various Artists"; tracks that must not be used.
    """

    songs: Songs
    tracks: Releases
    kind: Numbers
    various: Flags
    opt_out: Flags


def plan_block(rng: np.random.Generator, num_rows: int, pool: ArtistPool) -> Block:
    """Plan the tracks of a block; the shares hold in every block.

    Raises
    ------
    ValueError
        Where the block is too small for the shares to mean anything.
    """
    if num_rows < _MIN_ROWS:
        raise ValueError(f"a block of {num_rows} tracks was asked for; the shares need {_MIN_ROWS} at least")
    num_marked = round(num_rows * MARKED_SHARE)
    num_paired = round(num_marked * PAIRED_SHARE)
    partner = rng.choice(len(_PARTNERS), num_marked - num_paired, p=list(_PARTNERS.values()))
    num_families = round(num_paired * _FAMILIES_PER_COUNTERPART)
    num_first = num_families + int((partner > 0).sum())
    songs = draw_songs(rng, num_first + round(num_rows * _SONGS_PER_ROW), pool)
    recordings = draw_recordings(rng, len(songs), int(pool.vocabulary.starts[1]))
    originals = release(rng, recordings, songs, num_rows - num_marked, num_first)
    kind = rng.choice(len(KINDS), num_marked, p=np.array(list(KINDS.values())) / sum(KINDS.values()))
    right = _right(rng, recordings, songs, np.arange(num_paired) % num_families)
    wrong, songs = _wrong(rng, recordings, songs, num_families, partner, kind[num_paired:] == _KARAOKE, pool)
    order = rng.permutation(num_rows)
    return Block(
        songs=songs,
        tracks=originals.followed_by(right).followed_by(wrong).take(order),
        kind=np.concatenate([np.full(num_rows - num_marked, -1), kind])[order],
        various=_some(rng, num_rows, VARIOUS_ARTISTS_SHARE),
        opt_out=_some(rng, num_rows, OPT_OUT_SHARE),
    )


def _some(rng: np.random.Generator, size: int, share: float) -> Flags:
    found = np.zeros(size, dtype=np.bool_)
    found[rng.choice(size, round(size * share), replace=False)] = True
    return found


def _right(rng: np.random.Generator, recordings: Recordings, songs: Songs, song: Numbers) -> Releases:
    """Release instrumentals of the main recordings of songs, within a second of them."""
    size = len(song)
    band = rng.choice(3, size, p=np.array([0.69, 0.08, 0.1]) / 0.87)
    u = rng.random(size)
    distance_s = np.select([band == 0, band == 1], [0.25 * u**3, 0.25 + 0.25 * u], 0.5 + 0.45 * u)
    return Releases(
        song=song,
        recording=song,
        tag=recordings.tag[song],
        tag_word=recordings.tag_word[song],
        edition=np.zeros(size, dtype=np.int64),
        album=np.where(
            rng.random(size) < SAME_ALBUM_SHARE, own_album(songs.artist[song], song), _albums_apart(rng, size)
        ),
        isrc=_albums_apart(rng, size),
        duration_s=recordings.duration_s[song] + distance_s * rng.choice([-1, 1], size),
    )


def _albums_apart(rng: np.random.Generator, size: int) -> NDArray[np.uint64]:
    return mixed(rng.integers(2**62, size=size), 9)


def _wrong(
    rng: np.random.Generator, recordings: Recordings, songs: Songs, first: int, partner: Numbers, karaoke: Flags,
    pool: ArtistPool,
) -> tuple[Releases, Songs]:  # fmt: skip
    """Release marked tracks without a true original; the songs from `first` on are their wrong partners'."""
    size = len(partner)
    beside = np.where(partner > 0, first + np.cumsum(partner > 0) - 1, 0)
    tag = np.where(partner > 0, recordings.tag[beside], 0)
    tag = np.where(partner == 2, (tag + rng.integers(1, len(TAGS), size)) % len(TAGS), tag)
    near_s = np.clip(rng.normal(0, 0.2, size), -0.9, 0.9)
    far_s = (1.2 + rng.exponential(8, size)) * rng.choice([-1, 1], size)
    duration_s = recordings.duration_s[beside] + np.where(partner == 1, far_s, near_s)
    own = _songs_apart(rng, songs, beside, partner, karaoke, pool)
    is_own = (partner == 0) | (partner == 3)
    song = np.where(is_own, len(songs) + np.cumsum(is_own) - 1, beside)
    album = np.where((partner > 0) & (rng.random(size) < 0.3), own_album(songs.artist[beside], beside), 0)
    return Releases(
        song=song,
        recording=np.full(size, -1),
        tag=tag,
        tag_word=recordings.tag_word[beside],
        edition=np.zeros(size, dtype=np.int64),
        album=np.where(album == 0, _albums_apart(rng, size), album),
        isrc=_albums_apart(rng, size),
        duration_s=np.maximum(np.where(partner == 0, draw_durations_s(rng, size), duration_s), 20),
    ), songs.followed_by(own)


def _songs_apart(
    rng: np.random.Generator, songs: Songs, beside: Numbers, partner: Numbers, karaoke: Flags, pool: ArtistPool
) -> Songs:
    """Give songs of their own to lone instrumentals, to covers, and to those beside another title; in their order."""
    size = len(partner)
    lone = draw_songs(rng, size, pool)
    covers = covered(songs.take(rng.integers(len(songs), size=size)), pool.karaoke_acts(rng, size))
    titled = called_otherwise(rng, songs.take(beside), pool)
    by_act = (partner == 0) & karaoke & (rng.random(size) < _KARAOKE_ACT_SHARE)
    three = lone.followed_by(covers).followed_by(titled)
    at = np.arange(size) + size * np.select([partner == 3, by_act], [2, 1], 0)
    return three.take(at[(partner == 0) | (partner == 3)])

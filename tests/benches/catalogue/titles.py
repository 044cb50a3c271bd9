"""Titles as text: songs' names, version tags, markers, guests and remasters, with the slips of real catalogues."""

import numpy as np
import polars as pl
import pyarrow as pa

from tests.benches.catalogue.artists import ArtistPool
from tests.benches.catalogue.plan import KINDS, Block, Flags, Numbers
from tests.benches.catalogue.releases import TAGS
from tests.benches.catalogue.songs import COMMON_TITLES, Songs
from tests.benches.catalogue.text import gathered
from tests.benches.catalogue.words import gaps, own_words_for_instrumental

MARKERS: dict[str, tuple[str, ...]] = {
    "instrumental": (
        " (Instrumental)", " (Instrumental)", " (Instrumental)", " (Instrumental)", " (Instrumental)",
        " - Instrumental", " - Instrumental", " - Instrumental", " (Instrumental Version)", " - Instrumental Version",
        " [Instrumental]", " [Instrumental]", " (Instrumental Mix)", " (Inst.)", " Instrumental", " (instrumental)",
    ),
    "karaoke": (" (Karaoke Version)", " (Karaoke Version)", " - Karaoke Version", " (Karaoke)", " [Karaoke]"),
    "backing track": (" (Backing Track)", " - Backing Track"),
    "off vocal": (" (Off Vocal)", " -off vocal ver.-", " (off vocal)", " [Off Vocal Version]"),
    "sing-along": (" (Sing-Along)", " (Sing Along Version)"),
    "accompaniment": (" (Accompaniment)", " [Accompaniment]"),
    "minus one": (" (Minus One)", " - Minus One"),
}  # fmt: skip
"""Ways in which markers stand in titles; repeated where they are frequent."""
_TAG_TEXTS = ("", "Remix", "Live", "Acoustic Version", "Radio Edit", "Extended Mix", "Demo")
_REMASTERS = pa.array(
    [
        text
        for year in range(1995, 2025)
        for text in (f" - {year} Remaster", f" (Remastered {year})", f" - Remastered {year}")
    ]
)
_COVERED_IN_TITLE = 0.5
_GUEST_IN_TITLE = 0.25
_REMASTER_SHARE = 0.08
_SLIP_SHARE = 0.015
_CASE_SHARE = 0.01
_SLIP_NEEDS_LETTERS = 9


def titles(rng: np.random.Generator, block: Block, pool: ArtistPool) -> pl.Series:
    """Write the title of each track of a block."""
    tracks, size = block.tracks, len(block.kind)
    names = _names(block.songs, pool).gather(tracks.song)
    guest, by_act = block.songs.guest[tracks.song], pool.is_karaoke_act(block.songs.artist[tracks.song])
    u = rng.random((5, size))
    named = np.flatnonzero((guest >= 0) & (u[0] < np.where(by_act, _COVERED_IN_TITLE, _GUEST_IN_TITLE)))
    remastered = np.flatnonzero((tracks.edition > 0) & (u[1] < _REMASTER_SHARE))
    tagged, marked = np.flatnonzero(tracks.tag > 0), np.flatnonzero(block.kind >= 0)
    parts = [
        _slipped(rng, names, marked[u[2, marked] < _SLIP_SHARE]),
        _scattered(size, named, _guests(pool.names(guest[named], u[3, named] < 0), by_act[named])),
        _scattered(size, tagged, _versions(block, tagged, pool)),
        _scattered(size, remastered, gathered(_REMASTERS, rng.integers(len(_REMASTERS), size=len(remastered)))),
        _scattered(size, marked, _markers(rng, block, marked)),
    ]
    joined = pl.concat_str([pl.lit(part) for part in parts])
    lower = pl.lit(pl.Series(u[4] < _CASE_SHARE))
    return pl.select(pl.when(lower).then(joined.str.to_lowercase()).otherwise(joined).alias("title")).to_series()


def _names(songs: Songs, pool: ArtistPool) -> pl.Series:
    """Write the names of songs, one a song."""
    gap = gathered(gaps(), songs.script)
    words = pool.vocabulary.words
    name = gathered(words, np.maximum(songs.words[:, 0], 0))
    for column in songs.words.T[1:]:
        at = np.flatnonzero(column >= 0)
        further = pl.select(pl.lit(gap.gather(at)) + pl.lit(gathered(words, column[at]))).to_series()
        name = pl.select(pl.lit(name) + pl.lit(_scattered(len(songs), at, further))).to_series()
    common = pl.Series(COMMON_TITLES).gather(np.maximum(songs.common, 0))
    name = pl.select(pl.when(pl.lit(pl.Series(songs.common >= 0))).then(pl.lit(common)).otherwise(name)).to_series()
    in_parts = np.flatnonzero(songs.part > 0)
    part = pl.select(pl.format(", Pt. {}", pl.Series(songs.part[in_parts]))).to_series()
    return pl.select(pl.lit(name) + pl.lit(_scattered(len(songs), in_parts, part))).to_series()


def _scattered(size: int, at: Numbers, values: pl.Series) -> pl.Series:
    """Put values at their places in an otherwise empty column of text."""
    place = np.full(size, len(values))
    place[at] = np.arange(len(values))
    return values.append(pl.Series([""], dtype=pl.String)).gather(place)


def _slipped(rng: np.random.Generator, names: pl.Series, at: Numbers) -> pl.Series:
    """Leave a letter out of the middle of names that are long enough."""
    slips = names.gather(at)
    length = slips.str.len_chars().to_numpy().astype(np.int64)
    drop = (2 + rng.random(len(at)) * np.maximum(length - 3, 1)).astype(np.int64)
    frame = pl.DataFrame({"name": slips, "drop": drop, "long": length >= _SLIP_NEEDS_LETTERS})
    short = pl.col("name").str.slice(0, pl.col("drop")) + pl.col("name").str.slice(pl.col("drop") + 1)
    slips = frame.select(pl.when("long").then(short).otherwise("name").alias("name")).to_series()
    return names.scatter(at, slips)


def _guests(names: pl.Series, covered: Flags) -> pl.Series:
    style = pl.format(" (Originally Performed by {})", pl.lit(names))
    guest = pl.format(" (feat. {})", pl.lit(names))
    return pl.select(pl.when(pl.lit(pl.Series(covered))).then(style).otherwise(guest)).to_series()


def _versions(block: Block, at: Numbers, pool: ArtistPool) -> pl.Series:
    """Write version tags; remixes with a name."""
    tag = gathered(pa.array(_TAG_TEXTS), block.tracks.tag[at])
    remixer = gathered(pool.vocabulary.words, block.tracks.tag_word[at])
    named = pl.format(" ({} {})", pl.lit(remixer), pl.lit(tag))
    is_remix = pl.lit(pl.Series(block.tracks.tag[at] == TAGS.index("remix")))
    dashed = pl.lit(pl.Series(block.tracks.tag_word[at] % 3 == 0))
    plain = pl.when(dashed).then(pl.format(" - {}", pl.lit(tag))).otherwise(pl.format(" ({})", pl.lit(tag)))
    return pl.select(pl.when(is_remix).then(named).otherwise(plain)).to_series()


def _markers(rng: np.random.Generator, block: Block, at: Numbers) -> pl.Series:
    """Write the markers of marked tracks; other scripts than Latin use their own word for an instrumental."""
    texts = [text for kind in KINDS for text in MARKERS[kind]]
    counts = np.array([len(MARKERS[kind]) for kind in KINDS])
    kind = block.kind[at]
    choice = (np.cumsum(counts) - counts)[kind] + (rng.random(len(at)) * counts[kind]).astype(np.int64)
    script = block.songs.script[block.tracks.song[at]]
    own = (script > 0) & (kind == 0) & (rng.random(len(at)) < 0.5)
    own_text = pl.format(" ({})", pl.lit(gathered(own_words_for_instrumental(), script)))
    marker = pl.lit(gathered(pa.array(texts), choice))
    return pl.select(pl.when(pl.lit(pl.Series(own))).then(own_text).otherwise(marker)).to_series()

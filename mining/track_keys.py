"""Under which artists a track is found: 64-bit keys of its artists' names and ids.

Ids beat names, but not every row has them, so a track is found under both. Keys are hashes that are the same on every
machine, so that slices of a catalogue read on different workers meet in the same partition. A compilation "artist" has
no key.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from mining.artist_facts import artist_keys
from mining.han import one_script
from mining.lexicon import Lexicon

MATCHED: Mapping[str, Any] = {
    "track_id": pl.String,
    "title": pl.String,
    "artists": pl.List(pl.String),
    "artist_ids": pl.List(pl.String),
    "album": pl.String,
    "isrc": pl.String,
    "explicit": pl.Boolean,
    "release_date": pl.String,
    "duration_s": pl.Float64,
}
"""Columns of the catalogue that matching looks at."""
_NEEDED = ("track_id", "title", "artists", "duration_s")
_KEYS = pl.List(pl.UInt64)


def matched_columns(tracks: pl.DataFrame) -> pl.DataFrame:
    """Select the columns `MATCHED`, null where the catalogue lacks one.

    Raises
    ------
    ValueError
        Where a needed column is missing.
    """
    missing = [name for name in _NEEDED if name not in tracks.columns]
    if missing:
        raise ValueError(f"tracks lack the columns {', '.join(missing)}; got {', '.join(tracks.columns)}")
    return tracks.select(
        (pl.col(name) if name in tracks.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in MATCHED.items()
    )


def key_rows(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Find the artist keys of tracks.

    Parameters
    ----------
    tracks
        Columns `artists` and `artist_ids`.

    Returns
    -------
    One row a key: `row`, the number of the track in the order given, and `artist`, the key. A key may come twice.
    """
    numbered = tracks.select("artists", "artist_ids").with_row_index("row")
    named = _named(numbered)
    known = artist_keys(named["name"], lexicon)
    by_name = named.join(_hashed(known), on="name", how="inner").select("row", "artist")
    return pl.concat([by_name, _identified(numbered, named, known)])


def with_artist_keys(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Add the artist keys of tracks to them.

    Parameters
    ----------
    tracks
        Columns `MATCHED`.

    Returns
    -------
    The same, and: `names` and `ids`, sorted lists of keys without repetition (empty for a compilation or where there is
    none); `primary`, the key of the first artist's name, null for a compilation; `cover_act`, whether one of the
    artists is a karaoke or tribute act.
    """
    numbered = tracks.with_row_index("row")
    named = _named(numbered)
    known = artist_keys(named["name"], lexicon)
    keys = _hashed(known)
    acts = known.filter("cover_act").select("name").unique()
    first = numbered.select("row", name=pl.col("artists").list.first()).join(
        keys.group_by("name", maintain_order=True).first(), on="name", how="inner"
    )
    by_name = named.join(keys, on="name", how="inner").group_by("row").agg(names=pl.col("artist").unique().sort())
    by_id = _identified(numbered, named, known).group_by("row").agg(ids=pl.col("artist").unique().sort())
    covers = named.join(acts, on="name", how="semi").select("row", cover_act=pl.lit(value=True)).unique()
    for found in (by_name, by_id, first.select("row", primary="artist"), covers):
        numbered = numbered.join(found, on="row", how="left", maintain_order="left")
    return numbered.with_columns(
        pl.col("names", "ids").fill_null(pl.lit([], dtype=_KEYS)), pl.col("cover_act").fill_null(value=False)
    ).drop("row")


def _named(numbered: pl.DataFrame) -> pl.DataFrame:
    return numbered.select("row", name="artists").explode("name").drop_nulls()


def _hashed(known: pl.DataFrame) -> pl.DataFrame:
    """Keys of each name as numbers, the whole name's first."""
    kept = known.filter(pl.col("key").is_not_null() & ~pl.col("compilation"))
    return kept.select("name", artist=one_script(pl.col("key")).hash(seed=0))


def _identified(numbered: pl.DataFrame, named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Keys of the ids of each row; those of compilation artists left out where every name has its id."""
    compilations = known.filter("compilation").select("name").unique()
    suspects = named.join(compilations, on="name", how="semi").select("row").unique()
    with_ids = numbered.select("row", "artists", "artist_ids").filter(pl.col("artist_ids").list.len() > 0)
    paired = (pl.col("artists").list.len() == pl.col("artist_ids").list.len()).fill_null(value=False)
    told_apart = with_ids.filter(paired).join(suspects, on="row", how="semi").explode("artists", "artist_ids")
    kept = told_apart.join(compilations, left_on="artists", right_on="name", how="anti").select("row", "artist_ids")
    apart = told_apart.select("row").unique()
    others = with_ids.join(apart, on="row", how="anti").select("row", "artist_ids").explode("artist_ids")
    every = pl.concat([kept, others]).drop_nulls().filter(pl.col("artist_ids") != "")
    return every.select("row", artist=pl.col("artist_ids").hash(seed=1))

"""Under which artists a track is found: 64-bit keys of its artists' names and ids, one row a track.

Ids beat names, but not every row has them, so a track is found under both. Keys are hashes that are the same on every
machine, so that slices of a catalogue read on different workers meet in the same partition.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from mining.artist_facts import artist_keys
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


def with_artist_keys(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Find every track's artist keys.

    Parameters
    ----------
    tracks
        Rows of the catalogue; `track_id`, `title`, `artists` and `duration_s` must be there, others may be missing.

    Returns
    -------
    The columns `MATCHED`, and: `names` and `ids`, lists of keys without repetition (empty for a compilation or where
    there is none); `primary`, the key of the first artist's name, null for a compilation; `cover_act`, whether one of
    the artists is a karaoke or tribute act.

    Raises
    ------
    ValueError
        Where a needed column is missing.
    """
    missing = [name for name in _NEEDED if name not in tracks.columns]
    if missing:
        raise ValueError(f"tracks lack the columns {', '.join(missing)}; got {', '.join(tracks.columns)}")
    given = tracks.select(
        (pl.col(name) if name in tracks.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in MATCHED.items()
    ).with_row_index("row")
    named = given.select("row", "artists").explode("artists").drop_nulls().rename({"artists": "name"})
    known = artist_keys(named["name"], lexicon)
    by_name = _by_name(named, known)
    by_id = _identified(given, known).group_by("row").agg(ids=pl.col("id").unique().sort())
    primary = given.select("row", name=pl.col("artists").list.first()).join(_first_keys(known), on="name", how="inner")
    return (
        given.join(by_name, on="row", how="left", maintain_order="left")
        .join(by_id, on="row", how="left", maintain_order="left")
        .join(primary.select("row", "primary"), on="row", how="left", maintain_order="left")
        .with_columns(
            pl.col("names", "ids").fill_null(pl.lit([], dtype=_KEYS)), pl.col("cover_act").fill_null(value=False)
        )
        .drop("row")
    )


def _name_hash() -> pl.Expr:
    return pl.col("key").hash(seed=0)


def _by_name(named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Name keys of each row; rows of one artist, nearly all, need no grouping."""
    lists = known.group_by("name").agg(
        names=_name_hash().filter(pl.col("key").is_not_null()).unique().sort(), cover_act=pl.col("cover_act").any()
    )
    joined = named.join(lists, on="name", how="inner")
    alone = pl.col("row").is_unique()
    single = joined.filter(alone).select("row", "names", "cover_act")
    several = (
        joined.filter(~alone)
        .explode("names")
        .group_by("row")
        .agg(names=pl.col("names").drop_nulls().unique().sort(), cover_act=pl.col("cover_act").any())
    )
    return pl.concat([single, several])


def _first_keys(known: pl.DataFrame) -> pl.DataFrame:
    """Key of each whole name: the first that it gives."""
    whole = known.filter(pl.col("key").is_not_null() & ~pl.col("compilation"))
    return whole.group_by("name").agg(primary=_name_hash().first())


def _identified(given: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Ids of each row; those of compilation artists left out where every name has its id."""
    with_ids = given.select("row", "artists", "artist_ids").filter(pl.col("artist_ids").list.len() > 0)
    paired = pl.col("artists").list.len() == pl.col("artist_ids").list.len()
    compilations = known.filter(pl.col("compilation")).select("name").unique()
    matched = (
        with_ids.filter(paired)
        .explode("artists", "artist_ids")
        .join(compilations, left_on="artists", right_on="name", how="anti", maintain_order="left")
        .select("row", "artist_ids")
    )
    others = with_ids.filter(paired.not_().fill_null(True)).select("row", "artist_ids").explode("artist_ids")
    every = pl.concat([matched, others]).drop_nulls().filter(pl.col("artist_ids") != "")
    return every.select("row", id=pl.col("artist_ids").hash(seed=1))

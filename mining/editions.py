"""Editions: tracks that are one recording by their metadata, released more than once.

Tracks are one recording where they share an ISRC, or artist, title, version tags and length. Both links together make
groups: two editions whose codes differ are joined by their text, two whose titles differ by their code.
"""

import polars as pl

from data_manifests.ids import digest
from mining.components import components

_LENGTH_GAP_S = 1.0
"""Editions follow one another in length with gaps of at most this, the width of a whole-second table's interval."""


def edition_ids(tracks: pl.DataFrame) -> pl.DataFrame:
    """Name the recording that each track is an edition of.

    Parameters
    ----------
    tracks
        One row a track: `track_id`, `kind` (null for originals), `isrc`, `duration_s`, and `recording`, a hash of
        artist, title and version tags.

    Returns
    -------
    `track_id` and `edition_id`; the id derives from the smallest track id of the group, and so depends on no order.
    """
    ordered = tracks.with_columns(pl.col("kind").fill_null("")).sort("kind", "recording", "duration_s", "track_id")
    new = (pl.col("duration_s").diff() > _LENGTH_GAP_S).fill_null(value=True).over("kind", "recording")
    texts = ordered.with_columns(text=new.cum_sum().over("kind", "recording"))
    groups = [("kind", "isrc"), ("kind", "recording", "text")]
    links = [
        texts.drop_nulls(by).select(a="track_id", b=pl.col("track_id").first().over(by)) for by in map(list, groups)
    ]
    found = components(pl.concat(links))
    names = [digest(["edition", track])[:24] for track in found["first"]]
    return found.select("member", edition_id=pl.Series(names, dtype=pl.String)).rename({"member": "track_id"})

"""Editions: tracks that are one recording by their metadata, released more than once.

Tracks are one recording where they share an ISRC, or artist, title, version tags and length. Both links together make
groups: two editions whose codes differ are joined by their text, two whose titles differ by their code.
"""

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data_manifests.ids import digest

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
    ordered = tracks.sort("track_id").with_row_index("at").with_columns(pl.col("kind").fill_null(""))
    by_code = ordered.filter(pl.col("isrc").is_not_null()).select("at", first=pl.col("at").first().over("kind", "isrc"))
    by_length = ordered.sort("kind", "recording", "duration_s", "track_id")
    new = (pl.col("duration_s").diff() > _LENGTH_GAP_S).fill_null(value=True).over("kind", "recording")
    by_text = by_length.with_columns(group=new.cum_sum().over("kind", "recording")).select(
        "at", first=pl.col("at").first().over("kind", "recording", "group")
    )
    links = pl.concat([by_code, by_text])
    size = ordered.height
    graph = coo_array((np.ones(links.height, dtype=np.int8), (links["at"], links["first"])), shape=(size, size))
    _, group = connected_components(graph, directed=False)
    named = ordered.select("track_id", group=pl.Series(group, dtype=pl.Int32))
    first = named.group_by("group").agg(pl.col("track_id").min().alias("of"))
    names = [digest(["edition", track])[:24] for track in first["of"]]
    return named.join(first.with_columns(edition_id=pl.Series(names, dtype=pl.String)), on="group").select(
        "track_id", "edition_id"
    )

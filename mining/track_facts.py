"""What matching knows of a track: its title understood beside its artist keys, one row a track.

Only tracks of artists that have a counterpart at all are read in full; in a catalogue they are the smaller part.
Columns of the facts: those of `track_keys`, those of `title_facts`, and a number `row`.
"""

from typing import NamedTuple

import polars as pl

from mining.lexicon import Lexicon
from mining.title_facts import may_be_counterpart, title_facts
from mining.title_text import normalised

_MIN_ALIAS_LETTERS = 2


class Part(NamedTuple):
    """A share of all artist keys: those whose remainder by `num_parts` is `number`."""

    number: int
    num_parts: int


WHOLE = Part(0, 1)
"""All artist keys."""


def track_facts(keyed: pl.DataFrame, lexicon: Lexicon, part: Part) -> pl.DataFrame:
    """Read the titles of all tracks that may meet a partner.

    Parameters
    ----------
    keyed
        Columns of `track_keys.with_artist_keys`, each track once.
    part
        Which artist keys to look at.

    Returns
    -------
    Counterparts, and the plain tracks that share one of these keys with a counterpart; sorted by `track_id`, with a
    number `row` in that order.
    """
    suspect = may_be_counterpart(keyed["title"], lexicon).fill_null(value=False)
    suspects = _read(keyed.filter(suspect), lexicon)
    marked = suspects.filter(pl.col("kind").is_not_null())
    met = artist_rows(marked.select("names", "ids"), part)["artist"].unique()
    others = _with_any_key(keyed.filter(~suspect), met)
    unmarked = _with_any_key(suspects.filter(pl.col("kind").is_null()), met)
    return pl.concat([marked, unmarked, _read(others, lexicon)]).sort("track_id").with_row_index("row")


def read_all(keyed: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read the titles of all tracks, in the order given; columns as `track_facts` gives."""
    return _read(keyed, lexicon).with_row_index("row")


def artist_rows(tracks: pl.DataFrame, part: Part) -> pl.DataFrame:
    """One row for each artist key of each track that lies in the part: all columns, and `artist`."""
    keys = tracks.with_columns(artist=pl.concat_list("names", "ids")).explode("artist").drop_nulls("artist")
    return keys.filter(pl.col("artist") % part.num_parts == part.number) if part.num_parts > 1 else keys


def _with_any_key(tracks: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Tracks that have one of the artist keys."""
    rows = tracks.select("names", "ids").with_row_index("row").with_columns(artist=pl.concat_list("names", "ids"))
    chosen = rows.select("row", "artist").explode("artist").join(keys.to_frame("artist"), on="artist", how="semi")
    return tracks[chosen["row"].unique().sort()]


def _read(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Put what the titles say beside the tracks; tracks without a title have an empty key."""
    read = tracks.join(title_facts(tracks["title"], lexicon), on="title", how="left", maintain_order="left")
    return _with_artists_taken_off(read)


def _with_artists_taken_off(read: pl.DataFrame) -> pl.DataFrame:
    """Know "Queen - Under Pressure" by Queen as "Under Pressure", too."""
    artist = pl.col("artists").list.first()
    prefixed = pl.col("title").str.to_lowercase().str.starts_with(artist.str.to_lowercase() + " - ")
    rows = read.with_row_index("at").filter(prefixed).select("at", "key", artist=artist)
    aliases = []
    for at, key, name in rows.iter_rows():
        prefix = normalised(name).replace(" ", "").removeprefix("the")
        alias = key.removeprefix(prefix)
        if prefix and alias != key and len(alias) >= _MIN_ALIAS_LETTERS:
            aliases.append((at, alias))
    found = pl.DataFrame(aliases, schema={"at": pl.UInt32, "alias": pl.String}, orient="row")
    joined = read.with_row_index("at").join(found, on="at", how="left", maintain_order="left")
    with_alias = pl.concat_list(pl.col("aliases").fill_null([]), "alias")
    return joined.with_columns(
        aliases=pl.when(pl.col("alias").is_not_null()).then(with_alias).otherwise("aliases")
    ).drop("at", "alias")

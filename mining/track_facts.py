"""What matching knows of a track: its title understood beside its artist keys, one row a track.

Only tracks of artists that have a counterpart at all are read in full; in a catalogue they are the smaller part. So a
catalogue is gone over twice: once for the artists of its counterparts, whose titles are few, and once for the tracks
that share an artist with them. Columns of the facts: those of `track_keys` and of `title_facts`.
"""

import polars as pl

from mining.bare_endings import second_readings
from mining.lexicon import Lexicon
from mining.title_facts import may_be_counterpart, title_facts
from mining.title_text import normalised
from mining.track_keys import with_artist_keys

_MIN_ALIAS_LETTERS = 2


def counterpart_artists(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Find the artists that have a counterpart.

    Parameters
    ----------
    tracks
        Rows of the catalogue, as `track_keys.with_artist_keys` takes them.

    Returns
    -------
    Their keys, in one column `artist`, each once.
    """
    suspects = tracks.filter(may_be_counterpart(tracks["title"], lexicon).fill_null(value=False))
    read = title_facts(suspects["title"], lexicon)
    marked = pl.concat([read.filter(pl.col("kind").is_not_null()), second_readings(read, lexicon)]).select("title")
    keyed = with_artist_keys(suspects.join(marked, on="title", how="semi"), lexicon)
    return keyed.select(artist=pl.concat_list("names", "ids")).explode("artist").drop_nulls().unique()


def track_facts(keyed: pl.DataFrame, met: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read the titles of all tracks that may meet a partner.

    Parameters
    ----------
    keyed
        Columns of `track_keys.with_artist_keys`, each track once.
    met
        Keys of the artists that have a counterpart, in a column `artist`.

    Returns
    -------
    The facts of the tracks that have one of these keys and a title; `met`, the keys of these that each has; `second`,
    true for the second reading of a track whose title has two.
    """
    first = _read(_with_keys_met(keyed, met), lexicon).filter(pl.col("key") != "")
    second = second_readings(first, lexicon)
    return pl.concat([first.with_columns(second=pl.lit(value=False)), second.with_columns(second=pl.lit(value=True))])


def read_all(keyed: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read the titles of all tracks, in the order given."""
    return _read(keyed, lexicon)


def _with_keys_met(keyed: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    rows = keyed.select(artist=pl.concat_list("names", "ids")).with_row_index("row").explode("artist")
    found = rows.join(met, on="artist", how="semi").group_by("row").agg(met=pl.col("artist").sort()).sort("row")
    return keyed[found["row"]].with_columns(found["met"])


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

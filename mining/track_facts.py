"""What matching knows of a track: its title understood beside its artist keys, one row a track.

Only tracks that have the artist and about the length of a counterpart are read in full; in a catalogue they are the
smaller part. So a catalogue is gone over twice: once for its counterparts, whose titles are few, and once for the
tracks near them. Columns of the facts: those of `track_keys` and of `title_facts`.
"""

import polars as pl

from mining.bare_endings import second_readings
from mining.han import one_script
from mining.lexicon import Lexicon
from mining.title_facts import may_be_counterpart, title_facts
from mining.title_text import normalised
from mining.track_keys import key_rows, with_artist_keys

_MIN_ALIAS_LETTERS = 2
_SLOTS = 3
"""Stretches of lengths within the reach of a counterpart, on either side: more are finer, and more to look up."""


def counterpart_places(tracks: pl.DataFrame, lexicon: Lexicon, within_s: float) -> pl.DataFrame:
    """Find where a partner of a counterpart may be.

    Parameters
    ----------
    tracks
        Columns `track_keys.MATCHED`.
    within_s
        How far apart in length two tracks of a pair may be, in seconds.

    Returns
    -------
    Places, each once: `artist`, a key, and `slot`, a stretch of lengths.
    """
    suspects = tracks.filter(may_be_counterpart(tracks["title"], lexicon).fill_null(value=False))
    read = title_facts(suspects["title"], lexicon)
    marked = pl.concat([read, second_readings(read, lexicon)]).filter(pl.col("kind").is_not_null()).select("title")
    counterparts = suspects.join(marked.unique(), on="title", how="semi")
    found = _places(counterparts, key_rows(counterparts, lexicon), within_s)
    near = pl.concat_list([pl.col("slot") + step for step in range(-_SLOTS, _SLOTS + 1)])
    return found.select("artist", slot=near).explode("slot").unique()


def track_facts(
    tracks: pl.DataFrame, keys: pl.DataFrame, places: pl.DataFrame, lexicon: Lexicon, within_s: float
) -> pl.DataFrame:
    """Read the titles of all tracks that may meet a partner.

    Parameters
    ----------
    tracks
        Columns `track_keys.MATCHED`, each track once.
    keys
        Their artist keys, as `track_keys.key_rows` gives them.
    places
        Those of the whole catalogue, as `counterpart_places` gives them, with the same `within_s`.

    Returns
    -------
    The facts of the tracks at these places that have a title; `met`, the keys under which each is there; `second`, true
    for the second reading of a track whose title has two.
    """
    found = _places(tracks, keys, within_s).join(places, on=["artist", "slot"], how="semi")
    met = found.group_by("row").agg(met=pl.col("artist").unique().sort()).sort("row")
    keyed = with_artist_keys(tracks[met["row"]].with_columns(met["met"]), lexicon)
    first = _read(keyed, lexicon).filter(pl.col("key") != "")
    second = second_readings(first, lexicon)
    return pl.concat([first.with_columns(second=pl.lit(value=False)), second.with_columns(second=pl.lit(value=True))])


def _places(tracks: pl.DataFrame, keys: pl.DataFrame, within_s: float) -> pl.DataFrame:
    """Artist keys and lengths of tracks: `row`, `artist`, `slot`; tracks without a length have no place."""
    slots = tracks.select(slot=pl.col("duration_s") * _SLOTS / within_s).with_row_index("row")
    slots = slots.filter(pl.col("slot").is_finite() & (pl.col("slot") > 0))
    slots = slots.with_columns(pl.col("slot").floor().cast(pl.Int64, strict=False))
    return keys.join(slots, on="row", how="inner")


def read_all(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read all tracks (columns `track_keys.MATCHED`), in the order given."""
    return _read(with_artist_keys(tracks, lexicon), lexicon)


def _read(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Put what the titles say beside the tracks; tracks without a title have an empty key."""
    read = tracks.join(title_facts(tracks["title"], lexicon), on="title", how="left", maintain_order="left")
    one_way = [one_script(pl.col(name)) for name in ("key", "wording", "stem")]
    aliases = pl.col("aliases").list.eval(one_script(pl.element()))
    return _with_artists_taken_off(read.with_columns(*one_way, aliases=aliases))


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

"""Artist names read in bulk: their keys as rows, and what kind of act they are."""

import re

import polars as pl

from mining.artists import (
    JOINTS,
    LEADING_ARTICLE,
    LIST_SEPARATORS,
    MIN_BARE_LETTERS,
    MIN_PART_LETTERS,
    is_compilation,
    is_cover_act,
    name_keys,
)
from mining.lexicon import Lexicon
from mining.text_columns import cleaned, worded

_SCHEMA = {"name": pl.String, "key": pl.String, "cover_act": pl.Boolean, "compilation": pl.Boolean}
_CUT = "\x1f"
_WORDS_APART_BY_A_SLASH = r"\w{3}/\w{3}"
_SYMBOLS_LEFT_OUT = r"""[ ()\-_~|/"']"""


def artist_keys(names: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Read artist names, each distinct one once.

    Parameters
    ----------
    names
        Strings; nulls are left out.

    Returns
    -------
    A row for each `key` of each distinct `name`, with `cover_act` and `compilation`; a name without a key has one row,
    whose key is null.
    """
    texts = names.drop_nulls().unique().alias("name").to_frame().with_columns(text=cleaned(pl.col("name")))
    by_letter = pl.col("text").is_not_null() & ~pl.col("text").str.contains(_WORDS_APART_BY_A_SLASH)
    sure = texts.filter(by_letter).with_columns(whole=_key(pl.col("text")))
    one_by_one = _one_by_one(texts.filter(~by_letter)["name"], lexicon)
    return pl.concat([_judged(sure.drop("text"), _keys(sure, lexicon), lexicon), one_by_one])


def _key(text: pl.Expr) -> pl.Expr:
    """Give the keys of cleaned names, as `artists.name_key` does."""
    words = worded(text).str.replace("^(?:the )+", "")
    return pl.when(words == "").then(text.str.replace_all(_SYMBOLS_LEFT_OUT, "")).otherwise(words)


def _keys(sure: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Give the keys of each name, in columns `name` and `key`: its own and those of its parts."""
    several = sure.filter(pl.col("text").str.contains(f"{LIST_SEPARATORS}|{JOINTS}"))
    listed = _split(several, LIST_SEPARATORS)
    parts = pl.concat([listed, _split(listed, JOINTS)]).with_columns(key=_key(pl.col("text")))
    long = parts.filter(pl.col("key").str.len_chars() >= MIN_PART_LETTERS).select("name", "key")
    own = sure.filter(pl.col("whole") != "").select("name", key="whole")
    keys = pl.concat([own, long.join(own, on=["name", "key"], how="anti").unique()])
    keys = keys.filter(~pl.col("key").is_in(_compilations(lexicon)))
    led = keys.filter(pl.col("key").str.contains(rf"{LEADING_ARTICLE}.{{{MIN_BARE_LETTERS}}}"))
    bare = led.with_columns(pl.col("key").str.replace(LEADING_ARTICLE, "")).unique()
    further = bare.join(keys, on=["name", "key"], how="anti").filter(~pl.col("key").is_in(_compilations(lexicon)))
    return pl.concat([keys, further])


def _split(table: pl.DataFrame, separator: str) -> pl.DataFrame:
    text = pl.col("text").str.replace_all(separator, _CUT).str.split(_CUT)
    return table.select("name", text=text).explode("text")


def _judged(names: pl.DataFrame, keys: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Join keys to names, with what kind of act each is by its own key, `whole`."""
    whole = pl.col("whole")
    acts = whole.str.contains(_without_look_around(lexicon.cover_acts)) if lexicon.cover_acts else pl.lit(False)
    judged = names.with_columns(cover_act=acts, compilation=whole.is_in(_compilations(lexicon)))
    return judged.join(keys, on="name", how="left", maintain_order="left_right").select(*_SCHEMA)


def _compilations(lexicon: Lexicon) -> pl.Series:
    return pl.Series(sorted(lexicon.compilations), dtype=pl.String).implode()


def _without_look_around(pattern: re.Pattern[str]) -> str:
    """Write a pattern for words of a key for Polars, which knows no look-around; a key's words have spaces between."""
    return pattern.pattern.replace(r"(?<!\S)", "(?:^| )").replace(r"(?!\S)", "(?:$| )")


def _one_by_one(names: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    rows = [
        (name, key, is_cover_act(name, lexicon), is_compilation(name, lexicon))
        for name in names
        for key in name_keys(name, lexicon) or (None,)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")

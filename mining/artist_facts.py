"""Artist names read in bulk: their keys as rows, and what kind of act they are."""

import polars as pl

from mining.artists import is_compilation, is_cover_act, name_keys
from mining.lexicon import Lexicon

_SCHEMA = {"name": pl.String, "key": pl.String, "cover_act": pl.Boolean, "compilation": pl.Boolean}


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
    return _one_by_one(names.drop_nulls().unique(), lexicon)


def _one_by_one(names: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    rows = [
        (name, key, is_cover_act(name, lexicon), is_compilation(name, lexicon))
        for name in names
        for key in name_keys(name, lexicon) or (None,)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")

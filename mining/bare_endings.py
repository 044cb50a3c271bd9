"""Titles whose last words may be a mark or a part of the name: "Evidências Karaokê", "Ураган Минус", "Tempesta (Base)".

The title alone does not tell. So it keeps its plain reading and gets a second one, as a counterpart, which counts only
where the same artist has a track of exactly the shorter name that obeys every rule: then it is the counterpart of it.
"""

import polars as pl

from mining.lexicon import Lexicon
from mining.title_facts import title_facts
from mining.title_tails import any_word

_READ = ("kind", "base", "key", "stem", "numbers", "aliases", "disqualifier")
_MIN_BYTES = 4
"""Of a name that is left: "Mr. Karaoke" is no karaoke of "Mr."; two Chinese characters are name enough."""
_MARKS = {"mark": pl.String, "kind": pl.String}


def second_readings(facts: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read plain titles whose last words may be a mark once more.

    Parameters
    ----------
    facts
        Columns of `title_facts`, one row a title or more.

    Returns
    -------
    The rows that have a second reading, with that reading in the columns of the title; all others are left out.
    """
    split = pl.col("base").str.extract_groups(rf"^(?<name>.+?) (?<mark>{any_word(lexicon.endings)})$")
    found = facts.filter(pl.col("kind").is_null()).with_columns(split=split)
    found = found.filter(pl.col("split").struct.field("name").str.len_bytes() > _MIN_BYTES).with_columns(
        pl.col("split").struct.unnest()
    )
    kinds = pl.DataFrame({"mark": list(lexicon.endings), "kind": list(lexicon.endings.values())}, schema=_MARKS)
    names = title_facts(found["name"], lexicon).select("base", "key", "stem", "numbers", "aliases", name="title")
    added = pl.col("wording").str.strip_prefix(pl.col("key"))
    seconds = found.with_columns(added=added).drop(_READ, "split")
    joined = seconds.join(kinds, on="mark").join(names, on="name").with_columns(disqualifier=pl.lit(None, pl.String))
    return joined.with_columns(wording=pl.col("key") + pl.col("added")).select(facts.columns)


def second_reading(title: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """Give base and kind of a title's second reading; None where it has none."""
    found = second_readings(title_facts(pl.Series([title]), lexicon), lexicon)
    return (found["base"].item(), found["kind"].item()) if found.height else None

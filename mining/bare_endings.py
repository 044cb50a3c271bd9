"""Titles that end in a mark without any delimiter: "Evidências Karaokê", "Ураган Минус", "Fightstarter Karaoke".

Such an ending may as well belong to the song's name, and the title alone does not tell. So the title keeps its plain
reading and gets a second one, as a counterpart, which counts only where the same artist has a track of exactly the
shorter name that obeys every rule: then it is the counterpart of that track.
"""

import polars as pl

from mining.lexicon import Lexicon
from mining.title_facts import title_facts
from mining.title_tails import any_word


def second_readings(facts: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read plain titles that end in a mark once more.

    Parameters
    ----------
    facts
        Columns of `title_facts`, one row a title or more.

    Returns
    -------
    The rows that have a second reading, with that reading in the columns of the title; all others are left out.
    """
    endings = {
        " ".join(marker.words)
        for group in lexicon.tags.values()
        for marker in group
        if marker.tag_class.policy == "kind"
    }
    split = pl.col("base").str.extract_groups(rf"^(?<name>.+?) (?<mark>{any_word(endings)})$")
    found = facts.with_columns(split=split).filter(pl.col("kind").is_null() & pl.col("split").struct[0].is_not_null())
    name, mark = (pl.col("split").struct.field(field) for field in ("name", "mark"))
    again = found.with_columns(again=pl.format("{} ({})", name, mark)).drop("split")
    read = title_facts(again["again"], lexicon).select(
        "kind", "base", "key", "stem", "numbers", "aliases", "disqualifier", again="title"
    )
    added = pl.col("wording").str.strip_prefix(pl.col("key"))
    seconds = again.with_columns(added=added).drop("kind", "base", "key", "stem", "numbers", "aliases", "disqualifier")
    joined = seconds.join(read, on="again", how="inner").filter(pl.col("kind").is_not_null())
    return joined.with_columns(wording=pl.col("key") + pl.col("added")).select(facts.columns)


def second_reading(title: str, lexicon: Lexicon) -> tuple[str, str] | None:
    """Give base and kind of a title's second reading; None where it has none."""
    found = second_readings(title_facts(pl.Series([title]), lexicon), lexicon)
    return (found["base"].item(), found["kind"].item()) if found.height else None

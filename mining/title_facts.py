"""Titles read in bulk: what `titles` and `title_notes` say of each, as columns, one row a distinct title."""

from collections import Counter
from typing import Any

import polars as pl

from mining.lexicon import Lexicon
from mining.text_columns import Row, cleaned, table_of, worded
from mining.title_notes import NOTED, SEPARATOR, notes
from mining.title_tails import any_word, keeps_apart, markers_of, read_tails, tail_start
from mining.titles import parse_title

_SCHEMA: dict[str, Any] = {
    "title": pl.String,
    "base": pl.String,
    **dict.fromkeys(NOTED, pl.String),
    "is_cover": pl.Boolean,
    "is_sung": pl.Boolean,
}


def title_facts(titles: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Read titles, each distinct one once.

    Parameters
    ----------
    titles
        Strings; nulls are left out.

    Returns
    -------
    One row a distinct title: `title`, `kind`, `disqualifier` and `base` of the parsed title; `key` and `wording`, the
    base and the base with its version tags without spaces; `aliases`, each script of a bilingual title alone, or null;
    `numbers` and `stem`, the base apart into its numbers and the rest; `versions`, the tags that must agree, and
    `versions_too`, another wording that they may agree with; `languages`, `guests` and `origins`, lists or null;
    `edition` (remaster, year); `is_cover`; `is_sung`, whether the title says so.
    """
    named = _names_and_tails(titles.drop_nulls().unique().alias("title"), lexicon)
    tails = read_tails(named["tail"].drop_nulls().unique(), lexicon)
    known = named.join(tails.filter("apart").drop("apart"), on="tail", how="left")
    together = _put_together(known.filter(pl.col("left").is_not_null()))
    bilingual = pl.col("base").str.contains("[a-z]") & pl.col("base").str.contains("[^ -~]")
    alone = pl.concat([known.filter(pl.col("left").is_null())["title"], together.filter(bilingual)["title"]])
    return pl.concat([together.filter(~bilingual), _one_by_one(alone, lexicon)])


def _names_and_tails(titles: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Columns `title`, `name` (its words) and `tail`; the latter two are null where they cannot be told apart."""
    start = tail_start(lexicon)
    texts = titles.to_frame().with_columns(name=cleaned(pl.col("title")), tail=pl.lit(""))
    tailed = pl.col("name").str.contains(start).fill_null(False)
    split = pl.col("name").str.extract_groups(rf"^(?<name>.*?)(?<tail>\s*(?:{start}).*)$")
    apart = pl.concat([texts.filter(~tailed), texts.filter(tailed).with_columns(split.struct.unnest())])
    text = pl.col("name")
    return apart.with_columns(words=worded(text)).select(
        "title", "words", tail=pl.when(keeps_apart(text, pl.col("words"), pl.col("tail"), lexicon)).then("tail")
    )


def _put_together(known: pl.DataFrame) -> pl.DataFrame:
    """Add up what names and tails say."""
    name = pl.col("words").str.replace("^(?:the )+", "")
    base, key = pl.col("base"), pl.col("base").str.replace_all(" ", "", literal=True)
    spelled = name.str.replace_all(" ", "", literal=True) + pl.col("spelled")
    table = known.with_columns(base=name + pl.col("left"), wording=spelled).with_columns(key=key)
    numbered = base.str.contains(r"\b[0-9]+\b")
    plain = table.filter(~numbered).with_columns(numbers=pl.lit(""), stem=base)
    return _finished(
        pl.concat([plain, _numbers_apart(table.filter(numbered))]).with_columns(aliases=pl.lit(None, pl.String))
    )


def _numbers_apart(table: pl.DataFrame) -> pl.DataFrame:
    """Take bases apart into numbers, without leading zeros, and the rest."""
    base = pl.col("base")
    numbers = base.str.extract_all(r"\b[0-9]+\b").list.join(" ").str.replace_all(r"\b0+([0-9])", "$1")
    stem = base.str.replace_all(r"(?:^| )[0-9]+\b", "").str.strip_chars(" ")
    return table.with_columns(numbers=numbers, stem=pl.when(stem == "").then(base).otherwise(stem))


def _one_by_one(titles: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Read distinct titles one after the other."""

    def read(title: str) -> Row:
        parsed = parse_title(title, lexicon)
        return (title, parsed.base, *notes(parsed, lexicon))

    table = table_of(read, titles, _SCHEMA)
    return _finished(table.with_columns(key=pl.col("base").str.replace_all(" ", "", literal=True)))


def _finished(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(
        *("title", "kind", "disqualifier", "base", "key", "wording"),
        pl.col("aliases").str.split(SEPARATOR),
        *("numbers", "stem", "versions", "versions_too"),
        *(pl.col(name).str.split(SEPARATOR) for name in ("languages", "guests", "origins")),
        *("edition", "is_cover", "is_sung"),
    )


def may_be_counterpart(titles: pl.Series, lexicon: Lexicon) -> pl.Series:
    """Tell the titles that could say that a track is a counterpart, such as an instrumental, without reading them.

    Parameters
    ----------
    titles
        Strings.

    Returns
    -------
    True for every title that reads as a counterpart, and for few others; null where the title is.
    """
    telling = _telling_words(lexicon)
    rows = titles.rename("title").to_frame().with_row_index("row")
    ascii_words = [word for word in telling if word.isascii()]
    doubtful = rows.filter(~_says_nothing(pl.col("title"), ascii_words))
    latin = any_word(filter(str.isascii, telling))
    others = any_word(word for word in telling if not word.isascii())  # some are found within other words
    text = cleaned(pl.col("title")).str.replace_all("'", "", literal=True)
    found = text.str.contains(rf"(?:^|[^a-z0-9]){latin}(?:$|[^a-z0-9])|{others}").fill_null(True)
    telling_rows = doubtful.filter(found)["row"]
    said = pl.repeat(False, len(titles), dtype=pl.Boolean, eager=True).scatter(telling_rows, True)
    return pl.select(pl.when(titles.is_not_null()).then(said)).to_series().rename(titles.name)


def _says_nothing(title: pl.Expr, words: list[str]) -> pl.Expr:
    """Tell plain ASCII titles in which none of these words can be found, however they are cleaned."""
    is_ascii = title.str.len_bytes() == title.str.len_chars()
    folds = title.str.contains_any(["'", "&", "`"]) | title.str.contains_any(words, ascii_case_insensitive=True)
    return (is_ascii & ~folds).fill_null(value=True)


def _telling_words(lexicon: Lexicon) -> set[str]:
    """Give words of which every marker of a kind has one, those that say little else."""
    elsewhere = Counter(word for marker in markers_of(lexicon) if not marker.tag_class.kind for word in marker.words)
    telling: set[str] = set()
    for marker in sorted(markers_of(lexicon), key=lambda marker: (len(marker.words), marker.words)):
        if marker.tag_class.kind and telling.isdisjoint(marker.words):
            telling.add(max(marker.words, key=lambda word: (-elsewhere[word], len(word), word)))
    return telling

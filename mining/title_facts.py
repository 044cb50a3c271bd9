"""Titles read in bulk: what `titles` and `title_notes` say of each, as columns, one row a distinct title."""

from typing import Any

import polars as pl

from mining.lexicon import Lexicon
from mining.title_notes import NOTED, SEPARATOR, is_worth_noting, notes
from mining.titles import parse_title

_LISTS = ("aliases", "languages", "guests")


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
    `versions_too`, another wording that they may agree with; `languages` and `guests`, lists or null; `edition`
    (remaster, year); `is_cover`.
    """
    distinct = titles.drop_nulls().unique()
    return _one_by_one(distinct, lexicon)


def _one_by_one(titles: pl.Series, lexicon: Lexicon) -> pl.DataFrame:
    """Read distinct titles one after the other. Most say nothing but a name, and cost a base and no row of their own."""
    bases: list[str] = []
    noted: list[tuple[str | bool | None, ...]] = []
    for title in titles:
        parsed = parse_title(title, lexicon)
        bases.append(parsed.base)
        if is_worth_noting(parsed):
            noted.append((title, *notes(parsed, lexicon)))
    schema: dict[str, Any] = {"title": pl.String, **dict.fromkeys(NOTED, pl.String), "is_cover": pl.Boolean}
    table = pl.DataFrame({"title": titles, "base": bases}, schema={"title": pl.String, "base": pl.String})
    key = pl.col("base").str.replace_all(" ", "", literal=True)
    return table.join(pl.DataFrame(noted, schema=schema, orient="row"), on="title", how="left").select(
        "title",
        "kind",
        "disqualifier",
        "base",
        key=key,
        wording=pl.col("wording").fill_null(key),
        aliases=pl.col("aliases").str.split(SEPARATOR),
        numbers=pl.col("numbers").fill_null(""),
        stem=pl.col("stem").fill_null(pl.col("base")),
        versions=pl.col("versions").fill_null(""),
        versions_too=pl.coalesce("versions_too", "versions", pl.lit("")),
        languages=pl.col("languages").str.split(SEPARATOR),
        guests=pl.col("guests").str.split(SEPARATOR),
        edition=pl.col("edition").fill_null(""),
        is_cover=pl.col("is_cover").fill_null(False),
    )


def may_be_counterpart(titles: pl.Series, lexicon: Lexicon) -> pl.Series:
    """Tell the titles that could say that a track is a counterpart, such as an instrumental.

    Parameters
    ----------
    titles
        Strings.

    Returns
    -------
    True for every title that reads as a counterpart, and for few others; null where the title is.
    """
    table = title_facts(titles, lexicon)
    return titles.replace_strict(table["title"], table["kind"].is_not_null(), default=None, return_dtype=pl.Boolean)

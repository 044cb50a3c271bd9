"""What matching knows of a track: its title understood and its artists by key, one row a track.

Columns of the facts, beside `track_id`, `duration_s` and `explicit` as given:

`kind`, `disqualifier`, `base` of the parsed title; `key` and `wording`, the base and the base with its version tags
without spaces; `aliases`, each script of a bilingual title alone; `numbers` and `stem`, the base apart into its numbers
and the rest; `versions`, the tags that must agree, and
`versions_too`, another wording that they may agree with; `languages`, `guests`, `is_cover`, `edition` (remaster, year);
`names` and `ids`, artist keys; `cover_act`; `album`, normalised.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from mining.artists import is_compilation, is_cover_act, name_keys
from mining.lexicon import Lexicon
from mining.title_text import normalised
from mining.titles import ParsedTitle, parse_title

_INPUT: Mapping[str, Any] = {
    "track_id": pl.String,
    "title": pl.String,
    "artists": pl.List(pl.String),
    "artist_ids": pl.List(pl.String),
    "album": pl.String,
    "explicit": pl.Boolean,
    "duration_s": pl.Float64,
}
_SEPARATOR = "\x1f"
_NOTED = (
    "kind",
    "disqualifier",
    "wording",
    "aliases",
    "numbers",
    "stem",
    "versions",
    "versions_too",
    "languages",
    "guests",
    "edition",
)
_EDITION_CLASSES = ("remaster", "year")
_MIN_ALIAS_LETTERS = 2


def track_facts(tracks: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Read every track's title and artists.

    Parameters
    ----------
    tracks
        Columns of the catalogue; `track_id`, `title`, `artists` and `duration_s` must be there, others may be missing.

    Returns
    -------
    One row a track, sorted by `track_id`, with a number `row` in that order; columns as the module says.

    Raises
    ------
    ValueError
        Where a needed column is missing or a track id occurs twice or is null.
    """
    given = _checked(tracks).sort("track_id").with_row_index("row")
    titles = _title_table(given["title"].drop_nulls().unique().to_list(), lexicon)
    albums = _mapped(given["album"], normalised, pl.String)
    return (
        given.join(titles, on="title", how="left", maintain_order="left")
        .with_columns(album=albums.replace("", None))
        .join(_artist_keys(given, lexicon), on="row", how="left", maintain_order="left")
        .drop("artists", "artist_ids", "title")
    )


def _checked(tracks: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in ("track_id", "title", "artists", "duration_s") if name not in tracks.columns]
    if missing:
        raise ValueError(f"tracks lack the columns {', '.join(missing)}; got {', '.join(tracks.columns)}")
    given = tracks.select(
        (pl.col(name) if name in tracks.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in _INPUT.items()
    )
    if given["track_id"].null_count() or given["track_id"].n_unique() < given.height:
        raise ValueError("track ids must be unique and not null: drop repeated rows before matching")
    return given


def _mapped(column: pl.Series, function: Any, dtype: Any) -> pl.Series:
    """Apply a function to each distinct value once."""
    values = column.drop_nulls().unique().to_list()
    results = pl.Series([function(value) for value in values], dtype=dtype)
    return column.replace_strict(pl.Series(values, dtype=column.dtype), results, default=None, return_dtype=dtype)


def _title_table(titles: Sequence[str], lexicon: Lexicon) -> pl.DataFrame:
    """Read distinct titles. Most say nothing but a name, and cost a base and no row of their own."""
    bases: list[str] = []
    noted: list[tuple[str | bool | None, ...]] = []
    for title in titles:
        parsed = parse_title(title, lexicon)
        bases.append(parsed.base)
        if parsed.tags or parsed.featured or parsed.numbers or not parsed.base.isascii():
            noted.append((title, *_notes(parsed, lexicon)))
    schema: dict[str, Any] = {"title": pl.String, **dict.fromkeys(_NOTED, pl.String), "is_cover": pl.Boolean}
    table = pl.DataFrame({"title": titles, "base": bases}, schema={"title": pl.String, "base": pl.String})
    key = pl.col("base").str.replace_all(" ", "", literal=True)
    return table.join(pl.DataFrame(noted, schema=schema, orient="row"), on="title", how="left").with_columns(
        key=key,
        wording=pl.col("wording").fill_null(key),
        stem=pl.col("stem").fill_null(pl.col("base")),
        numbers=pl.col("numbers").fill_null(""),
        versions=pl.col("versions").fill_null(""),
        versions_too=pl.coalesce("versions_too", "versions", pl.lit("")),
        edition=pl.col("edition").fill_null(""),
        is_cover=pl.col("is_cover").fill_null(False),
        **{name: pl.col(name).str.split(_SEPARATOR) for name in ("aliases", "languages", "guests")},
    )


def _notes(parsed: ParsedTitle, lexicon: Lexicon) -> tuple[str | bool | None, ...]:
    """Give what is noted of a title, in the order of `_NOTED`, then whether it is a cover."""
    numbers, stem = _numbers_apart(parsed)
    versions = sorted(_to_agree(parsed, lexicon))
    languages = sorted(detail for name, detail in parsed.tags if _policy(lexicon, name) == "one_sided")
    guests = sorted({word for name in parsed.featured for word in name.split()})
    return (
        parsed.kind,
        parsed.disqualifier,
        parsed.wording.replace(" ", ""),
        _joined(_aliases(parsed.base)),
        numbers,
        stem,
        "; ".join(versions),
        "; ".join(sorted({*versions, *_implied(parsed, lexicon)})),
        _joined(languages),
        _joined(guests),
        "; ".join(sorted(f"{name} {detail}" for name, detail in parsed.tags if name in _EDITION_CLASSES)),
        any(name == "cover" for name, _ in parsed.tags),
    )


def _joined(values: Sequence[str]) -> str | None:
    return _SEPARATOR.join(values) if values else None


def _policy(lexicon: Lexicon, name: str) -> str:
    if name == "number":
        return "agree"
    return lexicon.classes[name].policy if name in lexicon.classes else "neutral"


def _to_agree(parsed: ParsedTitle, lexicon: Lexicon) -> Iterator[str]:
    """Version tags to compare; the words of a name in any order: "A & B Remix" is "B & A Remix"."""
    for name, detail in parsed.tags:
        if name != "cover" and _policy(lexicon, name) == "agree":
            yield " ".join([name, *sorted(detail.split())])


def _implied(parsed: ParsedTitle, lexicon: Lexicon) -> Iterator[str]:
    """Versions that a kind's marker may stand for: "Instrumental Edit" may be of the edit."""
    for name, detail in parsed.tags:
        if detail and name != "minus" and _policy(lexicon, name) == "kind":
            yield detail


def _numbers_apart(parsed: ParsedTitle) -> tuple[str, str]:
    if not parsed.numbers:
        return "", parsed.base
    stem = " ".join(word for word in parsed.base.split() if not word.isdecimal())
    return " ".join(map(str, parsed.numbers)), stem or parsed.base


def _aliases(base: str) -> list[str]:
    """Each script of a bilingual title alone: "달라달라 DALLA DALLA" is also known as "DALLA DALLA"."""
    if base.isascii():
        return []
    latin = [word for word in base.split() if word.isascii()]
    other = [word for word in base.split() if not word.isascii()]
    found = ["".join(part) for part in (latin, other)]
    if not all(sum(map(str.isalpha, part)) >= _MIN_ALIAS_LETTERS for part in found):
        return []
    return found


def _artist_keys(given: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Artist keys of each row: `names`, `ids`, and whether one of them is a karaoke or tribute act."""
    named = given.select("row", "artists").explode("artists").drop_nulls().rename({"artists": "name"})
    names = named["name"].unique().to_list()
    known = _name_table(names, lexicon)
    by_name = (
        named.join(known, on="name", how="inner")
        .group_by("row")
        .agg(names=pl.col("key").drop_nulls().unique().sort(), cover_act=pl.col("cover_act").any())
    )
    by_id = _identified(given, known).group_by("row").agg(ids=pl.col("id").unique().sort())
    return by_name.join(by_id, on="row", how="full", coalesce=True)


def _name_table(names: Iterable[str], lexicon: Lexicon) -> pl.DataFrame:
    """Give a row for each key of each name; a name without one has a row, too."""
    rows = [
        (name, key, is_cover_act(name, lexicon), is_compilation(name, lexicon))
        for name in names
        for key in name_keys(name, lexicon) or (None,)
    ]
    schema = {"name": pl.String, "key": pl.String, "cover_act": pl.Boolean, "compilation": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _identified(given: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Ids of each row; those of compilation artists left out where every name has its id."""
    with_ids = given.select("row", "artists", "artist_ids").filter(pl.col("artist_ids").list.len() > 0)
    paired = pl.col("artists").list.len() == pl.col("artist_ids").list.len()
    compilations = known.filter(pl.col("compilation")).select("name").unique()
    matched = (
        with_ids.filter(paired)
        .explode("artists", "artist_ids")
        .join(compilations, left_on="artists", right_on="name", how="anti")
        .select("row", "artist_ids")
    )
    others = with_ids.filter(paired.not_().fill_null(True)).select("row", "artist_ids").explode("artist_ids")
    every = pl.concat([matched, others]).drop_nulls().filter(pl.col("artist_ids") != "")
    return every.select("row", id=pl.format("id:{}", "artist_ids"))

"""What matching knows of a track: its title understood and its artists by key, one row a track.

Columns of the facts, beside `track_id`, `duration_s` and `explicit` as given:

`kind`, `disqualifier`, `base` of the parsed title; `key` and `wording`, the base and the base with its version tags
without spaces; `aliases`, each script of a bilingual title alone; `numbers` and `stem`, the base apart into its numbers
and the rest; `versions`, the tags that must agree; `languages`, `guests`, `is_cover`, `edition` (remaster, year);
`names` and `ids`, artist keys; `cover_act`; `album`, normalised.
"""

from collections.abc import Iterable, Iterator, Mapping
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
_TITLE: Mapping[str, Any] = {
    "title": pl.String,
    "base": pl.String,
    "kind": pl.String,
    "disqualifier": pl.String,
    "key": pl.String,
    "wording": pl.String,
    "aliases": pl.List(pl.String),
    "numbers": pl.String,
    "stem": pl.String,
    "versions": pl.String,
    "languages": pl.List(pl.String),
    "guests": pl.List(pl.String),
    "is_cover": pl.Boolean,
    "edition": pl.String,
}
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
    titles = pl.DataFrame(
        (_title_row(title, lexicon) for title in given["title"].drop_nulls().unique().to_list()),
        schema=dict(_TITLE),
        orient="row",
    )
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


def _title_row(title: str, lexicon: Lexicon) -> tuple[Any, ...]:
    parsed = parse_title(title, lexicon)
    base = parsed.base
    numbers, stem = _numbers_apart(parsed)
    if not parsed.tags and not parsed.featured:
        plain = base.replace(" ", "")
        return (title, base, None, None, plain, plain, _aliases(base), numbers, stem, "", None, None, False, "")
    return (
        title,
        base,
        parsed.kind,
        parsed.disqualifier,
        base.replace(" ", ""),
        parsed.wording.replace(" ", ""),
        _aliases(base),
        numbers,
        stem,
        "; ".join(sorted(_of_policy(parsed, lexicon, "agree"))),
        sorted(detail for name, detail in parsed.tags if _policy(lexicon, name) == "one_sided"),
        sorted({word for name in parsed.featured for word in name.split()}),
        any(name == "cover" for name, _ in parsed.tags),
        "; ".join(sorted(f"{name} {detail}" for name, detail in parsed.tags if name in _EDITION_CLASSES)),
    )


def _policy(lexicon: Lexicon, name: str) -> str:
    if name == "number":
        return "agree"
    return lexicon.classes[name].policy if name in lexicon.classes else "neutral"


def _of_policy(parsed: ParsedTitle, lexicon: Lexicon, policy: str) -> Iterator[str]:
    """Tags to compare; the words of a name in any order: "A & B Remix" is "B & A Remix"."""
    for name, detail in parsed.tags:
        if name != "cover" and _policy(lexicon, name) == policy:
            yield " ".join([name, *sorted(detail.split())])


def _numbers_apart(parsed: ParsedTitle) -> tuple[str, str]:
    if not parsed.numbers:
        return "", parsed.base
    stem = " ".join(word for word in parsed.base.split() if not word.isdecimal())
    return " ".join(map(str, parsed.numbers)), stem or parsed.base


def _aliases(base: str) -> list[str] | None:
    """Each script of a bilingual title alone: "달라달라 DALLA DALLA" is also known as "DALLA DALLA"."""
    if base.isascii():
        return None
    latin = [word for word in base.split() if word.isascii()]
    other = [word for word in base.split() if not word.isascii()]
    found = ["".join(part) for part in (latin, other)]
    if not all(sum(map(str.isalpha, part)) >= _MIN_ALIAS_LETTERS for part in found):
        return None
    return found


def _artist_keys(given: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Artist keys of each row: `names`, `ids`, and whether one of them is a karaoke or tribute act."""
    named = given.select("row", "artists").explode("artists").drop_nulls().rename({"artists": "name"})
    names = named["name"].unique().to_list()
    known = _name_table(names, lexicon)
    keyed = named.join(known, on="name", how="left")
    by_name = keyed.group_by("row").agg(
        names=pl.col("keys").explode().drop_nulls().unique().sort(), cover_act=pl.col("cover_act").any()
    )
    by_id = _identified(given, known).group_by("row").agg(ids=pl.col("id").unique().sort())
    return by_name.join(by_id, on="row", how="full", coalesce=True)


def _name_table(names: Iterable[str], lexicon: Lexicon) -> pl.DataFrame:
    rows = [
        (name, list(name_keys(name, lexicon)), is_cover_act(name, lexicon), is_compilation(name, lexicon))
        for name in names
    ]
    schema: dict[str, Any] = {
        "name": pl.String,
        "keys": pl.List(pl.String),
        "cover_act": pl.Boolean,
        "compilation": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _identified(given: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Ids of each row; those of compilation artists left out where every name has its id."""
    with_ids = given.select("row", "artists", "artist_ids").filter(pl.col("artist_ids").list.len() > 0)
    paired = pl.col("artists").list.len() == pl.col("artist_ids").list.len()
    compilations = known.filter(pl.col("compilation")).select("name")
    matched = (
        with_ids.filter(paired)
        .explode("artists", "artist_ids")
        .join(compilations, left_on="artists", right_on="name", how="anti")
        .select("row", "artist_ids")
    )
    others = with_ids.filter(paired.not_().fill_null(True)).select("row", "artist_ids").explode("artist_ids")
    every = pl.concat([matched, others]).drop_nulls().filter(pl.col("artist_ids") != "")
    return every.select("row", id=pl.format("id:{}", "artist_ids"))

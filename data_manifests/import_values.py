"""Raw columns become catalogue columns; each row that breaks a rule is told every rule it breaks.

Whole columns are converted at once; what that leaves (clock times, lists in text, dates in national orders) goes
through `import_cells`, once for each distinct value.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data_manifests.import_cells import (
    ARTIST_SEPARATORS,
    ID_SEPARATORS,
    parse_date,
    parse_decimal,
    parse_duration_s,
    parse_flag,
    split_names,
)
from data_manifests.raw_tables import RawBatch
from data_manifests.schemas import GIVEN_CATALOG, QUARANTINE
from data_manifests.tables import polars_schema

CATALOGUE_SCHEMA = polars_schema(GIVEN_CATALOG)
"""Columns and types of a catalogue as given."""
QUARANTINE_SCHEMA = polars_schema(QUARANTINE)
TEXT_COLUMNS = ("track_id", "title", "album", "genre", "language", "licence", "audio")

_CONTROLS = r"\s*[\x00-\x1f\x7f]+\s*"
_ISRC = r"^(?:ISRC:?)?([A-Z]{2}[A-Z0-9]{3}[0-9]{7})(?:[;,|/].*)?$"
_STRINGS = pl.List(pl.String)


@dataclass(frozen=True, kw_only=True)
class ConvertedBatch:
    """A batch in catalogue columns, one row for each raw row, and the rules each row breaks.

    Attributes
    ----------
    rows
        Columns of `CATALOGUE_SCHEMA`, values null where they could not be read.
    broken
        Rule → mask of the rows that break it, bool, the batch's height.
    """

    rows: pl.DataFrame
    broken: Mapping[str, pl.Series]


def convert(
    batch: RawBatch, repairs: Counter[str], artist_separators: Sequence[str] = ARTIST_SEPARATORS
) -> ConvertedBatch:
    """Convert a batch; values that were dropped without turning the row down are counted in `repairs`."""
    raw, height = batch.columns, batch.numbers.len()
    broken: dict[str, pl.Series] = {}
    values: dict[str, pl.Series] = {name: text_column(raw[name]) for name in TEXT_COLUMNS if name in raw.columns}
    for name in ("explicit", "opt_out"):
        if name in raw.columns:
            values[name], broken[f"bad_{name}"] = flag_column(raw[name])
    if "isrc" in raw.columns:
        values["isrc"] = isrc_column(raw["isrc"], repairs)
    if "release_date" in raw.columns:
        values["release_date"] = date_column(raw["release_date"], repairs)
    values["artists"] = names_column(raw["artists"], artist_separators)
    if "artist_ids" in raw.columns:
        values["artist_ids"] = names_column(raw["artist_ids"], ID_SEPARATORS)
    values["duration_s"], broken["no_duration"], broken["bad_duration"] = duration_column(raw)
    broken |= {f"no_{name}": values[name].is_null() for name in ("track_id", "title", "artists")}
    columns = [
        (values[name] if name in values else pl.repeat(None, height, dtype=dtype, eager=True)).alias(name).cast(dtype)
        for name, dtype in CATALOGUE_SCHEMA.items()
    ]
    return ConvertedBatch(rows=pl.DataFrame(columns), broken=broken)


def text_column(values: pl.Series) -> pl.Series:
    """Text without space around it; control characters count as space, nothing is null."""
    text = _strings(values)
    if text.str.contains(r"[\x00-\x1f\x7f]").any():
        text = text.str.replace_all(_CONTROLS, " ")
    text = text.str.strip_chars()
    return text.set(text == "", None)


def _strings(values: pl.Series) -> pl.Series:
    if values.dtype == pl.String:
        return values
    if isinstance(values.dtype, pl.List | pl.Array):
        return values.cast(_STRINGS).list.drop_nulls().list.join("; ")
    if isinstance(values.dtype, pl.Struct | pl.Object):
        return pl.Series([None if value is None else str(value) for value in values.to_list()], dtype=pl.String)
    if isinstance(values.dtype, pl.Binary):
        decoded = [None if value is None else value.decode("utf-8", "replace") for value in values.to_list()]
        return pl.Series(decoded, dtype=pl.String)
    if values.dtype.is_float():  # whole numbers that a table holds as floats are ids and years all the same
        whole = (values == values.floor()) & (values.abs() < 2**53)
        texts = values.cast(pl.String)
        return texts.zip_with(~whole.fill_null(value=False), values.cast(pl.Int64, strict=False).cast(pl.String))
    return values.cast(pl.String, strict=False)


def flag_column(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Yes or no, null where nothing is said; and where something is said that is neither."""
    if values.dtype == pl.Boolean:
        return values, pl.repeat(value=False, n=values.len(), dtype=pl.Boolean, eager=True)
    text = text_column(values)
    flags = _by_distinct(text, parse_flag, pl.Boolean())
    return flags, text.is_not_null() & flags.is_null()


def isrc_column(values: pl.Series, repairs: Counter[str]) -> pl.Series:
    """ISRCs in capitals without hyphens, the first where there are several; malformed ones become null, counted."""
    text = text_column(values)
    plain = text.str.contains(r"^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$") | text.is_null()
    if plain.all():
        return text
    codes = text.str.to_uppercase().str.replace_all(r"[\s\-.\[\]\"']", "").str.extract(_ISRC, 1)
    repairs["malformed_isrc"] += int((text.is_not_null() & codes.is_null()).sum())
    return codes


def date_column(values: pl.Series, repairs: Counter[str]) -> pl.Series:
    """Dates in ISO 8601, as precise as known; what is no date becomes null, counted."""
    if values.dtype == pl.Date:
        return values.dt.to_string("%Y-%m-%d")
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.date().dt.to_string("%Y-%m-%d")
    text = text_column(values)
    if (text.str.contains(r"^[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|1\d|2[0-8]))?)?$") | text.is_null()).all():
        return text
    dates = _by_distinct(text, parse_date, pl.String())
    repairs["malformed_date"] += int((text.is_not_null() & dates.is_null()).sum())
    return dates


def names_column(values: pl.Series, separators: Sequence[str]) -> pl.Series:
    """Lists of names; null where there is no name."""
    if isinstance(values.dtype, pl.List | pl.Array):
        names = _named_structs(values)
    else:
        names = _split_column(_strings(values), separators)
    if _untidy(names):
        element = pl.element().str.replace_all(_CONTROLS, " ").str.strip_chars()
        names = names.list.eval(element.filter(element.str.len_chars() > 0))
    empty = names.list.len() == 0
    return names.set(empty, None) if empty.any() else names


def _untidy(names: pl.Series) -> bool:
    """Whether any name is missing, empty, has space around it or control characters in it."""
    flat = names.explode()
    num_absent = int((names.list.len().fill_null(0) == 0).sum())
    return flat.null_count() > num_absent or bool(flat.str.contains(r"^\s|\s$|^$|[\x00-\x1f\x7f]").any())


def _named_structs(values: pl.Series) -> pl.Series:
    """Lists of names, also of objects that have a `name`."""
    inner = values.dtype.inner  # type: ignore[attr-defined]
    if isinstance(inner, pl.Struct):
        if "name" not in (field.name for field in inner.fields):
            return pl.repeat(None, values.len(), dtype=_STRINGS, eager=True)
        values = values.list.eval(pl.element().struct.field("name"))
    return values.cast(_STRINGS, strict=False)


def _split_column(text: pl.Series, separators: Sequence[str]) -> pl.Series:
    marks = "|".join(_escaped(separator) for separator in separators)
    compound = text.str.contains(rf"^\s*\[|{marks}").fill_null(value=False)
    single = text.str.strip_chars().to_frame("name").select(pl.concat_list("name"))["name"]
    present = text.is_not_null() & (text.str.strip_chars() != "")
    single = single.zip_with(present.fill_null(value=False), pl.repeat(None, text.len(), dtype=_STRINGS, eager=True))
    if not compound.any():
        return single
    several = _by_distinct(text.set(~compound, None), lambda cell: split_names(cell, separators) or None, _STRINGS)
    return several.zip_with(compound, single)


def _escaped(separator: str) -> str:
    return "".join(rf"\x{{{ord(sign):x}}}" for sign in separator)


def duration_column(raw: pl.DataFrame) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Seconds, from `duration_s`, else `duration_ms`; where there is none; and where what there is is no duration."""
    seconds = pl.repeat(None, raw.height, dtype=pl.Float64, eager=True)
    given = pl.repeat(value=False, n=raw.height, dtype=pl.Boolean, eager=True)
    for name, scale in (("duration_s", 1.0), ("duration_ms", 1e-3)):
        if name in raw.columns:
            found, said = _seconds(raw[name], scale)
            seconds, given = seconds.zip_with(given, found), given | said
    possible = (seconds.is_finite() & (seconds > 0)).fill_null(value=False)
    return seconds, ~given, given & ~possible


def _seconds(values: pl.Series, scale: float) -> tuple[pl.Series, pl.Series]:
    """Seconds of one column, and where it says anything."""
    if values.dtype.is_numeric():
        return values.cast(pl.Float64) * scale, values.is_not_null()
    if isinstance(values.dtype, pl.Duration):
        return values.dt.total_microseconds() / 1e6, values.is_not_null()
    if isinstance(values.dtype, pl.Time):
        return values.cast(pl.Int64) / 1e9, values.is_not_null()
    text = text_column(values)
    seconds = text.cast(pl.Float64, strict=False) * scale
    rest = text.set(seconds.is_not_null(), None)
    if rest.null_count() < rest.len():
        clock = _by_distinct(rest, parse_duration_s, pl.Float64())
        decimal = _by_distinct(rest, parse_decimal, pl.Float64()) * scale
        seconds = seconds.to_frame("s").select(pl.coalesce("s", clock, decimal)).to_series()
    return seconds, text.is_not_null()


def _by_distinct(text: pl.Series, parse: Callable[[str], Any], dtype: pl.DataType) -> pl.Series:
    """Parse each distinct text once."""
    distinct = text.drop_nulls().unique()
    if not distinct.len():
        return pl.repeat(None, text.len(), dtype=dtype, eager=True)
    parsed = pl.Series("parsed", [parse(cell) for cell in distinct.to_list()], dtype=dtype)
    table = pl.DataFrame({"text": distinct, "parsed": parsed})
    return text.to_frame("text").join(table, on="text", how="left", maintain_order="left")["parsed"]

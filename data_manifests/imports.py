"""Catalogues as people have them: CSV, JSON lines or Parquet, under other names and in other units.

Each row that breaks a rule goes to a quarantine table with every reason at once; nothing is lost.
"""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from data_manifests.schemas import CATALOG, QUARANTINE
from data_manifests.tables import InvalidTableError, polars_schema

_CLOCK = re.compile(r"^(?:(\d+):)?([0-5]?\d):([0-5]?\d(?:\.\d+)?)$")
_ARTIST_SEPARATOR = re.compile(r"\s*(?:;|\||\x00|,)\s*")
_TRUE = frozenset({"true", "1", "yes", "y", "explicit"})
_FALSE = frozenset({"false", "0", "no", "n", "", "clean", "notexplicit"})
_READERS: Mapping[str, Callable[[bytes], pl.DataFrame]] = {
    ".csv": lambda content: pl.read_csv(io.BytesIO(content), infer_schema=False),
    ".tsv": lambda content: pl.read_csv(io.BytesIO(content), infer_schema=False, separator="\t"),
    ".jsonl": lambda content: pl.read_ndjson(io.BytesIO(content), infer_schema_length=None),
    ".ndjson": lambda content: pl.read_ndjson(io.BytesIO(content), infer_schema_length=None),
    ".parquet": lambda content: pl.read_parquet(io.BytesIO(content)),
}


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of a table: catalogue rows, and the rows that break a rule."""

    catalogue: pl.DataFrame
    quarantine: pl.DataFrame


def import_table(path: Path, columns: Mapping[str, str]) -> Imported:
    """Read a table into a catalogue.

    Parameters
    ----------
    path
        A .csv, .tsv, .jsonl, .ndjson or .parquet file.
    columns
        Our column name → the table's. Columns that bear our names need no mapping. `duration_ms` is understood
        where there is no `duration_s`.

    Raises
    ------
    InvalidTableError
        Where the file is unreadable or a needed column is not to be found.
    """
    rows = _read(path)
    rows = _rename(rows, columns, path)
    good, bad = [], []
    seen: set[str] = set()
    for number, row in enumerate(rows.iter_rows(named=True), start=1):
        values, faults = _convert(row)
        if values.get("track_id") in seen:
            faults.append("duplicate_track_id")
        if faults:
            text = json.dumps(row, ensure_ascii=False, default=str)
            bad.append({"row_number": number, "values": text, "reasons": faults})
        else:
            seen.add(values["track_id"])
            good.append(values)
    schema = {name: dtype for name, dtype in polars_schema(CATALOG).items() if name not in ("outcome", "reason")}
    return Imported(
        catalogue=pl.DataFrame(good, schema=schema), quarantine=pl.DataFrame(bad, schema=polars_schema(QUARANTINE))
    )


def _read(path: Path) -> pl.DataFrame:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidTableError(f"{path}: cannot tell its format; expected one of {', '.join(_READERS)}")
    try:
        return reader(path.read_bytes())
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise InvalidTableError(f"{path} is not a readable {path.suffix[1:]} table: {error}") from error


def _rename(rows: pl.DataFrame, columns: Mapping[str, str], path: Path) -> pl.DataFrame:
    known = {*CATALOG.column_names, "duration_ms"}
    unknown = sorted(set(columns) - known)
    absent = sorted(set(columns.values()) - set(rows.columns))
    if unknown or absent:
        raise InvalidTableError(
            f"{path}: "
            + "; ".join(
                ([f"{unknown} are no catalogue columns (known: {sorted(known)})"] if unknown else [])
                + ([f"the table has no columns {absent} (it has {rows.columns})"] if absent else [])
            )
        )
    rows = rows.select(
        *(pl.col(theirs).alias(ours) for ours, theirs in columns.items()),
        *(pl.col(name) for name in rows.columns if name in known and name not in columns),
    )
    needed = [name for name in ("track_id", "title", "artists") if name not in rows.columns]
    if "duration_s" not in rows.columns and "duration_ms" not in rows.columns:
        needed.append("duration_s")
    if needed:
        hint = " ".join(f"--column {name}=THEIRS" for name in needed)
        raise InvalidTableError(f"{path} lacks {needed}; map them: {hint}")
    return rows


def _convert(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Convert one row; give its values and the names of all rules it breaks."""
    faults: list[str] = []
    values: dict[str, Any] = {
        name: _text(row.get(name)) for name in ("track_id", "title", "album", "isrc", "genre", "language", "licence")
    }
    values |= {name: _text(row.get(name)) for name in ("release_date", "audio")}
    values["artists"] = _names(row.get("artists")) or []
    values["artist_ids"] = _names(row.get("artist_ids"))
    for name in ("explicit", "opt_out"):
        values[name] = _flag(row.get(name), name, faults)
    values["duration_s"] = _duration_s(row, faults)
    faults += [f"no_{name}" for name in ("track_id", "title", "artists") if not values[name]]
    return values, faults


def _text(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None


def _names(value: Any) -> list[str] | None:
    if value is None:
        return None
    parts = (
        _ARTIST_SEPARATOR.split(value) if isinstance(value, str) else [str(item) for item in value if item is not None]
    )
    names = [part.strip() for part in parts if part.strip()]
    return names or None


def _flag(value: Any, name: str, faults: list[str]) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().casefold()
    if text in _TRUE:
        return True
    if text not in _FALSE:
        faults.append(f"bad_{name}")
    return False


def _duration_s(row: Mapping[str, Any], faults: list[str]) -> float | None:
    """Read seconds, milliseconds, mm:ss or h:mm:ss."""
    value, scale = row.get("duration_s"), 1.0
    if value is None:
        value, scale = row.get("duration_ms"), 1e-3
    text = "" if value is None else str(value).strip()
    clock = _CLOCK.match(text)
    try:
        seconds = _clock_s(clock) if clock else float(text) * scale
    except ValueError:
        faults.append("bad_duration" if text else "no_duration")
        return None
    if not 0 < seconds < float("inf"):
        faults.append("bad_duration")
    return seconds


def _clock_s(clock: re.Match[str]) -> float:
    return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])

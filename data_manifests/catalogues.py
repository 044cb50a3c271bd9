"""The catalogue as given: a Parquet table read and checked before anything else happens."""

import io
from pathlib import PurePosixPath

import polars as pl

from data_manifests.ids import content_digest
from data_manifests.schemas import CATALOG
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, polars_schema

REQUIRED = ("track_id", "title", "artists", "duration_s")
_OUTCOME = ("outcome", "reason")


def read_catalogue(place: str) -> tuple[pl.DataFrame, str]:
    """Read a catalogue.

    Parameters
    ----------
    place
        Path or URL of a Parquet file with the columns of `schemas.CATALOG`; `REQUIRED` must be there.

    Returns
    -------
    rows, sha256
        The declared columns in their declared types (columns that are not declared are left out), and the digest of
        the file.

    Raises
    ------
    InvalidTableError
        Unreadable, missing columns, columns of another type, ids missing or given twice.
    FileNotFoundError
    """
    path = PurePosixPath(place)
    store = Store(place[: -len(path.name)].rstrip("/") or ("/" if place.startswith("/") else "."))
    content = store.read(path.name)
    try:
        rows = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidTableError(
            f"{place} is not a readable Parquet file ({_first_line(error)}); "
            "`mixminus catalog import` turns CSV, JSON lines or Parquet into a catalogue"
        ) from error
    return _typed(rows, place), content_digest(content)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _typed(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    missing = [name for name in REQUIRED if name not in rows.columns]
    if missing:
        raise InvalidTableError(
            f"{place} lacks the columns {missing}; it has {rows.columns}. "
            "`mixminus catalog import TABLE --out FILE --column ours=theirs` maps other names"
        )
    faults, columns = [], []
    for name, dtype in polars_schema(CATALOG).items():
        if name in _OUTCOME:
            continue
        if name not in rows.columns:
            columns.append(pl.Series(name, [None] * rows.height, dtype=dtype))
            continue
        try:
            columns.append(_cast(rows[name], dtype))
        except pl.exceptions.PolarsError:
            faults.append(f"{name} is {rows[name].dtype}, expected {dtype}")
    if faults:
        raise InvalidTableError(f"{place}: {'; '.join(faults)}; `mixminus catalog import` converts")
    typed = pl.DataFrame(columns)
    _check_ids(typed["track_id"], place)
    return typed


def _cast(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.List) != isinstance(values.dtype, pl.List) and values.dtype != pl.Null:
        raise pl.exceptions.InvalidOperationError("a list was expected on one side only")
    if dtype == pl.String and values.dtype in (pl.Date, pl.Datetime):
        return values.dt.to_string("iso:strict") if values.dtype == pl.Datetime else values.dt.to_string("%Y-%m-%d")
    return values.cast(dtype)


def _check_ids(ids: pl.Series, place: str) -> None:
    if ids.null_count():
        raise InvalidTableError(f"{place}: {ids.null_count()} rows have no track_id; every row needs one")
    repeated = ids.filter(ids.is_duplicated()).unique(maintain_order=True)
    if len(repeated):
        some = ", ".join(map(repr, repeated.head(3).to_list()))
        raise InvalidTableError(f"{place}: {len(repeated)} track_ids occur more than once, such as {some}")

"""The catalogue as given: a Parquet table, checked before anything else happens and read slice by slice."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from data_manifests.schemas import GIVEN_CATALOG
from data_manifests.storage import Store
from data_manifests.table_streams import Slice, read_slice, slices
from data_manifests.tables import InvalidTableError, polars_schema

REQUIRED = ("track_id", "title", "artists", "duration_s")


@dataclass(frozen=True, kw_only=True)
class GivenCatalogue:
    """A catalogue that was found readable: where it lies, what its bytes are, and how it is cut for reading."""

    place: str
    sha256: str
    slices: tuple[Slice, ...]

    @property
    def num_rows(self) -> int:
        """Rows of the whole table."""
        return sum(part.num_rows for part in self.slices)

    def read(self, part: Slice) -> pl.DataFrame:
        """Read a slice: the declared columns in their declared types; columns that are not declared are left out.

        Raises
        ------
        InvalidTableError
            Where values do not fit their type, or a row has no id.
        """
        store, _ = _located(self.place)
        return _typed(read_slice(store, part), self.place)

    def read_ids(self, part: Slice) -> pl.Series:
        """Read the track ids of a slice."""
        store, _ = _located(self.place)
        return read_slice(store, part, ["track_id"])["track_id"].cast(pl.String)


def open_catalogue(place: str, *, slice_rows: int = 250_000) -> GivenCatalogue:
    """Look at a catalogue without reading all of it.

    Parameters
    ----------
    place
        Path or URL of a Parquet file with the columns of `schemas.GIVEN_CATALOG`; `REQUIRED` must be there.
    slice_rows
        Rows to read at a time, unless a row group has more.

    Raises
    ------
    InvalidTableError
        Unreadable, missing columns, columns of another type.
    FileNotFoundError
    """
    store, name = _located(place)
    try:
        parts = slices(store, name, slice_rows)
        _typed(_no_rows(store, name), place)
    except InvalidTableError as error:
        if "not a readable" not in str(error):
            raise
        raise InvalidTableError(
            f"{place} is not a readable Parquet file ({_first_line(error)}); "
            "`mixminus catalog import` turns CSV, JSON lines or Parquet into a catalogue"
        ) from error
    return GivenCatalogue(place=place, sha256=store.sha256(name), slices=tuple(parts))


def _located(place: str) -> tuple[Store, str]:
    path = PurePosixPath(place)
    return Store(place[: -len(path.name)].rstrip("/") or ("/" if place.startswith("/") else ".")), path.name


def _no_rows(store: Store, name: str) -> pl.DataFrame:
    return read_slice(store, Slice(name=name, row_groups=(), num_rows=0))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].partition(": ")[2][:200]


def _typed(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    missing = [name for name in REQUIRED if name not in rows.columns]
    if missing:
        raise InvalidTableError(
            f"{place} lacks the columns {missing}; it has {rows.columns}. "
            "`mixminus catalog import TABLE --out FILE --column ours=theirs` maps other names"
        )
    faults, columns = [], []
    for name, dtype in polars_schema(GIVEN_CATALOG).items():
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
    missing_ids = typed["track_id"].null_count()
    if missing_ids:
        raise InvalidTableError(f"{place}: {missing_ids} rows have no track_id; every row needs one")
    return typed


def _cast(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.List) != isinstance(values.dtype, pl.List) and values.dtype != pl.Null:
        raise pl.exceptions.InvalidOperationError("a list was expected on one side only")
    if dtype == pl.String and values.dtype in (pl.Date, pl.Datetime):
        return values.dt.to_string("iso:strict") if values.dtype == pl.Datetime else values.dt.to_string("%Y-%m-%d")
    return values.cast(dtype)


def check_ids(ids: pl.Series, place: str) -> None:
    """See that no id is given twice.

    Raises
    ------
    InvalidTableError
        Naming some that are.
    """
    repeated = ids.filter(ids.is_duplicated()).unique(maintain_order=True)
    if len(repeated):
        some = ", ".join(map(repr, repeated.head(3).to_list()))
        raise InvalidTableError(f"{place}: {len(repeated)} track_ids occur more than once, such as {some}")

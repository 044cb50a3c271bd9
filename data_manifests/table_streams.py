"""Tables larger than memory: read in slices of row groups, written row group by row group, scattered into parts."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq

from data_manifests.schemas import TableSchema
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, check, conform, polars_schema

_MAX_SLICE_BYTES = 1 << 26
"""Of a slice before compression, as the file's footer tells."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Some row groups of a Parquet file that follow one another."""

    name: str
    row_groups: tuple[int, ...]
    num_rows: int


def slices(store: Store, name: str, max_rows: int, max_bytes: int = _MAX_SLICE_BYTES) -> list[Slice]:
    """Cut a Parquet file at its row groups into slices of bounded size (larger only where one row group is).

    Raises
    ------
    InvalidTableError
        Where the file is no Parquet.
    """
    with store.open(name) as file, _readable(name):
        metadata = pq.ParquetFile(file).metadata
        sizes = [
            (metadata.row_group(at).num_rows, metadata.row_group(at).total_byte_size)
            for at in range(metadata.num_row_groups)
        ]
    found: list[Slice] = []
    groups: list[int] = []
    rows = size = 0
    for group, (more_rows, more_bytes) in enumerate(sizes):
        if groups and (rows + more_rows > max_rows or size + more_bytes > max_bytes):
            found.append(Slice(name=name, row_groups=tuple(groups), num_rows=rows))
            groups, rows, size = [], 0, 0
        groups.append(group)
        rows += more_rows
        size += more_bytes
    return [*found, Slice(name=name, row_groups=tuple(groups), num_rows=rows)] if groups else found


def read_slice(store: Store, part: Slice, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a slice, all columns or some.

    Raises
    ------
    InvalidTableError
        Where the bytes are damaged.
    """
    with store.open(part.name) as file, _readable(part.name):
        table = pq.ParquetFile(file).read_row_groups(list(part.row_groups), columns=columns)
    return _frame(table)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise InvalidTableError(f"{name} is not a readable Parquet file: {error}") from error


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


class TableWriter:
    """Appends rows of a declared table to a Parquet file; every piece is checked against the schema's row rules.

    Keys are unique across pieces where pieces come in the order of the key (`ascending`), which is checked, too.
    """

    def __init__(self, file: Any, schema: TableSchema, *, ascending: bool = True) -> None:
        self._schema = schema
        self._ascending = ascending
        metadata = {"mixminus.schema": schema.name, "mixminus.schema_version": str(schema.version)}
        empty = pl.DataFrame(schema=polars_schema(schema)).to_arrow()
        self._arrow = empty.schema.with_metadata(metadata)
        self._writer = pq.ParquetWriter(file, self._arrow, compression="zstd")
        self._last: tuple[Any, ...] | None = None

    def append(self, rows: pl.DataFrame) -> None:
        """Add rows, sorted by the table's key where they are to ascend.

        Raises
        ------
        InvalidTableError
            Where rows break a rule, or do not follow the last ones in the order of the key.
        """
        conformed = conform(rows, self._schema)
        if not conformed.height:
            return
        check(conformed, self._schema)
        first = conformed.select(self._schema.key).row(0)
        if self._ascending and self._last is not None and first <= self._last:
            raise InvalidTableError(f"table {self._schema.name}: {first} comes after {self._last}; keys must ascend")
        self._last = conformed.select(self._schema.key).row(-1)
        self._writer.write_table(conformed.to_arrow().cast(self._arrow))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


@contextmanager
def writing(
    store: Store, schema: TableSchema, name: str | None = None, *, ascending: bool = True
) -> Iterator[TableWriter]:
    """Write a table piece by piece; it replaces the old one when the block ends well."""
    with store.create(name or schema.file) as file:
        writer = TableWriter(file, schema, ascending=ascending)
        try:
            yield writer
        except BaseException:
            with suppress(Exception):  # the file is thrown away; closing only keeps the writer from doing so later
                writer.close()
            raise
        writer.close()


def tally(store: Store, schema: TableSchema) -> pl.DataFrame:
    """Count the rows of a table by where they ended: `outcome`, `reason`, `num_rows`; memory does not grow with it."""
    counted = [pl.DataFrame(schema={"outcome": pl.String, "reason": pl.String, "num_rows": pl.Int64})]
    for part in slices(store, schema.file, 1_000_000):
        rows = read_slice(store, part, ["outcome", "reason"])
        counted.append(rows.group_by("outcome", "reason").agg(num_rows=pl.len().cast(pl.Int64)))
    return pl.concat(counted).group_by("outcome", "reason").agg(pl.col("num_rows").sum()).sort("outcome", "reason")


def scattered(rows: pl.DataFrame, part: str, num_parts: int) -> bytes:
    """Serialise rows as one Arrow record batch a part, in the order of the parts, so that each is read alone.

    Parameters
    ----------
    part
        Column that holds each row's part, 0 .. num_parts - 1; it is not written.
    """
    ordered = rows.sort(part, maintain_order=True)
    counts = dict(ordered[part].value_counts().iter_rows())
    table = ordered.drop(part).to_arrow()
    buffer = io.BytesIO()
    begin = 0
    with pa.ipc.new_file(buffer, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        for number in range(num_parts):
            count = counts.get(number, 0)
            chunk = table.slice(begin, count).combine_chunks()
            batches = chunk.to_batches() or [pa.RecordBatch.from_pylist([], schema=table.schema)]
            writer.write_batch(batches[0])
            begin += count
    return buffer.getvalue()


def read_scattered(store: Store, names: Sequence[str], number: int) -> pl.DataFrame:
    """Read one part of all scattered files."""
    parts = []
    for name in names:
        with store.open(name) as file, _readable(name):
            batch = pa.ipc.open_file(file).get_batch(number)
            parts.append(_frame(pa.Table.from_batches([batch])))
    return pl.concat(parts)

"""Tables as they lie on disk, read a batch at a time: nothing converted yet, no row left out.

A reader yields `RawBatch`es: the columns asked for, the number of each row, the faults that reading found (a ragged
line, broken JSON), and a way to show a row as it was. Conversion and rules are `import_values`'s business.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

BATCH_ROWS = 65536

Columns = Mapping[str, str]
"""Our column name → the table's."""


@dataclass(frozen=True, kw_only=True)
class RawBatch:
    """Rows as read.

    Attributes
    ----------
    columns
        One column for each name of ours that was asked for, in whatever type the table has; text where in doubt.
    numbers
        Row numbers, from 1, int64.
    faults
        Index within the batch → what reading found wrong with that row.
    describe
        Gives the row at an index as JSON, as the table has it.
    """

    columns: pl.DataFrame
    numbers: pl.Series
    describe: Callable[[int], str]
    faults: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """An opened table: its column names, its batches, and what had to be repaired while reading (counts by kind)."""

    names: Sequence[str]
    batches: Callable[[Columns], Iterator[RawBatch]]
    repairs: Counter[str]


def row_numbers(first: int, num_rows: int) -> pl.Series:
    """Consecutive row numbers."""
    return pl.int_range(first, first + num_rows, dtype=pl.Int64, eager=True).alias("row_number")


def as_json(row: Any) -> str:
    """A row as JSON text that any file can hold (lone surrogates are escaped)."""
    text = json.dumps(row, ensure_ascii=False, default=_plain)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(row, ensure_ascii=True, default=_plain)
    return text


def _plain(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def column_of(values: Sequence[Any]) -> pl.Series:
    """A column of Python values: in their own type where they agree, else as text (lists and objects as JSON)."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if kinds and kinds <= {int, float}:
        return _numbers(values)
    if kinds == {list} and all(type(item) is str for value in values if value for item in value):
        names = [value and [_safe(item) for item in value] for value in values]
        return pl.Series(pa.array(names, type=pa.large_list(pa.large_string())))  # polars would go value by value
    return pl.Series([_text(value) for value in values], dtype=pl.String)


def _numbers(values: Sequence[Any]) -> pl.Series:
    """Whole numbers stay whole: they may be ids."""
    if any(isinstance(value, float) for value in values) or any(abs(value or 0) >= 1 << 62 for value in values):
        return pl.Series([_text(value) for value in values], dtype=pl.String)
    return pl.Series(values, dtype=pl.Int64)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value and _safe(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return as_json(value) if isinstance(value, list | dict) else _safe(str(value))


def _safe(text: str) -> str:
    """Text that a table can hold: lone surrogates replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def record_batches(
    records: Iterator[tuple[Any, tuple[str, ...]]], columns: Columns, num_rows: int = BATCH_ROWS
) -> Iterator[RawBatch]:
    """Batches of Python records (mappings; anything else has no columns), each with the faults found so far."""
    first, part = 1, []
    for record in records:
        part.append(record)
        if len(part) == num_rows:
            yield _record_batch(part, columns, first)
            first, part = first + len(part), []
    if part:
        yield _record_batch(part, columns, first)


def _record_batch(part: list[tuple[Any, tuple[str, ...]]], columns: Columns, first: int) -> RawBatch:
    rows = [record if isinstance(record, Mapping) else {} for record, _ in part]
    table = pl.DataFrame([column_of([row.get(theirs) for row in rows]).alias(ours) for ours, theirs in columns.items()])
    return RawBatch(
        columns=table,
        numbers=row_numbers(first, len(part)),
        describe=lambda index: as_json(part[index][0]),
        faults={index: faults for index, (_, faults) in enumerate(part) if faults},
    )


def chained(tables: Sequence[RawTable]) -> RawTable:
    """Several tables as one, rows numbered throughout.

    Raises
    ------
    ValueError
        While reading, where a part lacks a column that is read.
    """
    repairs: Counter[str] = Counter()

    def batches(columns: Columns) -> Iterator[RawBatch]:
        num_before = 0
        for number, table in enumerate(tables, start=1):
            lacking = sorted(set(columns.values()) - set(table.names))
            if lacking:
                raise ValueError(f"part {number} of {len(tables)} lacks the columns {lacking} (it has {table.names})")
            num_rows = 0
            for batch in table.batches(columns):
                num_rows += batch.numbers.len()
                repairs.update(table.repairs)
                table.repairs.clear()
                yield replace(batch, numbers=batch.numbers + num_before)
            num_before += num_rows

    return RawTable(names=tables[0].names, batches=batches, repairs=repairs)


def open_parquet(path: Path) -> RawTable:
    """Open a Parquet file; row groups are read one after another.

    Raises
    ------
    OSError, pyarrow.ArrowInvalid
        Unreadable, also while its batches are read.
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)

    def batches(columns: Columns) -> Iterator[RawBatch]:
        first = 1
        wanted = sorted(set(columns.values()))
        for part in file.iter_batches(batch_size=BATCH_ROWS, columns=wanted, use_threads=False):
            rows = pl.from_arrow(part)
            assert isinstance(rows, pl.DataFrame)
            yield RawBatch(
                columns=rows.select(pl.col(theirs).alias(ours) for ours, theirs in columns.items()),
                numbers=row_numbers(first, rows.height),
                describe=_describe_frame(rows),
            )
            first += rows.height

    return RawTable(names=file.schema_arrow.names, batches=batches, repairs=Counter())


def _describe_frame(rows: pl.DataFrame) -> Callable[[int], str]:
    return lambda index: as_json(rows.row(index, named=True))

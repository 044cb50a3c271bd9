"""A catalogue and its quarantine, written a part at a time in bounded memory: complete, or not at all.

Both are written beside their places and renamed when everything is there, the catalogue last; a crash leaves what was
there before.
"""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_manifests.schemas import CATALOG, QUARANTINE, Column, TableSchema

ROW_GROUP_ROWS = 1 << 17
_ARROW_TYPES = {
    "string": pa.string(), "bool": pa.bool_(), "int64": pa.int64(), "float64": pa.float64(),
    "strings": pa.list_(pa.string()),
}  # fmt: skip


class GrowingTable:
    """A Parquet file that grows by row groups under a temporary name."""

    def __init__(self, path: Path, schema: TableSchema, columns: tuple[Column, ...]) -> None:
        self.num_rows = 0
        self._path = path
        self._part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        self._waiting: list[pl.DataFrame] = []
        metadata = {"mixminus.schema": schema.name, "mixminus.schema_version": str(schema.version)}
        self._schema = pa.schema([(column.name, _ARROW_TYPES[column.type]) for column in columns], metadata=metadata)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("wb")
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows; they are written when a row group is full."""
        self._waiting.append(rows)
        self.num_rows += rows.height
        if sum(part.height for part in self._waiting) >= ROW_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        rows = pl.concat(self._waiting)
        self._waiting = []
        if rows.height:
            self._writer.write_table(rows.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(self._schema))

    def finish(self) -> None:
        """Write what waits and put the file in its place."""
        if self._waiting:
            self._flush()
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)

    def abandon(self) -> None:
        """Leave no trace; after `finish` there is none."""
        with suppress(OSError, pa.ArrowException, ValueError):  # its last words, on a full disk or a closed file
            self._writer.close()
        with suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)


class CatalogueFiles:
    """A catalogue at a path, and beside it `<stem>.quarantine.parquet` where rows were set aside.

    Use as a context: leaving it without an error puts both in place; with one, neither.

    Attributes
    ----------
    reasons
        How many rows each reason set aside; a row with two reasons counts for both.

    Raises
    ------
    OSError
        Disk full, no permission.
    """

    def __init__(self, path: Path) -> None:
        self.quarantine_path = path.with_name(f"{path.stem}.quarantine.parquet")
        self.reasons: Counter[str] = Counter()
        columns = tuple(column for column in CATALOG.columns if column.name not in ("outcome", "reason"))
        self._catalogue = GrowingTable(path, CATALOG, columns)
        try:
            self._quarantine = GrowingTable(self.quarantine_path, QUARANTINE, QUARANTINE.columns)
        except BaseException:
            self._catalogue.abandon()
            raise

    @property
    def num_tracks(self) -> int:
        """Rows of the catalogue so far."""
        return self._catalogue.num_rows

    @property
    def num_quarantined(self) -> int:
        """Rows set aside so far."""
        return self._quarantine.num_rows

    def add(self, catalogue: pl.DataFrame, quarantine: pl.DataFrame) -> None:
        """Take rows of either kind."""
        self._catalogue.add(catalogue)
        if quarantine.height:
            self._quarantine.add(quarantine)
            self.reasons.update(quarantine["reasons"].explode().drop_nulls().to_list())

    def __enter__(self) -> "CatalogueFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _abandoned(self._catalogue), _abandoned(self._quarantine):
            if kind is not None:
                return
            if self.num_quarantined:
                self._quarantine.finish()
            else:
                self.quarantine_path.unlink(missing_ok=True)
            self._catalogue.finish()


@contextmanager
def _abandoned(table: GrowingTable) -> Iterator[None]:
    try:
        yield
    finally:
        table.abandon()

"""The ledger of finished work: what is done, for which input, by which version and config.

Done means done for this input and this config. A *batch* is finished by its rows' file plus a small record that names
the digest of every row in it; a *table* by its file plus a record of the digest it was made from. Records are written
last. What no record names is not done, whatever lies on the disk.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from data_manifests.ids import content_digest, digest
from data_manifests.storage import Store
from pipeline.stage import Account

WORK = "work"
"""Folder of the ledger within a run."""


@dataclass(frozen=True, kw_only=True)
class TableRecord:
    """A finished table: made from `digest`, lying there with `sha256`."""

    digest: str
    sha256: str
    account: Account
    seconds: float
    files: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class BatchRecord:
    """A finished batch of a row stage."""

    batch: str
    """Digest that names the batch's file."""
    row_digests: Sequence[str]
    seconds: float
    sha256: str
    files: Sequence[str] = ()
    """Further files the batch wrote: shards."""


@dataclass(frozen=True)
class Ledger:
    """Records of finished work of one run."""

    store: Store

    def table(self, stage: str) -> TableRecord | None:
        """Read the record of a stage's table; None where there is none (or a crash left half of one)."""
        values = self._read(f"{WORK}/{stage}/table.json")
        return None if values is None else TableRecord(**{**values, "account": Account(**values["account"])})

    def table_is_done(self, stage: str, made_from: str, files: Iterable[str]) -> bool:
        """Whether the stage's table was made from exactly this input and all its files are still there."""
        record = self.table(stage)
        return record is not None and record.digest == made_from and all(map(self.store.exists, files))

    def finish_table(self, stage: str, record: TableRecord) -> None:
        """Record a finished table, after its file was written."""
        self.store.write(f"{WORK}/{stage}/table.json", _json(asdict(record)))

    def forget_table(self, stage: str) -> None:
        """Remove the record before its table is replaced: a crash in between must not leave the old record valid."""
        self.store.remove(f"{WORK}/{stage}/table.json")

    def batches(self, stage: str) -> dict[str, BatchRecord]:
        """All finished batches of a row stage, by name."""
        records: dict[str, BatchRecord] = {}
        for name in self.store.names(f"{WORK}/{stage}/batches", ".json"):
            values = self._read(name)
            if values is not None:
                records[values["batch"]] = BatchRecord(**values)
        return records

    def finish_batch(
        self, stage: str, rows: bytes, row_digests: Sequence[str], files: Mapping[str, bytes], seconds: float
    ) -> BatchRecord:
        """Store a batch: its files, then its rows, then its record."""
        name = digest(list(row_digests))[:32]
        for file, content in files.items():
            self.store.write(file, content)
        self.store.write(_rows_file(stage, name), rows)
        record = BatchRecord(
            batch=name,
            row_digests=row_digests,
            seconds=seconds,
            sha256=content_digest(rows),
            files=sorted(files),
        )
        self.store.write(f"{WORK}/{stage}/batches/{name}.json", _json(asdict(record)))
        return record

    def batch_rows(self, stage: str, record: BatchRecord) -> pl.DataFrame | None:
        """Rows of a finished batch; None where one of its files is gone or damaged: then it counts as not done."""
        if not all(map(self.store.exists, record.files)):
            return None
        try:
            content = self.store.read(_rows_file(stage, record.batch))
        except FileNotFoundError:
            return None
        return pl.read_parquet(content) if content_digest(content) == record.sha256 else None

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            values = json.loads(self.store.read(name))
        except (FileNotFoundError, ValueError):
            return None
        return values if isinstance(values, dict) else None


def _rows_file(stage: str, batch: str) -> str:
    return f"{WORK}/{stage}/batches/{batch}.parquet"


def _json(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, sort_keys=True).encode()

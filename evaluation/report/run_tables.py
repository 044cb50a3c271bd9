"""A run's tables as the report reads them: those that are there, and counts made from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from data_manifests.manifests import InvalidManifestError, read_manifest
from data_manifests.schemas import TABLES
from data_manifests.storage import Store
from data_manifests.tables import empty_table, read_table

_READ = ("catalog", "matching", "candidates", "tracks", "evidence", "pairs", "segments")


@dataclass(frozen=True, kw_only=True)
class RunTables:
    """What the report knows of a run. A table that is not there yet is empty."""

    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]
    """Empty where the run has not got that far."""

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]

    @property
    def decided(self) -> pl.DataFrame:
        """Pairs with the metadata that proposed them."""
        metadata = self["candidates"].select("pair_id", "title_score", "duration_difference_s", "rank")
        return self["pairs"].join(metadata, on="pair_id", how="left")

    @property
    def accepted(self) -> pl.DataFrame:
        """Accepted pairs."""
        return self.decided.filter(pl.col("outcome") == "accepted")


def read_run(store: Store) -> RunTables:
    """Read what is there of a run.

    Raises
    ------
    data_manifests.tables.InvalidTableError
        Where a table is damaged.
    """
    tables = {}
    for name in _READ:
        schema = TABLES[name]
        tables[name] = read_table(store, schema) if store.exists(schema.file) else empty_table(schema)
    try:
        manifest = read_manifest(store)
    except InvalidManifestError:
        manifest = {}
    return RunTables(tables=tables, manifest=manifest)

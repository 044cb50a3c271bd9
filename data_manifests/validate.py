"""Checking a run in one pass: tables, keys between them, counts, shards' checksums, splits."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from data_manifests.ids import content_digest
from data_manifests.manifests import InvalidManifestError, read_manifest
from data_manifests.schemas import TABLES
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, read_table

_OPTIONAL = frozenset({"quarantine", "splits"})
_REFERENCES = (
    ("candidates", "original_id", "catalog", "track_id"),
    ("candidates", "counterpart_id", "catalog", "track_id"),
    ("matching", "track_id", "catalog", "track_id"),
    ("tracks", "track_id", "catalog", "track_id"),
    ("evidence", "pair_id", "candidates", "pair_id"),
    ("pairs", "pair_id", "candidates", "pair_id"),
    ("segments", "pair_id", "pairs", "pair_id"),
)
"""(table, column) whose values must occur in (table, column)."""


def validate_run(store: Store) -> list[str]:
    """Check everything a run holds.

    Returns
    -------
    Findings, a line each; empty where the run is sound.
    """
    findings: list[str] = []
    tables: dict[str, pl.DataFrame] = {}
    for name, schema in TABLES.items():
        try:
            tables[name] = read_table(store, schema)
        except FileNotFoundError:
            if name not in _OPTIONAL:
                findings.append(f"{schema.file} is missing")
        except InvalidTableError as error:
            findings.append(str(error))
    findings.extend(_broken_references(tables))
    findings.extend(_count_faults(tables))
    findings.extend(_leaks(tables))
    findings.extend(_manifest_faults(store, tables))
    return findings


def _broken_references(tables: dict[str, pl.DataFrame]) -> Iterator[str]:
    for table, column, other, key in _REFERENCES:
        if table in tables and other in tables:
            missing = tables[table].join(tables[other], left_on=column, right_on=key, how="anti").height
            if missing:
                yield f"{table}.{column}: {missing} values are not in {other}.{key}"


def _count_faults(tables: dict[str, pl.DataFrame]) -> Iterator[str]:
    if {"candidates", "pairs"} <= set(tables):
        proposed = int((tables["candidates"]["outcome"] == "kept").sum())
        if proposed != tables["pairs"].height:
            yield f"{proposed} kept candidates, but {tables['pairs'].height} rows in pairs: each is decided once"
    if {"pairs", "segments"} <= set(tables):
        accepted = tables["pairs"].filter(pl.col("outcome") == "accepted")["pair_id"]
        accounted = tables["segments"]["pair_id"].n_unique()
        if accepted.len() != accounted:
            yield f"{accepted.len()} accepted pairs, but segments account for {accounted}"


def _leaks(tables: dict[str, pl.DataFrame]) -> Iterator[str]:
    if "pairs" not in tables:
        return
    used = tables["pairs"].filter((pl.col("outcome") == "accepted") & pl.col("split").is_not_null())
    for key in ("recording_id", "original_id", "counterpart_id"):
        leaking = used.group_by(key).agg(pl.col("split").n_unique()).filter(pl.col("split") > 1).height
        if leaking:
            yield f"split leakage: {leaking} values of {key} are in more than one split"
    if "catalog" in tables:
        refused = tables["catalog"].filter(pl.col("opt_out").fill_null(value=False))["track_id"].to_list()
        taken = used.filter(pl.col("original_id").is_in(refused) | pl.col("counterpart_id").is_in(refused)).height
        if taken:
            yield f"{taken} accepted pairs use a track that opted out"


def _manifest_faults(store: Store, tables: dict[str, pl.DataFrame]) -> Iterator[str]:
    try:
        manifest = read_manifest(store)
    except InvalidManifestError as error:
        yield str(error)
        return
    for shard in manifest["shards"]:
        yield from _shard_faults(store, shard)
    if "shards" in tables and tables["shards"].height != len(manifest["shards"]):
        yield f"shards.parquet lists {tables['shards'].height} shards, manifest.json {len(manifest['shards'])}"
    for stage in manifest.get("stages", []):
        if stage["rows_in"] != stage["kept"] + stage["rejected"] + stage["failed"]:
            yield f"stage {stage['name']}: rows in do not add up in the manifest"


def _shard_faults(store: Store, shard: dict[str, Any]) -> Iterator[str]:
    try:
        content = store.read(shard["path"])
    except FileNotFoundError:
        yield f"{shard['path']} is missing; mine again to write it"
        return
    if content_digest(content) != shard["sha256"]:
        yield f"{shard['path']} is damaged (checksum differs); delete it and mine again"

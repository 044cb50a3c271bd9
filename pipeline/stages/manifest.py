"""manifest: what a training job pins and an auditor reads, immutable and named by its content.

It names config, versions, counts per stage and reason, tables and shards with checksums. `manifest.json` is the newest,
written last.
"""

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import polars as pl
from pydantic import TypeAdapter

from data_manifests.ids import digest
from data_manifests.profiles import PROFILES
from data_manifests.schemas import SHARDS
from data_manifests.tables import conform
from pipeline.accounts import stage_accounts
from pipeline.config import Config
from pipeline.stage import Account, StageResult, Tables, TableStage

SCHEMA_VERSION = 1
_LIBRARIES = ("mixminus", "numpy", "polars", "pyarrow", "soundfile", "soxr", "pyacoustid", "rapidfuzz", "scipy")


@dataclass(frozen=True, kw_only=True)
class ManifestSettings:
    """What goes into a manifest beside the tables."""

    config: Config
    versions: dict[str, str]


def _settings(config: Config) -> ManifestSettings:
    return ManifestSettings(config=config, versions={name: _version(name) for name in _LIBRARIES})


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def run(tables: Tables, settings: ManifestSettings) -> StageResult:
    """Describe the run; the account counts shards."""
    shards = _shards(tables["segments"])
    described = _describe(tables, shards, settings)
    name = digest(described)
    content = json.dumps({"digest": name, **described}, indent=1, sort_keys=True, ensure_ascii=False).encode()
    return StageResult(
        kept=shards,
        rejected=shards.clear(),
        account=Account(rows_in=shards.height, kept=shards.height),
        files={f"manifests/{name}.json": content, "manifest.json": content},
    )


def _shards(segments: pl.DataFrame) -> pl.DataFrame:
    kept = segments.filter(pl.col("outcome") == "kept")
    shards = kept.group_by(path="shard").agg(
        pl.col("split").first(),
        num_rows=pl.len().cast(pl.Int64),
        bytes=pl.col("shard_bytes").first(),
        sha256=pl.col("shard_sha256").first(),
        outcome=pl.lit("kept"),
    )
    return conform(shards, SHARDS).sort("path")


def _describe(tables: Tables, shards: pl.DataFrame, settings: ManifestSettings) -> dict[str, Any]:
    plain = TypeAdapter(ManifestSettings).dump_python(settings, mode="json")
    return {
        "schema_version": SCHEMA_VERSION,
        "config": plain["config"],
        "versions": plain["versions"],
        "profile": PROFILES[settings.config.shards.profile].as_dict(),
        "stages": [
            {
                "name": item.stage,
                "unit": item.unit,
                "rows_in": item.account.rows_in,
                "kept": item.account.kept,
                "rejected": item.account.rejected,
                "failed": item.account.failed,
                "reasons": dict(item.account.reasons),
            }
            for item in stage_accounts(tables)
        ],
        "tables": {name: {"rows": _num_rows(rows), "file": f"{name}.parquet"} for name, rows in sorted(tables.items())},
        "segments": "segments.parquet",
        "shards": [
            {"path": row["path"], "split": row["split"], "rows": row["num_rows"], "bytes": row["bytes"]}
            | {"sha256": row["sha256"]}
            for row in shards.iter_rows(named=True)
        ],
    }


def _num_rows(table: pl.DataFrame) -> int:
    """Rows of a table, given whole or as a tally."""
    return int(table["num_rows"].sum()) if "num_rows" in table.columns else table.height


STAGE = TableStage(
    name="manifest",
    version=1,
    inputs=("catalog", "matching", "candidates", "tracks", "evidence", "pairs", "segments"),
    counted=("catalog", "matching"),
    writes=SHARDS,
    settings=_settings,
    run=run,
)

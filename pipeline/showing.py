"""A run, a pair or a track in words: how it was decided, rule by rule."""

from typing import Any

import polars as pl

from data_manifests.manifests import InvalidManifestError, read_manifest
from data_manifests.schemas import CANDIDATES, CATALOG, EVIDENCE, MATCHING, PAIRS, TRACKS, TableSchema
from data_manifests.storage import Store
from data_manifests.table_streams import read_slice, slices
from data_manifests.tables import read_table
from mining.bare_endings import second_reading
from mining.candidates import explain
from mining.titles import Lexicon, parse_title
from pipeline.config import Config, lexicon_table, parse_config
from pipeline.status import read_status, status_text

_ROWS_AT_A_TIME = 250_000
_SHOWN_OF_CANDIDATE = (
    "title_score", "duration_difference_s", "tier", "match_score", "rank", "song_id", "original_edition_id",
    "counterpart_edition_id",
)  # fmt: skip


def run_text(store: Store) -> str:
    """Describe a run: its manifest, its stages."""
    text = status_text(read_status(store.root))
    try:
        manifest = read_manifest(store)
    except InvalidManifestError:
        return text
    rows = sum(shard["rows"] for shard in manifest["shards"])
    size = sum(shard["bytes"] for shard in manifest["shards"]) / 1e6
    return f"{text}\nmanifest {manifest['digest']}\n{len(manifest['shards'])} shards, {rows} segments, {size:.1f} MB"


def pair_text(store: Store, pair_id: str) -> str:
    """Explain a pair: both titles, each metadata rule, the evidence, the decision.

    Raises
    ------
    LookupError
        Where the run has no such candidate.
    """
    candidate = _find(store, CANDIDATES, "pair_id", pair_id)
    if candidate is None:
        raise LookupError(f"no candidate {pair_id!r} in {store.root}; candidates.parquet lists all of them")
    config = _config_of(store)
    sides = [_find(store, CATALOG, "track_id", candidate[f"{side}_id"]) for side in ("original", "counterpart")]
    lines = [f"pair {pair_id} ({candidate['kind']})"]
    for side, row in zip(("original", "counterpart"), sides, strict=True):
        lines.append(f"  {side:<12} {_track_line(row or {})}")
    if all(sides):
        lexicon = Lexicon.from_table(lexicon_table(config.titles))
        lines.extend(_titles_side_by_side(sides[0] or {}, sides[1] or {}, lexicon))
        lines.append("rules on metadata")
        for verdict in explain(sides[0] or {}, sides[1] or {}, lexicon, config.candidates):
            mark = "passed" if verdict.passed else "FAILED"
            lines.append(f"  {mark}  {verdict.rule:<22} {verdict.original!r} / {verdict.counterpart!r}")
    lines.append(f"candidates: {_outcome(candidate)}")
    lines.extend(f"  {name:<22} {_number(candidate[name])}" for name in _SHOWN_OF_CANDIDATE)
    evidence = _find(store, EVIDENCE, "pair_id", pair_id)
    if evidence is not None:
        lines.append(f"evidence: {_outcome(evidence)}")
        lines.extend(f"  {name:<22} {_number(evidence[name])}" for name in EVIDENCE.column_names[1:-2])
    decided = _find(store, PAIRS, "pair_id", pair_id)
    if decided is not None:
        extra = f", grade {decided['grade']}, split {decided['split']}" if decided["outcome"] == "accepted" else ""
        lines.append(f"pairs: {_outcome(decided)}{extra}")
    return "\n".join(lines)


def track_text(store: Store, track_id: str) -> str:
    """Say where a track ended, stage by stage, and every candidate it is in.

    Raises
    ------
    LookupError
        Where the catalogue has no such track.
    """
    row = _find(store, CATALOG, "track_id", track_id)
    if row is None:
        raise LookupError(f"no track {track_id!r} in {store.root}")
    lines = [f"track {_track_line(row)}", f"catalog: {_outcome(row)}"]
    for schema in (MATCHING, TRACKS):
        found = _find(store, schema, "track_id", track_id)
        if found is not None:
            detail = f" – {found['detail']}" if found.get("detail") else ""
            lines.append(f"{schema.name}: {_outcome(found)}{detail}")
    if store.exists(CANDIDATES.file):
        mine = (pl.col("original_id") == track_id) | (pl.col("counterpart_id") == track_id)
        lines.extend(
            f"  {pair['pair_id']}  {pair['original_id']} / {pair['counterpart_id']}  {_outcome(pair)}"
            for pair in read_table(store, CANDIDATES).filter(mine).iter_rows(named=True)
        )
    return "\n".join(lines)


def _titles_side_by_side(original: dict[str, Any], counterpart: dict[str, Any], lexicon: Lexicon) -> list[str]:
    """Show what each title says, in two columns."""
    both = [parse_title(row.get("title") or "", lexicon) for row in (original, counterpart)]
    again = second_reading(counterpart.get("title") or "", lexicon)
    shown = {
        "base": [parsed.base for parsed in both],
        "kind": [parsed.kind or "-" for parsed in both],
        "tags": [", ".join(" ".join(tag).strip() for tag in sorted(parsed.tags)) or "-" for parsed in both],
        "featured": [", ".join(parsed.featured) or "-" for parsed in both],
        "numbers": [", ".join(map(str, parsed.numbers)) or "-" for parsed in both],
        "not usable": [parsed.disqualifier or "-" for parsed in both],
    }
    width = max(len(values[0]) for values in shown.values())
    rows = [f"  {name:<12} {values[0]:<{width}}  |  {values[1]}" for name, values in shown.items()]
    second = [] if again is None else [f"  its bare ending read as a mark: base {again[0]!r}, {again[1]}"]
    return ["titles: original | counterpart", *rows, *second]


def _find(store: Store, schema: TableSchema, column: str, value: str) -> dict[str, Any] | None:
    """Look a row up, slice by slice: tables of the whole catalogue may be larger than memory."""
    if not store.exists(schema.file):
        return None
    for part in slices(store, schema.file, _ROWS_AT_A_TIME):
        rows = read_slice(store, part).filter(pl.col(column) == value)
        if rows.height:
            return rows.row(0, named=True)
    return None


def _config_of(store: Store) -> Config:
    """Give the config of the run's newest manifest; the default where there is none."""
    try:
        return parse_config(read_manifest(store)["config"], "manifest.json")
    except InvalidManifestError:
        return Config()


def _track_line(row: dict[str, Any]) -> str:
    artists = ", ".join(row.get("artists") or [])
    return f"{row.get('track_id')}  {row.get('title')!r} by {artists!r}, {row.get('duration_s')} s, {row.get('audio')}"


def _outcome(row: dict[str, Any]) -> str:
    return f"{row['outcome']} ({row['reason']})" if row["reason"] else str(row["outcome"])


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)

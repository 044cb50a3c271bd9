"""What an auditor would object to: findings, each with its level, from a run's tables alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from evaluation.report.run_tables import RunTables

_FEW_PAIRS = 20
_LARGE_SHARE = 0.2
"""A song in five of one artist makes the artist, not the music, what a model learns."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One objection."""

    level: Literal["warning", "error"]
    code: str
    message: str


def audit_findings(run: RunTables) -> list[Finding]:
    """List everything an auditor would object to, errors first."""
    found = [*_lost(run), *_failures(run), *_leaks(run), *_refused(run), *_thin(run), *_skewed(run)]
    return sorted(found, key=lambda finding: finding.level != "error")


def _lost(run: RunTables) -> Iterator[Finding]:
    for stage in run.manifest.get("stages", []):
        ended = stage["kept"] + stage["rejected"] + stage["failed"]
        if ended != stage["rows_in"]:
            message = f"{stage['name']}: {stage['rows_in']} rows came in, {ended} are accounted for"
            yield Finding(level="error", code="rows_lost", message=message)


def _failures(run: RunTables) -> Iterator[Finding]:
    for name in ("tracks", "evidence", "pairs", "segments"):
        failed = run[name].filter(pl.col("outcome") == "failed").height
        if failed:
            yield Finding(
                level="error", code="failed_rows", message=f"{name}: {failed} rows failed; mine again to retry them"
            )


def _leaks(run: RunTables) -> Iterator[Finding]:
    used = run["pairs"].filter((pl.col("outcome") == "accepted") & pl.col("split").is_not_null())
    for key in ("recording_id", "original_id", "counterpart_id"):
        count = used.group_by(key).agg(pl.col("split").n_unique()).filter(pl.col("split") > 1).height
        if count:
            message = f"{count} values of {key} are in more than one split"
            yield Finding(level="error", code="split_leakage", message=message)


def _refused(run: RunTables) -> Iterator[Finding]:
    refused = run["catalog"].filter(pl.col("opt_out").fill_null(value=False))["track_id"].implode()
    used = run["pairs"].filter(pl.col("outcome") == "accepted")
    taken = used.filter(pl.col("original_id").is_in(refused) | pl.col("counterpart_id").is_in(refused)).height
    if taken:
        yield Finding(level="error", code="opt_out_used", message=f"{taken} accepted pairs use a track that opted out")


def _thin(run: RunTables) -> Iterator[Finding]:
    accepted = run.accepted
    if accepted.height < _FEW_PAIRS:
        message = f"only {accepted.height} pairs were accepted; scores of a model trained on them say little"
        yield Finding(level="warning", code="few_pairs", message=message)
    for split in ("train", "valid", "test"):
        if accepted.height and not accepted.filter(pl.col("split") == split).height:
            yield Finding(level="warning", code="empty_split", message=f"the {split} split holds no pair")
    unknown = accepted["genre"].null_count()
    if accepted.height and unknown == accepted.height:
        yield Finding(level="warning", code="no_genres", message="no accepted pair has a genre")


def _skewed(run: RunTables) -> Iterator[Finding]:
    artists = run["catalog"].select(original_id="track_id", artist=pl.col("artists").list.first())
    accepted = run.accepted.join(artists, on="original_id", how="left")
    if accepted.height < _FEW_PAIRS:
        return
    for artist, count in accepted.group_by("artist").len().sort("len", "artist", descending=[True, False]).iter_rows():
        if count > _LARGE_SHARE * accepted.height:
            message = f"{artist!r} has {count} of {accepted.height} accepted pairs"
            yield Finding(level="warning", code="dominant_artist", message=message)

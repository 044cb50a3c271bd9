"""Score tables: from rows of scores to one line per system, target and metric, as Parquet, CSV, JSON and Markdown.

A song's framewise score is its median over frames (`evaluation.scores`). Over songs a table gives the median (the
"median of medians" of SiSEC), the mean and the quartiles, of the songs that have a value; how many songs have none, and
how many frames were left out, stands beside. Infinite scores take part in medians, not in means.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

import polars as pl

from data_manifests.storage import Store
from evaluation.comparisons import compare_systems
from evaluation.plots import scores_png
from evaluation.scores import LOWER_IS_BETTER, ScoreRow

SCORES_SCHEMA = pl.Schema(
    {
        "track_id": pl.String(),
        "system": pl.String(),
        "target": pl.String(),
        "metric": pl.String(),
        "value": pl.Float64(),
        "num_frames": pl.Int64(),
        "num_excluded": pl.Int64(),
        "note": pl.String(),
        "genre": pl.String(),
        "reference_kind": pl.String(),
        "sample_rate_hz": pl.Int64(),
        "num_channels": pl.Int64(),
    }
)
MAIN_METRICS = ("bsseval_v4_sdr", "bsseval_v4_sdr_all_frames", "bsseval_v4_sir", "bsseval_v4_sar", "usdr", "si_sdr")
"""Columns of the Markdown table; `lsd_db` stands in where there is no waveform reference."""
_SPECTRAL = ("lsd_db", "lsd_db_half_wave")
_KEYS = ("system", "target", "metric")


def scores_table(rows: Iterable[ScoreRow]) -> pl.DataFrame:
    """Gather rows into the tidy table that `scores.parquet` holds."""
    names = [field.name for field in fields(ScoreRow)]
    plain = [{name: getattr(row, name) for name in names} for row in rows]
    return pl.DataFrame(plain, schema=SCORES_SCHEMA)


def aggregate(scores: pl.DataFrame) -> pl.DataFrame:
    """Summarise over songs: one row per system, target and metric, systems in the order in which they were scored.

    Returns
    -------
    Columns system, target, metric, median, mean, lower_quartile, upper_quartile, num_songs (with a value),
    num_songs_missing, num_frames, num_excluded, lower_is_better.
    """
    value, has_value = pl.col("value"), pl.col("value").is_not_null()
    finite = value.filter(value.is_finite())
    order = {name: index for index, name in enumerate(scores["system"].unique(maintain_order=True))}
    return (
        scores.with_columns(value=value.fill_nan(None))
        .group_by(_KEYS)
        .agg(
            median=value.median(),
            mean=finite.mean(),
            lower_quartile=value.quantile(0.25, "linear"),
            upper_quartile=value.quantile(0.75, "linear"),
            num_songs=has_value.sum().cast(pl.Int64),
            num_songs_missing=(~has_value).sum().cast(pl.Int64),
            num_frames=pl.col("num_frames").sum(),
            num_excluded=pl.col("num_excluded").sum(),
        )
        .with_columns(
            lower_is_better=pl.col("metric").is_in(sorted(LOWER_IS_BETTER)),
            turn=pl.col("system").replace_strict(order, return_dtype=pl.Int64, default=None),
        )
        .sort("target", "metric", "turn", descending=[True, False, False])
        .drop("turn")
    )


def display_table(summary: pl.DataFrame, metrics: Sequence[str] = MAIN_METRICS) -> pl.DataFrame:
    """Lay out the summary as papers do: a row per target and system, medians over songs as columns.

    A metric without any value is left out. `songs` counts the songs with a value of the first metric shown.
    """
    present = [
        name for name in metrics if summary.filter((pl.col("metric") == name) & (pl.col("num_songs") > 0)).height
    ]
    present += [name for name in _SPECTRAL if summary.filter(pl.col("metric") == name).height]
    shown = summary.filter(pl.col("metric").is_in(present))
    systems = shown.select("target", "system").unique(maintain_order=True).with_row_index("turn")
    counts = shown.group_by("target", "system").agg(songs=pl.col("num_songs").max())
    frames = summary.filter(pl.col("metric") == "bsseval_v4_sdr").select(
        "target", "system", excluded_frames=pl.col("num_excluded")
    )
    medians = shown.pivot("metric", index=["target", "system"], values="median")
    joined = systems.join(counts, on=["target", "system"], how="left").join(
        medians, on=["target", "system"], how="left"
    )
    joined = joined.join(frames, on=["target", "system"], how="left").sort("turn")
    return joined.select("target", "system", "songs", *present, "excluded_frames")


def markdown(scores: pl.DataFrame) -> str:
    """Write the score table as Markdown, with what a fair comparison must state."""
    table = display_table(aggregate(scores))
    lines = [_statement(scores), ""]
    lines += ["| " + " | ".join(table.columns) + " |", "|" + "|".join(_rule(dtype) for dtype in table.dtypes) + "|"]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in table.iter_rows()]
    missing = scores.filter(pl.col("value").is_null() & pl.col("note").str.starts_with("failed"))
    if missing.height:
        lines += ["", f"{missing.select('track_id', 'system').n_unique()} separations failed and count as missing."]
    return "\n".join(lines) + "\n"


def _statement(scores: pl.DataFrame) -> str:
    """Say on what the numbers rest."""

    def listed(column: str) -> str:
        return ", ".join(str(value) for value in scores[column].unique().sort())

    num_songs, rates, channels = scores["track_id"].n_unique(), listed("sample_rate_hz"), listed("num_channels")
    return (
        f"{num_songs} songs; references: {listed('reference_kind')}; {rates} Hz; {channels} channel(s). Medians over "
        "songs, in dB. Values of bsseval_v4 are medians over frames of 1 s: without the frames that museval excludes "
        "(the last column counts them), or over all frames."
    )


def _rule(dtype: pl.DataType) -> str:
    return "---:" if dtype.is_numeric() else "---"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value).replace("|", "\\|")


def scores_json(scores: pl.DataFrame) -> str:
    """Give scores as valid JSON: values that are not finite become null and a note."""
    return json.dumps([_jsonable(row) for row in scores.iter_rows(named=True)], ensure_ascii=False, allow_nan=False)


def _jsonable(row: dict[str, object]) -> dict[str, object]:
    value = row["value"]
    if isinstance(value, float) and not math.isfinite(value):
        return row | {"value": None, "note": row["note"] or f"the value is {value}"}
    return row


def write_results(scores: pl.DataFrame, out: Path) -> None:
    """Write the results into a folder.

    scores.parquet, scores.csv and scores.json hold every score, summary.csv, comparisons.csv, table.csv and table.md
    what comes of them, scores.png the distributions.

    Raises
    ------
    OSError
        Where the folder cannot be written; each file is complete or absent.
    """
    summary = aggregate(scores)
    store = Store(str(out))
    store.write("scores.csv", scores.write_csv().encode())
    store.write("scores.json", scores_json(scores).encode())
    store.write("summary.csv", summary.write_csv().encode())
    store.write("comparisons.csv", compare_systems(scores).write_csv().encode())
    store.write("table.csv", display_table(summary).write_csv().encode())
    store.write("table.md", markdown(scores).encode())
    store.write("scores.png", scores_png(scores))
    store.write("scores.parquet", _parquet(scores))


def _parquet(scores: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    scores.write_parquet(buffer, metadata={"mixminus.schema": "scores", "mixminus.schema_version": "1"})
    return buffer.getvalue()

"""The report's page: numbers from the tables, pictures, and a template that escapes whatever titles hold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from data_manifests.storage import Store
from evaluation.report.examples import ClipReader, render_examples
from evaluation.report.figures import Histogram, histogram_svg
from evaluation.report.findings import Finding, audit_findings
from evaluation.report.run_tables import RunTables, read_run

PUBLISHED_GENRES: Mapping[str, float] = {
    "pop": 26.0, "rap": 21.3, "dance & house": 14.2, "electronica": 7.4, "r&b": 3.9, "rock": 3.6, "alternative": 3.1,
    "children's": 2.5, "metal": 2.5, "latin": 2.3, "indie rock": 2.2, "other": 10.9,
}  # fmt: skip
"""Shares in per cent of the 12k pairs of Humphrey et al. / Jansson et al., ISMIR 2017."""

_DISTRIBUTIONS = (
    ("duration_difference_s", "Duration difference", "seconds, counterpart − original"),
    ("bit_error_rate", "Bit error rate of the fingerprints", "share of bits"),
    ("alignment_confidence", "Alignment confidence", "0 not aligned, 1 sure"),
    ("aligned_fraction", "Windows that agree on one alignment", "share of windows"),
    ("residual_db", "Residual where nobody sings", "dB relative to the mixture"),
    ("offset_s", "Offset", "seconds"),
    ("gain_db", "Level difference", "dB"),
    ("vocal_activity", "Vocal activity", "share of the overlap"),
    ("predicted_sdr_db", "Predicted quality of the vocal", "SDR in dB"),
)


_THRESHOLDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "duration_difference_s": {"max": ("candidates", "max_duration_difference_s")},
    "bit_error_rate": {"too different": ("decisions", "too_different_bit_error_rate")},
    "alignment_confidence": {"min": ("decisions", "min_confidence")},
    "residual_db": {"max": ("decisions", "max_residual_db")},
    "vocal_activity": {"min": ("decisions", "min_vocal_activity")},
}
"""Column → mark → where the config keeps the threshold: section and field."""

_SCORE_LABELS: Mapping[str, str] = {
    "bsseval_v4_sdr": "SDR v4", "bsseval_v4_sdr_all_frames": "SDR v4, all frames", "bsseval_v4_sir": "SIR v4",
    "bsseval_v4_sar": "SAR v4", "bsseval_v4_isr": "ISR v4", "usdr": "uSDR", "si_sdr": "SI-SDR", "lsd_db": "LSD",
    "lsd_db_half_wave": "LSD, half-wave", "excluded_frames": "frames excluded",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReportSummary:
    """What the report found."""

    path: Path
    num_accepted: int
    findings: Sequence[Finding]


def build_report(
    run_dir: str,
    out: Path,
    *,
    examples: int = 10,
    audio: ClipReader | None = None,
    scores: pl.DataFrame | None = None,
) -> ReportSummary:
    """Write the report of a run as one self-contained HTML file.

    Parameters
    ----------
    run_dir
        Run directory, path or URL; stages that have not run yet leave their parts empty.
    examples
        Accepted and rejected pairs to show, of each.
    audio
        Reads aligned clips; without it the examples have no sound.
    scores
        A score table to show: its columns become the table's.

    Raises
    ------
    data_manifests.tables.InvalidTableError
        Where a table of the run is damaged.
    OSError
        Where the file cannot be written; nothing partial stays behind.
    """
    run = read_run(Store(run_dir))
    findings = audit_findings(run)
    page = _environment().get_template("report.html.j2")
    text = page.render(
        name=run_dir.rstrip("/").rsplit("/", 1)[-1],
        style=Markup(_file("report.css")),
        facts=_facts(run),
        findings=findings,
        funnel=_funnel(run),
        figures=[Markup(svg) for svg in _figures(run)],
        genres=_genres(run),
        splits=_splits(run),
        rights=_rights(run),
        scores=None if scores is None else _scores(scores),
        shared=_shared_between_splits(run),
        accepted=render_examples(run, "accepted", examples, audio),
        rejected=render_examples(run, "rejected", examples, audio),
        digest=run.manifest.get("digest"),
        versions=run.manifest.get("versions", {}),
        config=json.dumps(run.manifest.get("config", {}), indent=1, ensure_ascii=False),
    )
    Store(str(out.parent)).write(out.name, text.encode())
    return ReportSummary(path=out, num_accepted=run.accepted.height, findings=findings)


def _file(name: str) -> str:
    return resources.files("evaluation.report").joinpath(name).read_text(encoding="utf-8")


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_file), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


def _facts(run: RunTables) -> dict[str, str]:
    accepted = run.accepted
    hours = float(accepted["overlap_s"].sum() or 0.0) / 3600
    segments = run["segments"].filter(pl.col("outcome") == "kept")
    return {
        "tracks in the catalogue": f"{run['catalog'].height:,}",
        "pairs proposed": f"{run['pairs'].height:,}",
        "pairs accepted": f"{accepted.height:,}",
        "hours of pairs": f"{hours:.2f}",
        "training segments": f"{segments.height:,}",
        "artists": f"{_artists(run, accepted)}",
    }


def _artists(run: RunTables, pairs: pl.DataFrame) -> int:
    named = run["catalog"].select(original_id="track_id", artist=pl.col("artists").list.first())
    return pairs.join(named, on="original_id", how="left")["artist"].drop_nulls().n_unique()


def _funnel(run: RunTables) -> list[dict[str, Any]]:
    """Stages with their counts, and shares in per cent of the stage's own input."""
    stages = []
    for stage in run.manifest.get("stages", []):
        total = max(stage["rows_in"], 1)
        shares = {name: 100 * stage[name] / total for name in ("kept", "rejected", "failed")}
        stages.append({**stage, "shares": shares})
    return stages


def _figures(run: RunTables) -> list[str]:
    decided, config = run.decided, run.manifest.get("config", {})
    return [
        histogram_svg(
            Histogram(
                title=title,
                label=label,
                groups={name: _values(decided, name, column) for name in ("accepted", "rejected")},
                thresholds=_thresholds(config, column),
            )
        )
        for column, title, label in _DISTRIBUTIONS
    ]


def _thresholds(config: Mapping[str, Any], column: str) -> dict[str, float]:
    """Thresholds that the config states for a column, by their mark."""
    stated = {
        mark: config.get(section, {}).get(field) for mark, (section, field) in _THRESHOLDS.get(column, {}).items()
    }
    return {mark: float(value) for mark, value in stated.items() if isinstance(value, int | float)}


def _scores(scores: pl.DataFrame) -> dict[str, Any]:
    """Column titles, which columns hold numbers, and rows."""
    return {
        "columns": [(_SCORE_LABELS.get(name, name), scores[name].dtype.is_numeric()) for name in scores.columns],
        "rows": scores.rows(),
    }


def _values(rows: pl.DataFrame, outcome: str, column: str) -> list[float]:
    return rows.filter(pl.col("outcome") == outcome)[column].drop_nulls().to_list()


def _genres(run: RunTables) -> list[dict[str, Any]]:
    """Genres of this run beside the published ones, in per cent."""
    accepted = run.accepted.with_columns(pl.col("genre").fill_null("unknown").str.to_lowercase())
    total = max(accepted.height, 1)
    ours = {genre: 100 * count / total for genre, count in accepted.group_by("genre").len().iter_rows()}
    names = [*PUBLISHED_GENRES, *sorted(set(ours) - set(PUBLISHED_GENRES))]
    return [{"genre": name, "ours": ours.get(name, 0.0), "published": PUBLISHED_GENRES.get(name)} for name in names]


def _splits(run: RunTables) -> list[dict[str, Any]]:
    accepted = run.accepted
    rows = []
    for split in ("train", "valid", "test"):
        pairs = accepted.filter(pl.col("split") == split)
        grades = {grade: pairs.filter(pl.col("grade") == grade).height for grade in ("A", "B", "C")}
        rows.append(
            {
                "split": split,
                "pairs": pairs.height,
                "artists": _artists(run, pairs),
                "hours": float(pairs["overlap_s"].sum() or 0.0) / 3600,
                **grades,
            }
        )
    return rows


def _shared_between_splits(run: RunTables) -> dict[str, int]:
    """Count recordings and primary artists that more than one split holds."""
    named = run["catalog"].select(original_id="track_id", artist=pl.col("artists").list.first())
    placed = run.accepted.filter(pl.col("split").is_not_null()).join(named, on="original_id", how="left")
    return {
        key: placed.drop_nulls(key).group_by(key).agg(pl.col("split").n_unique()).filter(pl.col("split") > 1).height
        for key in ("recording_id", "artist")
    }


def _rights(run: RunTables) -> dict[str, Any]:
    catalog = run["catalog"]
    used = pl.concat([run.accepted["original_id"], run.accepted["counterpart_id"]]).unique()
    licences = catalog.filter(pl.col("track_id").is_in(used.implode()))["licence"].fill_null("not stated")
    counts = licences.value_counts(sort=True).rows()
    return {"opted_out": int(catalog["opt_out"].fill_null(value=False).sum()), "licences": counts[:12]}

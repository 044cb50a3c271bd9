"""Commands for auditors: `audit`."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import polars as pl
import typer

from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError
from pipeline.errors import InvalidDataError, UsageError, storage_faults

if TYPE_CHECKING:
    from evaluation.report import ReportSummary

logger = logging.getLogger("mixminus.audit")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("audit")(audit_command)


def audit_command(
    run: Annotated[str, typer.Argument(help="Run directory.")],
    out: Annotated[Path | None, typer.Option(help="HTML file to write; RUN/report.html if not given.")] = None,
    audio_root: Annotated[
        str | None, typer.Option(help="Folder or URL of the audio, for players and pictures.")
    ] = None,
    scores: Annotated[Path | None, typer.Option(help="Folder that `evaluate` wrote, to show its table.")] = None,
    examples: Annotated[int, typer.Option(min=0, help="Accepted and rejected pairs to show, of each.")] = 10,
    fail_on: Annotated[
        Literal["warning", "error"] | None, typer.Option(help="Exit with 3 on findings of this level or worse.")
    ] = None,
) -> None:
    """Write the quality report of a run: one self-contained HTML file."""
    summary = write_report(run, out, audio_root=audio_root, scores=scores, examples=examples)
    for finding in summary.findings:
        typer.echo(f"{finding.level}: {finding.message}", err=True)
    typer.echo(str(summary.path))
    blocking = [item for item in summary.findings if fail_on in ("warning", item.level)]
    if fail_on and blocking:
        raise InvalidDataError(f"{run}: {len(blocking)} findings of level {fail_on} or worse")


def write_report(
    run: str, out: Path | None, *, audio_root: str | None, scores: Path | None, examples: int = 10
) -> "ReportSummary":
    """Write the report; RUN/report.html where no other place is named.

    Raises
    ------
    UsageError
        Where there is no run, or no place to write to.
    InvalidDataError
        Where a table is damaged.
    """
    from evaluation.report import build_report
    from pipeline.clips import PairClips

    store = Store(run)
    if out is None and not store.is_local:
        raise UsageError(f"{run} is remote: name a local file with --out")
    with storage_faults():
        if not store.exists("catalog.parquet"):
            raise UsageError(f"{run} holds no mining run; `mixminus mine CATALOG --out {run}` makes one")
        table = None if scores is None else pl.read_csv(scores / "table.csv")
        try:
            return build_report(
                run,
                out or store.local_path("report.html"),
                examples=examples,
                audio=PairClips(run=run, audio_root=audio_root) if audio_root else None,
                scores=table,
            )
        except InvalidTableError as error:
            raise InvalidDataError(str(error)) from error

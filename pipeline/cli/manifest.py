"""Commands about a run's tables: `manifest validate`, `diff`, `show`."""

import json
from typing import Annotated

import polars as pl
import typer

from data_manifests.diff import diff_pairs
from data_manifests.schemas import PAIRS
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, read_table
from data_manifests.validate import validate_run
from pipeline.errors import InvalidDataError, UsageError, storage_faults
from pipeline.showing import pair_text, run_text, track_text

app = typer.Typer(help="Check, compare and read a run's tables.", no_args_is_help=True)

RunArgument = Annotated[str, typer.Argument(help="Run directory.")]


@app.command()
def validate(run: RunArgument) -> None:
    """Check tables, keys, counts, checksums and splits; exit code 3 where anything is wrong."""
    with storage_faults():
        findings = validate_run(Store(run))
    for finding in findings:
        typer.echo(finding)
    if findings:
        raise InvalidDataError(f"{run}: {len(findings)} faults")
    typer.echo(f"{run}: sound", err=True)


@app.command()
def diff(
    before: RunArgument,
    after: RunArgument,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """Say which pairs came, went, or changed outcome, grade or split between two runs."""
    changes = list(diff_pairs(_pairs(before), _pairs(after)))
    for change in changes:
        line = {"pair_id": change.pair_id, "change": change.change, "what": change.what}
        typer.echo(json.dumps(line) if as_json else f"{change.change:<8} {change.pair_id}  {change.what}")
    typer.echo(f"{len(changes)} pairs differ", err=True)


@app.command()
def show(
    run: RunArgument,
    pair: Annotated[str | None, typer.Option(help="How this pair was decided.")] = None,
    track: Annotated[str | None, typer.Option(help="Where this track ended, and every pair it is in.")] = None,
) -> None:
    """Print a run, or how one pair or track was decided."""
    store = Store(run)
    try:
        with storage_faults():
            text = pair_text(store, pair) if pair else track_text(store, track) if track else run_text(store)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error
    except InvalidTableError as error:
        raise InvalidDataError(str(error)) from error
    typer.echo(text)


def _pairs(run: str) -> pl.DataFrame:
    try:
        with storage_faults():
            return read_table(Store(run), PAIRS)
    except InvalidTableError as error:
        raise InvalidDataError(str(error)) from error

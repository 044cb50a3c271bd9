"""Commands that make catalogues: `catalog scan`, `catalog import`."""

import io
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from data_manifests.imports import import_table
from data_manifests.music_folder import scan_folder
from data_manifests.schemas import QUARANTINE
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, table_bytes
from pipeline.errors import InvalidDataError, UsageError, storage_faults

app = typer.Typer(help="Make a catalogue from a music folder or a table.", no_args_is_help=True)

OutOption = Annotated[Path, typer.Option(help="Catalogue to write (Parquet).")]


@app.command()
def scan(
    music_dir: Annotated[Path, typer.Argument(help="Folder of music; searched with all its folders.")], out: OutOption
) -> None:
    """Read tags and durations of a music folder into a catalogue; mine it with --audio-root MUSIC_DIR."""
    if not music_dir.is_dir():
        raise UsageError(f"{music_dir} is no folder; expected a folder of music files")
    with storage_faults():
        catalogue, quarantine = scan_folder(music_dir)
        _write(catalogue, quarantine, out)
    if not catalogue.height:
        typer.echo(f"no music found in {music_dir}", err=True)


@app.command("import")
def import_command(
    table: Annotated[Path, typer.Argument(help="CSV, TSV, JSON lines or Parquet.")],
    out: OutOption,
    column: Annotated[list[str] | None, typer.Option(help="ours=theirs; may be given several times.")] = None,
) -> None:
    """Read a table into a catalogue; rows that break a rule go to OUT's quarantine table with all their reasons."""
    mapping = dict(_pair(text) for text in column or [])
    if not table.is_file():
        raise UsageError(f"no table at {table}")
    try:
        with storage_faults():
            imported = import_table(table, mapping)
            _write(imported.catalogue, imported.quarantine, out)
    except InvalidTableError as error:
        raise InvalidDataError(str(error)) from error


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not ours or not theirs:
        raise UsageError(f"--column {text!r}: expected ours=theirs, such as duration_s=length")
    return ours, theirs


def _write(catalogue: pl.DataFrame, quarantine: pl.DataFrame, out: Path) -> None:
    """Write the catalogue, and beside it the quarantine where there is one."""
    beside = out.with_name(f"{out.stem}.quarantine.parquet")
    store = Store(str(out.parent))
    store.remove(beside.name)
    if quarantine.height:
        store.write(beside.name, table_bytes(quarantine, QUARANTINE))
    store.write(out.name, _catalogue_bytes(catalogue))
    typer.echo(f"{out}: {catalogue.height} tracks", err=True)
    if quarantine.height:
        typer.echo(f"{beside}: {quarantine.height} rows set aside, each with its reasons", err=True)


def _catalogue_bytes(catalogue: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    catalogue.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()

"""Commands that make catalogues: `catalog scan`, `catalog import`."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from data_manifests.catalogue_files import CatalogueFiles, catalogue_files
from data_manifests.import_presets import PRESETS, find_preset
from data_manifests.imports import import_batches
from data_manifests.music_folder import scan_batches
from data_manifests.tables import InvalidTableError
from pipeline.errors import InvalidDataError, UsageError, storage_faults

app = typer.Typer(help="Make a catalogue from a music folder or a table.", no_args_is_help=True)

OutOption = Annotated[Path, typer.Option(help="Catalogue to write (Parquet).")]
_REPAIRS: Mapping[str, str] = {
    "windows_1252_lines": "lines that are not valid UTF-8, read as Windows-1252",
    "damaged_characters": "characters that the encoding could not give, replaced by \ufffd",
    "malformed_isrc": "malformed ISRCs, left out; their rows are kept",
    "malformed_date": "release dates that are none, left out; their rows are kept",
    "damaged_tags": "damaged tags, left out; their files are kept",
}


@app.command()
def scan(
    music_dir: Annotated[Path, typer.Argument(help="Folder of music; searched with all its folders.")], out: OutOption
) -> None:
    """Read tags and durations of a music folder into a catalogue; mine it with --audio-root MUSIC_DIR."""
    if not music_dir.is_dir():
        raise UsageError(f"{music_dir} is no folder; expected a folder of music files")
    repairs: Counter[str] = Counter()
    with storage_faults(), catalogue_files(out) as files:
        for part in scan_batches(music_dir):
            files.add(part.catalogue, part.quarantine)
            repairs.update(part.repairs)
    _report(files, out, repairs)
    if not files.num_tracks:
        typer.echo(f"no music found in {music_dir}", err=True)


@app.command("import")
def import_command(
    table: Annotated[
        Path,
        typer.Argument(help="CSV, TSV, JSON lines or Parquet, or a folder of its parts; or what the preset reads."),
    ],
    out: OutOption,
    column: Annotated[list[str] | None, typer.Option(help="ours=theirs; may be given several times.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="; ".join(f"{each.name}: {each.about}" for each in PRESETS.values()) + ".")
    ] = None,
    artist_separator: Annotated[
        list[str] | None,
        typer.Option(help="What parts the artists in a cell; may be given several times. Else ; | and ' / '."),
    ] = None,
) -> None:
    """Read a table into a catalogue; rows that break a rule go to OUT's quarantine table with all their reasons."""
    mapping = dict(_pair(text) for text in column or [])
    _check_usage(table, preset, artist_separator or [])
    repairs: Counter[str] = Counter()
    try:
        with storage_faults(), catalogue_files(out) as files:
            for part in import_batches(table, mapping, preset=preset, artist_separators=artist_separator):
                files.add(part.catalogue, part.quarantine)
                repairs.update(part.repairs)
    except InvalidTableError as error:
        raise InvalidDataError(str(error)) from error
    _report(files, out, repairs)


def _check_usage(table: Path, preset: str | None, separators: list[str]) -> None:
    if preset is not None:
        try:
            find_preset(preset)
        except InvalidTableError as error:
            raise UsageError(str(error)) from error
    if not table.exists():
        raise UsageError(f"no table at {table}")
    if not all(separators):
        raise UsageError("--artist-separator '': expected at least one character, such as ';'")


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not ours or not theirs:
        raise UsageError(f"--column {text!r}: expected ours=theirs, such as duration_s=length")
    return ours, theirs


def _report(files: CatalogueFiles, out: Path, repairs: Mapping[str, int]) -> None:
    """Say what was written, what was set aside and why, and what was repaired."""
    typer.echo(f"{out}: {files.num_tracks} tracks", err=True)
    if files.num_quarantined:
        typer.echo(f"{files.quarantine_path}: {files.num_quarantined} rows set aside, with all reasons each", err=True)
        for reason, count in sorted(files.reasons.items(), key=lambda item: (-item[1], item[0])):
            typer.echo(f"  {count} {reason}", err=True)
    for name, count in repairs.items():
        if count:
            typer.echo(f"  {count} {_REPAIRS[name]}", err=True)

"""The command tree of `mixminus`."""

import json
import logging
import sys
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from pipeline.cli import catalog, demo, evaluating, looking, manifest, mining, training

app = typer.Typer(
    name="mixminus",
    help="Mine original/instrumental pairs from a music catalogue, prove them, and train vocal separation on them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    epilog="Exit codes: 0 done, 1 our bug, 2 usage or config, 3 invalid data, 4 too many failed rows, 75 try again "
    "later. --debug anywhere shows the traceback of an error.",
)


class LogFormat(StrEnum):
    """How log lines look."""

    plain = "plain"
    json = "json"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        values = {"time": self.formatTime(record), "level": record.levelname, "logger": record.name}
        return json.dumps({**values, "message": record.getMessage()}, ensure_ascii=False)


def _show_version(value: bool) -> None:
    if value:
        try:
            typer.echo(f"mixminus {version('mixminus')}")
        except PackageNotFoundError:
            typer.echo("mixminus (not installed)")
        raise typer.Exit


@app.callback()
def configure(
    log_format: Annotated[LogFormat, typer.Option(help="Form of log lines on stderr.")] = LogFormat.plain,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings and errors.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Set up logging for every command."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if log_format is LogFormat.json else logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("mixminus", "training"):
        logging.getLogger(name).setLevel(logging.WARNING if quiet else logging.INFO)


mining.add_to(app)
training.add_to(app)
evaluating.add_to(app)
looking.add_to(app)
demo.add_to(app)
app.add_typer(catalog.app, name="catalog")
app.add_typer(manifest.app, name="manifest")

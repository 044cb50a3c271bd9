"""The `demo` command."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.cli.mining import SchedulerOption, WorkersOption
from pipeline.cli.training import training_faults
from pipeline.errors import storage_faults
from pipeline.runners.choice import chosen_runner

if TYPE_CHECKING:
    from pipeline.demo.story import DemoResult

_HEADINGS = {"bsseval_v4_sdr": "SDR", "usdr": "uSDR", "si_sdr": "SI-SDR"}


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("demo")(demo_command)


def demo_command(
    folder: Annotated[Path, typer.Argument(help="Folder to write; running again there does only what is missing.")],
    seed: Annotated[int, typer.Option(help="Of the songs and of the training.")] = 0,
    minutes: Annotated[float, typer.Option(min=0.1, help="Minutes of training.")] = 1.8,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
) -> None:
    """Write a catalogue of generated songs with known truth, mine it, train on it, score, report."""
    from pipeline.demo.story import tell_story

    with training_faults(), storage_faults(), chosen_runner(scheduler, workers) as runner:
        result = tell_story(folder, runner, seed=seed, minutes=minutes)
    _show(result)


def _show(result: "DemoResult") -> None:
    console = Console(width=None)
    console.print(_funnel(result))
    console.print(_scores(result))
    console.print(f"report: {result.report}   ({result.seconds:.0f} s in all)", highlight=False, markup=False)


def _funnel(result: "DemoResult") -> Table:
    table = Table(title="Funnel: what came in, what was kept, what was turned down and why", title_justify="left")
    for name in ("stage", "in", "kept", "rejected", "failed"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    table.add_column("reasons", overflow="fold")
    for stage in result.stages:
        account = stage.account
        reasons = ", ".join(f"{reason} {count}" for reason, count in account.reasons.items())
        counts = (account.rows_in, account.kept, account.rejected, account.failed)
        table.add_row(stage.name, *map(str, counts), reasons)
    return table


def _scores(result: "DemoResult") -> Table:
    title = "Scores on held-out songs against true stems: BSSEval v4 SDR, uSDR, SI-SDR, medians, in dB"
    table = Table(title=title, title_justify="left")
    for name in result.table.columns:
        text = name in ("target", "system")
        table.add_column(_HEADINGS.get(name, name), justify="left" if text else "right", no_wrap=text)
    for row in result.table.iter_rows():
        table.add_row(*(f"{value:.2f}" if isinstance(value, float) else str(value) for value in row))
    return table

"""Commands of evaluation: `evaluate`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.cli.mining import SchedulerOption, WorkersOption
from pipeline.cli.training import training_faults
from pipeline.errors import storage_faults
from pipeline.runners.choice import chosen_runner


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("evaluate")(evaluate_command)


def evaluate_command(
    data: Annotated[str, typer.Option(help="Run directory, or stems:FOLDER, ikala:FOLDER, mir1k:FOLDER.")],
    out: Annotated[Path, typer.Option(help="Folder for scores, tables and plots.")],
    model: Annotated[
        list[Path] | None, typer.Option(help="Folder of a trained model; several times for several.")
    ] = None,
    baseline: Annotated[list[str] | None, typer.Option(help="Baseline by name, several times for several.")] = None,
    oracle: Annotated[list[str] | None, typer.Option(help="Oracle by name, several times for several.")] = None,
    split: Annotated[Literal["valid", "test"], typer.Option(help="Held-out split of a run.")] = "test",
    limit: Annotated[int | None, typer.Option(min=1, help="Score only the first songs.")] = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
) -> None:
    """Score models beside oracles and baselines, per frame, track and set.

    Without --baseline and --oracle these are scored: the mixture, the best constant mask, HPSS, the ideal ratio mask.
    """
    from evaluation.tables import markdown, write_results
    from pipeline.evaluate import DEFAULT_SYSTEMS, choose_systems, list_songs, score_songs

    named = [*(oracle or []), *(baseline or [])] or list(DEFAULT_SYSTEMS)
    with training_faults(), storage_faults():
        systems = choose_systems(named, model or [])
        songs = list_songs(data, split, limit)
        with chosen_runner(scheduler, workers) as runner:
            scores = score_songs(songs, systems, runner)
        write_results(scores, out)
    typer.echo(markdown(scores))

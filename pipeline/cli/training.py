"""Commands of training and separation: `train`, `separate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pipeline.config import checked, read_toml
from pipeline.errors import CommandError, InvalidDataError, UsageError, storage_faults
from training.errors import ConfigError, ModelFileError, ShardsError, TrainingError


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("train")(train_command)
    app.command("separate")(separate_command)


def train_command(
    run: Annotated[str, typer.Argument(help="Run directory, or one of its manifests.")],
    out: Annotated[Path, typer.Option(help="Folder of the model; an interrupted training there goes on.")],
    model: Annotated[str | None, typer.Option(help="unet or unet-noskip.")] = None,
    target: Annotated[
        Literal["vocals", "instrumental"] | None, typer.Option(help="What the mask lets through.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps in all.")] = None,
    max_minutes: Annotated[float | None, typer.Option(min=0.0, help="Minutes of training in all.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file with fields of the training config.")] = None,
) -> None:
    """Train separation on a run's shards; options win over the config file."""
    from training.config import TrainConfig

    settings = checked(TrainConfig, read_toml(config) if config else {}, str(config or "training config"))
    given: dict[str, Any] = {"model": model, "target": target, "steps": steps, "max_minutes": max_minutes}
    with training_faults(), storage_faults():
        from training.fit import fit  # takes seconds to import: only where it is needed

        report = fit(run, out, replace(settings, **{name: value for name, value in given.items() if value is not None}))
    for note in report.notes:
        typer.echo(note, err=True)
    score = "" if report.validation_sdr_db is None else f", held-out spectral SDR {report.validation_sdr_db:.2f} dB"
    typer.echo(
        f"{out}: {report.steps} steps, {report.num_train_segments} segments, "
        f"{report.segments_per_s:.1f} segments/s{score}",
        err=True,
    )


def separate_command(
    audio: Annotated[list[Path], typer.Argument(help="Files, or folders of music.")],
    model: Annotated[Path, typer.Option(help="Folder of a trained model.")],
    out: Annotated[Path, typer.Option(help="Folder for NAME/vocals.wav and NAME/instrumental.wav.")],
) -> None:
    """Separate songs into vocals and instrumental; the two parts add up to the input."""
    with training_faults(), storage_faults():
        from pipeline.separate import separate_files
        from training.separation import load_model

        results = separate_files(audio, load_model(model), out)
    for path in results.written:
        typer.echo(str(path))
    for name, reason in results.skipped:
        typer.echo(f"{name}: {reason}", err=True)
    if results.skipped and not results.written:
        raise InvalidDataError(f"none of {len(results.skipped)} files could be separated")


@contextmanager
def training_faults() -> Iterator[None]:
    """Turn errors of `training` inside the block into errors with an exit code."""
    try:
        yield
    except ConfigError as error:
        raise UsageError(str(error)) from error
    except (ShardsError, ModelFileError) as error:
        raise InvalidDataError(str(error)) from error
    except TrainingError as error:
        raise CommandError(str(error)) from error

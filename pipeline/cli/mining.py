"""Commands of a mining run: `mine`, `calibrate`, `status`, `config`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.config import load_config
from pipeline.config_text import config_as_toml
from pipeline.engine import RunPlace
from pipeline.errors import storage_faults
from pipeline.mine import MiningJob, mine, plan
from pipeline.recipe import STAGE_NAMES
from pipeline.runners.choice import chosen_runner
from pipeline.status import read_status, status_text

ConfigOption = Annotated[Path | None, typer.Option("--config", help="TOML file; `mixminus config` prints all fields.")]
SchedulerOption = Annotated[
    str | None, typer.Option(help="serial, local (all cores; the default) or a Dask scheduler such as tcp://host:8786.")
]
WorkersOption = Annotated[int | None, typer.Option(help="Processes of the local cluster.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("mine")(mine_command)
    app.command("calibrate")(calibrate_command)
    app.command("status")(status_command)
    app.command("config")(config_command)


def mine_command(
    catalog: Annotated[str, typer.Argument(help="Catalogue: a Parquet file, by path or URL.")],
    out: Annotated[str, typer.Option(help="Run directory, by path or URL; runs on with what is done already.")],
    audio_root: Annotated[str | None, typer.Option(help="Folder or URL that the catalogue's paths start from.")] = None,
    config: ConfigOption = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    until: Annotated[str, typer.Option(help=f"Last stage to run: {', '.join(STAGE_NAMES)}.")] = "manifest",
    max_failed: Annotated[int, typer.Option(min=0, help="Failed rows that are tolerated.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is to do; write nothing.")] = False,
) -> None:
    """Mine a catalogue for original/instrumental pairs; running again does only what is new."""
    job = MiningJob(
        catalog=catalog,
        place=RunPlace(run_root=out, audio_root=audio_root),
        config=load_config(config),
        until=until,
        max_failed=max_failed,
    )
    if dry_run:
        with storage_faults():
            for stage in plan(job):
                typer.echo(f"{stage.name}: {stage.undone} of {stage.rows} rows to do")
        return
    with chosen_runner(scheduler, workers) as runner:
        reports = mine(job, runner)
    if not any(report.new_rows for report in reports):
        typer.echo("nothing new: catalogue, audio and config are as they were", err=True)
    by_name = {report.name: report.account for report in reports}
    if "pairs" in by_name:
        typer.echo(f"{by_name['pairs'].kept} pairs accepted of {by_name['pairs'].rows_in} proposed", err=True)
        if not by_name["pairs"].kept:
            typer.echo("no pairs found: `mixminus status` shows which rules turned candidates down", err=True)
    elif "candidates" in by_name:
        typer.echo(f"{by_name['candidates'].kept} tracks are in a candidate pair", err=True)


def calibrate_command(
    run: Annotated[str, typer.Argument(help="Run directory with evidence.")],
    out: Annotated[Path, typer.Option(help="Config file to write.")],
    audio_root: Annotated[str | None, typer.Option(help="Folder or URL that the catalogue's paths start from.")] = None,
    num_null: Annotated[int, typer.Option(min=20, help="Random pairs that are compared for the null.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the choice of random pairs.")] = 0,
    config: ConfigOption = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
) -> None:
    """Derive thresholds from the run's own null (random pairs) and evidence; writes config, changes nothing."""
    with chosen_runner(scheduler, workers) as runner, storage_faults():
        from pipeline.calibrate import calibrate as calibrate_run

        text = calibrate_run(
            RunPlace(run_root=run, audio_root=audio_root), load_config(config), runner, num_null=num_null, seed=seed
        )
        out.write_text(text, encoding="utf-8")
    typer.echo(text)


def status_command(
    run: Annotated[str, typer.Argument(help="Run directory.")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Say how far a run is: stages, counts, reasons, failures, what is left."""
    with storage_faults():
        status = read_status(run)
    typer.echo(json.dumps(asdict(status), indent=1) if as_json else status_text(status))


def config_command(config: ConfigOption = None) -> None:
    """Print the config in force as TOML, each field with its meaning."""
    typer.echo(config_as_toml(load_config(config)))

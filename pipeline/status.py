"""How far a run is: read from its ledger, during and after."""

from dataclasses import dataclass

from data_manifests.storage import Store
from pipeline.errors import UsageError
from pipeline.ledger import WORK, Ledger
from pipeline.recipe import RECIPE
from pipeline.stage import RowStage


@dataclass(frozen=True, kw_only=True)
class StageStatus:
    """Where a stage stands."""

    stage: str
    state: str
    """`done`, `working` (finished batches, no table yet) or `to do`."""
    rows_in: int | None
    kept: int | None
    rejected: int | None
    failed: int | None
    reasons: dict[str, int]
    finished_rows: int
    """Rows in finished batches, for stages that work in batches."""
    rows_per_s: float | None
    """Rows a second and worker, over the finished batches."""


@dataclass(frozen=True, kw_only=True)
class RunStatus:
    """Where a run stands."""

    run: str
    locked: bool
    stages: list[StageStatus]


def read_status(run: str) -> RunStatus:
    """Read a run's ledger.

    Raises
    ------
    UsageError
        Where there is no run.
    """
    store = Store(run)
    if not store.names("work"):
        raise UsageError(f"{run} holds no mining run; `mixminus mine CATALOG --out {run}` makes one")
    ledger = Ledger(store)
    return RunStatus(
        run=run, locked=store.exists("run.lock"), stages=[_stage_status(stage.name, ledger) for stage in RECIPE]
    )


def _stage_status(stage: str, ledger: Ledger) -> StageStatus:
    record = ledger.table(stage)
    is_row_stage = any(item.name == stage and isinstance(item, RowStage) for item in RECIPE)
    batches = list(ledger.batches(stage).values()) if is_row_stage else []
    at_work = bool(batches) or (record is None and bool(ledger.store.names(f"{WORK}/{stage}")))
    finished = sum(len(batch.row_digests) for batch in batches)
    seconds = sum(batch.seconds for batch in batches)
    account = None if record is None else record.account
    return StageStatus(
        stage=stage,
        state="done" if record else "working" if at_work else "to do",
        rows_in=account.rows_in if account else None,
        kept=account.kept if account else None,
        rejected=account.rejected if account else None,
        failed=account.failed if account else None,
        reasons=dict(account.reasons) if account else {},
        finished_rows=finished,
        rows_per_s=round(finished / seconds, 2) if seconds else None,
    )


def status_text(status: RunStatus) -> str:
    """Render a status for people."""
    lines = [f"run {status.run}" + ("  (a run is at work)" if status.locked else "")]
    for stage in status.stages:
        rate = f"  {stage.rows_per_s:g} rows/s a worker" if stage.rows_per_s else ""
        if stage.rows_in is None:
            progress = f"  {stage.finished_rows} rows finished" if stage.finished_rows else ""
            lines.append(f"{stage.stage:<10} {stage.state}{progress}{rate}")
            continue
        lines.append(
            f"{stage.stage:<10} {stage.state}  {stage.rows_in} in = {stage.kept} kept + {stage.rejected} rejected "
            f"+ {stage.failed} failed{rate}"
        )
        lines.extend(f"             {count:>7}  {reason}" for reason, count in stage.reasons.items())
    return "\n".join(lines)

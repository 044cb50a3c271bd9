"""Running the systems in alternation over one catalogue, and taking the median of what each needs."""

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import polars as pl

from tests.benches.catalogue.competitors import THREADS, Competitor
from tests.benches.catalogue.generator import write_catalogue
from tests.benches.catalogue.measure import FINISHED, Usage, run
from tests.benches.catalogue.score import Score, score

_GENERATED_BY = ("words", "text", "artists", "songs", "releases", "plan", "titles", "generator")
_ENVIRONMENT = {
    name: str(THREADS)
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How the systems are run."""

    work: Path
    seed: int
    repeats: int
    memory_bytes: int
    timeout_s: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a system took and found: medians over its runs.

    Attributes
    ----------
    fate
        "finished", or why it did not; what it took until then is given all the same.
    wall_ratio, cpu_ratio
        Its wall and CPU time over those of mixminus (the first way of running it that finished); null where there are
        none.
    """

    system: str
    rows: int
    fate: str
    runs: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    num_pairs: int | None
    precision: float | None
    recall: float | None
    wall_ratio: float | None = None
    cpu_ratio: float | None = None

    @property
    def us_per_row(self) -> float:
        """Wall time a row, in microseconds."""
        return self.wall_s / self.rows * 1e6

    @property
    def bytes_per_row(self) -> float:
        """Peak memory a row."""
        return self.peak_bytes / self.rows

    def figures(self) -> dict[str, str | int | float | None]:
        """Give all figures by name."""
        return {**vars(self), "us_per_row": self.us_per_row, "bytes_per_row": self.bytes_per_row}


def compare(
    competitors: Sequence[Competitor], num_rows: int, setting: Setting, say: Callable[[str], None]
) -> list[Result]:
    """Run the systems in alternation; one that did not finish is not run again."""
    catalogue, truth = _catalogue(num_rows, setting, say)
    true_pairs = pl.read_parquet(truth)
    usages: dict[str, list[Usage]] = {competitor.name: [] for competitor in competitors}
    scores: dict[str, Score] = {}
    for number in range(setting.repeats):
        for competitor in competitors:
            known = usages[competitor.name]
            if known and known[-1].fate != FINISHED:
                continue
            out = _empty(setting.work / "out")
            usage = _once(competitor, catalogue, out, setting)
            known.append(usage)
            if usage.fate == FINISHED:
                scores[competitor.name] = score(competitor.pairs(out), true_pairs)
            elif usage.message:
                say(f"{competitor.name} ended with\n{usage.message}")
            say(f"run {number + 1} of {setting.repeats}, {competitor.name}: {usage.fate}, {usage.wall_s:.1f} s")
    shutil.rmtree(setting.work / "out", ignore_errors=True)
    results = [_result(name, num_rows, usages[name], scores.get(name)) for name in usages]
    own = {competitor.name for competitor in competitors if not competitor.is_peer}
    reference = next((result for result in results if result.system in own and result.fate == FINISHED), None)
    return [_against(result, reference) for result in results]


def _once(competitor: Competitor, catalogue: Path, out: Path, setting: Setting) -> Usage:
    return run(
        competitor.command(catalogue, out),
        log=out / "log.txt",
        environment={**_ENVIRONMENT, "MEMORY_LIMIT_BYTES": str(setting.memory_bytes)},
        memory_bytes=setting.memory_bytes,
        timeout_s=setting.timeout_s,
    )


def _catalogue(num_rows: int, setting: Setting, say: Callable[[str], None]) -> tuple[Path, Path]:
    """Give a catalogue and its truth, made anew where the generator has changed."""
    source = b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in _GENERATED_BY)
    folder = setting.work / f"{num_rows}-{setting.seed}-{hashlib.sha256(source).hexdigest()[:8]}"
    catalogue, truth = folder / "catalogue.parquet", folder / "truth.parquet"
    if not (folder / "complete").exists():
        _empty(folder)
        started = time.perf_counter()
        write_catalogue(catalogue, truth, num_rows, setting.seed)
        (folder / "complete").touch()
        say(f"wrote {num_rows:,} tracks at {num_rows / (time.perf_counter() - started):,.0f} rows/s")
    return catalogue, truth


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _result(name: str, num_rows: int, usages: Sequence[Usage], found: Score | None) -> Result:
    finished = usages[-1].fate == FINISHED
    counted = usages if finished else usages[-1:]
    return Result(
        system=name,
        rows=num_rows,
        fate=usages[-1].fate,
        runs=len(counted),
        wall_s=median(usage.wall_s for usage in counted),
        cpu_s=median(usage.cpu_s for usage in counted),
        peak_bytes=round(median(usage.peak_bytes for usage in counted)),
        num_pairs=found.num_pairs if found and finished else None,
        precision=found.precision if found and finished else None,
        recall=found.recall if found and finished else None,
    )


def _against(result: Result, reference: Result | None) -> Result:
    if reference is None or result.fate != FINISHED:
        return result
    return replace(result, wall_ratio=result.wall_s / reference.wall_s, cpu_ratio=result.cpu_s / reference.cpu_s)

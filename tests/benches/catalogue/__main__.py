"""Match a generated catalogue with mixminus and with peers, in turn, and print what each took and found.

python -m tests.benches.catalogue --rows 1000000 --repeats 3 --json build/catalogue.json
python -m tests.benches.catalogue --sizes 1000000,10000000
"""

import argparse
import json
import os
import platform
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benches.catalogue.comparison import Result, Setting, compare
from tests.benches.catalogue.competitors import ROOT, THREADS, Competitor, ours, peer_python, peers
from tests.benches.catalogue.tables import comparison_table, growth_table


def main() -> None:
    """Run the benchmark as the command line asks."""
    given = _arguments()
    setting = Setting(
        work=given.work, seed=given.seed, repeats=given.repeats,
        memory_bytes=int(given.memory_gb * 1e9), timeout_s=given.timeout_s,
    )  # fmt: skip
    competitors = _competitors(given)
    sizes = given.sizes or [given.rows]
    results = [compare(competitors, size, setting, _say) for size in sizes]
    for rows in results:
        _say(comparison_table(rows))
    if given.sizes:
        _say(growth_table(results))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(_record(results, given.seed, given.memory_gb), indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benches.catalogue", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="tracks in the catalogue")
    parser.add_argument("--sizes", type=_sizes, help="run the command alone, at these sizes, and show its growth")
    parser.add_argument("--systems", help="keys of the systems, of mine,library,splink,join; all by default")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each system, in alternation; medians are shown")
    parser.add_argument("--memory-gb", type=float, default=_default_memory_gb(), help="a system is ended beyond this")
    parser.add_argument("--timeout-s", type=float, default=3600.0, help="a system is ended after this")
    parser.add_argument("--seed", type=int, default=0, help="seed of the catalogue")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench-catalogue", help="folder for catalogues")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return sorted({int(part) for part in text.split(",")})


def _default_memory_gb() -> float:
    """Four fifths of the memory that is free, so that a system that explodes ends before the machine does."""
    line = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    return round(int(line.split()[1]) * 1024 * 0.8 / 1e9, 1)


def _competitors(given: argparse.Namespace) -> list[Competitor]:
    known = ours()
    wanted = (given.systems or ("mine" if given.sizes else "mine,library,splink,join")).split(",")
    unknown = sorted(set(wanted) - {"mine", "library", "splink", "join"})
    if unknown:
        sys.exit(f"--systems: got {', '.join(unknown)}; expected some of mine, library, splink, join")
    if {"splink", "join"} & set(wanted):
        folder = ROOT / "build/bench-peers"
        python = peer_python(folder)
        if python is None:
            _say(f"The peers could not be installed (see {folder / 'pip.log'}); going on without them.")
        else:
            known |= peers(python)
    return [known[key] for key in wanted if key in known]


def _record(results: list[list[Result]], seed: int, memory_gb: float) -> dict[str, Any]:
    return {
        "command": " ".join(["python -m tests.benches.catalogue", *sys.argv[1:]]),
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "threads": THREADS,
        "memory_limit_gb": memory_gb,
        "seed": seed,
        "results": [row.figures() for rows in results for row in rows],
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if shutil.which("mixminus", path=str(Path(sys.executable).parent)) is None:
        sys.exit("the command mixminus is not beside this Python: run `make setup`, and use .venv/bin/python")
    main()

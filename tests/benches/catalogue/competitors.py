"""The systems compared and how each is started, and the environment that the peers live in."""

import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

_HERE = Path(__file__).parent
ROOT = _HERE.parents[2]
THREADS = 2


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """A system: its command for a catalogue and a folder to write into, and where its pairs are then.

    Attributes
    ----------
    pairs
        Given the folder, writes nothing and returns the pairs found (`original_id`, `counterpart_id`).
    """

    name: str
    command: Callable[[Path, Path], list[str]]
    pairs: Callable[[Path], pl.DataFrame]
    is_peer: bool


def ours() -> dict[str, Competitor]:
    """Give mixminus as a library and as the command."""
    program = str(Path(sys.executable).parent / "mixminus")
    module = f"{__package__}.systems.mixminus_in_process"
    return {
        "mine": Competitor(
            name="mixminus mine --until candidates",
            command=lambda catalogue, out: [
                program, "mine", str(catalogue), "--out", str(out / "run"), "--until", "candidates",
            ],
            pairs=_mined,
            is_peer=False,
        ),
        "library": Competitor(
            name="mixminus as a library, in memory",
            command=lambda catalogue, out: [sys.executable, "-m", module, str(catalogue), str(out / "pairs.parquet")],
            pairs=_written,
            is_peer=False,
        ),
    }  # fmt: skip


def peers(python: Path) -> dict[str, Competitor]:
    """Give the peers, run by the interpreter of their own environment."""

    def peer(name: str, script: str) -> Competitor:
        program = str(_HERE / "systems" / script)
        return Competitor(
            name=name,
            command=lambda catalogue, out: [str(python), program, str(catalogue), str(out / "pairs.parquet")],
            pairs=_written,
            is_peer=True,
        )

    return {
        "splink": peer("Splink 5 on DuckDB", "splink_linkage.py"),
        "join": peer("plain polars join, rapidfuzz", "polars_join.py"),
    }


def peer_python(folder: Path) -> Path | None:
    """Give the interpreter of the peers' environment, made where it is missing or its pins changed.

    Returns
    -------
    None where the peers cannot be installed; what pip said is then in `folder/pip.log`.
    """
    python, done, pins = folder / "env/bin/python", folder / "installed.txt", _HERE / "peers.txt"
    if done.exists() and done.read_text() == pins.read_text():
        return python
    folder.mkdir(parents=True, exist_ok=True)
    try:
        venv.create(folder / "env", with_pip=True, clear=True)
        with (folder / "pip.log").open("w") as log:
            command = [str(python), "-m", "pip", "install", "-r", str(pins)]
            subprocess.run(command, stdout=log, stderr=log, check=True)
    except (subprocess.CalledProcessError, OSError):
        return None
    done.write_text(pins.read_text())
    return python


def _written(out: Path) -> pl.DataFrame:
    return pl.read_parquet(out / "pairs.parquet")


def _mined(out: Path) -> pl.DataFrame:
    """Read the kept instrumental pairs of a run, whether its table is one file or a folder of parts."""
    place = out / "run" / "candidates.parquet"
    rows = pl.scan_parquet(place if place.exists() else out / "run" / "candidates" / "**" / "*.parquet")
    kept = rows.filter((pl.col("outcome") == "kept") & (pl.col("kind") == "instrumental"))
    return kept.select("original_id", "counterpart_id").collect()

"""Taking the catalogue in: judged slice by slice, put in the order of its ids, and no id given twice.

Memory holds a slice at a time. A catalogue of several slices is sorted outside memory: rows go to ranges of ids whose
bounds come from a sample, and each range is sorted by itself; the bounds change nothing in the result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from data_manifests.catalogues import GivenCatalogue, check_ids
from data_manifests.storage import Store
from data_manifests.table_streams import read_scattered, scattered, writing
from pipeline.interruption import stop_if_asked
from pipeline.ledger import WORK
from pipeline.progress import step
from pipeline.stage import Account, SourceStage

_SAMPLED_IDS = 100_000


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What is being taken in, by which stage and settings, into which run."""

    stage: SourceStage
    settings: Any
    source: GivenCatalogue
    store: Store


def take_in(intake: Intake) -> Account:
    """Write the catalogue's table; give its account.

    Raises
    ------
    InvalidTableError
        Where values do not fit their columns, or ids are missing or given twice.
    """
    tallies = [pl.DataFrame(schema={"outcome": pl.String, "reason": pl.String, "num_rows": pl.UInt32})]
    counting = step(intake.stage.name, intake.source.num_rows)
    with counting as advance, writing(intake.store, intake.stage.writes) as table:
        for rows in _in_order(intake):
            stop_if_asked()
            check_ids(rows["track_id"], intake.source.place)
            judged = intake.stage.run(rows, intake.settings)
            tallies.append(judged.group_by("outcome", "reason").agg(num_rows=pl.len()))
            table.append(judged)
            advance(rows.height)
    return Account.of_tally(pl.concat(tallies), intake.source.num_rows)


def _in_order(intake: Intake) -> Iterator[pl.DataFrame]:
    """Give the rows in the order of their ids."""
    source = intake.source
    if len(source.slices) <= 1:
        yield from (source.read(part).sort("track_id") for part in source.slices)
        return
    folder = f"{WORK}/{intake.stage.name}/ranges"
    names = []
    try:
        bounds = _bounds(source)
        for number, part in enumerate(source.slices):
            stop_if_asked()
            names.append(f"{folder}/{number:06d}.arrow")
            rows = source.read(part)
            ranged = rows.with_columns(range=_range_of(rows["track_id"], bounds))
            intake.store.write(names[-1], scattered(ranged, "range", len(bounds) + 1))
        for number in range(len(bounds) + 1):
            yield read_scattered(intake.store, names, number).sort("track_id")
    finally:
        for name in names:
            intake.store.remove(name)


def _bounds(source: GivenCatalogue) -> list[str]:
    """Ids that cut the catalogue into as many ranges as it has slices, nearly equal ones."""
    every = max(1, source.num_rows // _SAMPLED_IDS)
    sample = sorted(track for part in source.slices for track in source.read_ids(part).gather_every(every).drop_nulls())
    wanted = len(source.slices)
    chosen = {sample[at * len(sample) // wanted] for at in range(1, wanted)} if sample else set()
    return sorted(chosen)


def _range_of(ids: pl.Series, bounds: list[str]) -> pl.Series:
    """Number of the range each id lies in: how many bounds are not above it."""
    return pl.Series(bounds, dtype=pl.String).search_sorted(ids, side="right").cast(pl.Int64)

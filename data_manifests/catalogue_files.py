"""A catalogue and its quarantine, written a part at a time in bounded memory: complete, or not at all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from data_manifests.schemas import GIVEN_CATALOG, QUARANTINE
from data_manifests.storage import Store
from data_manifests.table_streams import TableWriter, writing

ROW_GROUP_ROWS = 1 << 17


@dataclass(kw_only=True)
class CatalogueFiles:
    """A catalogue that grows, and the quarantine of rows that were set aside.

    Attributes
    ----------
    num_tracks, num_quarantined
        Rows so far.
    reasons
        How many rows each reason set aside; a row with two reasons counts for both.
    """

    quarantine_path: Path
    catalogue: TableWriter
    quarantine: TableWriter
    num_tracks: int = 0
    num_quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    _waiting: list[pl.DataFrame] = field(default_factory=list)

    def add(self, catalogue: pl.DataFrame, quarantine: pl.DataFrame) -> None:
        """Take rows of either kind; tracks are written when a row group is full."""
        self._waiting.append(catalogue)
        self.num_tracks += catalogue.height
        if sum(part.height for part in self._waiting) >= ROW_GROUP_ROWS:
            self.flush()
        if quarantine.height:
            self.quarantine.append(quarantine)
            self.num_quarantined += quarantine.height
            self.reasons.update(quarantine["reasons"].explode().drop_nulls().to_list())

    def flush(self) -> None:
        """Write the tracks that wait."""
        if self._waiting:
            self.catalogue.append(pl.concat(self._waiting))
        self._waiting = []


@contextmanager
def catalogue_files(path: Path) -> Iterator[CatalogueFiles]:
    """Write a catalogue, and beside it `<stem>.quarantine.parquet` where rows are set aside.

    Both are put in place when the block ends well, the catalogue last; else what was there before stays.

    Raises
    ------
    OSError
        Disk full, no permission.
    """
    store = Store(str(path.parent))
    beside = path.with_name(f"{path.stem}.quarantine.parquet")
    with (
        writing(store, GIVEN_CATALOG, path.name, ascending=False) as catalogue,
        writing(store, QUARANTINE, beside.name, ascending=False) as quarantine,
    ):
        files = CatalogueFiles(quarantine_path=beside, catalogue=catalogue, quarantine=quarantine)
        yield files
        files.flush()
    if not files.num_quarantined:
        store.remove(beside.name)

"""Catalogues as people have them: tables under other names, in other units and spellings, batch by batch.

Each row becomes a catalogue row, or goes to a quarantine table with every reason at once; nothing is lost, and that is
asserted for each batch. Memory is bounded by a batch, plus eight bytes for each track id (`SeenIds`).
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from data_manifests.delimited_text import open_delimited, open_json_lines
from data_manifests.import_cells import ARTIST_SEPARATORS
from data_manifests.import_presets import Preset, find_preset
from data_manifests.import_values import CATALOGUE_SCHEMA, QUARANTINE_SCHEMA, ConvertedBatch, convert
from data_manifests.raw_tables import RawBatch, RawTable, chained, open_parquet
from data_manifests.schemas import GIVEN_CATALOG
from data_manifests.seen_ids import SeenIds
from data_manifests.tables import InvalidTableError

FORMATS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet")
"""Endings that tell a table's format; text may be gzipped besides (`.csv.gz`)."""
KNOWN_COLUMNS = (*GIVEN_CATALOG.column_names, "duration_ms")
"""What a table's columns can be mapped to."""
_ALSO_CALLED = {"artist": "artists", "license": "licence"}


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of a table or a part of it.

    Attributes
    ----------
    catalogue
        Columns of `schemas.GIVEN_CATALOG`.
    quarantine
        `schemas.QUARANTINE`: rows that break a rule, with all their reasons.
    repairs
        What was repaired or dropped without turning a row down, with counts: `windows_1252_lines`,
        `damaged_characters`, `malformed_isrc`, `malformed_date`.
    """

    catalogue: pl.DataFrame
    quarantine: pl.DataFrame
    repairs: Mapping[str, int]


def import_table(
    path: Path,
    columns: Mapping[str, str],
    *,
    preset: str | None = None,
    artist_separators: Sequence[str] | None = None,
) -> Imported:
    """Read a whole table into memory; see `import_batches` for parameters and errors."""
    parts = list(import_batches(path, columns, preset=preset, artist_separators=artist_separators))
    repairs: Counter[str] = Counter()
    for part in parts:
        repairs.update(part.repairs)
    return Imported(
        catalogue=pl.concat([pl.DataFrame(schema=CATALOGUE_SCHEMA), *(part.catalogue for part in parts)]),
        quarantine=pl.concat([pl.DataFrame(schema=QUARANTINE_SCHEMA), *(part.quarantine for part in parts)]),
        repairs=dict(repairs),
    )


def import_batches(
    path: Path,
    columns: Mapping[str, str],
    *,
    preset: str | None = None,
    artist_separators: Sequence[str] | None = None,
) -> Iterator[Imported]:
    """Read a table into a catalogue, batch by batch.

    Parameters
    ----------
    path
        A table in one of `FORMATS`, a folder of such files with the same columns (the parts of one table, in the order
        of their names), or what the preset reads.
    columns
        Our column name → the table's. Columns that bear our names (in any case, with spaces for underscores) need no
        mapping. `duration_ms` is understood beside `duration_s`.
    preset
        Name of a layout that is known already; one of `import_presets.PRESETS`.
    artist_separators
        What parts the artists of one cell, in place of the preset's, else of `import_cells.ARTIST_SEPARATORS`.

    Raises
    ------
    InvalidTableError
        Where the file is unreadable, a needed column is not to be found, or the preset is unknown.
    OSError
    """
    layout = find_preset(preset) if preset else None
    try:
        table = layout.open(path) if layout and layout.open else _open(path)
        mapping = _mapping(table, columns, layout, path)
        yield from _converted(table, mapping, layout, artist_separators)
    except (pa.ArrowException, pl.exceptions.PolarsError, ValueError, EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk's fault, not the table's
            raise
        raise InvalidTableError(f"{path} is not a readable {_kind(path, layout)} table: {error}") from error


def _kind(path: Path, layout: Preset | None) -> str:
    return layout.name if layout else path.suffix[1:]


def _open(path: Path) -> RawTable:
    return chained([_open_file(part) for part in _parts(path)]) if path.is_dir() else _open_file(path)


def _parts(folder: Path) -> list[Path]:
    """The files of a table in parts, in the order of their names; marks of other programs (`_SUCCESS`) left out."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name[0] not in "._"]
    if not files:
        raise InvalidTableError(f"{folder} holds no files; expected a table's parts, each one of {', '.join(FORMATS)}")
    return files


def _open_file(path: Path) -> RawTable:
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if suffix in (".csv", ".txt"):
        return open_delimited(path)
    if suffix == ".tsv":
        return open_delimited(path, delimiter="\t")
    if suffix in (".jsonl", ".ndjson"):
        return open_json_lines(path)
    if suffix == ".parquet":
        return open_parquet(path)
    raise InvalidTableError(f"{path}: cannot tell its format; expected one of {', '.join(FORMATS)}, or a --preset")


def _mapping(table: RawTable, columns: Mapping[str, str], layout: Preset | None, path: Path) -> dict[str, str]:
    """Which of the table's columns each of ours is read from."""
    unknown = sorted(set(columns) - set(KNOWN_COLUMNS))
    absent = sorted(set(columns.values()) - set(table.names))
    if unknown or absent:
        raise InvalidTableError(
            f"{path}: "
            + "; ".join(
                ([f"{unknown} are no catalogue columns (known: {sorted(KNOWN_COLUMNS)})"] if unknown else [])
                + ([f"the table has no columns {absent} (it has {list(table.names)})"] if absent else [])
            )
        )
    mapping = {**_own_names(table.names), **(layout.find_columns(table.names) if layout else {}), **columns}
    if "duration_s" in columns and "duration_ms" not in columns:  # what was asked for has no rival
        mapping.pop("duration_ms", None)
    elif "duration_ms" in columns and "duration_s" not in columns:
        mapping.pop("duration_s", None)
    needed = [name for name in ("track_id", "title", "artists") if name not in mapping]
    if not {"duration_s", "duration_ms"} & set(mapping):
        needed.append("duration_s")
    if needed:
        hint = " ".join(f"--column {name}=THEIRS" for name in needed)
        read_as = f" read with the preset {layout.name}" if layout else ""
        raise InvalidTableError(f"{path}{read_as} lacks {needed}; map them: {hint} (it has {list(table.names)})")
    return mapping


def _own_names(names: Sequence[str]) -> dict[str, str]:
    """Columns that bear our names, exactly or but for case and spaces."""
    mapping: dict[str, str] = {}
    for name in names:
        plain = name.strip().casefold().replace(" ", "_")
        ours = _ALSO_CALLED.get(plain, plain)
        if ours in KNOWN_COLUMNS:
            mapping.setdefault(ours, name)
    return mapping | {name: name for name in names if name in KNOWN_COLUMNS}


def _converted(
    table: RawTable, mapping: Mapping[str, str], layout: Preset | None, separators: Sequence[str] | None
) -> Iterator[Imported]:
    separators = separators or (layout.artist_separators if layout else ARTIST_SEPARATORS)
    seen = SeenIds()
    for batch in table.batches(mapping):
        repairs: Counter[str] = Counter()
        adapted = layout.adapt(batch) if layout and layout.adapt else batch
        part = _judged(adapted, convert(adapted, repairs, separators), seen)
        table.repairs.update(repairs)
        num_good, num_bad, num_rows = part.catalogue.height, part.quarantine.height, batch.numbers.len()
        if num_good + num_bad != num_rows:
            raise AssertionError(f"{num_rows} rows became {num_good} of the catalogue and {num_bad} set aside")
        yield Imported(catalogue=part.catalogue, quarantine=part.quarantine, repairs=_taken(table.repairs))


def _taken(repairs: Counter[str]) -> dict[str, int]:
    """The counts so far; the counter begins again."""
    counts = {name: count for name, count in repairs.items() if count}
    repairs.clear()
    return counts


def _judged(raw: RawBatch, converted: ConvertedBatch, seen: SeenIds) -> Imported:
    """Part rows that are sound and new from those that break a rule."""
    height = raw.numbers.len()
    faulty = pl.Series([index in raw.faults for index in range(height)], dtype=pl.Boolean) if raw.faults else None
    bad = faulty if faulty is not None else pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
    for mask in converted.broken.values():
        bad = bad | mask
    again = seen.take(converted.rows["track_id"], sound=~bad)
    bad = bad | again
    if not bad.any():
        return Imported(catalogue=converted.rows, quarantine=pl.DataFrame(schema=QUARANTINE_SCHEMA), repairs={})
    indices = bad.arg_true()
    rules = {**converted.broken, "duplicate_track_id": again}
    broken = [(name, mask.gather(indices).to_list()) for name, mask in rules.items()]
    reasons = [
        [*raw.faults.get(index, ()), *(name for name, mask in broken if mask[row])]
        for row, index in enumerate(indices.to_list())
    ]
    quarantine = pl.DataFrame(
        {
            "row_number": raw.numbers.gather(indices),
            "values": [raw.describe(index) for index in indices.to_list()],
            "reasons": reasons,
        },
        schema=QUARANTINE_SCHEMA,
    )
    return Imported(catalogue=converted.rows.filter(~bad), quarantine=quarantine, repairs={})

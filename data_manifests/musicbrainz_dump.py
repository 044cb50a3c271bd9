"""A MusicBrainz dump: the tab-separated table files of `mbdump`, as PostgreSQL's COPY writes them.

Column order: admin/sql/CreateTables.sql of metabrainz/musicbrainz-server (schema 30). No heading, `\\N` for null,
backslash escapes, lengths in milliseconds. `recording` is read batch by batch; of the tables that it refers to, what is
needed is held in memory: about 65 bytes a recording, measured on one and four million with an ISRC and a release each.

A recording's disambiguation comment is part of its title in the catalogue ("Song" with the comment "instrumental"
becomes "Song (instrumental)"): there the editors note what tells two recordings of one name apart.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_manifests.delimited_text import open_delimited
from data_manifests.raw_tables import Columns, RawBatch, RawTable
from data_manifests.tables import InvalidTableError

TABLES: Mapping[str, tuple[str, ...]] = {
    "recording": ("id", "gid", "name", "artist_credit", "length", "comment", "edits_pending", "last_updated", "video"),
    "artist_credit": ("id", "name", "artist_count", "ref_count", "created", "edits_pending", "gid"),
    "artist_credit_name": ("artist_credit", "position", "artist", "name", "join_phrase"),
    "artist": ("id", "gid", "name"),
    "isrc": ("id", "recording", "isrc", "edits_pending", "created"),
    "track": ("id", "gid", "recording", "medium"),
    "medium": ("id", "release"),
    "release": ("id", "gid", "name", "artist_credit", "release_group", "status", "packaging", "language"),
    "language": ("id", "iso_code_2t", "iso_code_2b", "iso_code_1", "name", "frequency", "iso_code_3"),
    "recording_first_release_date": ("recording", "year", "month", "day"),
}
"""Table → its columns in order, as far as they are read."""
NEEDED = ("recording", "artist_credit_name")
COLUMNS = (
    "track_id", "title", "artists", "artist_ids", "album", "isrc", "language", "duration_ms", "release_date",
)  # fmt: skip
_TEXTS = ("name", "comment")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(frozen=True)
class _Lookup:
    """Rows by an integer key, found by binary search."""

    keys: NDArray[np.int32]
    values: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame, key: str) -> "_Lookup":
        ordered = rows.drop_nulls(key).sort(key, maintain_order=True)
        ordered = ordered.filter((pl.col(key) != pl.col(key).shift()).fill_null(value=True))
        return cls(ordered[key].to_numpy(), ordered.drop(key))

    def take(self, keys: pl.Series) -> pl.DataFrame:
        """The row of each key; nulls where there is none."""
        wanted = keys.cast(pl.Int32, strict=False).fill_null(-1).to_numpy()
        places = np.searchsorted(self.keys, wanted)
        found = places < len(self.keys)
        found[found] = self.keys[places[found]] == wanted[found]
        indices = pl.Series(places.astype(np.int64)).set(pl.Series(~found), None).cast(pl.UInt32)
        return self.values.select(pl.all().gather(indices))


def open_musicbrainz_dump(path: Path) -> RawTable:
    """Open a dump's folder (`mbdump`, or the folder that holds it).

    Raises
    ------
    InvalidTableError
        Where a needed table is missing.
    OSError
    """
    folder = path / "mbdump" if (path / "mbdump").is_dir() else path
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise InvalidTableError(
            f"{path} lacks the tables {missing}; the preset musicbrainz expects the folder mbdump of a dump, with "
            f"{', '.join(NEEDED)} and, where present, {', '.join(name for name in TABLES if name not in NEEDED)}"
        )
    repairs: Counter[str] = Counter()
    return RawTable(names=COLUMNS, batches=lambda columns: _batches(folder, columns, repairs), repairs=repairs)


def _batches(folder: Path, columns: Columns, repairs: Counter[str]) -> Iterator[RawBatch]:
    lookups = _lookups(folder)
    header = _recording_header(folder / "recording")
    table = open_delimited(folder / "recording", delimiter="\t", header=header, quoting=False)
    for batch in table.batches({name: name for name in TABLES["recording"]}):
        repairs.update(table.repairs)
        table.repairs.clear()
        rows, videos = _joined(
            batch.columns.with_columns(_nulls(pl.all().exclude(_TEXTS)), _unescaped(pl.col(_TEXTS))), lookups
        )
        faults = dict(batch.faults)
        for index in videos.arg_true().to_list():
            faults[index] = (*faults.get(index, ()), "video")
        yield RawBatch(
            columns=rows.select(pl.col(theirs).alias(ours) for ours, theirs in columns.items()),
            numbers=batch.numbers,
            describe=batch.describe,
            faults=faults,
        )


def _recording_header(path: Path) -> tuple[str, ...]:
    """Names of the recording table's columns; later schemas may add some at the end."""
    with path.open("rb") as file:
        width = file.readline().count(b"\t") + 1
    known = TABLES["recording"]
    return (*known, *(f"column_{number}" for number in range(len(known) + 1, width + 1)))


def _unescaped(cells: pl.Expr) -> pl.Expr:
    """Text of COPY's cells: `\\N` is null, a backslash and a sign are one character."""
    cells = _nulls(cells)
    for sign, meaning in _ESCAPES.items():  # a doubled backslash is parked while the others are read
        cells = cells.str.replace_all("\\\\", "\x00", literal=True) if sign == "b" else cells
        cells = cells.str.replace_all(f"\\{sign}", meaning, literal=True)
    return cells.str.replace_all("\x00", "\\", literal=True)


def _nulls(cells: pl.Expr) -> pl.Expr:
    return pl.when(cells != "\\N").then(cells)


def _scan(folder: Path, name: str, texts: Sequence[str], integers: Sequence[str]) -> pl.LazyFrame | None:
    """Columns of a smaller table; None where the dump lacks it."""
    path = folder / name
    if not path.is_file() or not path.stat().st_size:
        return None
    with path.open("rb") as file:
        width = file.readline().count(b"\t") + 1
    header = [*TABLES[name], *(f"column_{number}" for number in range(width))][:width]
    lines = pl.scan_csv(
        path,
        has_header=False,
        separator="\t",
        quote_char=None,
        schema=dict.fromkeys(header, pl.String),
        encoding="utf8-lossy",
        truncate_ragged_lines=True,
    )
    return lines.select(pl.col(integers).cast(pl.Int32, strict=False), _unescaped(pl.col(texts)))


def _read(folder: Path, name: str, texts: Sequence[str], integers: Sequence[str]) -> pl.DataFrame | None:
    lines = _scan(folder, name, texts, integers)
    return None if lines is None else lines.collect()


def _lookups(folder: Path) -> dict[str, _Lookup]:
    """Artists by credit; ISRC, date and first release by recording; releases: those that the dump holds."""
    found = {"credit": _credits(folder)}
    isrcs = _read(folder, "isrc", ("isrc",), ("recording",))
    if isrcs is not None:
        found["isrc"] = _Lookup.of(isrcs, "recording")
    dates = _read(folder, "recording_first_release_date", ("year", "month", "day"), ("recording",))
    if dates is not None:
        padded = [pl.col(name).str.zfill(width) for name, width in (("year", 4), ("month", 2), ("day", 2))]
        date = pl.when(pl.col("year").is_not_null()).then(_joined_date(*padded))
        found["date"] = _Lookup.of(dates.select("recording", release_date=date), "recording")
    return found | _releases(folder)


def _joined_date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    monthly = pl.concat_str([year, month], separator="-")
    return pl.coalesce(pl.concat_str([monthly, day], separator="-"), monthly, year)


def _credits(folder: Path) -> _Lookup:
    names = _read(folder, "artist_credit_name", ("name",), ("artist_credit", "position", "artist"))
    if names is None:
        raise InvalidTableError(f"{folder / 'artist_credit_name'} is empty")
    artists = _read(folder, "artist", ("gid",), ("id",))
    gids = _Lookup.of(artists, "id").take(names["artist"])["gid"] if artists is not None else None
    ids = names["artist"].cast(pl.String) if gids is None else gids.zip_with(
        gids.is_not_null(), names["artist"].cast(pl.String)
    )  # fmt: skip
    grouped = (
        names.with_columns(ids.alias("artist_id"))
        .sort("artist_credit", "position", maintain_order=True)
        .group_by("artist_credit", maintain_order=True)
        .agg(artists="name", artist_ids="artist_id")
    )
    return _Lookup.of(grouped, "artist_credit")


def _releases(folder: Path) -> dict[str, _Lookup]:
    """Each recording's first release (the lowest id), releases' names and languages; nothing where a table lacks."""
    tracks = _scan(folder, "track", (), ("recording", "medium"))
    media = _scan(folder, "medium", (), ("id", "release"))
    releases = _read(folder, "release", ("name",), ("id", "language"))
    if tracks is None or media is None or releases is None:
        return {}
    first = (
        tracks.join(media, left_on="medium", right_on="id")
        .group_by("recording")
        .agg(pl.col("release").min())
        .collect(engine="streaming")
    )
    languages = _read(folder, "language", ("iso_code_3",), ("id",))
    code = (
        _Lookup.of(languages, "id").take(releases["language"])["iso_code_3"]
        if languages is not None
        else pl.repeat(None, releases.height, dtype=pl.String, eager=True)
    )
    described = releases.select("id", album="name").with_columns(code.alias("language"))
    return {"first_release": _Lookup.of(first, "recording"), "release": _Lookup.of(described, "id")}


def _joined(rows: pl.DataFrame, lookups: Mapping[str, _Lookup]) -> tuple[pl.DataFrame, pl.Series]:
    """Recordings in our columns, and which of them are videos."""
    blank = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    found: dict[str, pl.Series] = {"isrc": blank, "release_date": blank, "album": blank, "language": blank}
    found |= _columns(lookups["credit"].take(rows["artist_credit"]))
    for name in ("isrc", "date"):
        if name in lookups:
            found |= _columns(lookups[name].take(rows["id"]))
    if "release" in lookups:
        first = lookups["first_release"].take(rows["id"])["release"]
        found |= _columns(lookups["release"].take(first))
    commented = pl.concat_str([pl.col("name"), pl.lit(" ("), pl.col("comment"), pl.lit(")")])
    has_comment = pl.col("comment").str.strip_chars().str.len_chars() > 0
    titled = rows.select(
        track_id="gid",
        title=pl.when(has_comment.fill_null(value=False)).then(commented).otherwise(pl.col("name")),
        duration_ms="length",
    )
    return titled.with_columns(**found), (rows["video"] == "t").fill_null(value=False)


def _columns(rows: pl.DataFrame) -> dict[str, pl.Series]:
    return {name: rows[name] for name in rows.columns}

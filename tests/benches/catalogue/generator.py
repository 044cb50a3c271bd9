"""Writing a catalogue with known truth, block by block, in memory that does not grow with the catalogue.

Beside the catalogue lies its truth: one row a pair of an original and a marked track that are mixes of one recording
less than a second apart. A pair is `expected` where the two share an artist in the catalogue and both may be used.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.benches.catalogue.artists import VARIOUS_ARTISTS, ArtistPool
from tests.benches.catalogue.plan import Block, Numbers, plan_block
from tests.benches.catalogue.text import fixed_width, gathered, mixed
from tests.benches.catalogue.titles import titles
from tests.benches.catalogue.words import language_codes, languages, vocabulary

BLOCK_ROWS = 200_000
"""Rows of a block and of a Parquet row group; the editions of a song stand within one block."""
_GENRES = ("pop", "rap", "dance", "electronica", "r&b", "rock", "alternative", "children's", "metal", "latin", "indie")
_DATES = pa.array(np.datetime_as_string(np.arange("1960-01-01", "2025-01-01", dtype="datetime64[D]")))
_ALBUM_SUFFIXES = pa.array(["", "", "", "", "", " EP", " (Deluxe Edition)", " Vol. 2"])
_IDS_SHARE = 0.85
_ISRC_SHARE = 0.93
_FURTHER_GUEST_SHARE = 0.015
_GUEST_LEFT_OUT_SHARE = 0.08
_SWAPPED_SHARE, _JOINED_SHARE = 0.02, 0.03
_UPPER_CASE_SHARE = 0.0015
_PAIR_S = 1.0


def write_catalogue(catalogue: Path, truth: Path, num_rows: int, seed: int, block_rows: int = BLOCK_ROWS) -> None:
    """Write a catalogue of `num_rows` tracks, and its truth. The same arguments give the same tables."""
    pool = ArtistPool.for_rows(num_rows, vocabulary())
    with _Writer(catalogue) as tracks, _Writer(truth) as pairs:
        starts = np.linspace(0, num_rows, -(-num_rows // block_rows) + 1).astype(int)
        for number, (start, end) in enumerate(pairwise(starts.tolist())):
            rng = np.random.default_rng([seed, number])
            block = plan_block(rng, end - start, pool)
            ids = fixed_width(mixed(start + np.arange(len(block.kind)) + seed * 2**40, 5))
            tracks.write(_tracks(rng, block, ids, pool))
            pairs.write(_pairs(block, ids))


class _Writer:
    """A Parquet file that grows by a row group at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, rows: pl.DataFrame) -> None:
        """Write a row group."""
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        self._file = self._file or pq.ParquetWriter(self._path, table.schema, compression="zstd", compression_level=1)
        self._file.write_table(table)


def _tracks(rng: np.random.Generator, block: Block, ids: pl.Series, pool: ArtistPool) -> pl.DataFrame:
    """Write the rows of a block in the columns of the catalogue's contract."""
    tracks, size = block.tracks, len(ids)
    songs = block.songs
    artist = songs.artist[tracks.song]
    u = rng.random((4, size))
    language = languages(songs.script[tracks.song], mixed(artist, 12).astype(np.int64) & 63)
    title = titles(rng, block, pool)
    count = int(pool.vocabulary.starts[1])
    words = [gathered(pool.vocabulary.words, (tracks.album >> np.uint64(shift)) % count) for shift in (0, 24)]
    date = mixed(tracks.album, 13) % len(_DATES)
    return pl.DataFrame({"track_id": ids, "title": title}).with_columns(
        *_artists(rng, block, pool),
        album=pl.format(
            "{} {}{}", *map(pl.lit, words), pl.lit(gathered(_ALBUM_SUFFIXES, (tracks.album >> np.uint64(50)) % 8))
        ),
        isrc=_where(u[0] < _ISRC_SHARE, pl.lit("QZM") + pl.lit(fixed_width(tracks.isrc, 12)).str.slice(3)),
        explicit=pl.Series((mixed(tracks.song, 14) % 10 == 0) & (block.kind < 0)),
        genre=_where(u[1] < 0.8, pl.lit(gathered(pa.array(_GENRES), mixed(artist, 15) % len(_GENRES)))),
        language=_where(u[2] < 0.6, pl.lit(gathered(language_codes(), language))),
        release_date=pl.lit(gathered(_DATES, date)),
        duration_s=pl.Series(np.round(tracks.duration_s, 3)),
        audio=pl.lit(None, dtype=pl.String),
        opt_out=pl.Series(block.opt_out),
    )


def _where(condition: np.ndarray, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.lit(pl.Series(condition))).then(value)


def _artists(rng: np.random.Generator, block: Block, pool: ArtistPool) -> tuple[pl.Series, pl.Series]:
    """Write artists and their ids: guests left out, added, swapped or joined to the name in some rows."""
    song, size = block.tracks.song, len(block.kind)
    u = rng.random((5, size))
    artist, guest = block.songs.artist[song], block.songs.guest[song].copy()
    guest[pool.is_karaoke_act(artist) | (u[0] < _GUEST_LEFT_OUT_SHARE)] = -1
    added = (guest < 0) & (u[1] < _FURTHER_GUEST_SHARE)
    guest[added] = pool.draw(rng, int(added.sum()))
    guest[block.various] = -1
    has_guest = np.flatnonzero(guest >= 0)
    swapped, joined = u[2] < _SWAPPED_SHARE, u[2] > 1 - _JOINED_SHARE
    name = pool.names(artist, u[3] < 0.5)
    upper = np.flatnonzero(u[3] > 1 - _UPPER_CASE_SHARE)
    name = name.scatter(upper, name.gather(upper).str.to_uppercase())
    name = name.scatter(np.flatnonzero(block.various), VARIOUS_ARTISTS)
    ids = pool.ids(np.where(block.various, -1, artist))
    other, other_ids = pool.names(guest[has_guest], u[4, has_guest] < 0.5), pool.ids(guest[has_guest])
    at = np.flatnonzero(joined[has_guest])
    both = pl.select(pl.format("{} & {}", pl.lit(name.gather(has_guest[at])), pl.lit(other.gather(at)))).to_series()
    name = name.scatter(has_guest[at], both)
    shown = ~joined[has_guest]
    names = _lists("artists", name, other.filter(pl.Series(shown)), has_guest[shown], swapped)
    all_ids = _lists("artist_ids", ids, other_ids, has_guest, swapped)
    has_ids = pl.Series(rng.random(size) < _IDS_SHARE)
    given = pl.select(pl.when(pl.lit(has_ids)).then(pl.lit(all_ids)).alias("artist_ids")).to_series()
    return names, given


def _lists(label: str, first: pl.Series, second: pl.Series, has_second: Numbers, swapped: np.ndarray) -> pl.Series:
    """Make lists of one or two values a row."""
    size = len(first)
    lengths = np.ones(size, dtype=np.int64)
    lengths[has_second] = 2
    ends = np.cumsum(lengths)
    place = np.empty(ends[-1], dtype=np.int64)
    swaps = (swapped & (lengths == 2)).astype(np.int64)
    place[ends - lengths + swaps] = np.arange(size)
    place[(ends - swaps)[has_second] - 1] = size + np.arange(len(has_second))
    values = pl.concat([first, second]).gather(place).to_arrow()
    offsets = pa.array(np.concatenate([[0], ends]))
    return pl.Series(label, pl.from_arrow(pa.LargeListArray.from_arrays(offsets, values)))


def _pairs(block: Block, ids: pl.Series) -> pl.DataFrame:
    """List the true pairs of a block."""
    usable = ~(block.various | block.opt_out)
    rows = pl.DataFrame({"id": ids}).with_columns(
        recording=pl.Series(block.tracks.recording),
        marked=pl.Series(block.kind >= 0),
        usable=pl.Series(usable),
        duration_s=pl.Series(np.round(block.tracks.duration_s, 3)),
    )
    marked = rows.filter(pl.col("marked") & (pl.col("recording") >= 0))
    pairs = marked.join(rows.filter(~pl.col("marked")), on="recording", suffix="_of_original")
    difference_s = pl.col("duration_s") - pl.col("duration_s_of_original")
    return (
        pairs.filter(difference_s.abs() < _PAIR_S)
        .select(
            counterpart_id="id",
            original_id="id_of_original",
            recording=pl.format("{}-{}", pl.lit(ids[0]), "recording"),
            duration_difference_s=difference_s,
            expected=pl.col("usable") & pl.col("usable_of_original"),
        )
        .sort("counterpart_id", "original_id")
    )

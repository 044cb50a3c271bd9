"""The tables of a run, declared once: columns, types, units, keys and row rules.

Plain declarations, standard library only. `tables.py` derives from them what polars reads, writes and checks; the
documentation's table page is generated from them too. Every table but the catalogue as given ends in `outcome` and
`reason`: each row ends somewhere, and says by which rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ColumnType = Literal["string", "bool", "int64", "int32", "float64", "float32", "binary", "date", "strings"]

KINDS = ("instrumental", "acapella")
"""Kinds of counterpart; `minus:<instrument>` joins them."""
GRADES = ("A", "B", "C")
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: what it holds, in which unit, and which values are allowed."""

    name: str
    type: ColumnType
    about: str
    required: bool = False
    """No nulls in kept rows. (A rejected row may lack what could not be measured.)"""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """One table: its file, its key, its columns in order."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    version: int = 1
    kept_outcome: Literal["kept", "accepted"] = "kept"

    @property
    def file(self) -> str:
        """Name of the file within a run directory."""
        return f"{self.name}.parquet"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(column.name for column in self.columns)


def _column(name: str, kind: ColumnType, about: str, **rules: object) -> Column:
    return Column(name=name, type=kind, about=about, **rules)  # type: ignore[arg-type]


def _outcome(kept: str) -> tuple[Column, ...]:
    choices = (kept, "rejected", "failed")
    return (
        _column("outcome", "string", "where the row ended", required=True, choices=choices),
        _column("reason", "string", "the rule that turned the row down, null where kept"),
    )


CATALOG = TableSchema(
    name="catalog",
    about="a row of the catalogue as given, normalised",
    key=("track_id",),
    columns=(
        _column("track_id", "string", "the catalogue's own id, unique", required=True),
        _column("title", "string", "as given", required=True),
        _column("artists", "strings", "names, the primary artist first", required=True),
        _column("artist_ids", "strings", "ids, in the order of the names"),
        _column("album", "string", "release title"),
        _column("isrc", "string", "International Standard Recording Code"),
        _column("genre", "string", "the catalogue's own genre"),
        _column("language", "string", "the catalogue's own language"),
        _column("licence", "string", "terms of use"),
        _column("explicit", "bool", "parental advisory"),
        _column("release_date", "string", "ISO 8601, as precise as known"),
        _column("duration_s", "float64", "seconds, as the catalogue says", required=True, minimum=0.0),
        _column("audio", "string", "a path below the audio root, or a URL"),
        _column("opt_out", "bool", "true: the track is never used"),
        *_outcome("kept"),
    ),
)

GIVEN_CATALOG = TableSchema(
    name="catalog",
    about="a row of a catalogue before mining: no outcome yet",
    key=("track_id",),
    columns=tuple(column for column in CATALOG.columns if column.name not in ("outcome", "reason")),
)

_PAIR_IDS = (
    _column("pair_id", "string", "digest of the two track ids", required=True),
    _column("original_id", "string", "the track that sings", required=True),
    _column("counterpart_id", "string", "the track that lacks one source", required=True),
    _column("kind", "string", "instrumental, acapella, or minus:<instrument>", required=True),
)

CANDIDATES = TableSchema(
    name="candidates",
    about="a pair that metadata proposes, or turns down after blocking",
    key=("pair_id",),
    columns=(
        *_PAIR_IDS,
        _column("title_score", "float64", "likeness of the base titles", required=True, minimum=0, maximum=100),
        _column("duration_difference_s", "float64", "seconds, counterpart − original", required=True),
        _column(
            "tier",
            "string",
            "the tier of the length rule: strict, or the wider one of one album",
            required=True,
            choices=("strict", "same_album"),
        ),
        _column(
            "match_score", "float64", "how well metadata speaks for the pair", required=True, minimum=0, maximum=100
        ),
        _column(
            "rank",
            "int64",
            "among the kept alternatives of its counterpart, from 1",
            required=True,
            minimum=1,
        ),
        _column("song_id", "string", "the same for every version of a song that kept candidates join", required=True),
        _column(
            "original_edition_id", "string", "the same for tracks that are one recording by metadata", required=True
        ),
        _column("counterpart_edition_id", "string", "likewise", required=True),
        *_outcome("kept"),
    ),
)

MATCHING = TableSchema(
    name="matching",
    about="a track that entered matching, and whether any candidate came of it",
    key=("track_id",),
    columns=(_column("track_id", "string", "a kept row of the catalogue", required=True), *_outcome("kept")),
)

UNCOMPARED = TableSchema(
    name="uncompared",
    about="a block of one artist and one title that is so large that not every pair of it was compared",
    key=("artist", "title", "num_counterparts", "num_originals", "num_compared"),
    columns=(
        _column("artist", "string", "artists of the block's first counterpart"),
        _column("title", "string", "base title of the block"),
        _column("num_counterparts", "int64", "marked tracks in the block", minimum=1),
        _column("num_originals", "int64", "plain tracks in the block", minimum=1),
        _column("num_compared", "int64", "pairs compared: those near enough in length, nearest first", minimum=0),
        _column("num_not_compared", "int64", "all other pairs of the block", minimum=1),
    ),
)

PROPOSED = TableSchema(
    name="proposed",
    about="a row of the catalogue that a kept candidate names: all that later stages need of it",
    key=("track_id",),
    columns=CATALOG.columns,
)

TRACKS = TableSchema(
    name="tracks",
    about="a track heard",
    key=("track_id",),
    columns=(
        _column("track_id", "string", "a track of a kept candidate", required=True),
        _column(
            "fingerprint",
            "binary",
            "Chromaprint codes of the whole track, uint32 little-endian",
            required=True,
        ),
        _column("fingerprint_version", "string", "version of libchromaprint", required=True),
        _column("decoded_duration_s", "float64", "seconds that decoding gave", required=True, minimum=0),
        _column("sample_rate_hz", "int64", "hertz, of the file", required=True, minimum=1),
        _column("channels", "int64", "of the file", required=True, minimum=1),
        _column("loudness_lufs", "float64", "integrated loudness, ITU-R BS.1770"),
        _column("content_sha256", "string", "of the file's bytes"),
        _column("detail", "string", "what was found, in a line, where the track was not usable"),
        *_outcome("kept"),
    ),
)

_EVIDENCE = (
    _column("bit_error_rate", "float64", "of the fingerprints at the best offset", minimum=0, maximum=1),
    _column("offset_s", "float64", "seconds: counterpart time at the original's first sample"),
    _column("offset_uncertainty_s", "float64", "seconds, standard error where it is worst", minimum=0),
    _column("drift_ppm", "float64", "parts per million: how much faster the counterpart's clock ran"),
    _column("gain_db", "float64", "decibels to apply to the counterpart"),
    _column("gain_uncertainty_db", "float64", "decibels, standard error", minimum=0),
    _column("polarity", "int64", "+1 or −1", minimum=-1, maximum=1),
    _column("alignment_confidence", "float64", "0 not aligned, 1 sure", minimum=0, maximum=1),
    _column("residual_db", "float64", "energy left where nobody sings, relative to the mixture"),
    _column("vocal_activity", "float64", "share of audible frames in which somebody sings", minimum=0, maximum=1),
    _column("overlap_s", "float64", "seconds over which the alignment holds", minimum=0),
    _column("compared_s", "float64", "seconds of the shorter recording", minimum=0),
    _column("aligned_fraction", "float64", "share of audible windows on the line", minimum=0, maximum=1),
    _column("chain_fraction", "float64", "share of audible blocks on the main run", minimum=0, maximum=1),
    _column("mean_coherence", "float64", "phase agreement of the windows on the line", minimum=0, maximum=1),
    _column("num_cuts", "int64", "places where the offset jumps", minimum=0),
    _column("longest_gap_s", "float64", "longest stretch without agreement, seconds", minimum=0),
    _column("lag_scatter_s", "float64", "robust deviation of window lags about the line, seconds", minimum=0),
    _column("local_residual_db", "float64", "as residual_db, with a gain for each frame"),
    _column("frame_residual_db", "float64", "energy left in the best-fitting whole frames"),
    _column("difference_share", "float64", "share of the mixture owned by what is left", minimum=0, maximum=1),
    _column("vocal_to_backing_db", "float64", "level of what differs over what agrees, while singing"),
    _column("gain_spread_db", "float64", "deviation of the gain over frames: separate limiting", minimum=0),
    _column(
        "counterpart_only_share",
        "float64",
        "share of the counterpart that the original lacks where somebody sings",
        minimum=0,
        maximum=1,
    ),
    _column("bandwidth_hz", "float64", "below which 99.9 % of the common energy lies", minimum=0),
    _column("speed_ratio_ppm", "float64", "speed of the counterpart over the original's, less one, in ppm"),
    _column("half_wave_sdr_db", "float64", "predicted for the half-wave target"),
    _column("waveform_sdr_db", "float64", "predicted for the waveform difference"),
    _column("predicted_sdr_db", "float64", "predicted for the better target"),
)

EVIDENCE = TableSchema(
    name="evidence",
    about="a pair compared by ear: only measurements",
    key=("pair_id",),
    columns=(_column("pair_id", "string", "a kept candidate", required=True), *_EVIDENCE, *_outcome("kept")),
)

PAIRS = TableSchema(
    name="pairs",
    about="a kept candidate, decided once",
    key=("pair_id",),
    kept_outcome="accepted",
    columns=(
        *_PAIR_IDS,
        *_EVIDENCE,
        _column("grade", "string", "A, B or C, by the predicted quality", required=True, choices=GRADES),
        _column("target_kind", "string", "half_wave, waveform or acapella", required=True),
        _column("recording_id", "string", "the same for every edition of a recording, by sound", required=True),
        _column("song_id", "string", "the same for every version of a song, by metadata", required=True),
        _column("split", "string", "train, valid or test; null where it bridges two", choices=SPLITS),
        _column("genre", "string", "of the original"),
        *_outcome("accepted"),
    ),
)

SEGMENTS = TableSchema(
    name="segments",
    about="a stretch of an accepted pair",
    key=("segment_id",),
    columns=(
        _column("segment_id", "string", "pair id and index", required=True),
        _column("pair_id", "string", "an accepted pair", required=True),
        _column("start_s", "float64", "seconds on the original's timeline", required=True, minimum=0),
        _column("num_frames", "int64", "frames that hold music; the rest of the patch is zero", minimum=0),
        _column("grade", "string", "of the pair", choices=GRADES),
        _column("weight", "float64", "loss weight", minimum=0),
        _column("split", "string", "of the pair", choices=SPLITS),
        _column("shard", "string", "file within the run directory that holds it", required=True),
        _column("shard_bytes", "int64", "size of that file", minimum=0),
        _column("shard_sha256", "string", "of that file's bytes", required=True),
        *_outcome("kept"),
    ),
)

SPLIT_LEDGER = TableSchema(
    name="splits",
    about="an artist and the split that all of their songs belong to, for good",
    key=("artist_key",),
    columns=(
        _column("artist_key", "string", "id, or normalised name", required=True),
        _column("split", "string", "train, valid or test", required=True, choices=SPLITS),
    ),
)

SHARDS = TableSchema(
    name="shards",
    about="a shard file that the newest manifest names",
    key=("path",),
    columns=(
        _column("path", "string", "file within the run directory", required=True),
        _column("split", "string", "of its segments", required=True, choices=SPLITS),
        _column("num_rows", "int64", "segments in it", required=True, minimum=1),
        _column("bytes", "int64", "size", required=True, minimum=1),
        _column("sha256", "string", "of its bytes", required=True),
        *_outcome("kept"),
    ),
)

QUARANTINE = TableSchema(
    name="quarantine",
    about="a row of an imported table that breaks a rule, with every reason at once",
    key=("row_number",),
    columns=(
        _column("row_number", "int64", "from 1, in the table as given", required=True),
        _column("values", "string", "the row as JSON", required=True),
        _column("reasons", "strings", "all rules it breaks", required=True),
    ),
)

TABLES: Mapping[str, TableSchema] = MappingProxyType(
    {
        t.name: t
        for t in (
            CATALOG,
            CANDIDATES,
            MATCHING,
            UNCOMPARED,
            PROPOSED,
            TRACKS,
            EVIDENCE,
            PAIRS,
            SPLIT_LEDGER,
            SEGMENTS,
            SHARDS,
            QUARANTINE,
        )
    }
)

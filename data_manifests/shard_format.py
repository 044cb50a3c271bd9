"""The shard: one Parquet file of training segments, one row a segment.

Magnitude planes are fixed-size binary: little-endian float16 in C order, (patch_frames, num_bins), zero-padded behind
`num_frames`. They are stored uncompressed, because float16 magnitudes barely shrink, and carry page checksums, so that
a flipped bit is an error and not a training sample. Held-out shards also hold the aligned audio as FLAC (mono, 24 bit,
the profile's rate), whose consecutive segments abut.

Two rules let a reader plan an epoch from row counts alone, without opening a file: every row group but the last holds
`rows_per_group(profile)` rows, and rows keep the order in which they were given. Equal rows give equal bytes.

numpy, pyarrow and the standard library only, so that a training container can import it.
"""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_manifests.profiles import SignalProfile

SCHEMA_VERSION = 1
PLANES = ("mixture", "vocals", "instrumental")
"""Magnitudes, gain applied; each (patch_frames, num_bins)."""
AUDIO_COLUMNS = ("mixture_audio", "instrumental_audio", "vocals_audio")
"""FLAC of exactly the segment's samples, in `valid` and `test`; vocals only where they are known as a waveform."""
SCALARS: Mapping[str, pa.DataType] = {
    "segment_id": pa.string(),
    "pair_id": pa.string(),
    "start_s": pa.float64(),
    "num_frames": pa.int32(),
    "grade": pa.string(),
    "weight": pa.float32(),
    "genre": pa.string(),
    "recording_id": pa.string(),
    "target_kind": pa.string(),
    "predicted_sdr_db": pa.float32(),
}
_NULLABLE = frozenset({"genre", "predicted_sdr_db", "vocals_audio"})
_ROW_GROUP_BYTES = 8 * 1024 * 1024  # a row group is what a shuffled read costs in memory
_MAX_MAGNITUDE = float(np.finfo(np.float16).max)

Row = Mapping[str, Any]


class ShardFormatError(ValueError):
    """The bytes are not a shard that this version reads; the message says what was found and what to do."""


def plane_bytes(profile: SignalProfile) -> int:
    """Bytes of one magnitude plane."""
    return 2 * profile.patch_frames * profile.num_bins


def rows_per_group(profile: SignalProfile) -> int:
    """Rows in every row group but the last."""
    return max(1, _ROW_GROUP_BYTES // (len(PLANES) * plane_bytes(profile)))


def shard_schema(profile: SignalProfile, *, with_audio: bool) -> pa.Schema:
    """Columns of a shard, and the metadata that says which schema and profile it follows."""
    planes = {name: pa.binary(plane_bytes(profile)) for name in PLANES}
    planes["activity"] = pa.binary(2 * profile.patch_frames)
    audio = {name: pa.binary() for name in AUDIO_COLUMNS} if with_audio else {}
    columns = {**SCALARS, **planes, **audio}
    return pa.schema(
        [pa.field(name, dtype, nullable=name in _NULLABLE) for name, dtype in columns.items()],
        metadata={
            "mixminus.schema": "shard",
            "mixminus.schema_version": str(SCHEMA_VERSION),
            "mixminus.profile": json.dumps(profile.as_dict(), sort_keys=True),
        },
    )


def shard_bytes(rows: Sequence[Row], profile: SignalProfile, with_audio: bool) -> bytes:
    """Encode segments as one shard; the same rows give the same bytes.

    Parameters
    ----------
    rows
        One mapping a segment with the columns of `shard_schema`; further keys are left out. Planes are arrays of shape
        (num_frames or patch_frames, num_bins), `activity` of (num_frames or patch_frames,), zero-padded here to
        `patch_frames`; audio is FLAC bytes, or float samples of shape (num_samples,) or (1, num_samples), encoded here.
    with_audio
        Whether the audio columns are written (held-out splits).

    Raises
    ------
    ValueError
        Naming the segment and column: missing, of another shape, not finite, negative, or above what float16 holds.
    """
    schema = shard_schema(profile, with_audio=with_audio)
    columns = [pa.array([_encode(row, field, profile) for row in rows], field.type) for field in schema]
    table = pa.Table.from_arrays(columns, schema=schema)
    plain = [name for name in schema.names if name not in SCALARS]
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        row_group_size=rows_per_group(profile),
        compression={name: "none" if name in plain else "zstd" for name in schema.names},
        use_dictionary=[name for name in SCALARS if SCALARS[name] == pa.string()],
        write_statistics=list(SCALARS),
        write_page_checksum=True,
    )
    return sink.getvalue()


def _encode(row: Row, field: pa.Field, profile: SignalProfile) -> Any:
    name = field.name
    value = row.get(name)
    if value is None:
        if field.nullable:
            return None
        raise ValueError(f"segment {row.get('segment_id')!r} lacks {name!r}; a shard row needs it")
    if name in PLANES:
        return _plane(value, (profile.num_bins,), row, name, profile)
    if name == "activity":
        return _plane(value, (), row, name, profile)
    if name in AUDIO_COLUMNS:
        return value if isinstance(value, bytes) else _flac(value, profile)
    return value


def _plane(value: Any, tail: tuple[int, ...], row: Row, name: str, profile: SignalProfile) -> bytes:
    """Check and encode an array of shape (num_frames or patch_frames, *tail)."""
    values = np.asarray(value)
    where = f"segment {row.get('segment_id')!r}, {name}"
    frames = int(row["num_frames"])
    if values.shape not in {(frames, *tail), (profile.patch_frames, *tail)} or frames > profile.patch_frames:
        raise ValueError(
            f"{where}: shape {values.shape}, expected {(profile.patch_frames, *tail)} or num_frames = {frames} of them"
        )
    if not np.isfinite(values).all() or values.min(initial=0.0) < 0 or values.max(initial=0.0) > _MAX_MAGNITUDE:
        raise ValueError(f"{where}: values must be finite, not negative and at most {_MAX_MAGNITUDE:g} (float16)")
    padded = np.zeros((profile.patch_frames, *tail), dtype="<f2")
    padded[: values.shape[0]] = values
    return padded.tobytes()


def _flac(samples: Any, profile: SignalProfile) -> bytes:
    from data_manifests.audio_files import encode_audio

    waveform = np.atleast_2d(np.asarray(samples, dtype=np.float32))
    return encode_audio(waveform, profile.sample_rate_hz, container="FLAC", subtype="PCM_24")


def read_shard_table(source: bytes | str | Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a shard, all of it or some columns; `profile_of(table.schema)` gives its profile.

    Raises
    ------
    ShardFormatError
        Not Parquet, not a shard, or of a schema version that this program does not read.
    FileNotFoundError
    """
    try:
        with pq.ParquetFile(
            pa.BufferReader(source) if isinstance(source, bytes) else str(source), page_checksum_verification=True
        ) as file:
            check_schema(file.schema_arrow)
            return file.read(columns=list(columns) if columns is not None else None)
    except (pa.ArrowInvalid, pa.ArrowIOError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ShardFormatError(f"not a readable Parquet file: {error}") from error


def check_schema(schema: pa.Schema) -> SignalProfile:
    """Check that a Parquet schema is a shard of the version read here, and give its profile.

    Raises
    ------
    ShardFormatError
    """
    metadata = {key.decode(): value.decode(errors="replace") for key, value in (schema.metadata or {}).items()}
    if metadata.get("mixminus.schema") != "shard":
        found = metadata.get("mixminus.schema", "no mixminus table")
        raise ShardFormatError(f"this Parquet file is {found!r}, expected a shard (RUN/shards/<split>/*.parquet)")
    version = metadata.get("mixminus.schema_version", "none")
    if version != str(SCHEMA_VERSION):
        raise ShardFormatError(
            f"shard of schema version {version}, this program reads version {SCHEMA_VERSION}; "
            + ("install a newer mixminus" if version.isdecimal() and int(version) > SCHEMA_VERSION else "mine it again")
        )
    try:
        profile = SignalProfile.from_dict(json.loads(metadata["mixminus.profile"]))
    except (KeyError, ValueError, TypeError) as error:
        raise ShardFormatError(f"the shard's signal profile cannot be read: {error}") from error
    missing = [name for name in shard_schema(profile, with_audio=False).names if name not in schema.names]
    if missing:
        raise ShardFormatError(f"the shard lacks the columns {missing}")
    return profile


def decode_planes(column: pa.Array | pa.ChunkedArray, profile: SignalProfile) -> NDArray[np.float16]:
    """View a plane column as numbers, without copying where it lies in one piece.

    Returns
    -------
    float16, shape (rows, patch_frames, num_bins), read-only
    """
    return _view(column, plane_bytes(profile)).reshape(-1, profile.patch_frames, profile.num_bins)


def decode_activity(column: pa.Array | pa.ChunkedArray, profile: SignalProfile) -> NDArray[np.float16]:
    """View the activity column as numbers: float16, shape (rows, patch_frames), read-only."""
    return _view(column, 2 * profile.patch_frames).reshape(-1, profile.patch_frames)


def _view(column: pa.Array | pa.ChunkedArray, row_bytes: int) -> NDArray[np.float16]:
    if column.type != pa.binary(row_bytes):
        raise ShardFormatError(f"a plane of {row_bytes} bytes a row was expected, the column is {column.type}")
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # combine_chunks of a column without rows or above 2 GiB
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    if len(array) == 0:
        return np.empty(0, dtype="<f2")
    values = np.frombuffer(array.buffers()[1], dtype="<f2")
    first = array.offset * row_bytes // 2
    return values[first : first + len(array) * row_bytes // 2]

"""Shards: values come back, bytes are the same, faults are named."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_manifests.audio_files import decode_audio
from data_manifests.profiles import PROFILES, SignalProfile
from data_manifests.shard_format import (
    PLANES,
    ShardFormatError,
    check_schema,
    decode_activity,
    decode_planes,
    read_shard_table,
    rows_per_group,
    shard_bytes,
)

PROFILE = PROFILES["jansson-8k"]
SMALL = SignalProfile(name="small", sample_rate_hz=8192, channels=1, n_fft=16, hop=12, num_bins=8, patch_frames=4)


def row(index: int, profile: SignalProfile = SMALL, num_frames: int = 4, **changed: Any) -> dict[str, Any]:
    random = np.random.default_rng(index)
    planes = {name: random.random((num_frames, profile.num_bins)).astype(np.float32) for name in PLANES}
    return {
        "segment_id": f"s{index}", "pair_id": "p", "start_s": 1.5, "num_frames": num_frames, "grade": "A",
        "weight": 0.5, "genre": None, "recording_id": "r", "target_kind": "half_wave", "predicted_sdr_db": 9.0,
        "activity": np.ones(num_frames), **planes, **changed,
    }  # fmt: skip


def test_values_come_back() -> None:
    rows = [row(0), row(1, num_frames=3)]
    table = read_shard_table(shard_bytes(rows, SMALL, with_audio=False))
    assert check_schema(table.schema) == SMALL
    assert table["segment_id"].to_pylist() == ["s0", "s1"]
    assert table["genre"].to_pylist() == [None, None]
    for name in PLANES:
        planes = decode_planes(table[name], SMALL)
        assert planes.dtype == np.float16
        np.testing.assert_array_equal(planes[0], rows[0][name].astype(np.float16))
        np.testing.assert_array_equal(planes[1, :3], rows[1][name].astype(np.float16))
        assert not planes[1, 3:].any()
    np.testing.assert_array_equal(decode_activity(table["activity"], SMALL), [[1, 1, 1, 1], [1, 1, 1, 0]])
    np.testing.assert_array_equal(
        decode_planes(table["vocals"].slice(1, 1), SMALL)[0], decode_planes(table["vocals"], SMALL)[1]
    )


def test_equal_rows_give_equal_bytes() -> None:
    rows = [row(index) for index in range(5)]
    assert shard_bytes(rows, SMALL, with_audio=False) == shard_bytes(rows, SMALL, with_audio=False)
    assert shard_bytes(rows, SMALL, with_audio=False) != shard_bytes(rows[::-1], SMALL, with_audio=False)


def test_row_groups_stay_below_eight_megabytes() -> None:
    content = shard_bytes([row(index, PROFILE, 128) for index in range(30)], PROFILE, with_audio=False)
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata
    sizes = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
    assert sizes == [rows_per_group(PROFILE), 30 - rows_per_group(PROFILE)]
    assert metadata.row_group(0).total_byte_size <= 8.1 * 2**20


def test_held_out_shards_hold_the_audio() -> None:
    samples = (0.1 * np.random.default_rng(0).standard_normal(48)).astype(np.float32)
    audio = {"mixture_audio": samples, "instrumental_audio": samples[None], "vocals_audio": None}
    table = read_shard_table(shard_bytes([row(0, **audio)], SMALL, with_audio=True))
    decoded = decode_audio(table["mixture_audio"][0].as_py())
    np.testing.assert_allclose(decoded.samples[0], samples, atol=2**-23)
    assert table["instrumental_audio"] == table["mixture_audio"]
    assert table["vocals_audio"].null_count == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mixture": np.zeros((4, 9))}, r"segment 's0', mixture: shape \(4, 9\)"),
        ({"vocals": np.full((4, 8), np.nan)}, "vocals: values must be finite"),
        ({"vocals": np.full((4, 8), -1.0)}, "not negative"),
        ({"instrumental": np.full((4, 8), 1e5)}, "at most 65504"),
        ({"grade": None}, "lacks 'grade'"),
        ({"activity": np.zeros(7)}, "activity: shape"),
    ],
)
def test_faulty_rows_are_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shard_bytes([row(0, **changed)], SMALL, with_audio=False)


def test_other_files_are_refused_with_a_reason() -> None:
    with pytest.raises(ShardFormatError, match="not a readable Parquet file"):
        read_shard_table(b"not parquet at all")
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), sink)
    with pytest.raises(ShardFormatError, match="expected a shard"):
        read_shard_table(sink.getvalue())
    table = read_shard_table(shard_bytes([row(0)], SMALL, with_audio=False))
    for version, remedy in (("2", "newer mixminus"), ("0", "mine it again")):
        sink = io.BytesIO()
        pq.write_table(
            table.replace_schema_metadata({**table.schema.metadata, b"mixminus.schema_version": version}), sink
        )
        with pytest.raises(ShardFormatError, match=f"schema version {version}, .*{remedy}"):
            read_shard_table(sink.getvalue())


def test_a_flipped_bit_is_an_error() -> None:
    content = bytearray(shard_bytes([row(index, PROFILE, 128) for index in range(2)], PROFILE, with_audio=False))
    content[len(content) // 2] ^= 1
    with pytest.raises(ShardFormatError, match="not a readable Parquet file"):
        read_shard_table(bytes(content))

"""From rows of a shard to tensors: one sample, or a batch of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from data_manifests.profiles import SignalProfile
from data_manifests.shard_format import PLANES, decode_activity, decode_planes

Row = dict[str, Any]
"""Columns by name; planes are views into the row group that holds them."""
Sample = dict[str, Any]
"""Columns by name; planes are tensors of their own."""

_BATCH_DTYPES = {"start_s": torch.float64, "num_frames": torch.int32}


def decode_row(group: pa.Table, row: int, profile: SignalProfile) -> Row:
    """View one row of a row group: planes float16 (frames, bins), missing numbers NaN, missing text "" or b""."""
    return {
        name: _value(name, column.slice(row, 1), profile)
        for name, column in zip(group.column_names, group.columns, strict=True)
    }


def _value(name: str, column: pa.ChunkedArray, profile: SignalProfile) -> Any:
    if name in PLANES:
        return decode_planes(column, profile)[0]
    if name == "activity":
        return decode_activity(column, profile)[0]
    value = column[0].as_py()
    if value is not None:
        return value
    if pa.types.is_floating(column.type):
        return float("nan")
    return b"" if pa.types.is_binary(column.type) else ""


def crop_row(row: Row, share: float, num_frames: int, profile: SignalProfile) -> Row:
    """Cut `num_frames` frames out of a row, at `share` (0 to 1) of the places where real frames fill them."""
    real = int(row["num_frames"])
    start = int(share * (max(real - num_frames, 0) + 1))
    cut = {
        name: value[start : start + num_frames] if isinstance(value, np.ndarray) else value
        for name, value in row.items()
    }
    cut["start_s"] = row["start_s"] + start * profile.hop_s
    cut["num_frames"] = min(real - start, num_frames)
    return cut


def as_sample(row: Row) -> Sample:
    """Give a row tensors of its own."""
    return {
        name: torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value for name, value in row.items()
    }


def as_batch(rows: Sequence[Mapping[str, Any]]) -> Sample:
    """Stack rows: planes and numbers become tensors with a leading dimension, text and bytes become lists."""
    batch: Sample = {}
    for name, first in rows[0].items():
        values = [row[name] for row in rows]
        if isinstance(first, np.ndarray):
            batch[name] = torch.from_numpy(np.stack(values))
        elif isinstance(first, int | float):
            batch[name] = torch.tensor(values, dtype=_BATCH_DTYPES.get(name, torch.float32))
        else:
            batch[name] = values
    return batch

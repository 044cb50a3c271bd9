"""Columns of text made from numbers, without a Python object a row."""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

_HEX = np.array([f"{value:04x}".encode() for value in range(65536)], dtype="S4")


def mixed(numbers: ArrayLike, salt: int) -> NDArray[np.uint64]:
    """Hash numbers to 64 bits (the finaliser of splitmix64), differently for each salt."""
    found = np.asarray(numbers).astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


def fixed_width(hashes: NDArray[np.uint64], digits: int = 16) -> pl.Series:
    """Write 64-bit numbers in hexadecimal, the first `digits` of them (a multiple of four)."""
    parts = digits // 4
    quarters = np.ascontiguousarray(hashes.view(np.uint16).reshape(-1, 4)[:, :parts])
    data = _HEX[quarters].tobytes()
    offsets = np.arange(len(hashes) + 1, dtype=np.int32) * digits
    array = pa.StringArray.from_buffers(len(hashes), pa.py_buffer(offsets), pa.py_buffer(data))
    return pl.Series(pl.from_arrow(array))


def gathered(words: pa.StringArray, at: ArrayLike) -> pl.Series:
    """Take words by number."""
    return pl.Series(pl.from_arrow(words)).gather(pl.Series(np.asarray(at).astype(np.uint32)))

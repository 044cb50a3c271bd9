"""Weights on disk in the safetensors format: a JSON header and raw numbers, so that loading can run no code.

Format: 8 bytes little-endian header length; the header, JSON: name → {dtype, shape, data_offsets} and `__metadata__`;
then the tensors, little-endian, C order. See https://github.com/huggingface/safetensors (README, "Format"). The files
can be read by that package; it is not needed here.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.errors import ModelFileError

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items()}
_MAX_HEADER_BYTES = 100_000_000


def encode_tensors(tensors: Mapping[str, Tensor]) -> bytes:
    """Encode tensors, in order of their names; the same tensors give the same bytes."""
    header: dict[str, dict[str, object]] = {}
    parts: list[bytes] = []
    offset = 0
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous().numpy()
        content = values.tobytes()
        header[name] = {
            "dtype": _NAMES[values.dtype],
            "shape": list(values.shape),
            "data_offsets": [offset, offset + len(content)],
        }
        parts.append(content)
        offset += len(content)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def decode_tensors(content: bytes) -> dict[str, Tensor]:
    """Read what `encode_tensors` or the safetensors package wrote.

    Raises
    ------
    ModelFileError
        Where the bytes are not of this format, or are cut off.
    """
    try:
        (length,) = struct.unpack_from("<Q", content)
        if length > min(len(content), _MAX_HEADER_BYTES):
            raise ModelFileError(f"the header should be {length} bytes long, the file has {len(content)}")
        header = json.loads(content[8 : 8 + length])
        data = memoryview(content)[8 + length :]
        return {name: _decode_one(entry, data) for name, entry in header.items() if name != "__metadata__"}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"not a safetensors file, or cut off ({error})") from error


def _decode_one(entry: Mapping[str, Any], data: memoryview) -> Tensor:
    first, last = entry["data_offsets"]
    if not 0 <= first <= last <= len(data):
        raise ModelFileError("a tensor lies beyond the end of the file: it was cut off")
    values = np.frombuffer(data[first:last], dtype=_DTYPES[str(entry["dtype"])])
    return torch.from_numpy(values.reshape(entry["shape"]).copy())

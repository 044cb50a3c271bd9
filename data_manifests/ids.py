"""Identifiers and digests that come out the same in every run, on every machine.

All are hexadecimal SHA-256, cut where a collision among 10¹⁰ values stays below one in a million.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

_ID_HEX = 24


def digest(value: Any) -> str:
    """Digest plain JSON values (dicts in any key order, lists, strings, numbers, booleans, None): 64 hex digits."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def content_digest(content: bytes) -> str:
    """SHA-256 of bytes: 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def pair_id(original_id: str, counterpart_id: str) -> str:
    """Name a pair by its two tracks: the same pair has the same id in every run."""
    return digest(["pair", original_id, counterpart_id])[:_ID_HEX]


def segment_id(pair: str, segment_index: int) -> str:
    """Name the `segment_index`-th stretch of a pair."""
    return f"{pair}-{segment_index:05d}"


def row_digest(stage: Mapping[str, Any], row: Mapping[str, Any], audio_identity: Iterable[Any] = ()) -> str:
    """Digest of everything a row's result depends on: stage and config, the row, the audio files it reads."""
    return digest([stage, row, list(audio_identity)])[:40]

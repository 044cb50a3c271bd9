"""Recordings that occur more than once in a catalogue, under whatever name: found by their fingerprints.

An inverted index on single fingerprint codes proposes tracks that share enough of them; the bit error rate at the best
offset decides. No comparison of all pairs.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from data_manifests.ids import digest
from mining.fingerprints import compare

SAME_RECORDING_BIT_ERROR_RATE = 0.15
"""Another encoding or mastering of the same audio stays below 0.1; a mix against its instrumental starts near 0.19."""
_CODE_OCCURS_IN_AT_MOST = 50
"""Codes found in more tracks (silence, drones) say nothing."""
_MIN_SHARED_CODES = 8
"""Distinct codes that two tracks share before they are compared: a second of identical audio."""


def recording_ids(fingerprints: Mapping[str, NDArray[np.uint32]]) -> dict[str, str]:
    """Name the recording of each track: tracks that sound the same share the name.

    Parameters
    ----------
    fingerprints
        Chromaprint codes, uint32 of shape (num_codes,), by track id.

    Returns
    -------
    Recording id by track id. It derives from the smallest track id of the group, and so does not depend on order.
    """
    parent = {track: track for track in fingerprints}

    def root(track: str) -> str:
        while parent[track] != track:
            parent[track] = parent[parent[track]]
            track = parent[track]
        return track

    for a, b in _proposals(fingerprints):
        if root(a) == root(b):
            continue
        if compare(fingerprints[a], fingerprints[b]).bit_error_rate < SAME_RECORDING_BIT_ERROR_RATE:
            first, second = sorted((root(a), root(b)))
            parent[second] = first
    return {track: digest(["recording", root(track)])[:24] for track in fingerprints}


def _proposals(fingerprints: Mapping[str, NDArray[np.uint32]]) -> list[tuple[str, str]]:
    """Pairs of tracks that share enough distinct codes, sorted."""
    holders: dict[int, list[str]] = defaultdict(list)
    for track in sorted(fingerprints):
        for code in np.unique(fingerprints[track]).tolist():
            holders[code].append(track)
    shared: Counter[tuple[str, str]] = Counter()
    for tracks in holders.values():
        if 1 < len(tracks) <= _CODE_OCCURS_IN_AT_MOST:
            shared.update((a, b) for i, a in enumerate(tracks) for b in tracks[i + 1 :])
    return sorted(pair for pair, count in shared.items() if count >= _MIN_SHARED_CODES)

"""Splits that never move: a song's split is a hash of its primary artist, and no artist is in two.

In real playlists shared artists join 60 % of all tracks into one connected component, so components cannot be split.
Instead every artist has a split by hash, and a song that touches two of them belongs to none: leakage is zero by
construction, and nobody moves when the catalogue grows or shrinks. Compilation artists count for nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

BRIDGES_SPLITS = "bridges_splits"
"""Reason of a pair whose artists or recording touch more than one split."""


@dataclass(frozen=True, kw_only=True)
class SplitRules:
    """Shares of the splits, by artists. Changing them moves only artists that the ledger does not know yet."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by pydantic

    valid_share: Annotated[float, Ge(0), Le(0.5)] = 0.1
    """Share of artists held out for validation during training."""
    test_share: Annotated[float, Ge(0), Le(0.5)] = 0.1
    """Share of artists held out for the final score."""
    salt: str = "mixminus"
    """Changes the assignment as a whole; runs that share a salt share their splits."""


def split_of_artist(artist_key: str, rules: SplitRules) -> str:
    """Give the split of an artist: a hash of the normalised name or id, nothing else."""
    digest = hashlib.sha256(f"{rules.salt}\x00{artist_key}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    if position < rules.test_share:
        return "test"
    return "valid" if position < rules.test_share + rules.valid_share else "train"


def extend_ledger(ledger: Mapping[str, str], artist_keys: Iterable[str], rules: SplitRules) -> dict[str, str]:
    """Add artists the ledger does not know; those it knows stay where they are."""
    new = {key: split_of_artist(key, rules) for key in sorted(set(artist_keys)) if key not in ledger}
    return {**ledger, **new}


def split_of_song(artist_keys: Sequence[str], ledger: Mapping[str, str]) -> str | None:
    """Give the split of a song by all its artists; None where they touch more than one.

    Parameters
    ----------
    artist_keys
        Normalised keys of every artist of every version, compilation artists left out, primary first. A song
        nobody is named for goes to `train`, where it can leak into nothing that is scored.
    """
    splits = {ledger[key] for key in artist_keys}
    if not splits:
        return "train"
    return splits.pop() if len(splits) == 1 else None


def settle_together(members: Sequence[tuple[str, str | None]]) -> list[str | None]:
    """Settle pairs that must not be parted: those of one recording, or of one song.

    Parameters
    ----------
    members
        (name of the recording or song, split so far) of each pair.

    Returns
    -------
    The split of each pair: None for every pair of a name whose pairs disagree.
    """
    splits: dict[str, set[str | None]] = {}
    for name, split in members:
        splits.setdefault(name, set()).add(split)
    return [split if len(splits[name]) == 1 else None for name, split in members]

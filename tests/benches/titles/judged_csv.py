"""Hand-judged pairs from a CSV: a_title, a_artist, a_album, a_duration_s, the same for b, label, why."""

import csv
from pathlib import Path

from .pairs import LabelledPair, Track

_LABELS = {"true": True, "false": False, "unsure": None}


def read_judged_pairs(path: Path) -> list[LabelledPair]:
    """Read the pairs; a track that stands in several is one row of the catalogue.

    Raises
    ------
    ValueError
        Where a label is not true, false or unsure.
    """
    ids: dict[tuple[str, ...], str] = {}
    pairs = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            if row["label"] not in _LABELS:
                raise ValueError(f"{path}:{number}: label is {row['label']!r}, expected one of {', '.join(_LABELS)}")
            a, b = (_track(row, side, ids) for side in ("a", "b"))
            pairs.append(LabelledPair(a=a, b=b, label=_LABELS[row["label"]], language="judged", type="judged",
                                      why=row["why"]))  # fmt: skip
    return pairs


def _track(row: dict[str, str], side: str, ids: dict[tuple[str, ...], str]) -> Track:
    title, artist, album, duration_s = (row[f"{side}_{name}"] for name in ("title", "artist", "album", "duration_s"))
    track_id = ids.setdefault((title, artist, album, duration_s), f"judged-{len(ids)}")
    return Track(
        track_id=track_id, title=title, artists=tuple(name.strip() for name in artist.split(", ")), artist_ids=None,
        album=album or None, isrc=None, explicit=None, duration_s=float(duration_s),
    )  # fmt: skip

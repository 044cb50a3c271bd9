"""Rows of a catalogue, and pairs of them with the truth."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Track:
    """One row of a catalogue; durations in seconds, whole where the catalogue rounds them."""

    track_id: str
    title: str
    artists: tuple[str, ...]
    artist_ids: tuple[str, ...] | None
    album: str | None
    isrc: str | None
    explicit: bool | None
    duration_s: float
    genre: str | None = None
    language: str | None = None
    release_date: str | None = None


@dataclass(frozen=True, kw_only=True)
class LabelledPair:
    """Two tracks, and whether the second is a counterpart of the first recording.

    Attributes
    ----------
    label
        True: `b` is the backing (or the lone voice) of `a`. None: not judged, never scored.
    type
        What makes the pair hard, such as `typo` or `other_remixer`.
    why
        One line for a reader who doubts the label.
    """

    a: Track
    b: Track
    label: bool | None
    language: str
    type: str
    why: str

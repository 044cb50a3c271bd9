"""One catalogue of all rows, matched once; then precision and recall in total, per language and per type."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from .pairs import LabelledPair, Track

CATALOG_SCHEMA: dict[str, Any] = {
    "track_id": pl.String, "title": pl.String, "artists": pl.List(pl.String), "artist_ids": pl.List(pl.String),
    "album": pl.String, "isrc": pl.String, "explicit": pl.Boolean, "duration_s": pl.Float64, "genre": pl.String,
    "language": pl.String, "release_date": pl.String,
}  # fmt: skip
Matcher = Callable[[pl.DataFrame], Mapping[tuple[str, str], str | None]]
"""Takes a catalogue; gives, for each pair (original id, counterpart id) looked at, None if kept or why it was not."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Pairs by what they are and what was said: counts."""

    found: int = 0
    missed: int = 0
    false: int = 0
    turned_down: int = 0

    @property
    def precision(self) -> float:
        """Share of the kept pairs that are true, 0..1; 1 where none was kept."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were kept, 0..1; 1 where there are none."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A labelled pair, and what the matcher said: kept or not, and its reason if not."""

    pair: LabelledPair
    kept: bool
    reason: str | None

    @property
    def is_error(self) -> bool:
        """Whether the matcher was wrong; never for a pair without a label."""
        return self.pair.label is not None and self.kept != self.pair.label


@dataclass(frozen=True, kw_only=True)
class Score:
    """Every labelled pair judged, and the pairs kept that nobody labelled."""

    judged: tuple[Judged, ...]
    unlabelled: tuple[tuple[Track, Track], ...]

    @property
    def errors(self) -> tuple[Judged, ...]:
        """The pairs on which the matcher was wrong."""
        return tuple(judged for judged in self.judged if judged.is_error)

    def tally(self) -> Tally:
        """Count all pairs; a kept pair that nobody labelled joins strangers and counts as false."""
        counts = tally(self.judged)
        return Tally(**(asdict(counts) | {"false": counts.false + len(self.unlabelled)}))

    def by(self, attribute: str) -> dict[str, Tally]:
        """Count per `language` or per `type`, in the order of their names."""
        names = sorted({getattr(judged.pair, attribute) for judged in self.judged})
        groups: dict[str, list[Judged]] = {name: [] for name in names}
        for judged in self.judged:
            groups[getattr(judged.pair, attribute)].append(judged)
        return {name: tally(group) for name, group in groups.items()}


def tally(judged: Iterable[Judged]) -> Tally:
    """Count labelled pairs."""
    answers = [(one.pair.label, one.kept) for one in judged]
    return Tally(
        found=answers.count((True, True)), missed=answers.count((True, False)),
        false=answers.count((False, True)), turned_down=answers.count((False, False)),
    )  # fmt: skip


def catalog(pairs: Sequence[LabelledPair]) -> pl.DataFrame:
    """Put every row once into one catalogue."""
    tracks = {track.track_id: track for pair in pairs for track in (pair.a, pair.b)}
    rows = [
        asdict(track) | {"artists": list(track.artists), "artist_ids": track.artist_ids and list(track.artist_ids)}
        for track in tracks.values()
    ]
    return pl.DataFrame(rows, schema=CATALOG_SCHEMA)


def score(pairs: Sequence[LabelledPair], matcher: Matcher) -> Score:
    """Match all rows at once, and hold the answers against the labels.

    A true pair counts as found only as (original, counterpart); a false one is an error either way round.
    """
    answers = matcher(catalog(pairs))
    judged = tuple(_judged(pair, answers) for pair in pairs)
    labelled = {frozenset((pair.a.track_id, pair.b.track_id)) for pair in pairs}
    tracks = {track.track_id: track for pair in pairs for track in (pair.a, pair.b)}
    strangers = sorted(ids for ids, reason in answers.items() if reason is None and frozenset(ids) not in labelled)
    return Score(judged=judged, unlabelled=tuple((tracks[one], tracks[other]) for one, other in strangers))


def _judged(pair: LabelledPair, answers: Mapping[tuple[str, str], str | None]) -> Judged:
    ways = [(pair.a.track_id, pair.b.track_id), (pair.b.track_id, pair.a.track_id)]
    accepted = [way for way in ways if way in answers and answers[way] is None]
    kept = bool(accepted) if not pair.label else ways[0] in accepted
    if kept:
        return Judged(pair=pair, kept=True, reason=None)
    reasons = [answers[way] or "kept the other way round" for way in ways if way in answers]
    return Judged(pair=pair, kept=False, reason=reasons[0] if reasons else "never compared")

"""What a demo catalogue is planned as: songs, their tracks, and what the tracks truly are to each other."""

from dataclasses import dataclass
from typing import Literal

from pipeline.demo.articulation import Singer
from pipeline.demo.dealing import Defect, Mislabelling
from pipeline.demo.mastering import Mastering
from pipeline.demo.songs import Performance, SongSeeds

PairKind = Literal["instrumental", "acapella", "edition"]
PairLabel = Literal["pair", "same_recording"] | Mislabelling
Stem = Literal["mixture", "backing", "vocals"]


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is to be heard in a file."""

    seeds: SongSeeds
    singer: Singer
    performance: Performance = "studio"
    stem: Stem = "mixture"
    cut_s: tuple[float, float] | None = None  # where an edit leaves something out, and how much


@dataclass(frozen=True, kw_only=True)
class Label:
    """What the catalogue says about a track; the fields are its columns."""

    track_id: str
    title: str
    artists: tuple[str, ...]
    artist_ids: tuple[str, ...]
    album: str
    isrc: str
    genre: str
    language: str
    licence: str
    explicit: bool
    release_date: str
    duration_s: float
    audio: str
    opt_out: bool


@dataclass(frozen=True, kw_only=True)
class TrackPlan:
    """One track: what it says and what it is."""

    label: Label
    content: Content
    mastering: Mastering
    defect: Defect | None = None

    @property
    def track_id(self) -> str:
        """The catalogue's id."""
        return self.label.track_id


@dataclass(frozen=True, kw_only=True)
class PlantedPair:
    """Two tracks and what they truly are to each other, whatever their titles say."""

    original_id: str
    counterpart_id: str
    kind: PairKind
    label: PairLabel


@dataclass(frozen=True, kw_only=True)
class SongPlan:
    """All releases of one song; one task renders them."""

    number: int
    tracks: tuple[TrackPlan, ...]
    pairs: tuple[PlantedPair, ...]

    def track(self, track_id: str) -> TrackPlan:
        """The track of that id."""
        return next(track for track in self.tracks if track.track_id == track_id)


@dataclass(frozen=True, kw_only=True)
class DemoPlan:
    """A whole catalogue."""

    seed: int
    songs: tuple[SongPlan, ...]

    @property
    def tracks(self) -> tuple[TrackPlan, ...]:
        """All tracks, song by song."""
        return tuple(track for song in self.songs for track in song.tracks)

    @property
    def pairs(self) -> tuple[PlantedPair, ...]:
        """All planted pairs, song by song."""
        return tuple(pair for song in self.songs for pair in song.pairs)

"""Plans what labels release: the versions of each song, how each is written, mastered and filed.

Nothing is rendered here: a plan is small, and depends on the seed alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.demo import credits
from pipeline.demo.articulation import Singer
from pipeline.demo.credits import ARTIST_IDS, CREDITS, Credit, VoiceType
from pipeline.demo.dealing import Deal, Defect, Mislabelling, deal
from pipeline.demo.mastering import Codec, Mastering
from pipeline.demo.plans import Content, DemoPlan, Label, PairKind, PairLabel, PlantedPair, SongPlan, TrackPlan
from pipeline.demo.songs import SongSeeds, duration_s, write_song
from pipeline.demo.studios import counterpart_mastering, original_mastering

# Comfortable ranges after Sundberg, "The Science of the Singing Voice", narrowed to what pop asks for.
_RANGES: dict[VoiceType, tuple[int, int, float]] = {
    "soprano": (58, 76, 1.17),
    "alto": (55, 72, 1.12),
    "tenor": (50, 67, 1.02),
    "baritone": (45, 62, 0.97),
}
# How far catalogues are off, now and then; more than any rule on durations forgives.
_LIES_S = {"acapella": 7.0, "live": -4.0, "acoustic": 31.0}


def plan_demo(seed: int = 0) -> DemoPlan:
    """Plan a catalogue: 36 songs by 20 artists in 8 styles, each in one to six versions."""
    dealt = deal(seed)
    all_seeds = _choose_seeds(seed, dealt)
    songs = tuple(_plan_song(number, seed, all_seeds, dealt) for number in range(len(CREDITS)))
    return DemoPlan(seed=seed, songs=songs)


def _choose_seeds(seed: int, dealt: Deal) -> tuple[SongSeeds, ...]:
    """Seeds of all songs; mates share their harmony."""
    sources = list(range(len(CREDITS)))
    for first, second in dealt.mates:
        sources[second] = first
    return tuple(
        SongSeeds(style=credit.style, harmony=(seed, 1, sources[number]), own=(seed, 2, number))
        for number, credit in enumerate(CREDITS)
    )


def _singer_of(credit: Credit, seed: int) -> Singer:
    """The artist's voice: the same in all their songs."""
    rng = np.random.default_rng([seed, 101, *credit.artist.name.encode()])
    low, high, scale = _RANGES[credit.artist.voice]
    return Singer(
        low_midi=low,
        high_midi=high,
        formant_scale=float(scale * rng.uniform(0.96, 1.04)),
        breathiness=float(rng.uniform(0.03, 0.14)),
        tilt_db_per_octave=float(rng.uniform(0.0, 2.0)),
        vibrato_hz=float(rng.uniform(4.9, 6.3)),
        vibrato_cents=float(rng.uniform(15, 55)),
        vibrato_onset_s=float(rng.uniform(0.2, 0.45)),
        portamento_s=float(rng.uniform(0.05, 0.12)),
    )


def _plan_song(number: int, seed: int, all_seeds: Sequence[SongSeeds], dealt: Deal) -> SongPlan:
    """All releases of a song, the original first."""
    desk = _Desk(number, seed, all_seeds)
    original = desk.release("{}", desk.content, original_mastering(desk.rng), with_guest=True)
    if number in dealt.editions:
        _plan_edition(desk, original, dealt)
    if number not in dealt.no_instrumental:
        _plan_instrumental(desk, original, dealt)
    if number in dealt.second_instrumentals:
        backing, mastering = replace(desk.content, stem="backing"), counterpart_mastering(desk.rng)
        opt_out = number in dealt.opted_out
        second = desk.release(desk.instrumental_title(), backing, mastering, album="Sing It Yourself", opt_out=opt_out)
        desk.relate(original, second, "instrumental", "pair")
    if number in dealt.acapellas:
        lie_s = _LIES_S["acapella"] if number == min(dealt.acapellas) else 0.0
        title = str(desk.rng.choice(credits.ACAPELLA_TITLES))
        vocals = desk.release(title, replace(desk.content, stem="vocals"), counterpart_mastering(desk.rng), lie_s=lie_s)
        desk.relate(original, vocals, "acapella", "pair")
    _plan_other_performances(desk, dealt)
    if number in dealt.defects:
        _plan_broken(desk, dealt.defects[number])
    return SongPlan(number=number, tracks=tuple(desk.tracks), pairs=tuple(desk.pairs))


class _Desk:
    """Where the releases of one song are written down, one after the other."""

    def __init__(self, number: int, seed: int, all_seeds: Sequence[SongSeeds]) -> None:
        self.number, self.seed, self.all_seeds, self.credit = number, seed, all_seeds, CREDITS[number]
        self.rng = np.random.default_rng([seed, 102, number])
        self.content = self.content_of(number)
        self.year = int(self.rng.integers(2009, 2023))
        self.licence = str(self.rng.choice(credits.LICENCES))
        self._titles = self.rng.permutation(credits.INSTRUMENTAL_TITLES[self.credit.artist.language]).tolist()
        self.tracks: list[TrackPlan] = []
        self.pairs: list[PlantedPair] = []

    def content_of(self, number: int) -> Content:
        """The studio mixture of any song."""
        return Content(seeds=self.all_seeds[number], singer=_singer_of(CREDITS[number], self.seed))

    def instrumental_title(self) -> str:
        """A convention of this song's language, another one each time while they last."""
        title = str(self._titles.pop(0))
        self._titles.append(title)
        return title

    def release(
        self,
        title: str,
        content: Content,
        mastering: Mastering,
        *,
        album: str | None = None,
        with_guest: bool = False,
        compilation: bool = False,
        lie_s: float = 0.0,
        opt_out: bool = False,
        isrc: str | None = None,
        defect: Defect | None = None,
    ) -> TrackPlan:
        """Write a track down; ``title`` holds {} where the song's title goes."""
        track_id = hashlib.sha256(f"{self.seed}/{self.number}/{len(self.tracks)}".encode()).hexdigest()[:12]
        artist, guest = self.credit.artist, self.credit.guest if with_guest else None
        names = ["Various Artists"] * compilation + [artist.name] + ([guest] if guest else [])
        song = self.credit.title + (f" (feat. {guest})" if guest and self.rng.random() < 0.5 else "")
        label = Label(
            track_id=track_id,
            title=title.format(song),
            artists=tuple(names),
            artist_ids=tuple(ARTIST_IDS[name] for name in names),
            album=album or artist.album,
            isrc=isrc or self._isrc(),
            genre=self.credit.style,
            language=artist.language,
            licence=self.licence,
            explicit=self.credit.explicit and content.stem != "backing",
            release_date=f"{self.year}-{self.rng.integers(1, 13):02d}-{self.rng.integers(1, 29):02d}",
            duration_s=self._nominal_s(content, mastering) + lie_s,
            audio=f"audio/{track_id}.{mastering.codec}",
            opt_out=opt_out,
        )
        track = TrackPlan(label=label, content=content, mastering=mastering, defect=defect)
        self.tracks.append(track)
        return track

    def _isrc(self) -> str:
        """Country, label, year and a number of this recording."""
        artist = self.credit.artist
        code = 100 * self.number + len(self.tracks)
        return f"{artist.country}{artist.label[:3].upper()}{self.year % 100:02d}{code:05d}"

    def _nominal_s(self, content: Content, mastering: Mastering) -> float:
        """What the label was told: the length of this song, whatever was filed under its name."""
        length_s = duration_s(self.all_seeds[self.number], self.content.singer, content.performance)
        return round(length_s + mastering.lead_in_s, int(self.rng.choice([3, 3, 3, 1])))

    def relate(self, original: TrackPlan, counterpart: TrackPlan, kind: PairKind, label: PairLabel) -> None:
        """Plant the truth about two tracks."""
        self.pairs.append(
            PlantedPair(original_id=original.track_id, counterpart_id=counterpart.track_id, kind=kind, label=label)
        )


def _plan_edition(desk: _Desk, original: TrackPlan, dealt: Deal) -> None:
    """A remaster, a second edition, or a place on a compilation."""
    turn = sorted(dealt.editions).index(desk.number)
    compilation = turn == 0
    album = credits.EDITION_ALBUMS[turn % len(credits.EDITION_ALBUMS)].format(desk.credit.artist.album)
    title = "{}" if compilation else credits.EDITION_TITLES[turn % len(credits.EDITION_TITLES)]
    edition = desk.release(
        title,
        desk.content,
        original_mastering(desk.rng),
        album="Summer in the City 2022" if compilation else album,
        compilation=compilation,
        isrc=original.label.isrc if title == "{}" else None,  # a remaster is a recording of its own
        opt_out=desk.number in dealt.opted_out and desk.number not in dealt.second_instrumentals,
    )
    desk.relate(original, edition, "edition", "same_recording")


def _plan_instrumental(desk: _Desk, original: TrackPlan, dealt: Deal) -> None:
    number = desk.number
    mastering = counterpart_mastering(
        desk.rng,
        drifting=number in dealt.drifting,
        inverted=number in dealt.inverted,
        other_rate=number in dealt.other_rate,
    )
    wrong = dealt.mislabelled.get(number)
    content = _mislabelled(desk, wrong, dealt) if wrong else replace(desk.content, stem="backing")
    album = None if desk.rng.random() < 0.6 else f"{desk.credit.title} - Single"
    instrumental = desk.release(desk.instrumental_title(), content, mastering, album=album)
    desk.relate(original, instrumental, "instrumental", wrong or "pair")


def _mislabelled(desk: _Desk, wrong: Mislabelling, dealt: Deal) -> Content:
    """What lies in a file that claims to be this song's instrumental."""
    if wrong == "duplicate_audio":
        return desk.content
    if wrong == "edited":
        bar_s = write_song(desk.content.seeds, desk.content.singer).harmony.bar_s
        return replace(desk.content, stem="backing", cut_s=(4 * bar_s, bar_s))
    if wrong == "same_loop":
        mates = dict(dealt.mates)
        return replace(desk.content_of(mates[desk.number]), stem="backing")
    return replace(desk.content_of(_nearest_in_length(desk)), stem="backing")


def _nearest_in_length(desk: _Desk) -> int:
    """The song by someone else that is most nearly as long: a mix-up that metadata cannot show."""
    lengths_s = {
        number: duration_s(desk.all_seeds[number], desk.content_of(number).singer, "studio")
        for number, credit in enumerate(CREDITS)
        if credit.artist != desk.credit.artist
    }
    own_s = duration_s(desk.content.seeds, desk.content.singer, "studio")
    return min(lengths_s, key=lambda number: abs(lengths_s[number] - own_s))


def _plan_other_performances(desk: _Desk, dealt: Deal) -> None:
    language, content = desk.credit.artist.language, desk.content
    if desk.number in dealt.live:
        lie_s = _LIES_S["live"] if desk.number == min(dealt.live) else 0.0
        live = replace(content, performance="live")
        title = credits.LIVE_TITLES[language]
        desk.release(title, live, original_mastering(desk.rng), album=f"{desk.credit.artist.name} Live", lie_s=lie_s)
    if desk.number in dealt.acoustic:
        lie_s = _LIES_S["acoustic"] if desk.number == min(dealt.acoustic) else 0.0
        acoustic = replace(content, performance="acoustic")
        desk.release(credits.ACOUSTIC_TITLES[language], acoustic, original_mastering(desk.rng), lie_s=lie_s)
    if desk.number in dealt.remixed:
        turn = dealt.remixed.index(desk.number)
        remix = replace(content, performance="remix")
        sung, unsung = (title.format("{}", credits.REMIXERS[turn]) for title in credits.REMIX_TITLES[turn])
        album = f"{desk.credit.title} (Remixes)"
        whole = desk.release(sung, remix, original_mastering(desk.rng), album=album)
        backing = replace(remix, stem="backing")
        instrumental = desk.release(unsung, backing, counterpart_mastering(desk.rng), album=album)
        desk.relate(whole, instrumental, "instrumental", "pair")


def _plan_broken(desk: _Desk, defect: Defect) -> None:
    """One more instrumental, in a file that cannot be heard, or not to the end."""
    codecs: dict[Defect, Codec] = {"nan": "wav", "text": "mp3"}
    mastering = Mastering(gain_db=-3.0, codec=codecs.get(defect, "flac"))
    backing = replace(desk.content, stem="backing")
    desk.release(desk.instrumental_title(), backing, mastering, album="Instrumental Archive", defect=defect)

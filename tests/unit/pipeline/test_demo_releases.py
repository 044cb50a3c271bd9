"""The demo's releases: what a plan holds, and that the truth it plants is really in the files."""

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.interpolate import CubicSpline

from data_manifests.audio_files import UnusableAudio, decode_audio
from mining.splitting import SplitRules, split_of_artist
from pipeline.demo.catalogue import plan_demo, render_song, write_catalogue
from pipeline.demo.dealing import DEFECTS, MISLABELLINGS
from pipeline.demo.mastering import Mastering, encode, limiter_gain, master, relation, shelved
from pipeline.demo.plans import DemoPlan, SongPlan, TrackPlan
from pipeline.demo.tones import SAMPLE_RATE_HZ, Samples, filtered, rms


@pytest.fixture(scope="module")
def plan() -> DemoPlan:
    return plan_demo(0)


def noise(duration_s: float = 3.0, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    return filtered(0.2 * rng.standard_normal((2, int(duration_s * SAMPLE_RATE_HZ))), 3000.0, "lowpass", 6)


def read_at(sound: Samples, times_s: np.ndarray[Any, Any], rate_hz: int) -> Samples:
    """``sound`` at any times, by cubic splines; silence outside."""
    spline = CubicSpline(np.arange(sound.shape[1]) / rate_hz, sound, axis=1, extrapolate=False)
    return np.nan_to_num(spline(times_s)).astype(np.float32)


def residual_db(original_backing: Samples, counterpart: Samples, rate_hz: int, truth: dict[str, Any]) -> float:
    """What is left of the backing when the contract's formula has been applied literally, in its inner part."""
    times_s = np.arange(original_backing.shape[1]) / SAMPLE_RATE_HZ
    aligned = read_at(counterpart, times_s + truth["offset_s"] + 1e-6 * truth["drift_ppm"] * times_s, rate_hz)
    predicted = truth["polarity"] * 10 ** (truth["gain_db"] / 20) * aligned
    inner = np.s_[:, SAMPLE_RATE_HZ // 2 : -SAMPLE_RATE_HZ]
    return float(20 * np.log10(rms((original_backing - predicted)[inner]) / rms(original_backing[inner])))


# ------------------------------------------------------------------------------------------------------ the plan


def test_plan_depends_on_the_seed_alone(plan: DemoPlan) -> None:
    assert plan_demo(0) == plan
    assert plan_demo(1) != plan


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_counts_of_any_plan(seed: int) -> None:
    plan = plan_demo(seed)
    labels = Counter(pair.label for pair in plan.pairs if pair.kind == "instrumental")
    wrong = sum(labels[label] for label in MISLABELLINGS)
    assert len(plan.songs) >= 30
    assert all(labels[label] >= 1 for label in MISLABELLINGS)
    assert 0.07 < wrong / labels.total() < 0.14
    assert {track.defect for track in plan.tracks} == {None, *DEFECTS}
    assert len({track.track_id for track in plan.tracks}) == len(plan.tracks)
    masterings = [track.mastering for track in plan.tracks]
    assert {mastering.codec for mastering in masterings} == {"wav", "flac", "mp3", "ogg", "m4a"}
    assert sum(mastering.inverted for mastering in masterings) >= 3
    assert sum(20 <= abs(mastering.drift_ppm) <= 150 for mastering in masterings) >= 3
    assert sum(mastering.sample_rate_hz != SAMPLE_RATE_HZ for mastering in masterings) >= 3
    assert sum(track.label.opt_out for track in plan.tracks) >= 1


def test_a_same_loop_mix_up_shares_the_harmony(plan: DemoPlan) -> None:
    pair = next(pair for pair in plan.pairs if pair.label == "same_loop")
    song = next(song for song in plan.songs if pair in song.pairs)
    one, other = (song.track(name).content.seeds for name in (pair.original_id, pair.counterpart_id))
    assert one.harmony == other.harmony
    assert one.own != other.own


def test_default_split_holds_songs_of_several_styles_out(plan: DemoPlan) -> None:
    rules = SplitRules()
    styles: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for song in plan.songs:
        label = song.tracks[0].label
        styles[split_of_artist(f"id:{label.artist_ids[0]}", rules)].append(label.genre)
    assert len({song.tracks[0].label.artists[0] for song in plan.songs}) >= 14
    for held_out in ("valid", "test"):
        assert 3 <= len(styles[held_out]) <= 8
        assert len(set(styles[held_out])) >= 3


def test_titles_speak_several_languages_and_conventions(plan: DemoPlan) -> None:
    counterparts = {pair.counterpart_id for pair in plan.pairs if pair.kind == "instrumental"}
    labels = [track.label for track in plan.tracks if track.track_id in counterparts]
    assert len({label.language for label in labels}) >= 6
    songs = {song.tracks[0].label.title.split(" (feat.")[0] for song in plan.songs}
    conventions = {
        title.replace(song, "") for label in labels for song in songs if (title := label.title).startswith(song)
    }
    assert len(conventions) >= 10


def test_nominal_durations_differ_by_less_than_a_second_or_lie(plan: DemoPlan) -> None:
    apart_s = []
    for song in plan.songs:
        apart_s += [
            abs(song.track(pair.counterpart_id).label.duration_s - song.track(pair.original_id).label.duration_s)
            for pair in song.pairs
        ]
    assert sum(seconds > 1 for seconds in apart_s) <= 2
    original = {song.tracks[0].track_id for song in plan.songs}
    lies = [track for track in plan.tracks if track.track_id not in original and track.label.duration_s > 33]
    assert lies


# ------------------------------------------------------------------------------------------------------ mastering


@pytest.mark.parametrize("drift_ppm", [0.0, 120.0, -45.0])
@pytest.mark.parametrize("rate_hz", [44100, 48000])
@pytest.mark.parametrize("lead_in_s", [0.21, -0.08])
def test_relation_is_what_the_samples_say(drift_ppm: float, rate_hz: int, lead_in_s: float) -> None:
    stem = noise()
    original = Mastering(gain_db=-2.0, lead_in_s=0.05)
    copy = Mastering(gain_db=-7.0, lead_in_s=lead_in_s, drift_ppm=drift_ppm, inverted=True, sample_rate_hz=rate_hz)
    planted = relation(original, copy)
    truth = {name: getattr(planted, name) for name in ("offset_s", "gain_db", "drift_ppm", "polarity")}
    assert planted.polarity == -1
    assert planted.gain_db == pytest.approx(5.0)
    assert residual_db(master(stem, original), master(stem, copy), rate_hz, truth) < -50
    wrong = truth | {"offset_s": truth["offset_s"] + 0.0001}
    assert residual_db(master(stem, original), master(stem, copy), rate_hz, wrong) > -25


def test_parts_mastered_within_a_mixture_add_up_to_it() -> None:
    vocals, backing = noise(seed=1), noise(seed=2)
    driven = Mastering(gain_db=9.0, limiter_ceiling=0.95, low_shelf_db=1.0, lead_in_s=0.1)
    whole = master(vocals + backing, driven)
    parts = [master(part, driven, within=vocals + backing) for part in (vocals, backing)]
    assert np.allclose(parts[0] + parts[1], whole, atol=2e-6)
    assert not np.allclose(master(vocals, driven), parts[0], atol=1e-2), "the limiter works"


def test_limiter_keeps_its_ceiling_and_leaves_quiet_sound_alone() -> None:
    loud = 5 * noise()
    assert np.abs(loud * limiter_gain(loud, 0.9)).max() <= 0.9 + 1e-6
    assert np.all(limiter_gain(0.1 * noise(), 0.9) == 1)


@pytest.mark.parametrize("high", [False, True])
def test_shelves_lift_their_side_only(high: bool) -> None:
    impulse = np.zeros((2, 8192), dtype=np.float32)
    impulse[:, 0] = 1
    response_db = 20 * np.log10(np.abs(np.fft.rfft(shelved(impulse, 1000.0, 3.0, high=high)[0])))
    assert response_db[2] == pytest.approx(0.0 if high else 3.0, abs=0.1)
    assert response_db[-2] == pytest.approx(3.0 if high else 0.0, abs=0.1)


@pytest.mark.parametrize("codec", ["wav", "flac", "mp3", "ogg", "m4a"])
def test_codecs_are_deterministic_and_decode(codec: Any) -> None:
    sound = noise()
    content = encode(sound, SAMPLE_RATE_HZ, codec)
    assert content == encode(sound, SAMPLE_RATE_HZ, codec)
    heard = decode_audio(content)
    assert heard.sample_rate_hz == SAMPLE_RATE_HZ
    assert heard.samples.shape[1] == pytest.approx(sound.shape[1], abs=3000)
    assert rms(heard.samples) == pytest.approx(rms(sound), rel=0.1)


# ------------------------------------------------------------------------------------------------------- the files


def lossless(song: SongPlan, **changes: Any) -> SongPlan:
    """The original and its instrumental of a song, without lossy codecs and equalisers."""
    pair = next(pair for pair in song.pairs if pair.kind == "instrumental")
    tracks = []
    for name in (pair.original_id, pair.counterpart_id):
        track = song.track(name)
        mastering = replace(track.mastering, codec="flac", low_shelf_db=0.0, high_shelf_db=0.0, **changes)
        label = replace(track.label, audio=f"audio/{name}.flac")
        tracks.append(replace(track, mastering=mastering, label=label))
    return replace(song, tracks=tuple(tracks), pairs=(pair,))


def read(path: Path) -> tuple[Samples, int]:
    audio = decode_audio(path.read_bytes())
    return audio.samples, audio.sample_rate_hz


def test_truth_describes_the_files_that_were_written(plan: DemoPlan, tmp_path: Path) -> None:
    """The backing is the original less its true vocals; the instrumental, moved as the truth says, is the same."""
    song = next(
        song
        for song in plan.songs
        if any(track.mastering.drift_ppm for track in song.tracks) and song.pairs[-1].label == "pair"
    )
    rendered = render_song(str(tmp_path), lossless(song, limiter_ceiling=None, gain_db=-6.0, sample_rate_hz=44100))
    truth = rendered.truth_rows[0]
    original, rate_hz = read(tmp_path / f"audio/{truth['original_id']}.flac")
    vocals, _ = read(tmp_path / f"truth/vocals/{truth['original_id']}.flac")
    instrumental, _ = read(tmp_path / f"audio/{truth['counterpart_id']}.flac")
    assert truth["label"] == "pair"
    assert truth["drift_ppm"] != 0
    assert truth["lossless"]
    assert not truth["limited"]
    backing = filtered(original - vocals, 4000.0, "lowpass", 4)
    heard = filtered(instrumental, 4000.0, "lowpass", 4)
    assert residual_db(backing, heard, rate_hz, truth) < -40
    assert rms(vocals) > 0.1 * rms(original)


def test_an_edit_lacks_a_bar(plan: DemoPlan, tmp_path: Path) -> None:
    song = next(song for song in plan.songs if any(pair.label == "edited" for pair in song.pairs))
    edited = lossless(song, limiter_ceiling=None, gain_db=-6.0, sample_rate_hz=44100, drift_ppm=0.0)
    truth = render_song(str(tmp_path), edited).truth_rows[0]
    whole, rate_hz = read(tmp_path / f"audio/{truth['original_id']}.flac")
    short, _ = read(tmp_path / f"audio/{truth['counterpart_id']}.flac")
    assert 1.4 < (whole.shape[1] - short.shape[1]) / rate_hz < 4.5


REASONS = {
    "empty": "empty_file",
    "truncated": "truncated",
    "text": "not_audio",
    "silent": "silent",
    "nan": "non_finite",
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_broken_files_are_broken_as_planned(defect: str, plan: DemoPlan, tmp_path: Path) -> None:
    def only(track: TrackPlan) -> SongPlan:
        return SongPlan(number=0, tracks=(track,), pairs=())

    track = next(track for track in plan.tracks if track.defect == defect)
    rows = render_song(str(tmp_path), only(track)).catalog_rows
    path = tmp_path / rows[0]["audio"]
    if defect == "missing":
        assert not path.exists()
        return
    with pytest.raises(UnusableAudio) as caught:
        decode_audio(path.read_bytes())
    assert caught.value.reason == REASONS[defect]


def test_rendering_again_gives_the_same_bytes(plan: DemoPlan, tmp_path: Path) -> None:
    song = plan.songs[6]
    digests = []
    for attempt in ("one", "two"):
        folder = tmp_path / attempt
        write_catalogue(str(folder), [render_song(str(folder), song)])
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        digests.append([(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files])
    assert digests[0] == digests[1]
    assert len(digests[0]) == len(song.tracks) + 3  # two tables and one file of true vocals


def test_tables_have_the_columns_of_the_contract(plan: DemoPlan, tmp_path: Path) -> None:
    silent = [replace(song, tracks=(replace(song.tracks[0], defect="missing"),), pairs=()) for song in plan.songs]
    rendered = [render_song(str(tmp_path), song) for song in silent]
    write_catalogue(str(tmp_path), reversed(rendered))
    catalog = pl.read_parquet(tmp_path / "catalog.parquet")
    assert catalog.height == len(plan.songs)
    assert catalog["track_id"].is_sorted()
    assert catalog.schema["artists"] == pl.List(pl.String)
    truth = pl.read_parquet(tmp_path / "truth.parquet")
    assert truth.columns == [
        *("original_id", "counterpart_id", "kind", "label", "offset_s", "gain_db", "drift_ppm", "polarity"),
        *("limited", "lossless", "source"),
    ]

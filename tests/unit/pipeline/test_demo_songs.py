"""The demo's songs: what is written fits its key and singer, what is recorded is a mixture of audible stems."""

import numpy as np
import pytest

from pipeline.demo.articulation import Singer
from pipeline.demo.composition import choose_harmony, compose
from pipeline.demo.releases import plan_demo
from pipeline.demo.songs import PEAK, SongSeeds, Stems, record, singing_mask, write_song
from pipeline.demo.styles import STYLES, StyleName
from pipeline.demo.tones import SAMPLE_RATE_HZ, Samples, rms

SINGER = Singer(
    low_midi=52,
    high_midi=70,
    formant_scale=1.1,
    breathiness=0.08,
    tilt_db_per_octave=1.0,
    vibrato_hz=5.5,
    vibrato_cents=40.0,
    vibrato_onset_s=0.3,
    portamento_s=0.08,
)


def seeds(style: StyleName, harmony: int = 1, own: int = 2) -> SongSeeds:
    return SongSeeds(style=style, harmony=(0, harmony), own=(0, own))


@pytest.fixture(scope="module")
def latin() -> Stems:
    return record(seeds("latin"), SINGER)


@pytest.fixture(scope="module")
def dance() -> Stems:
    return record(seeds("dance"), SINGER)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("own", range(4))
def test_written_songs_fit_key_range_and_length(style: StyleName, own: int) -> None:
    song = write_song(seeds(style, own, own), SINGER)
    assert 20 <= song.duration_s <= 40
    assert [section.name for section in song.sections][:3] == ["intro", "verse", "chorus"]
    assert sum(section.num_bars for section in song.sections) == song.harmony.num_bars
    pitches = [note.midi for note in song.melody]
    # Rappers slide off their pitches.
    slack = 4 if style in ("hip-hop", "r&b") else 0
    assert SINGER.low_midi - slack <= min(pitches)
    assert max(pitches) <= SINGER.high_midi + slack
    if not slack:
        assert all(pitch % 12 in song.harmony.scale for pitch in pitches)


@pytest.mark.parametrize("style", STYLES)
def test_notes_follow_one_another_and_leave_rests(style: StyleName) -> None:
    song = write_song(seeds(style), SINGER)
    gaps = np.array([after.start_s - note.end_s for note, after in zip(song.melody, song.melody[1:], strict=False)])
    assert gaps.min() > 0
    assert (gaps > 0.25).sum() >= 2
    assert song.melody[0].start_s > song.harmony.bar_s * 0.99, "the intro is not sung"


def test_melody_ends_phrases_on_the_chord() -> None:
    song = compose(choose_harmony("ballad", (0, 5)), SINGER, (0, 6))
    last = song.melody[-1]
    bar = int(last.start_s / song.harmony.bar_s + 1e-6)
    assert last.midi % 12 in song.harmony.chord(bar)


def test_mates_share_harmony_and_nothing_else() -> None:
    one, other = seeds("rock", 1, 2), seeds("rock", 1, 3)
    first, second = write_song(one, SINGER), write_song(other, SINGER)
    assert first.harmony == second.harmony
    assert first.melody != second.melody


def test_mates_sound_different() -> None:
    one, other = record(seeds("dance", 1, 2), SINGER), record(seeds("dance", 1, 3), SINGER)
    assert one.backing.shape == other.backing.shape
    left, right = one.backing.mean(axis=0), other.backing.mean(axis=0)
    # At any small shift: the best one would show two recordings of one performance.
    spectrum = np.fft.rfft(left, 2 * len(left)) * np.conj(np.fft.rfft(right, 2 * len(right)))
    correlation = np.fft.irfft(spectrum) / np.sqrt((left**2).sum() * (right**2).sum())
    assert np.abs(correlation).max() < 0.8


@pytest.mark.parametrize("name", ["latin", "dance"])
def test_recordings_are_stereo_mixtures_that_do_not_clip(name: str, request: pytest.FixtureRequest) -> None:
    stems: Stems = request.getfixturevalue(name)
    assert stems.vocals.dtype == stems.backing.dtype == np.float32
    assert stems.vocals.shape == stems.backing.shape == (2, stems.mixture.shape[1])
    assert np.array_equal(stems.mixture, stems.vocals + stems.backing)
    assert np.abs(stems.mixture).max() == pytest.approx(PEAK, abs=1e-4)
    assert rms(stems.backing[0] - stems.backing[1]) > 0.05 * rms(stems.backing)


@pytest.mark.parametrize("name", ["latin", "dance"])
def test_vocals_are_as_loud_as_the_backing_and_rest_now_and_then(name: str, request: pytest.FixtureRequest) -> None:
    stems: Stems = request.getfixturevalue(name)
    sung = singing_mask(stems.vocals)
    level_db = 20 * np.log10(rms(stems.vocals[:, sung]) / rms(stems.backing[:, sung]))
    assert -3 <= level_db <= 3
    assert 0.3 < sung.mean() < 0.85
    assert rms(stems.vocals[:, : SAMPLE_RATE_HZ // 2]) < 1e-3 * rms(stems.vocals), "the intro is not sung"


@pytest.mark.parametrize("name", ["latin", "dance"])
def test_backing_is_never_silent_for_long(name: str, request: pytest.FixtureRequest) -> None:
    backing: Samples = request.getfixturevalue(name).backing
    seconds = backing[:, : backing.shape[1] // SAMPLE_RATE_HZ * SAMPLE_RATE_HZ].reshape(2, -1, SAMPLE_RATE_HZ)
    levels = np.sqrt((seconds**2).mean(axis=(0, 2)))[:-1]
    assert levels.min() > 0.1 * rms(backing)


def test_same_seeds_give_the_same_samples(latin: Stems) -> None:
    again = record(seeds("latin"), SINGER)
    assert np.array_equal(again.vocals, latin.vocals)
    assert np.array_equal(again.backing, latin.backing)


def test_a_remix_keeps_the_singer_and_changes_the_band(latin: Stems) -> None:
    remix = record(seeds("latin"), SINGER, "remix")
    scale = (remix.vocals * latin.vocals).sum() / (latin.vocals**2).sum()
    assert rms(remix.vocals - scale * latin.vocals) < 1e-4 * rms(remix.vocals)
    overlap = np.corrcoef(remix.backing.mean(axis=0), latin.backing.mean(axis=0))[0, 1]
    assert abs(overlap) < 0.3


def test_live_is_another_performance() -> None:
    studio, live = write_song(seeds("folk"), SINGER), write_song(seeds("folk"), SINGER, "live")
    assert live.duration_s < studio.duration_s - 0.3
    assert [note.midi for note in live.melody] == [note.midi for note in studio.melody]


def test_the_plan_holds_many_songs_in_many_styles() -> None:
    plan = plan_demo()
    styles = {song.tracks[0].label.genre for song in plan.songs}
    assert len(plan.songs) >= 30
    assert len(styles) >= 5

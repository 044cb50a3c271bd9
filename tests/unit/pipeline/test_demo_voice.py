"""The sung voice: pitch, formants, consonants and rests, measured on the sound by other means than made it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import hilbert

from pipeline.demo.articulation import Singer, SungNote, phrases_of
from pipeline.demo.tones import SAMPLE_RATE_HZ, Samples, filtered, rms
from pipeline.demo.voice import sing

STRAIGHT = Singer(
    low_midi=40,
    high_midi=76,
    formant_scale=1.0,
    breathiness=0.03,
    tilt_db_per_octave=0.5,
    vibrato_hz=5.5,
    vibrato_cents=0.0,
    vibrato_onset_s=0.4,
    portamento_s=0.08,
)


def note(
    midi: float = 57.0, nucleus: str = "a", onset: str = "", start_s: float = 0.5, duration_s: float = 1.5
) -> SungNote:
    return SungNote(start_s=start_s, duration_s=duration_s, midi=midi, onset=onset, nucleus=nucleus, level=0.8)


def sung(*notes: SungNote, singer: Singer = STRAIGHT, duration_s: float = 2.5, seed: int = 1) -> Samples:
    return sing(notes, singer, int(duration_s * SAMPLE_RATE_HZ), np.random.default_rng(seed))


def between(voice: Samples, start_s: float, end_s: float) -> Samples:
    return voice[int(start_s * SAMPLE_RATE_HZ) : int(end_s * SAMPLE_RATE_HZ)]


def formants_hz(sound: Samples) -> list[float]:
    """Resonances by linear prediction (autocorrelation method) at 11,025 Hz: not how they were made."""
    slow = filtered(sound, 4800.0, "lowpass", 8)[::4].astype(np.float64)
    slow = np.append(slow[0], slow[1:] - 0.95 * slow[:-1]) * np.hamming(len(slow))
    correlation = np.correlate(slow, slow, "full")[len(slow) - 1 :][:13]
    roots = np.roots(np.append(1.0, -solve_toeplitz(correlation[:12], correlation[1:13])))
    angles = [np.angle(root) for root in roots if root.imag > 0 and abs(root) > 0.85]
    return sorted(float(angle / (2 * np.pi) * SAMPLE_RATE_HZ / 4) for angle in angles)


@pytest.mark.parametrize("midi", [45.0, 57.0, 69.0])
def test_power_lies_on_harmonics_of_the_pitch(midi: float) -> None:
    sound = between(sung(note(midi)), 0.8, 1.8)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    frequencies_hz = np.arange(len(power)) * SAMPLE_RATE_HZ / len(sound)
    pitch_hz = 440 * 2 ** ((midi - 69) / 12)
    harmonic = frequencies_hz / pitch_hz
    # Half a semitone: no singer keeps a pitch better.
    near = np.abs(harmonic - np.round(harmonic)) < 0.03 * np.maximum(1, np.round(harmonic))
    low = (frequencies_hz > 0.6 * pitch_hz) & (frequencies_hz < 6.4 * pitch_hz)
    assert power[low & near].sum() > 0.97 * power[low].sum()
    assert power[np.abs(harmonic - 2) < 0.06].sum() > 0, "a voice is more than a sine"
    assert power[harmonic > 1.5].sum() > 0.2 * power.sum()


@pytest.mark.parametrize(("vowel", "first", "second"), [("a", 730, 1150), ("i", 290, 2280), ("e", 500, 1880)])
def test_vowels_have_their_formants(vowel: str, first: float, second: float) -> None:
    found = formants_hz(between(sung(note(41.0, vowel)), 1.0, 1.5))
    assert min(abs(one - first) for one in found) < 90
    assert min(abs(one - second) for one in found) < 180


def test_formants_move_through_a_diphthong() -> None:
    voice = sung(note(41.0, "ai"))
    early, late = formants_hz(between(voice, 0.7, 1.0)), formants_hz(between(voice, 1.6, 1.95))
    assert min(abs(one - 1150) for one in early) < 150
    assert min(abs(one - 2280) for one in late) < 200
    assert min(abs(one - 730) for one in late) > 150


def test_short_vocal_tract_raises_formants() -> None:
    small = replace(STRAIGHT, formant_scale=1.2)
    found = formants_hz(between(sung(note(41.0, "a"), singer=small), 1.0, 1.5))
    assert min(abs(one - 1.2 * 730) for one in found) < 100


def test_vibrato_has_its_rate_and_sets_in_late() -> None:
    trembling = replace(STRAIGHT, vibrato_cents=60.0)
    voice = sung(note(57.0, "a", duration_s=2.5), singer=trembling, duration_s=3.5)
    fundamental = filtered(voice, (180.0, 270.0), "bandpass", 4)
    phase = np.unwrap(np.angle(hilbert(fundamental)))
    cents = 1200 * np.log2(np.maximum(np.diff(phase) * SAMPLE_RATE_HZ / (2 * np.pi), 1) / 220)
    cents = filtered(cents - np.median(cents), 20.0, "lowpass")
    late = between(cents, 1.6, 2.8)
    assert np.std(between(cents, 0.75, 0.9)) < 0.5 * np.std(late)
    spectrum = np.abs(np.fft.rfft((late - late.mean()) * np.hanning(len(late)), 8 * len(late)))
    rate_hz = np.argmax(spectrum) * SAMPLE_RATE_HZ / (8 * len(late))
    assert rate_hz == pytest.approx(5.5, abs=0.8)
    assert 15 < np.std(late) < 70


def test_nobody_sings_in_rests() -> None:
    voice = sung(note(start_s=1.0, duration_s=0.8), note(start_s=3.0, duration_s=0.8), duration_s=5.0)
    assert np.all(between(voice, 0.0, 0.4) == 0)
    assert np.all(between(voice, 2.1, 2.4) == 0)
    assert np.all(between(voice, 4.2, 5.0) == 0)
    assert rms(between(voice, 1.1, 1.7)) > 0.02


def test_breath_is_heard_before_a_phrase_and_is_soft() -> None:
    voice = sung(note(start_s=1.0))
    breath = rms(between(voice, 0.6, 0.88))
    assert 0 < breath < 0.2 * rms(between(voice, 1.2, 1.8))


def test_fricative_is_noise_high_up_before_its_vowel() -> None:
    voice = sung(note(57.0, "a", "s", start_s=1.0))
    hiss, vowel = between(voice, 0.91, 0.98), between(voice, 1.2, 1.8)
    high = rms(filtered(hiss, 4500.0, "highpass", 4))
    assert high > 0.8 * rms(hiss)
    assert rms(filtered(vowel, 4500.0, "highpass", 4)) < 0.1 * rms(vowel)


def test_plosive_closes_the_mouth_before_it_bursts() -> None:
    voice = sung(note(57.0, "a", "", 0.5, 0.5), note(59.0, "a", "t", 1.0, 0.5))
    closure, burst = between(voice, 0.95, 0.97), between(voice, 0.985, 1.0)
    assert rms(closure) < 0.35 * rms(burst)


def test_notes_are_joined_by_a_glide() -> None:
    voice = sung(note(57.0, "a", "", 0.5, 0.7), note(62.0, "a", "", 1.2, 0.8))
    tone = filtered(voice, (180.0, 340.0), "bandpass", 2)
    hertz = filtered(np.diff(np.unwrap(np.angle(hilbert(tone)))) * SAMPLE_RATE_HZ / 2 / np.pi, 30.0, "lowpass")
    assert np.median(between(hertz, 0.8, 1.05)) == pytest.approx(220, rel=0.02)
    assert np.median(between(hertz, 1.5, 1.9)) == pytest.approx(293.7, rel=0.02)
    between_both = (between(hertz, 1.1, 1.35) > 230) & (between(hertz, 1.1, 1.35) < 283)
    assert 0.015 < between_both.sum() / SAMPLE_RATE_HZ < 0.15


def test_same_seed_sings_the_same() -> None:
    notes = (note(57.0, "ei", "k"), note(60.0, "o", "m", 2.1, 0.3))
    assert np.array_equal(sung(*notes), sung(*notes))
    assert not np.array_equal(sung(*notes), sung(*notes, seed=2))


def test_singing_nothing_is_silence() -> None:
    assert np.all(sung() == 0)


def test_phrases_are_cut_at_rests() -> None:
    notes = [note(start_s=0.5, duration_s=0.5), note(start_s=1.05, duration_s=0.5), note(start_s=2.0, duration_s=0.3)]
    assert [len(phrase) for phrase in phrases_of(notes)] == [2, 1]

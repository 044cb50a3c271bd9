"""Decoding: real encoders' files come back, damaged ones are turned down by name."""

import io
import os
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from data_manifests.audio_files import UnusableAudio, decode_audio, encode_audio, write_audio

RATE = 22050


def _tone(seconds: float = 2.0, channels: int = 2) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return np.stack([0.5 * np.sin(2 * np.pi * 220 * (c + 1) * time) for c in range(channels)]).astype(np.float32)


def _m4a(samples: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("container", "subtype", "tolerance"),
    [("WAV", "PCM_16", 1e-4), ("WAV", "FLOAT", 0.0), ("FLAC", "PCM_24", 1e-6), ("AIFF", "PCM_16", 1e-4)],
)
def test_lossless_formats_come_back(container: str, subtype: str, tolerance: float) -> None:
    samples = _tone()
    audio = decode_audio(encode_audio(samples, RATE, container=container, subtype=subtype))
    assert (audio.sample_rate_hz, audio.num_channels) == (RATE, 2)
    np.testing.assert_allclose(audio.samples, samples, atol=tolerance)


@pytest.mark.parametrize(("container", "subtype"), [("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")])
def test_lossy_formats_come_back(container: str, subtype: str) -> None:
    samples = _tone()
    audio = decode_audio(encode_audio(samples, RATE, container=container, subtype=subtype))
    assert audio.duration_s == pytest.approx(2.0, abs=0.15)
    assert np.abs(audio.samples).max() == pytest.approx(0.5, abs=0.1)


def test_m4a_is_read_though_libsndfile_cannot() -> None:
    content = _m4a(_tone())
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.read(io.BytesIO(content))
    audio = decode_audio(content)
    assert (audio.sample_rate_hz, audio.num_channels) == (RATE, 2)
    assert audio.duration_s == pytest.approx(2.0, abs=0.15)


def test_the_mean_of_integers_beyond_full_scale_stays_finite() -> None:
    audio = decode_audio(encode_audio(4 * _tone(), RATE, subtype="FLOAT"))
    assert np.abs(audio.samples).max() == pytest.approx(2.0, abs=0.01)


WAV = encode_audio(_tone(), RATE, subtype="PCM_16")
FLAC = encode_audio(_tone(), RATE, container="FLAC", subtype="PCM_16")
NAN = _tone()
NAN[0, 100] = np.nan


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"I am a text file, not music.\n" * 40, "not_audio"),
        (b"RIFF", "not_audio"),
        (os.urandom(5000), "not_audio"),
        (WAV[: len(WAV) // 2], "truncated"),
        (FLAC[: len(FLAC) // 2], "truncated"),
        (encode_audio(NAN, RATE, subtype="FLOAT"), "non_finite"),
        (encode_audio(np.zeros((1, RATE), np.float32), RATE), "silent"),
        (encode_audio(1e-5 * _tone(), RATE, subtype="FLOAT"), "silent"),
        (encode_audio(_tone(0.5), RATE), "too_short"),
        (encode_audio(_tone(12.0), RATE), "too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_damage_has_its_name(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableAudio) as fault:
        decode_audio(content, min_duration_s=1.0, max_duration_s=10.0)
    assert fault.value.reason == reason


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.3, 0.9, 0.999])
def test_every_cut_gives_audio_or_a_reason(share: float) -> None:
    """No crash, no hang, whatever the length of what is left."""
    mp3 = encode_audio(_tone(), RATE, container="MP3", subtype="MPEG_LAYER_III")
    for source in (WAV, FLAC, _m4a(_tone()), mp3):
        found = _outcome(source[: int(share * len(source))])
        assert found in ("audio", "not_audio", "truncated", "silent", "too_short", "empty_file")


def _outcome(content: bytes) -> str:
    try:
        decode_audio(content)
    except UnusableAudio as fault:
        return fault.reason
    return "audio"


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write_audio(tmp_path / "a.wav", _tone(), RATE)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        write_audio(tmp_path / "a.xyz", _tone(), RATE)

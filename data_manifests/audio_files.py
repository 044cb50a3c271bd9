"""Audio files in and out: bytes to samples, with a named reason wherever that cannot be.

libsndfile (soundfile) reads WAV, FLAC, Ogg, Opus and MP3; FFmpeg's libraries (PyAV) read what is left, M4A above all.
Broken input is the normal case: every way a file can be unusable has a name in `UNUSABLE_REASONS`.
"""

import contextlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

UnusableReason = Literal[
    "no_audio_path", "path_outside_root", "missing_file", "empty_file", "not_audio", "truncated",
    "non_finite", "silent", "too_short", "too_long",
]  # fmt: skip

_SILENCE_PEAK = 10 ** (-80 / 20)
"""A peak below −80 dBFS is silence: under the noise floor of 14-bit audio."""
_TRUNCATED_SHARE = 0.98
"""A file with less than this share of the length its header announces was cut off (encoder padding stays above)."""
_BLOCK_FRAMES = 65536


class UnusableAudio(Exception):  # noqa: N818 - it names a state of the input, not a failure of ours
    """The file holds no usable audio.

    Attributes
    ----------
    reason
        The named rule, as written into tables.
    detail
        One line for people: what was found.
    """

    def __init__(self, reason: UnusableReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type["UnusableAudio"], tuple[str, str]]:
        return (type(self), (self.reason, self.detail))


@dataclass(frozen=True, kw_only=True)
class Audio:
    """Decoded audio: float32 samples of shape (channels, num_samples), nominally within −1..1."""

    samples: NDArray[np.float32]
    sample_rate_hz: int

    @property
    def num_channels(self) -> int:
        """Channels as stored in the file."""
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        """Decoded length in seconds."""
        return float(self.samples.shape[1] / self.sample_rate_hz)


def decode_audio(content: bytes, *, min_duration_s: float = 0.0, max_duration_s: float = 3600.0) -> Audio:
    """Decode a whole audio file.

    Parameters
    ----------
    content
        The bytes of the file. Its name plays no part: extensions lie.
    min_duration_s, max_duration_s
        Bounds on the decoded length; decoding stops at the upper one, so that a small file cannot fill the memory.

    Raises
    ------
    UnusableAudio
        With the reason by name.
    """
    if not content:
        raise UnusableAudio("empty_file", "the file has 0 bytes")
    audio = _decode_with_soundfile(content, max_duration_s)
    if audio is None:
        audio = _decode_with_av(content, max_duration_s)
    _check_samples(audio, min_duration_s)
    return audio


def _decode_with_soundfile(content: bytes, max_duration_s: float) -> Audio | None:
    """Decode by libsndfile; None where it does not know the format."""
    try:
        file = soundfile.SoundFile(io.BytesIO(content))
    except (soundfile.LibsndfileError, TypeError, ValueError):
        return None
    with file:
        limit = int(max_duration_s * file.samplerate)
        announced = max(file.frames, _announced_wav_frames(content))
        try:
            samples = file.read(min(limit, file.frames) + 1, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise UnusableAudio("truncated", f"decoding stopped early: {error}") from error
        _check_length(len(samples), announced, limit, file.samplerate)
        return Audio(samples=np.ascontiguousarray(samples.T), sample_rate_hz=file.samplerate)


def _announced_wav_frames(content: bytes) -> int:
    """Frames that a WAV header announces (libsndfile trims them to the bytes that are there); 0 where unknown."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return 0
    position, block_align = 12, 0
    while position + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, position)
        if name == b"fmt " and position + 22 <= len(content):
            block_align = struct.unpack_from("<H", content, position + 20)[0]
        if name == b"data":
            streamed = size in (0, 0xFFFFFFFF) or size >= 0x7FFFF000  # written by a pipe that knew no length
            return 0 if streamed or not block_align else size // block_align
        position += 8 + size + size % 2
    return 0


def _decode_with_av(content: bytes, max_duration_s: float) -> Audio:
    try:
        container = av.open(io.BytesIO(content), mode="r")
    except (av.FFmpegError, ValueError) as error:
        raise UnusableAudio("not_audio", f"no decoder knows this format ({type(error).__name__})") from error
    with container:
        if not container.streams.audio:
            raise UnusableAudio("not_audio", "the container has no audio stream")
        stream = container.streams.audio[0]
        rate = int(stream.rate or 0)
        announced = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        blocks: list[NDArray[np.float32]] = []
        limit, length = int(max_duration_s * rate), 0
        with contextlib.suppress(av.FFmpegError):  # what was decoded before the fault is judged by its length
            for block in _planar_blocks(container, stream):
                blocks.append(block)
                length += block.shape[1]
                if length > limit:
                    break
    if not blocks or rate <= 0:
        raise UnusableAudio("not_audio", "the audio stream holds no decodable frame")
    _check_length(length, int(announced * rate), limit, rate)
    return Audio(samples=np.concatenate(blocks, axis=1), sample_rate_hz=rate)


def _planar_blocks(container: "av.container.InputContainer", stream: "av.AudioStream") -> Iterator[NDArray[np.float32]]:
    """Yield blocks of shape (channels, n) as planar float at the stream's own rate and layout."""
    resampler = av.AudioResampler(format="fltp")
    for frame in container.decode(stream):
        for converted in resampler.resample(frame):
            yield np.asarray(converted.to_ndarray(), dtype=np.float32)
    for converted in resampler.resample(None):
        yield np.asarray(converted.to_ndarray(), dtype=np.float32)


def _check_length(decoded: int, announced: int, limit: int, rate: int) -> None:
    """Compare what was decoded with what the header said and with the bound (all in frames)."""
    if decoded > limit:
        raise UnusableAudio("too_long", f"longer than the {limit / rate:.0f} s that the config allows")
    if decoded < _TRUNCATED_SHARE * announced - 0.1 * rate:
        found, expected = decoded / rate, announced / rate
        raise UnusableAudio("truncated", f"{found:.1f} s decoded of the {expected:.1f} s the header announces")


def _check_samples(audio: Audio, min_duration_s: float) -> None:
    if audio.samples.shape[1] == 0 or audio.duration_s < min_duration_s:
        raise UnusableAudio("too_short", f"{audio.duration_s:.2f} s decoded, at least {min_duration_s:g} s are needed")
    low, high = float(audio.samples.min()), float(audio.samples.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise UnusableAudio("non_finite", "the samples hold NaN or infinity")
    if max(-low, high) < _SILENCE_PEAK:
        raise UnusableAudio("silent", "no sample exceeds -80 dBFS")


def encode_audio(
    samples: NDArray[np.float32], sample_rate_hz: int, *, container: str = "WAV", subtype: str = "PCM_24"
) -> bytes:
    """Encode audio in memory.

    Parameters
    ----------
    samples : float32, shape (channels, num_samples)
    container, subtype
        Names of libsndfile, such as ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("WAV", "FLOAT").

    Notes
    -----
    Written in blocks, because libsndfile's Vorbis encoder crashes on very large single writes.
    """
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", sample_rate_hz, samples.shape[0], format=container, subtype=subtype) as file:
        for start in range(0, samples.shape[1], _BLOCK_FRAMES):
            file.write(samples[:, start : start + _BLOCK_FRAMES].T)
    return buffer.getvalue()


_FORMATS = {".wav": ("WAV", "PCM_24"), ".flac": ("FLAC", "PCM_24"), ".ogg": ("OGG", "VORBIS")}


def write_audio(path: Path, samples: NDArray[np.float32], sample_rate_hz: int, *, subtype: str | None = None) -> None:
    """Write audio of shape (channels, num_samples) to `path`, complete or not at all.

    Raises
    ------
    ValueError
        Where the suffix is none of .wav, .flac, .ogg.
    OSError
        Where the disk is full or writing is not allowed; no partial file stays behind.
    """
    if path.suffix not in _FORMATS:
        raise ValueError(f"cannot write {path.suffix or 'a name without suffix'}; choose one of {sorted(_FORMATS)}")
    container, default = _FORMATS[path.suffix]
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(encode_audio(samples, sample_rate_hz, container=container, subtype=subtype or default))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

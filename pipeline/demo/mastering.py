"""What happens to a stem on its way to a shop: equaliser, level, limiter, another clock, another start, a codec.

Each version of a song is mastered by itself, which is what makes true pairs hard to match. Conventions: a file's
sample at its own time u holds the stem's time τ with ``u = lead_in_s + (1 + 1e-6 · drift_ppm) · τ``.
"""

import io
import zlib
from dataclasses import dataclass
from typing import Literal

import av
import numpy as np
import soxr
from scipy.ndimage import minimum_filter1d, uniform_filter1d
from scipy.signal import lfilter

from data_manifests.audio_files import encode_audio
from pipeline.demo.tones import SAMPLE_RATE_HZ, Samples, seconds_to_samples

Codec = Literal["wav", "flac", "mp3", "ogg", "m4a"]
LOSSLESS: frozenset[Codec] = frozenset({"wav", "flac"})
_SOUNDFILE_NAMES: dict[Codec, tuple[str, str]] = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "ogg": ("OGG", "VORBIS"),
}
_AAC_BITS_A_SECOND = 160_000
_LOW_SHELF_HZ, _HIGH_SHELF_HZ = 150.0, 5000.0
_LIMITER_LOOKAHEAD_S = 0.002
_LIMITER_RELEASE_S = 0.06


@dataclass(frozen=True, kw_only=True)
class Mastering:
    """What was done to one version, in this order."""

    low_shelf_db: float = 0.0
    high_shelf_db: float = 0.0
    gain_db: float = 0.0
    limiter_ceiling: float | None = None  # None: no limiter
    inverted: bool = False
    drift_ppm: float = 0.0  # of the clock it was copied with: positive makes the file longer
    lead_in_s: float = 0.0  # silence before the stem, or, negative, how much of its start is cut off
    sample_rate_hz: int = SAMPLE_RATE_HZ
    codec: Codec = "flac"

    @property
    def polarity(self) -> int:
        """−1 where the wave is upside down."""
        return -1 if self.inverted else 1


@dataclass(frozen=True, kw_only=True)
class Relation:
    """How a counterpart sits on its original, in the sense of the evidence table."""

    offset_s: float
    gain_db: float
    drift_ppm: float
    polarity: int


def relation(original: Mastering, counterpart: Mastering) -> Relation:
    """The planted truth of a pair.

    With t the original's time, ``original_backing(t) ≈ polarity · 10^(gain_db/20) · counterpart(t + offset_s +
    1e-6 · drift_ppm · t)``, apart from limiters and equalisers. Originals run on the true clock.
    """
    stretch = 1 + 1e-6 * counterpart.drift_ppm
    return Relation(
        offset_s=whole_samples_s(counterpart.lead_in_s) - stretch * whole_samples_s(original.lead_in_s),
        gain_db=original.gain_db - counterpart.gain_db,
        drift_ppm=counterpart.drift_ppm,
        polarity=original.polarity * counterpart.polarity,
    )


def whole_samples_s(seconds: float) -> float:
    """``seconds`` as mastering cuts them: whole samples."""
    return seconds_to_samples(seconds) / SAMPLE_RATE_HZ


def master(stem: Samples, mastering: Mastering, *, within: Samples | None = None) -> Samples:
    """Apply ``mastering`` to a stem.

    Parameters
    ----------
    stem : float32, shape (2, samples), at `SAMPLE_RATE_HZ`
    within
        The mixture that the limiter listens to, where ``stem`` is only a part of it: so mastered, the parts of a
        mixture add up to the mastered mixture, limiter or not.

    Returns
    -------
    float32 ``(2, samples)`` at ``mastering.sample_rate_hz``, clipped to −1..1.
    """
    sound = _before_limiter(stem, mastering)
    if mastering.limiter_ceiling is not None:
        heard = sound if within is None else _before_limiter(within, mastering)
        sound = sound * limiter_gain(heard, mastering.limiter_ceiling)
    if mastering.drift_ppm:
        sound = _resampled(sound, SAMPLE_RATE_HZ * (1 + 1e-6 * mastering.drift_ppm))
    lead_in = seconds_to_samples(mastering.lead_in_s)
    sound = np.pad(sound, ((0, 0), (lead_in, 0))) if lead_in > 0 else sound[:, -lead_in:]
    if mastering.sample_rate_hz != SAMPLE_RATE_HZ:
        sound = _resampled(sound, mastering.sample_rate_hz)
    return np.clip(sound, -1.0, 1.0).astype(np.float32)


def _before_limiter(stem: Samples, mastering: Mastering) -> Samples:
    sound = shelved(stem, _LOW_SHELF_HZ, mastering.low_shelf_db, high=False)
    sound = shelved(sound, _HIGH_SHELF_HZ, mastering.high_shelf_db, high=True)
    return sound * np.float32(mastering.polarity * 10 ** (mastering.gain_db / 20))


def _resampled(sound: Samples, to_hz: float) -> Samples:
    resampled: Samples = soxr.resample(sound.T, SAMPLE_RATE_HZ, to_hz).T
    return resampled


def shelved(sound: Samples, corner_hz: float, gain_db: float, *, high: bool) -> Samples:
    """A shelving equaliser of slope 1, after Bristow-Johnson's "Audio EQ cookbook"."""
    if gain_db == 0:
        return sound
    amplitude, omega = 10 ** (gain_db / 40), 2 * np.pi * corner_hz / SAMPLE_RATE_HZ
    # The high shelf is the low one with every cosine turned round, and its odd coefficients too.
    side = -1.0 if high else 1.0
    cosine, slope = side * np.cos(omega), np.sqrt(2 * amplitude) * np.sin(omega)
    numerator = amplitude * np.array(
        [
            (amplitude + 1) - (amplitude - 1) * cosine + slope,
            2 * side * ((amplitude - 1) - (amplitude + 1) * cosine),
            (amplitude + 1) - (amplitude - 1) * cosine - slope,
        ]
    )
    denominator = np.array(
        [
            (amplitude + 1) + (amplitude - 1) * cosine + slope,
            -2 * side * ((amplitude - 1) + (amplitude + 1) * cosine),
            (amplitude + 1) + (amplitude - 1) * cosine - slope,
        ]
    )
    return lfilter(numerator / denominator[0], denominator / denominator[0], sound, axis=1).astype(np.float32)


def limiter_gain(sound: Samples, ceiling: float) -> Samples:
    """Gain ``(samples,)`` of a look-ahead limiter: down before a peak of either channel, slowly back after it."""
    peaks = np.max(np.abs(sound), axis=0)
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    width = 2 * seconds_to_samples(_LIMITER_LOOKAHEAD_S + _LIMITER_RELEASE_S / 2) + 1
    held = minimum_filter1d(wanted, width)
    gain = uniform_filter1d(uniform_filter1d(held, width // 2), width // 2)
    limited: Samples = np.minimum(gain, wanted).astype(np.float32)
    return limited


def encode(samples: Samples, sample_rate_hz: int, codec: Codec) -> bytes:
    """Encode ``(2, samples)``; the same samples always give the same bytes."""
    if codec == "m4a":
        return _encode_aac(samples, sample_rate_hz)
    container, subtype = _SOUNDFILE_NAMES[codec]
    content = encode_audio(samples, sample_rate_hz, container=container, subtype=subtype)
    return _with_fixed_serial(content) if codec == "ogg" else content


def _encode_aac(samples: Samples, sample_rate_hz: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("aac", rate=sample_rate_hz, layout="stereo", options={"flags": "+bitexact"})
        stream.bit_rate = _AAC_BITS_A_SECOND
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate = sample_rate_hz
        for whole in (frame, None):
            container.mux(stream.encode(whole))
    return buffer.getvalue()


_MIRRORED_BYTES = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _with_fixed_serial(content: bytes, serial: int = 1) -> bytes:
    """Replace the random serial number of an Ogg stream, page by page (RFC 3533, section 6)."""
    pages, position = bytearray(), 0
    while position < len(content):
        num_segments = content[position + 26]
        body = 27 + num_segments + sum(content[position + 27 : position + 27 + num_segments])
        page = bytearray(content[position : position + body])
        page[14:18] = serial.to_bytes(4, "little")
        page[22:26] = bytes(4)
        page[22:26] = _ogg_checksum(bytes(page)).to_bytes(4, "little")
        pages += page
        position += body
    return bytes(pages)


def _ogg_checksum(page: bytes) -> int:
    """CRC-32 as Ogg has it: zlib's polynomial, unmirrored, and neither start nor end inverted."""
    mirrored = zlib.crc32(page.translate(_MIRRORED_BYTES), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)

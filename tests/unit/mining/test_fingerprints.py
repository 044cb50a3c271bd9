"""Fingerprints against pyacoustid and a brute-force comparison."""

import acoustid
import chromaprint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining import fingerprints


def brute_force(first: list[int], second: list[int], shift_limit: int, needed: int) -> float:
    """Try every offset, count bits one by one."""
    best = 2.0
    for shift in range(-shift_limit, shift_limit + 1):
        pairs = [(first[i], second[i + shift]) for i in range(len(first)) if 0 <= i + shift < len(second)]
        if len(pairs) >= needed:
            best = min(best, sum(bin(a ^ b).count("1") for a, b in pairs) / (32 * len(pairs)))
    return best if best <= 1.0 else 0.5


codes = st.lists(st.integers(0, 2**32 - 1), min_size=0, max_size=30)


@settings(deadline=None, max_examples=60)
@given(codes, codes, st.integers(0, 12))
def test_agrees_with_brute_force(first: list[int], second: list[int], shift_limit: int) -> None:
    match = fingerprints.compare(
        np.array(first, dtype=np.uint32),
        np.array(second, dtype=np.uint32),
        max_shift_frames=shift_limit,
        min_overlap_frames=4,
        min_overlap_share=0.0,
    )
    assert match.bit_error_rate == pytest.approx(brute_force(first, second, shift_limit, 4))


def test_offset_is_where_pyacoustid_finds_it(studio) -> None:
    codes = fingerprints.extract(studio.mixture[None].astype(np.float32), studio.rate_hz)
    skipped = round(40 * fingerprints.FRAME_S * studio.rate_hz)
    later = fingerprints.extract(studio.mixture[None, skipped:].astype(np.float32), studio.rate_hz)
    match = fingerprints.compare(codes, later)
    assert match.offset_frames == -40
    assert match.bit_error_rate < 0.1
    encoded = [(0.0, chromaprint.encode_fingerprint(c.astype(np.int32).tolist(), 1)) for c in (codes, later)]
    assert acoustid.compare_fingerprints(*encoded) > 0.9


def test_extraction_agrees_with_the_library_fed_directly(studio) -> None:
    samples = np.stack([studio.mixture, studio.backing]).astype(np.float32)
    printer = chromaprint.Fingerprinter()
    printer.start(studio.rate_hz, 2)
    printer.feed((samples.T * 32767).astype("<i2").tobytes())
    direct = np.array(chromaprint.decode_fingerprint(printer.finish())[0], dtype=np.uint32)
    match = fingerprints.compare(fingerprints.extract(samples, studio.rate_hz), direct)
    assert match.offset_frames == 0
    assert match.bit_error_rate < 0.02


def test_voice_raises_the_error_rate_and_another_song_more(studio) -> None:
    rates = [
        studio.compare(studio.mixture, other).bit_error_rate
        for other in (studio.mixture, studio.backing, studio.make_backing(24.0, 9))
    ]
    assert rates[0] == 0.0
    assert 0.02 < rates[1] < 0.4 < rates[2]


def test_short_and_empty_audio_have_no_fingerprint() -> None:
    for samples in (0, 100, 8000):
        codes = fingerprints.extract(np.zeros((2, samples), dtype=np.float32), 16000)
        assert codes.dtype == np.uint32
        assert len(codes) == 0
    match = fingerprints.compare(codes, codes)
    assert (match.bit_error_rate, match.overlap_frames) == (0.5, 0)


def test_library_version_is_a_version() -> None:
    assert fingerprints.library_version().count(".") == 2

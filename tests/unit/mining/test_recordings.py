"""Recordings that occur twice are found by sound; others stay apart."""

import numpy as np

from mining.recordings import recording_ids


def _codes(seed: int, length: int = 400) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, length, dtype=np.uint32)


def _with_bit_errors(codes: np.ndarray, share: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    flips = generator.random((codes.size, 32)) < share
    return codes ^ np.packbits(flips, axis=1, bitorder="little").view(np.uint32).ravel()


def test_the_same_audio_under_two_names_is_one_recording() -> None:
    song = _codes(1)
    found = recording_ids({"a": song, "b": _with_bit_errors(song, 0.03, 2), "c": _codes(3)})
    assert found["a"] == found["b"] != found["c"]


def test_a_shifted_copy_is_found() -> None:
    song = _codes(1)
    found = recording_ids({"a": song, "b": np.concatenate([_codes(9, 15), song])})
    assert found["a"] == found["b"]


def test_what_differs_much_stays_apart() -> None:
    """A mix against its instrumental differs in a fifth of the bits and more."""
    song = _codes(1)
    found = recording_ids({"a": song, "b": _with_bit_errors(song, 0.25, 2)})
    assert found["a"] != found["b"]


def test_silence_joins_nothing() -> None:
    silent = np.zeros(300, dtype=np.uint32)
    found = recording_ids({f"t{n}": np.concatenate([silent, _codes(n)]) for n in range(60)})
    assert len(set(found.values())) == 60


def test_names_do_not_depend_on_order() -> None:
    songs = {f"t{n}": _with_bit_errors(_codes(n // 2), 0.02, n) for n in range(10)}
    assert recording_ids(songs) == recording_ids(dict(reversed(songs.items())))

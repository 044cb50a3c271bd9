"""Songs read from published layouts and from a run's shards."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from data_manifests.audio_files import write_audio
from data_manifests.ids import digest
from data_manifests.profiles import PROFILES
from data_manifests.shard_format import shard_bytes
from evaluation.datasets import DatasetError, dataset_songs, read_dataset_song
from evaluation.run_songs import held_out_songs, read_held_out

RATE = 8000
PROFILE = PROFILES["jansson-8k"]


def noise(seed: int, channels: int = 2, samples: int = RATE) -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, samples))).astype(np.float32)


def write_stems(folder: Path, stems: dict[str, NDArray[np.float32]]) -> None:
    folder.mkdir(parents=True)
    for name, samples in stems.items():
        write_audio(folder / f"{name}.wav", samples, RATE, subtype="FLOAT")


def test_musdb_hq_layout(tmp_path: Path) -> None:
    stems = {name: noise(seed) for seed, name in enumerate(("vocals", "drums", "bass", "other"))}
    mixture = noise(9)  # on purpose not the sum of the stems
    for song in ("B - two", "A - one"):
        write_stems(tmp_path / "test" / song, {**stems, "mixture": mixture})
    places = dataset_songs(tmp_path)
    assert [place.track_id for place in places] == ["test/A - one", "test/B - two"]
    song = read_dataset_song(places[0])
    assert song.reference_kind == "true stems"
    np.testing.assert_array_equal(song.mixture, mixture)
    backing = stems["drums"] + stems["bass"] + stems["other"]
    np.testing.assert_allclose(song.references["instrumental"], backing, atol=1e-6)
    assert len(dataset_songs(tmp_path, limit=1)) == 1


def test_folder_of_stems_without_mixture(tmp_path: Path) -> None:
    vocals, instrumental = noise(0, channels=1), noise(1, samples=RATE - 10)
    write_stems(tmp_path / "song", {"vocals": vocals, "instrumental": instrumental, "drums": noise(2)})
    song = read_dataset_song(dataset_songs(tmp_path)[0])
    assert song.mixture.shape == (2, RATE)
    np.testing.assert_allclose(song.mixture[:, : RATE - 10], vocals[:, : RATE - 10] + instrumental, atol=1e-6)


def test_mixture_and_vocals_alone(tmp_path: Path) -> None:
    mixture, vocals = noise(0), noise(1)
    write_stems(tmp_path / "song", {"mixture": mixture, "vocals": vocals})
    song = read_dataset_song(dataset_songs(tmp_path)[0])
    np.testing.assert_allclose(song.references["instrumental"], mixture - vocals, atol=1e-6)


def test_ikala_layout(tmp_path: Path) -> None:
    channels = noise(0)
    (tmp_path / "Wavfile").mkdir()
    write_audio(tmp_path / "Wavfile" / "10161_chorus.wav", channels, RATE, subtype="FLOAT")
    song = read_dataset_song(dataset_songs(tmp_path, "ikala")[0])
    assert song.track_id == "Wavfile/10161_chorus.wav"
    np.testing.assert_array_equal(song.references["instrumental"], channels[:1])
    np.testing.assert_array_equal(song.references["vocals"], channels[1:])
    np.testing.assert_allclose(song.mixture, channels.sum(axis=0, keepdims=True), atol=1e-7)


def test_wrong_layouts_say_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not a folder"):
        dataset_songs(tmp_path / "absent")
    with pytest.raises(DatasetError, match="no song"):
        dataset_songs(tmp_path)
    write_stems(tmp_path / "song", {"vocals": noise(0)})
    with pytest.raises(DatasetError, match="vocals alone"):
        read_dataset_song(dataset_songs(tmp_path)[0])
    write_audio(tmp_path / "song" / "mono.wav", noise(0, channels=1), RATE)
    mono = next(place for place in dataset_songs(tmp_path, "mir1k") if "mono" in place.track_id)
    with pytest.raises(DatasetError, match="1 channels"):
        read_dataset_song(mono)


def write_run(root: Path) -> dict[str, NDArray[np.float32]]:
    """A run of two held-out pairs, two segments each; the second half of the first pair is silent."""
    samples, frames = PROFILE.segment_samples, PROFILE.patch_frames
    audio = {f"{pair}/{kind}": noise(seed, 1, 2 * samples) for seed, (pair, kind) in enumerate(
        (pair, kind) for pair in ("p1", "p2") for kind in ("mixture", "instrumental")
    )}  # fmt: skip
    audio["p1/mixture"][:, samples:] = 0
    audio["p1/instrumental"][:, samples:] = 0
    rows = []
    for pair in ("p2", "p1"):
        for index in (1, 0):
            stretch = slice(index * samples, (index + 1) * samples)
            mixture, backing = audio[f"{pair}/mixture"][:, stretch], audio[f"{pair}/instrumental"][:, stretch]
            plane = np.zeros((frames, PROFILE.num_bins), dtype=np.float32)
            rows.append(
                {
                    "segment_id": f"{pair}-{index}", "pair_id": pair, "start_s": stretch.start / PROFILE.sample_rate_hz,
                    "num_frames": frames, "grade": "A", "weight": 1.0, "genre": "pop" if pair == "p1" else None,
                    "recording_id": pair, "target_kind": "waveform" if pair == "p1" else "half_wave",
                    "predicted_sdr_db": 10.0, "mixture": plane, "vocals": plane, "instrumental": plane,
                    "activity": np.zeros(frames), "mixture_audio": mixture, "instrumental_audio": backing,
                    "vocals_audio": mixture - backing if pair == "p1" else None,
                }
            )  # fmt: skip
    (root / "shards/test").mkdir(parents=True)
    for name, part in (("a", rows[:3]), ("b", rows[3:])):  # one pair lies in two shards
        (root / f"shards/test/{name}.parquet").write_bytes(shard_bytes(part, PROFILE, with_audio=True))
    shards = [{"path": f"shards/test/{name}.parquet", "split": "test"} for name in ("a", "b")]
    content = {"schema_version": 1, "profile": PROFILE.as_dict(), "shards": shards}
    (root / "manifest.json").write_text(json.dumps({"digest": digest(content), **content}))
    return audio


def test_songs_of_a_run(tmp_path: Path) -> None:
    audio = write_run(tmp_path)
    assert [place.pair_id for place in held_out_songs(str(tmp_path))] == ["p1", "p2"]
    assert held_out_songs(str(tmp_path), "valid") == []
    first, second = read_held_out(str(tmp_path))
    assert first.sample_rate_hz == PROFILE.sample_rate_hz
    assert {first.reference_kind, second.reference_kind} == {"mined reference"}
    assert set(first.references) == {"vocals", "instrumental"}
    assert set(second.references) == {"instrumental"}
    assert (first.genre, second.genre) == ("pop", None)
    for song, pair in ((first, "p1"), (second, "p2")):
        np.testing.assert_allclose(song.mixture, audio[f"{pair}/mixture"], atol=2e-7)
        np.testing.assert_allclose(song.references["instrumental"], audio[f"{pair}/instrumental"], atol=2e-7)
    vocals = audio["p1/mixture"] - audio["p1/instrumental"]
    np.testing.assert_allclose(first.references["vocals"], vocals, atol=2e-7)

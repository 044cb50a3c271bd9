"""A catalogue's paths never leave the audio root."""

from pathlib import Path

import pytest

from data_manifests.audio_files import UnusableAudio
from data_manifests.audio_store import AudioStore


@pytest.fixture
def store(tmp_path: Path) -> AudioStore:
    (tmp_path / "secret.wav").write_bytes(b"secret")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a b's.wav").write_bytes(b"music")
    (root / "link.wav").symlink_to(tmp_path / "secret.wav")
    return AudioStore(str(root))


def test_reads_below_the_root(store: AudioStore) -> None:
    assert store.read("sub/a b's.wav") == b"music"


@pytest.mark.parametrize(
    "path", ["../secret.wav", "sub/../../secret.wav", "/etc/passwd", "link.wav", "a\x00b", "file:///etc/passwd",
             "memory://x/y", "ssh://host/x"],
)  # fmt: skip
def test_refuses_paths_out_of_the_root(store: AudioStore, path: str) -> None:
    with pytest.raises(UnusableAudio) as fault:
        store.read(path)
    assert fault.value.reason == "path_outside_root"
    assert store.identity(path) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [(None, "no_audio_path"), ("", "no_audio_path"), ("gone.wav", "missing_file"), ("sub", "missing_file")],
)
def test_names_what_is_missing(store: AudioStore, path: str | None, reason: str) -> None:
    with pytest.raises(UnusableAudio) as fault:
        store.read(path)
    assert fault.value.reason == reason


def test_identity_changes_with_a_new_delivery(store: AudioStore, tmp_path: Path) -> None:
    before = store.identity("sub/a b's.wav")
    (tmp_path / "root" / "sub" / "a b's.wav").write_bytes(b"other")
    assert before is not None
    assert store.identity("sub/a b's.wav") != before

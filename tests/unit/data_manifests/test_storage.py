"""Files are complete or not there, on disk and on a store that is not a disk."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from data_manifests.storage import Store


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "local":
        yield Store(str(tmp_path / "run"))
    else:
        yield Store("memory://run")
        fsspec.filesystem("memory").rm("/run", recursive=True)


def test_write_read_list_remove(store: Store) -> None:
    store.write("work/a/1.json", b"one")
    store.write("work/a/2.json", b"two")
    store.write("work/a/2.json", b"TWO")
    assert store.read("work/a/2.json") == b"TWO"
    assert store.names("work", ".json") == ["work/a/1.json", "work/a/2.json"]
    assert store.names("nowhere") == []
    assert store.facts("work/a/1.json").size == 3
    store.remove("work/a/1.json")
    store.remove("work/a/1.json")
    assert not store.exists("work/a/1.json")
    with pytest.raises(FileNotFoundError):
        store.read("work/a/1.json")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(str(tmp_path))
    store.write("a.txt", b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write("a.txt", b"new")
    assert store.read("a.txt") == b"old"
    assert store.names("") == ["a.txt"]

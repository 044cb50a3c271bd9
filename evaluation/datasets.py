"""Songs of data sets with true stems, in the layouts they are published in.

- `stems`: a folder a song (at any depth) with `mixture.*`, `vocals.*` and any other stems beside; MUSDB18-HQ is one.
  The instrumental is `instrumental.*` or `accompaniment.*` if there is one, else the sum of the other stems, else
  mixture - vocals. MUSDB's mixture is not exactly the sum of its stems; it is taken as it is. Without `mixture.*` the
  mixture is the sum.
- `ikala`, `mir1k`: a stereo file a song, left accompaniment, right voice, in `Wavfile/` or the folder itself.

For the last two the mixture is the sum of both channels, in mono. Songs are sorted by their folder's or file's path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from data_manifests.audio_files import decode_audio
from evaluation.songs import Song, Target, Waveform

Layout = Literal["stems", "ikala", "mir1k"]
LAYOUTS: tuple[Layout, ...] = ("stems", "ikala", "mir1k")
AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".mp3", ".m4a", ".aif", ".aiff", ".opus"})
_MIXTURE, _VOCALS = ("mixture", "mix"), ("vocals",)
_BACKING = ("instrumental", "accompaniment")


class DatasetError(ValueError):
    """A folder is not in the layout it was said to have; the message says what was found."""


@dataclass(frozen=True, kw_only=True)
class DatasetSong:
    """Where a song lies: a value small enough to be sent to a worker, which then reads it."""

    root: str
    track_id: str
    """Path of the song's folder or file within the data set."""
    layout: Layout


def dataset_songs(root: Path, layout: Layout = "stems", *, limit: int | None = None) -> list[DatasetSong]:
    """List the songs of a data set, sorted by path; `limit` takes the first ones.

    Raises
    ------
    DatasetError
        Where the folder is missing or holds no song in this layout.
    """
    if not root.is_dir():
        raise DatasetError(f"{root} is not a folder")
    if layout == "stems":
        found = sorted({path.parent for path in _audio_files(root) if path.stem.lower() in _VOCALS})
        expected = "a folder a song with vocals.wav and mixture.wav or other stems"
    else:
        folder = root / "Wavfile" if (root / "Wavfile").is_dir() else root
        found = sorted(_audio_files(folder))
        expected = "a stereo file a song: left accompaniment, right voice"
    if not found:
        raise DatasetError(f"{root} holds no song in the layout {layout!r} ({expected}); known layouts: {LAYOUTS}")
    names = [str(path.relative_to(root)) if path != root else "." for path in found]
    return [DatasetSong(root=str(root), track_id=name, layout=layout) for name in names[:limit]]


def read_dataset_song(place: DatasetSong) -> Song:
    """Read a song.

    Raises
    ------
    DatasetError
        Where the song's files do not fit together.
    data_manifests.audio_files.UnusableAudio
        Where a file is broken.
    """
    path = Path(place.root) / place.track_id
    mixture, references, rate = _read_stems(path) if place.layout == "stems" else _read_two_channels(path)
    return Song(
        track_id=path.name if place.track_id == "." else place.track_id,
        mixture=mixture,
        references=references,
        sample_rate_hz=rate,
        reference_kind="true stems",
    )


def _audio_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file()]


def _read_two_channels(path: Path) -> tuple[Waveform, dict[Target, Waveform], int]:
    audio = decode_audio(path.read_bytes())
    if audio.num_channels != 2:
        raise DatasetError(
            f"{path} has {audio.num_channels} channels; left accompaniment and right voice were expected"
        )
    instrumental, vocals = audio.samples[:1], audio.samples[1:]
    return instrumental + vocals, {"vocals": vocals, "instrumental": instrumental}, audio.sample_rate_hz


def _read_stems(folder: Path) -> tuple[Waveform, dict[Target, Waveform], int]:
    files = {path.stem.lower(): path for path in sorted(folder.iterdir()) if path.suffix.lower() in AUDIO_SUFFIXES}
    stems, rate = _decoded(files)
    mixture = _take(stems, _MIXTURE)
    vocals = _take(stems, _VOCALS)
    if vocals is None:
        raise DatasetError(f"{folder} holds no vocals; found {sorted(files)}")
    backing = _take(stems, _BACKING)
    if backing is None and stems:
        backing = _sum(list(stems.values()))
    if mixture is None:
        if backing is None:
            raise DatasetError(f"{folder} holds vocals alone; a mixture or other stems are needed")
        mixture = _sum([vocals, backing])
    vocals = _like(vocals, mixture)
    backing = mixture - vocals if backing is None else _like(backing, mixture)
    return mixture, {"vocals": vocals, "instrumental": backing}, rate


def _decoded(files: dict[str, Path]) -> tuple[dict[str, Waveform], int]:
    """Decode the stems of a song, which must have one rate."""
    decoded = {name: decode_audio(path.read_bytes()) for name, path in files.items()}
    rates = {audio.sample_rate_hz for audio in decoded.values()}
    if len(rates) != 1:
        raise DatasetError(f"stems of one song must have one sample rate, got {sorted(rates)} in {sorted(files)}")
    return {name: audio.samples for name, audio in decoded.items()}, rates.pop()


def _take(stems: dict[str, Waveform], names: Sequence[str]) -> Waveform | None:
    """Remove the stems of any of these names; give the first."""
    found = [stems.pop(name) for name in names if name in stems]
    return found[0] if found else None


def _sum(parts: Sequence[Waveform]) -> Waveform:
    """Add up stems; mono ones count in every channel, short ones end early."""
    widest = np.zeros((max(p.shape[0] for p in parts), max(p.shape[1] for p in parts)), dtype=np.float32)
    for part in parts:
        widest = widest + _like(part, widest)
    return widest


def _like(audio: Waveform, reference: Waveform) -> Waveform:
    """Bring a stem to the channels and length of another."""
    channels, samples = reference.shape
    if audio.shape[0] != channels:
        audio = np.repeat(audio.mean(axis=0, keepdims=True), channels, axis=0)
    return np.pad(audio, ((0, 0), (0, max(0, samples - audio.shape[1]))))[:, :samples]

"""Separating files with a model: decode, separate, write the parts side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_manifests.audio_files import UnusableAudio, decode_audio, write_audio
from data_manifests.music_folder import SUFFIXES
from pipeline.errors import UsageError
from pipeline.progress import step

Separator = Callable[[NDArray[np.float32], int], Mapping[str, NDArray[np.float32]]]
"""(audio (channels, num_samples), rate in hertz) → parts of the same shape by name."""

_MAX_DURATION_S = 4 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Separated:
    """What was written, and what could not be separated and why."""

    written: list[Path] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def separate_files(inputs: Sequence[Path], separator: Separator, out: Path) -> Separated:
    """Write `out/<name>/vocals.wav` and `instrumental.wav` for each file.

    Float WAV, so that the parts add up to the decoded input exactly. Two inputs of one name get `<name>`, `<name>-2`.

    Raises
    ------
    UsageError
        Where an input does not exist or holds no music.
    """
    files = list(_files(inputs))
    result = Separated()
    taken: set[str] = set()
    with step("separate", len(files)) as advance:
        for path in files:
            folder = out / _free_name(path.stem, taken)
            try:
                audio = decode_audio(path.read_bytes(), max_duration_s=_MAX_DURATION_S)
            except UnusableAudio as fault:
                result.skipped.append((str(path), str(fault)))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                for name, part in separator(audio.samples, audio.sample_rate_hz).items():
                    write_audio(folder / f"{name}.wav", part, audio.sample_rate_hz, subtype="FLOAT")
                    result.written.append(folder / f"{name}.wav")
            advance(1)
    return result


def _files(inputs: Sequence[Path]) -> Iterator[Path]:
    for path in inputs:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            if not found:
                raise UsageError(f"{path} holds no music; expected files such as .mp3, .flac, .wav")
            yield from found
        elif path.exists():
            yield path
        else:
            raise UsageError(f"no file at {path}")


def _free_name(stem: str, taken: set[str]) -> str:
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name

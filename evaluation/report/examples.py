"""Pairs to look at and listen to: a seeded choice, with pictures and short clips embedded."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_manifests.audio_files import encode_audio
from evaluation.report.figures import spectrogram_png
from evaluation.report.run_tables import RunTables
from mining.spectra import istft, stft

Samples = NDArray[np.float32]
ClipReader = Callable[[str, str], tuple[Samples, Samples, int] | None]
"""(original id, counterpart id) → aligned mixture and counterpart of shape (num_samples,), and their rate in hertz."""

_CLIP_S = 6.0
_N_FFT, _HOP = 1024, 256


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A clip with its picture, both as data URLs."""

    name: str
    picture: str
    audio: str


@dataclass(frozen=True, kw_only=True)
class Example:
    """A pair in the report."""

    row: dict[str, Any]
    original: dict[str, Any]
    counterpart: dict[str, Any]
    sounds: tuple[Sound, ...]


def choose_examples(run: RunTables, outcome: str, count: int) -> list[dict[str, Any]]:
    """Choose pairs of an outcome: one of each reason or grade in turn, within it by a hash of the pair's id."""
    rows = run.decided.filter(pl.col("outcome") == outcome)
    group = "reason" if outcome == "rejected" else "grade"
    keyed = rows.with_columns(
        key=pl.col("pair_id").map_elements(
            lambda pair: hashlib.sha256(pair.encode()).hexdigest(), return_dtype=pl.String
        )
    ).sort("key")
    keyed = keyed.with_columns(turn=pl.int_range(pl.len()).over(group))
    return list(keyed.sort("turn", group).head(count).drop("key", "turn").iter_rows(named=True))


def render_examples(run: RunTables, outcome: str, count: int, clips: ClipReader | None) -> list[Example]:
    """Make the examples of an outcome; pairs that cannot be heard are shown without sound."""
    tracks = {row["track_id"]: row for row in run["catalog"].iter_rows(named=True)}
    examples = []
    for row in choose_examples(run, outcome, count):
        heard = clips(row["original_id"], row["counterpart_id"]) if clips else None
        examples.append(
            Example(
                row=row,
                original=tracks.get(row["original_id"], {}),
                counterpart=tracks.get(row["counterpart_id"], {}),
                sounds=() if heard is None else _sounds(*heard, kind=row["kind"]),
            )
        )
    return examples


def _sounds(mixture: Samples, counterpart: Samples, rate_hz: int, kind: str) -> tuple[Sound, ...]:
    start = _liveliest(mixture, counterpart, rate_hz)
    stretch = slice(start, start + int(_CLIP_S * rate_hz))
    mixture, counterpart = mixture[stretch], counterpart[stretch]
    names = ("mixture", "acapella", "what it leaves") if kind == "acapella" else ("mixture", "instrumental", "vocal")
    derived = _half_wave(mixture, counterpart)
    return tuple(
        Sound(name=name, picture=spectrogram_png(samples, rate_hz), audio=_mp3(samples, rate_hz))
        for name, samples in zip(names, (mixture, counterpart, derived), strict=True)
    )


def _liveliest(mixture: Samples, counterpart: Samples, rate_hz: int) -> int:
    """Start of the stretch in which the two differ most."""
    length, step = int(_CLIP_S * rate_hz), rate_hz
    if mixture.size <= length:
        return 0
    energy = np.concatenate([[0.0], np.cumsum((mixture - counterpart).astype(np.float64) ** 2)])
    starts = np.arange(0, mixture.size - length, step)
    return int(starts[np.argmax(energy[starts + length] - energy[starts])])


def _half_wave(mixture: Samples, counterpart: Samples) -> Samples:
    """max(|mixture| − |counterpart|, 0) with the mixture's phase, as audio."""
    whole, part = stft(mixture, _N_FFT, _HOP), stft(counterpart, _N_FFT, _HOP)
    magnitude = np.abs(whole)
    left = np.maximum(magnitude - np.abs(part), 0.0) / np.maximum(magnitude, 1e-12)
    return istft((left * whole).astype(np.complex64), _N_FFT, _HOP, mixture.size)


def _mp3(samples: Samples, rate_hz: int) -> str:
    content = encode_audio(np.clip(samples, -1, 1)[np.newaxis], rate_hz, container="MP3", subtype="MPEG_LAYER_III")
    return "data:audio/mpeg;base64," + base64.b64encode(content).decode()

"""Audio for the report's examples: both sides of a pair, aligned and level-matched, as short mono clips."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_manifests.audio_files import UnusableAudio, decode_audio
from data_manifests.audio_store import AudioStore
from data_manifests.resampling import resample
from data_manifests.schemas import PAIRS, PROPOSED
from data_manifests.storage import Store
from data_manifests.tables import read_table
from mining.targets import Placement, align_counterpart

CLIP_RATE_HZ = 16000


@dataclass(frozen=True, kw_only=True)
class PairClips:
    """Reads the audio of a run's pairs on demand.

    Parameters
    ----------
    run, audio_root
        Where the run lives, and the folder that its catalogue's paths start from.
    """

    run: str
    audio_root: str | None

    @cached_property
    def _paths(self) -> dict[str, str | None]:
        return dict(read_table(Store(self.run), PROPOSED).select("track_id", "audio").iter_rows())

    @cached_property
    def _pairs(self) -> pl.DataFrame:
        return read_table(Store(self.run), PAIRS)

    def __call__(
        self, original_id: str, counterpart_id: str
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], int] | None:
        """Give mixture and counterpart on the original's timeline, and their rate; None where one cannot be heard.

        Returns
        -------
        mixture, counterpart : float32, shape (num_samples,)
        rate : hertz
        """
        try:
            mixture, counterpart = self._decode(original_id), self._decode(counterpart_id)
        except (UnusableAudio, OSError):
            return None
        named = (pl.col("original_id") == original_id) & (pl.col("counterpart_id") == counterpart_id)
        rows = self._pairs.filter(named)
        facts: Mapping[str, Any] = rows.row(0, named=True) if rows.height else {}
        if facts.get("offset_s") is None:
            return mixture, counterpart, CLIP_RATE_HZ
        aligned = align_counterpart(
            counterpart[np.newaxis], CLIP_RATE_HZ, CLIP_RATE_HZ, Placement.from_values(facts), mixture.size
        )[0]
        return mixture, aligned, CLIP_RATE_HZ

    def _decode(self, track_id: str) -> NDArray[np.float32]:
        audio = decode_audio(AudioStore(self.audio_root).read(self._paths.get(track_id)))
        mono = audio.samples.mean(axis=0, keepdims=True)
        converted: NDArray[np.float32] = resample(mono, audio.sample_rate_hz, CLIP_RATE_HZ)[0]
        return converted

"""Scoring many systems on many songs: pure tasks that a runner maps, and the files that come of them.

rows = evaluate_song(read_run_song(place), [Mixture(), IdealMask(), TrainedModel.at(path)])
write_results(scores_table(rows), out)
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from evaluation.scores import ScoreRow, missing_rows, score_song
from evaluation.songs import Estimator, Song

logger = logging.getLogger(__name__)


def evaluate_song(song: Song, estimators: Sequence[Estimator], *, device: str = "cpu") -> list[ScoreRow]:
    """Separate and score one song by every system, in their order.

    A system that fails on the song (out of memory, or an estimate that is not finite) gets rows without values that
    say so; the other systems are scored all the same. The same song and systems give the same rows on any worker.

    Raises
    ------
    ValueError
        Where two systems have the same name.
    """
    names = [estimator.name for estimator in estimators]
    if len(set(names)) < len(names):
        raise ValueError(f"systems must have different names, got {names}")
    return [row for estimator in estimators for row in _scored(song, estimator, device)]


def _scored(song: Song, estimator: Estimator, device: str) -> list[ScoreRow]:
    try:
        return score_song(song, estimator(song), system=estimator.name, device=device)
    except (ValueError, RuntimeError, MemoryError) as error:
        logger.warning("%s failed on %s: %s", estimator.name, song.track_id, error)
        return missing_rows(song, estimator.name, f"failed: {type(error).__name__}: {error}".splitlines()[0])

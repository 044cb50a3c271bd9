"""Telling people how far a training is: a line that rewrites itself on a terminal, plain log lines otherwise."""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

_LINE_EVERY_S = 10.0
_REDRAW_EVERY_S = 0.2
_BAR_WIDTH = 30


@dataclass(frozen=True, kw_only=True)
class TrainingProgress:
    """Where a training stands."""

    step: int
    total_steps: int | None
    """None where only time is the limit."""
    share_done: float
    """0 to 1, of the steps or of the time, whichever is further."""
    seconds_left: float | None
    """None until there is a rate to go by."""
    segments_per_s: float
    loss: float
    """Mean over the last steps."""
    validation_sdr_db: float | None
    """Median over held-out pairs at the last validation; None before the first, or where nothing is held out."""

    def __str__(self) -> str:
        of = f"/{self.total_steps}" if self.total_steps is not None else ""
        left = "" if self.seconds_left is None else f", {_clock(self.seconds_left)} left"
        score = "" if self.validation_sdr_db is None else f", held-out SDR {self.validation_sdr_db:.2f} dB"
        return f"step {self.step}{of}, {self.segments_per_s:.1f} segments/s, loss {self.loss:.4f}{score}{left}"


ProgressCallback = Callable[[TrainingProgress], None]


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


class ConsoleProgress:
    """Shows progress on stderr; the default of `training.fit.fit`."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._shown_at = 0.0

    def __call__(self, progress: TrainingProgress) -> None:
        """Show `progress` if it is time to."""
        now = time.monotonic()
        last = progress.share_done >= 1.0
        every = _REDRAW_EVERY_S if self._on_terminal else _LINE_EVERY_S
        if now - self._shown_at < every and not last:
            return
        self._shown_at = now
        if not self._on_terminal:
            logger.info("training: %s", progress)
            return
        filled = round(_BAR_WIDTH * min(progress.share_done, 1.0))
        bar = "█" * filled + "░" * (_BAR_WIDTH - filled)
        sys.stderr.write(f"\r\033[K{bar} {progress}" + ("\n" if last else ""))
        sys.stderr.flush()

"""Plots of scores: the distribution over songs for each system and target."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_LABELS = {
    "usdr": "uSDR in dB (whole song)",
    "bsseval_v4_sdr": "SDR in dB (BSSEval v4, museval's frames)",
    "bsseval_v4_sdr_all_frames": "SDR in dB (BSSEval v4, all frames)",
    "lsd_db_half_wave": "log-spectral distance in dB (lower is better)",
}
_PREFERRED = tuple(_LABELS)
_COLOUR = "#2f6f8f"


def scores_png(scores: pl.DataFrame, *, metric: str | None = None) -> bytes:
    """Draw scores of every song, system and target as a PNG: points are songs, the box is the quartiles.

    Parameters
    ----------
    metric
        The same for all targets; where not given, the first of uSDR, SDR and log-spectral distance with values.
    """
    targets = [name for name in ("vocals", "instrumental") if scores.filter(pl.col("target") == name).height]
    systems = scores["system"].unique(maintain_order=True).to_list()
    size = (6.0 * max(len(targets), 1), 1.4 + 0.42 * max(len(systems), 1))
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, max(len(targets), 1), squeeze=False)[0]
    for axes, target in zip(panels, targets, strict=False):
        _panel(axes, scores.filter(pl.col("target") == target), systems, metric)
        axes.set_title(target, loc="left", fontweight="bold")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _panel(axes: Axes, scores: pl.DataFrame, systems: list[str], metric: str | None) -> None:
    """Draw one target: a row for each system, the first on top."""
    finite = scores.filter(pl.col("value").is_finite())
    present = set(finite["metric"])
    chosen = metric or next((name for name in _PREFERRED if name in present), "usdr")
    values = finite.filter(pl.col("metric") == chosen)
    groups = [values.filter(pl.col("system") == system)["value"].to_numpy() for system in systems]
    places = np.arange(len(systems), 0, -1)
    for place, group in zip(places, groups, strict=True):
        if group.size:
            axes.boxplot(
                group, positions=[place], orientation="horizontal", widths=0.5, showfliers=False, manage_ticks=False,
                medianprops={"color": _COLOUR, "linewidth": 2}, boxprops={"color": "#999999"},
                whiskerprops={"color": "#999999"}, capprops={"color": "#999999"},
            )  # fmt: skip
            spread = np.linspace(-0.15, 0.15, group.size) if group.size > 1 else np.zeros(1)
            axes.scatter(group, place + spread, s=9, color=_COLOUR, alpha=0.6, linewidths=0)
    axes.set_yticks(places, systems)
    axes.set_ylim(0.3, len(systems) + 0.7)
    axes.axvline(0, color="#bbbbbb", linewidth=0.8, zorder=0)
    axes.set_xlabel(_LABELS.get(chosen, chosen))
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)

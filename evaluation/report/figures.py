"""Pictures of the report: distributions as inline SVG that follows the page's colours, spectrograms as PNG."""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave
from numpy.typing import NDArray

from mining.spectra import stft

_INK = "#010203"
"""Stands for the page's own text colour; replaced by `currentColor` in the SVG."""
_COLOURS: Mapping[str, str] = {"accepted": "#2a9d8f", "rejected": "#e07a5f", "proposed": "#6c8ebf"}
_DYNAMIC_RANGE_DB = 70.0


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """A distribution to draw."""

    title: str
    label: str
    """Of the axis, with the unit."""
    groups: Mapping[str, Sequence[float]]
    thresholds: Mapping[str, float]


def histogram_svg(histogram: Histogram) -> str:
    """Draw distributions over one axis, thresholds as dashed lines; an inline SVG element."""
    figure = Figure(figsize=(4.0, 2.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    values = {name: np.asarray(group, dtype=float) for name, group in histogram.groups.items()}
    values = {name: group[np.isfinite(group)] for name, group in values.items()}
    together = np.concatenate([*values.values(), np.zeros(0)])
    edges = _edges(together, list(histogram.thresholds.values()))
    axes.hist(
        [np.clip(group, edges[0], edges[-1]) for group in values.values()],
        bins=edges.tolist(),
        stacked=True,
        color=[_COLOURS[name] for name in values],
        label=[f"{name} ({group.size})" for name, group in values.items()],
    )
    for name, threshold in histogram.thresholds.items():
        if edges[0] <= threshold <= edges[-1]:
            axes.axvline(threshold, color=_INK, linestyle="--", linewidth=1)
            axes.text(threshold, axes.get_ylim()[1], f" {name}", fontsize=8, va="top", color=_INK)
    axes.set_title(histogram.title, fontsize=11, color=_INK, loc="left", fontweight="bold")
    axes.set_xlabel(histogram.label, fontsize=9, color=_INK)
    axes.tick_params(colors=_INK, labelsize=8.5)
    axes.locator_params(axis="x", nbins=6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_INK)
    if len(values) > 1:
        axes.legend(fontsize=8, frameon=False, labelcolor=_INK)
    return _svg(figure, histogram.title)


def _edges(values: NDArray[np.float64], thresholds: list[float]) -> NDArray[np.float64]:
    """Bin edges that hold the middle 98 % of the values and every threshold near them."""
    if values.size == 0:
        return np.linspace(0.0, 1.0, 11)
    low, high = np.quantile(values, [0.01, 0.99])
    low, high = min(low, *thresholds, high), max(high, *thresholds, low)
    return np.linspace(low, high if high > low else low + 1.0, 31)


def _svg(figure: Figure, alt: str) -> str:
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "font.family": "sans-serif", "svg.hashsalt": alt}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    label = re.sub(r"[^\w ,.()%/-]", "", alt)
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def spectrogram_png(samples: NDArray[np.float32], rate_hz: int) -> str:
    """Draw a spectrogram (512-sample window, up to 8 kHz, 70 dB of range) as a data URL of a PNG."""
    power = 20 * np.log10(np.abs(stft(samples, 512, 256)).T + 1e-9)
    top = int(power.shape[0] * min(1.0, 8000 / (rate_hz / 2)))
    power = power[:top:2][::-1]
    peak = float(power.max()) if power.size else 0.0
    scaled = np.clip((power - peak) / _DYNAMIC_RANGE_DB + 1.0, 0.0, 1.0)
    buffer = io.BytesIO()
    imsave(buffer, scaled, cmap=colormaps["magma"], vmin=0.0, vmax=1.0, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()

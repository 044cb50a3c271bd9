"""The benchmark's tables, as text."""

from collections.abc import Sequence
from itertools import pairwise

from tests.benches.catalogue.comparison import Result
from tests.benches.catalogue.measure import FINISHED

_HEAD = (
    "system", "rows", "wall s", "CPU s", "peak GB", "µs/row", "bytes/row", "pairs", "precision", "recall",
    "wall / ours", "CPU / ours",
)  # fmt: skip
_GROWTH_HEAD = (
    "system", "from rows", "to rows", "µs/row grows", "bytes/row grows", "µs/further row", "bytes/further row",
)  # fmt: skip


def comparison_table(results: Sequence[Result]) -> str:
    """Show one row a system."""
    return _table([_HEAD, *(_row(result) for result in results)])


def growth_table(sizes: Sequence[Sequence[Result]]) -> str:
    """Show how time and memory a row grow from each size to the next: 1.00 is linear.

    Starting costs the same at any size, so each further row is shown as well: the difference in time or memory over
    the difference in rows.
    """
    rows: list[tuple[str, ...]] = [_GROWTH_HEAD]
    for before, after in pairwise(sizes):
        for small, large in zip(before, after, strict=True):
            if small.fate == large.fate == FINISHED:
                rows.append(_growth(small, large))
    return _table(rows)


def _growth(small: Result, large: Result) -> tuple[str, ...]:
    further = large.rows - small.rows
    return (
        large.system,
        f"{small.rows:,}",
        f"{large.rows:,}",
        f"{large.us_per_row / small.us_per_row:.2f} ×",
        f"{large.bytes_per_row / small.bytes_per_row:.2f} ×",
        f"{(large.wall_s - small.wall_s) / further * 1e6:.2f}",
        f"{(large.peak_bytes - small.peak_bytes) / further:.0f}",
    )


def _row(result: Result) -> tuple[str, ...]:
    took = (
        f"{result.wall_s:.1f}", f"{result.cpu_s:.1f}", f"{result.peak_bytes / 1e9:.2f}",
        f"{result.us_per_row:.2f}", f"{result.bytes_per_row:.0f}",
    )  # fmt: skip
    if result.fate != FINISHED:
        return (result.system, f"{result.rows:,}", *took, result.fate, "", "", "", "")
    found = (f"{result.num_pairs:,}", f"{result.precision:.4f}", f"{result.recall:.4f}")
    ratios = ("" if ratio is None else f"{ratio:.2f}" for ratio in (result.wall_ratio, result.cpu_ratio))
    return (result.system, f"{result.rows:,}", *took, *found, *ratios)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in Markdown, with columns aligned."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join(["", lines[0], rule, *lines[1:], ""])

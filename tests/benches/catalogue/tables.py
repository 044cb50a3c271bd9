"""The benchmark's tables, as text."""

from collections.abc import Sequence

from tests.benches.catalogue.comparison import Result
from tests.benches.catalogue.measure import FINISHED

_HEAD = (
    "system", "rows", "wall s", "CPU s", "peak GB", "µs/row", "bytes/row", "pairs", "precision", "recall",
    "wall / ours",
)  # fmt: skip


def comparison_table(results: Sequence[Result]) -> str:
    """Show one row a system."""
    return _table([_HEAD, *(_row(result) for result in results)])


def growth_table(sizes: Sequence[Sequence[Result]]) -> str:
    """Show how time and memory a row grow from the first size to each other one; 1.00 is linear."""
    rows = [("system", "from rows", "to rows", "µs/row grows", "bytes/row grows")]
    for results in sizes[1:]:
        for small, large in zip(sizes[0], results, strict=True):
            if small.fate == large.fate == FINISHED:
                time, memory = large.us_per_row / small.us_per_row, large.bytes_per_row / small.bytes_per_row
                rows.append((large.system, f"{small.rows:,}", f"{large.rows:,}", f"{time:.2f} ×", f"{memory:.2f} ×"))
    return _table(rows)


def _row(result: Result) -> tuple[str, ...]:
    took = (
        f"{result.wall_s:.1f}", f"{result.cpu_s:.1f}", f"{result.peak_bytes / 1e9:.2f}",
        f"{result.us_per_row:.2f}", f"{result.bytes_per_row:.0f}",
    )  # fmt: skip
    if result.fate != FINISHED:
        return (result.system, f"{result.rows:,}", *took, result.fate, "", "", "")
    ratio = "" if result.wall_ratio is None else f"{result.wall_ratio:.2f}"
    found = (f"{result.num_pairs:,}", f"{result.precision:.4f}", f"{result.recall:.4f}", ratio)
    return (result.system, f"{result.rows:,}", *took, *found)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in Markdown, with columns aligned."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join(["", lines[0], rule, *lines[1:], ""])

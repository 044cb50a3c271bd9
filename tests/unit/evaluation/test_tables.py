"""Aggregation, comparison and files of scores."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.stats

from evaluation.comparisons import compare_systems
from evaluation.evaluate import evaluate_song
from evaluation.oracles import ConstantMask, Mixture
from evaluation.scores import ScoreRow
from evaluation.songs import Song
from evaluation.tables import aggregate, display_table, markdown, scores_table, write_results

RATE = 2000


def row(track: str, system: str, value: float | None, **changes: object) -> ScoreRow:
    values: dict[str, object] = {
        "track_id": track,
        "system": system,
        "target": "vocals",
        "metric": "usdr",
        "value": value,
        "num_frames": 1,
        "num_excluded": int(value is None),
        "note": None,
        "genre": None,
        "reference_kind": "true stems",
        "sample_rate_hz": RATE,
        "num_channels": 1,
    }
    return ScoreRow(**(values | changes))  # type: ignore[arg-type]


def song(seed: int) -> Song:
    vocals, instrumental = np.random.default_rng(seed).standard_normal((2, 1, 3 * RATE)).astype(np.float32)
    return Song(
        track_id=f"song|{seed}",
        mixture=vocals + instrumental,
        references={"vocals": vocals, "instrumental": instrumental},
        sample_rate_hz=RATE,
        reference_kind="true stems",
    )


def test_aggregate_counts_missing_and_keeps_infinity_out_of_means() -> None:
    values = [1.0, 2.0, 6.0, np.inf, None]
    summary = aggregate(scores_table(row(f"t{i}", "s", v) for i, v in enumerate(values))).row(0, named=True)
    assert summary["median"] == 4.0
    assert summary["mean"] == 3.0
    assert (summary["num_songs"], summary["num_songs_missing"], summary["num_excluded"]) == (4, 1, 1)


def test_systems_keep_their_order() -> None:
    table = scores_table([row("t", name, 1.0) for name in ("mixture", "b", "a")])
    assert display_table(aggregate(table))["system"].to_list() == ["mixture", "b", "a"]


def test_comparison_equals_scipy_and_is_corrected() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 12), rng.normal(0, 1, 12)
    rows = [
        row(f"t{i}", name, float(v)) for name, group in (("a", a), ("b", b), ("c", b - 1)) for i, v in enumerate(group)
    ]
    found = compare_systems(scores_table(rows))
    first = found.filter((pl.col("system") == "a") & (pl.col("other") == "b")).row(0, named=True)
    assert first["p_value"] == pytest.approx(scipy.stats.wilcoxon(a - b).pvalue)
    assert first["median_difference"] == pytest.approx(np.median(a - b))
    assert (found["p_holm"] >= found["p_value"]).all()


def test_too_few_songs_are_not_tested() -> None:
    rows = [row(f"t{i}", name, float(i + shift)) for name, shift in (("a", 0), ("b", 1)) for i in range(5)]
    assert compare_systems(scores_table(rows))["p_value"].null_count() == 1


def test_results_are_written_and_valid(tmp_path: Path) -> None:
    rows = [r for seed in range(2) for r in evaluate_song(song(seed), [Mixture(), ConstantMask()])]
    rows.append(row("perfect", "mixture", np.inf))
    table = scores_table(rows)
    write_results(table, tmp_path)
    assert pl.read_parquet(tmp_path / "scores.parquet").equals(table, null_equal=True)

    def refuse(name: str) -> float:
        raise AssertionError(name)

    plain = json.loads((tmp_path / "scores.json").read_text(), parse_constant=refuse)
    assert len(plain) == table.height
    assert (tmp_path / "scores.png").read_bytes().startswith(b"\x89PNG")
    assert pl.read_csv(tmp_path / "table.csv").height == 4
    assert "| vocals | mixture | 3 |" in (tmp_path / "table.md").read_text()


def test_markdown_says_what_numbers_rest_on() -> None:
    text = markdown(scores_table([row("t", "a|b", 1.0, reference_kind="mined reference")]))
    assert "mined reference" in text
    assert "a\\|b" in text


def test_no_scores_make_an_empty_table(tmp_path: Path) -> None:
    write_results(scores_table([]), tmp_path)
    assert "0 songs" in (tmp_path / "table.md").read_text()


@dataclass(frozen=True)
class Broken:
    name: str = "broken"

    def __call__(self, song: Song) -> dict:
        raise RuntimeError("out of memory\nwith a long tail")


@dataclass(frozen=True)
class NotFinite:
    name: str = "nan"

    def __call__(self, song: Song) -> dict:
        return {"vocals": np.full_like(song.mixture, np.nan)}


def test_failing_systems_are_counted_and_others_scored() -> None:
    table = scores_table(evaluate_song(song(0), [Broken(), NotFinite(), Mixture()]))
    for system in ("broken", "nan"):
        rows = table.filter(pl.col("system") == system)
        assert rows["value"].null_count() == rows.height == 2
        assert rows["note"].str.starts_with("failed").all()
    assert table.filter((pl.col("system") == "mixture") & pl.col("value").is_not_null()).height > 10
    assert "2 separations failed" in markdown(table)


def test_systems_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="different names"):
        evaluate_song(song(0), [Mixture(), Mixture()])

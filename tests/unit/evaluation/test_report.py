"""The audit report's numbers and findings, on whole runs, half runs and broken ones."""

from pathlib import Path

import polars as pl
import pytest

from data_manifests.schemas import CATALOG, PAIRS
from data_manifests.storage import Store
from data_manifests.tables import read_table, write_table
from evaluation.report import audit_findings, build_report
from evaluation.report.examples import choose_examples
from evaluation.report.run_tables import RunTables, read_run


@pytest.fixture
def run(fake_run) -> RunTables:
    return read_run(Store(str(fake_run.path)))


def changed(run: RunTables, **tables: pl.DataFrame) -> RunTables:
    return RunTables(tables={**run.tables, **tables}, manifest=run.manifest)


def codes(run: RunTables) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in audit_findings(run)]


def test_a_sound_run_has_no_findings(run: RunTables) -> None:
    assert codes(run) == []


def test_recording_in_two_splits_is_an_error(run: RunTables) -> None:
    pairs = run["pairs"].with_columns(recording_id=pl.lit("same"))
    assert ("error", "split_leakage") in codes(changed(run, pairs=pairs))


def test_use_of_an_opted_out_track_is_an_error(run: RunTables) -> None:
    catalog = run["catalog"].with_columns(opt_out=pl.col("track_id") == "c000")
    assert ("error", "opt_out_used") in codes(changed(run, catalog=catalog))


def test_failed_rows_are_an_error_and_come_first(run: RunTables) -> None:
    pairs = run["pairs"].head(6).with_columns(outcome=pl.lit("failed"), reason=pl.lit("crashed"))
    found = codes(changed(run, pairs=pairs))
    assert found[0] == ("error", "failed_rows")
    assert ("warning", "few_pairs") in found


def test_rows_that_do_not_add_up_are_an_error(run: RunTables) -> None:
    stage = {"name": "pairs", "rows_in": 10, "kept": 4, "rejected": 5, "failed": 0, "reasons": {}}
    lossy = RunTables(tables=run.tables, manifest={"stages": [stage]})
    assert ("error", "rows_lost") in codes(lossy)


def test_one_artist_everywhere_is_a_warning(run: RunTables) -> None:
    catalog = run["catalog"].with_columns(artists=pl.lit(["Same"], dtype=pl.List(pl.String)))
    assert ("warning", "dominant_artist") in codes(changed(run, catalog=catalog))


def test_empty_split_is_a_warning(run: RunTables) -> None:
    pairs = run["pairs"].filter(pl.col("split").ne_missing("test"))
    assert ("warning", "empty_split") in codes(changed(run, pairs=pairs))


def test_examples_take_reasons_in_turn_and_never_change(run: RunTables) -> None:
    chosen = choose_examples(run, "rejected", 3)
    assert {row["reason"] for row in chosen} == {"too_similar", "not_aligned", "too_different"}
    assert chosen == choose_examples(run, "rejected", 3)
    assert len(choose_examples(run, "accepted", 1000)) == 54


def test_page_states_the_funnel_and_marks_thresholds(fake_run, tmp_path: Path) -> None:
    summary = build_report(str(fake_run.path), tmp_path / "report.html", examples=2)
    page = summary.path.read_text()
    assert summary.num_accepted == 54
    assert "pairs: 54 kept, 26 rejected, 0 failed" in page
    assert "dance &amp; house" in page
    assert page.count("<svg") == 9
    for mark in ("too different", "min", "max"):
        assert f"> {mark}</text>" in page
    assert "0 recordings and 0 primary artists are in more than one split" in page


def test_pages_are_equal_for_equal_runs(fake_run, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        build_report(str(fake_run.path), tmp_path / name, examples=2, audio=fake_run.clips)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_pairs_without_sound_are_still_shown(fake_run, tmp_path: Path) -> None:
    build_report(str(fake_run.path), tmp_path / "r.html", examples=1, audio=lambda original, counterpart: None)
    assert "No sound" in (tmp_path / "r.html").read_text()


def test_a_run_that_has_only_begun(fake_run, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "run"))
    write_table(store, read_table(Store(str(fake_run.path)), CATALOG), CATALOG)
    summary = build_report(str(tmp_path / "run"), tmp_path / "r.html")
    assert summary.num_accepted == 0
    assert "This run has no manifest yet" in summary.path.read_text()


def test_a_run_in_which_nothing_was_found(fake_run, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "run"))
    write_table(store, read_table(Store(str(fake_run.path)), PAIRS).clear(), PAIRS)
    build_report(str(tmp_path / "run"), tmp_path / "r.html")
    assert "No pair was accepted" in (tmp_path / "r.html").read_text()

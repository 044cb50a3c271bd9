"""Tables as people have them become catalogues; bad rows are set aside with every reason."""

from pathlib import Path

import polars as pl
import pytest

from data_manifests.imports import import_table
from data_manifests.tables import InvalidTableError


def test_csv_with_other_names_clock_times_and_joined_artists(tmp_path: Path) -> None:
    table = tmp_path / "songs.csv"
    table.write_text("id,name,who,length\n1,Über <b>Song</b>,A; B,3:25\n2,Two,C,1:02:03.5\n", encoding="utf-8")
    found = import_table(table, {"track_id": "id", "title": "name", "artists": "who", "duration_s": "length"})
    assert found.quarantine.height == 0
    assert found.catalogue["duration_s"].to_list() == [205.0, 3723.5]
    assert found.catalogue["artists"].to_list() == [["A", "B"], ["C"]]
    assert found.catalogue["title"].to_list() == ["Über <b>Song</b>", "Two"]


def test_milliseconds_and_lists_from_json_lines(tmp_path: Path) -> None:
    table = tmp_path / "songs.jsonl"
    table.write_text('{"track_id": "1", "title": "One", "artists": ["A, the first"], "duration_ms": 61500}\n')
    found = import_table(table, {})
    assert found.catalogue.select("duration_s", "artists").row(0) == (61.5, ["A, the first"])


def test_bad_rows_keep_all_their_reasons(tmp_path: Path) -> None:
    table = tmp_path / "songs.csv"
    table.write_text("track_id,title,artists,duration_s,explicit\n1,One,A,10,no\n1,,,-5,perhaps\n,X,A,soon,\n")
    found = import_table(table, {})
    assert found.catalogue["track_id"].to_list() == ["1"]
    assert found.quarantine["row_number"].to_list() == [2, 3]
    assert set(found.quarantine["reasons"][0]) == {
        "bad_explicit", "bad_duration", "no_title", "no_artists", "duplicate_track_id",
    }  # fmt: skip
    assert set(found.quarantine["reasons"][1]) == {"no_track_id", "bad_duration"}


@pytest.mark.parametrize(
    ("columns", "message"),
    [({}, "lacks"), ({"nonsense": "id"}, "no catalogue columns"), ({"track_id": "gone"}, "has no columns")],
)
def test_missing_columns_are_named(tmp_path: Path, columns: dict[str, str], message: str) -> None:
    table = tmp_path / "songs.csv"
    table.write_text("id,name\n1,One\n")
    with pytest.raises(InvalidTableError, match=message):
        import_table(table, columns)


@pytest.mark.parametrize(("name", "content"), [("a.parquet", b"no parquet"), ("a.jsonl", b"{"), ("a.doc", b"")])
def test_unreadable_tables_are_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidTableError, match=name):
        import_table(tmp_path / name, {})


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    rows = {"track_id": ["1"], "title": ["One"], "artists": [["A"]], "duration_s": [9.5], "opt_out": [True]}
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    found = import_table(tmp_path / "a.parquet", {})
    assert found.catalogue["opt_out"].to_list() == [True]

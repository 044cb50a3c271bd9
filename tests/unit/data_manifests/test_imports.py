"""Tables as people have them become catalogues; bad rows are set aside with every reason."""

import csv
import gzip
import io
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data_manifests import delimited_text
from data_manifests.imports import Imported, import_batches, import_table
from data_manifests.tables import InvalidTableError

HEADING = "track_id,title,artists,duration_s\n"


def _import(tmp_path: Path, content: str | bytes, name: str = "songs.csv", **columns: str) -> Imported:
    table = tmp_path / name
    table.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return import_table(table, columns)


def _titles(found: Imported) -> list[str]:
    return found.catalogue["title"].to_list()


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
    assert json.loads(found.quarantine["values"][1]) == {
        "track_id": "", "title": "X", "artists": "A", "duration_s": "soon", "explicit": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "message"),
    [({}, "lacks"), ({"nonsense": "id"}, "no catalogue columns"), ({"track_id": "gone"}, "has no columns")],
)
def test_missing_columns_are_named(tmp_path: Path, columns: dict[str, str], message: str) -> None:
    table = tmp_path / "songs.csv"
    table.write_text("id,name\n1,One\n")
    with pytest.raises(InvalidTableError, match=message) as error:
        import_table(table, columns)
    assert "'id', 'name'" in str(error.value) or "nonsense" in columns


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.parquet", b"no parquet"), ("a.doc", b""), ("a.csv", b""), ("a.csv", b"\n\n"), ("a.csv.gz", b"no gzip")],
)
def test_unreadable_tables_are_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidTableError, match=name):
        import_table(tmp_path / name, {})


def test_a_parquet_file_broken_in_the_middle_is_named(tmp_path: Path) -> None:
    rows = pl.DataFrame({"track_id": [str(n) for n in range(9999)], "title": "T", "artists": "A", "duration_s": 9.0})
    rows.write_parquet(tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[:100] + b"\xff" * 2000 + content[2100:])
    with pytest.raises(InvalidTableError, match=r"a\.parquet is not a readable parquet table"):
        import_table(tmp_path / "a.parquet", {})


def test_a_truncated_gzip_is_named(tmp_path: Path) -> None:
    content = gzip.compress((HEADING + "".join(f"{n},T{n},A,9\n" for n in range(9999))).encode())
    (tmp_path / "a.csv.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InvalidTableError, match=r"a\.csv\.gz"):
        import_table(tmp_path / "a.csv.gz", {})


def test_json_lines_without_a_single_object_lack_columns(tmp_path: Path) -> None:
    with pytest.raises(InvalidTableError, match="lacks"):
        _import(tmp_path, "{\n", "a.jsonl")


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    rows = {"track_id": ["1"], "title": ["One"], "artists": [["A"]], "duration_s": [9.5], "opt_out": [True]}
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    found = import_table(tmp_path / "a.parquet", {})
    assert found.catalogue["opt_out"].to_list() == [True]


def test_parquet_of_other_types_is_converted(tmp_path: Path) -> None:
    import datetime

    rows = pl.DataFrame(
        {
            "track_id": [7, 8, None],
            "title": ["One", "Two\x00 ", "Three"],
            "artists": [[{"name": "A"}, {"name": " B "}], [{"name": None}], []],
            "duration_ms": [1500, 61000, -1],
            "explicit": [1, 0, 7],
            "release_date": [datetime.date(2020, 3, 4), None, None],
            "album": [2020.0, 1.5, None],
        }
    )
    rows.write_parquet(tmp_path / "a.parquet")
    found = import_table(tmp_path / "a.parquet", {})
    assert found.catalogue.select("track_id", "artists", "duration_s", "explicit", "release_date", "album").rows() == [
        ("7", ["A", "B"], 1.5, True, "2020-03-04", "2020")
    ]
    assert found.quarantine["reasons"].to_list() == [
        ["no_artists"],
        ["bad_explicit", "bad_duration", "no_track_id", "no_artists"],
    ]


def test_parquet_of_other_writers(tmp_path: Path) -> None:
    """Dictionaries, decimals, large and binary types: what Spark, pandas and DuckDB write."""
    import decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "track_id": pa.array([b"1", b"2"], pa.binary()),
            "title": pa.array(["One", "Two"]).dictionary_encode(),
            "artists": pa.array([["A", None], ["B "]], pa.large_list(pa.large_string())),
            "duration_s": pa.array([decimal.Decimal("9.50"), decimal.Decimal("8.25")], pa.decimal128(9, 2)),
            "genre": pa.nulls(2),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = import_table(tmp_path / "a.parquet", {})
    assert found.catalogue.select("track_id", "title", "artists", "duration_s", "genre").rows() == [
        ("1", "One", ["A"], 9.5, None),
        ("2", "Two", ["B"], 8.25, None),
    ]


def test_headings_in_other_case_and_with_spaces(tmp_path: Path) -> None:
    found = _import(tmp_path, "Track ID,Title,Artist,Duration S,License\n1,One,A,9,CC BY\n")
    assert found.catalogue.select("track_id", "licence").row(0) == ("1", "CC BY")


def test_a_mapped_duration_has_no_rival(tmp_path: Path) -> None:
    content = "track_id,title,artists,duration_ms,length\n1,One,A,999000,9\n"
    assert _import(tmp_path, content, duration_s="length").catalogue["duration_s"].to_list() == [9.0]


def test_isrcs_and_dates_are_repaired_or_dropped_and_counted(tmp_path: Path) -> None:
    content = (
        "track_id,title,artists,duration_s,isrc,release_date\n"
        "1,One,A,9,us-rc1-76-07839,4.3.2020\n2,Two,A,9,ISRC USRC17607840,2020\n"
        "3,Three,A,9,nonsense,soon\n4,Four,A,9,,\n"
    )
    found = _import(tmp_path, content)
    assert found.catalogue["isrc"].to_list() == ["USRC17607839", "USRC17607840", None, None]
    assert found.catalogue["release_date"].to_list() == ["2020-03-04", "2020", None, None]
    assert found.repairs == {"malformed_isrc": 1, "malformed_date": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = HEADING + "1,Ünï – コード,Ä,9\n2,Two,B,8\n"
    found = _import(tmp_path, content.encode(encoding))
    assert _titles(found) == ["Ünï – コード", "Two"]
    assert found.repairs == {}


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    lines = [HEADING.encode(), "1,Ünï – “x”,Ä,9\n".encode("cp1252"), "2,Käse,B,8\n".encode()]
    found = _import(tmp_path, b"".join(lines))
    assert _titles(found) == ["Ünï – “x”", "Käse"]
    assert found.repairs == {"windows_1252_lines": 1}


def test_parts_of_a_table_say_what_was_repaired(tmp_path: Path) -> None:
    for number, title in enumerate(("Käse".encode("cp1252"), b"Two", "Öl".encode("cp1252"))):
        (tmp_path / f"{number}.csv").write_bytes(HEADING.encode() + b"%d,%b,A,9\n" % (number, title))
    found = import_table(tmp_path, {})
    assert _titles(found) == ["Käse", "Two", "Öl"]
    assert found.repairs == {"windows_1252_lines": 2}


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_and_no_last_one(tmp_path: Path, ending: str) -> None:
    content = (HEADING + '1,"One, one",A,9\n\n2,Two,B,8').replace("\n", ending)
    assert _titles(_import(tmp_path, content)) == ["One, one", "Two"]


def test_gzip_semicolons_and_a_declared_separator(tmp_path: Path) -> None:
    content = "sep=;\ntrack_id;title;artists;duration_s\n1;One, one;A;3,5\n"
    found = _import(tmp_path, gzip.compress(content.encode("utf-16")), "songs.csv.gz")
    assert found.catalogue.select("title", "duration_s").row(0) == ("One, one", 3.5)


def test_tab_separated_titles_may_hold_quotes(tmp_path: Path) -> None:
    content = HEADING.replace(",", "\t") + '1\t"Heroes" (2017 Remaster)\tA\t9\n2\t12" Mix\tA\t8\n3\t"Q, R"\tA\t7\n'
    assert _titles(_import(tmp_path, content, "songs.tsv")) == ["Heroes (2017 Remaster)", '12" Mix', "Q, R"]


def test_ragged_lines_end_in_quarantine_whole(tmp_path: Path) -> None:
    content = HEADING + "1,One,A,9\n2,Two\n3,Three,A,9,,\n4,Four,A,9,more\nsoon\n5,Five,A,9\n"
    found = _import(tmp_path, content)
    assert _titles(found) == ["One", "Three", "Five"]
    assert found.quarantine["row_number"].to_list() == [2, 4, 5]
    assert found.quarantine["reasons"].to_list() == [
        ["too_few_cells", "no_duration", "no_artists"],
        ["too_many_cells"],
        ["too_few_cells", "no_duration", "no_title", "no_artists"],
    ]
    assert json.loads(found.quarantine["values"][1]) == {"line": "4,Four,A,9,more"}


def test_line_breaks_in_quotes_and_a_quote_that_never_closes(tmp_path: Path) -> None:
    content = HEADING + '1,"One\nmore",A,9\n2,"Broken,A,9\n3,"Three",A,9\n4,Four,A,9\n5,"Broken too,A,9\n6,Six,A,9\n'
    found = _import(tmp_path, content)
    assert _titles(found) == ["One more", "Three", "Four", "Six"]
    assert [reasons[0] for reasons in found.quarantine["reasons"].to_list()] == ["quote_never_closed"] * 2
    assert found.quarantine["row_number"].to_list() == [2, 5]


def test_a_record_open_at_the_end_of_a_block_goes_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited_text.utf8_blocks, "__defaults__", (len(HEADING) + 12,))
    rows = '1,A,9,"One\n1,A,9,Two"\n2,A,9,Three\n'
    found = _import(tmp_path, "track_id,artists,duration_s,title\n" + rows)
    assert _titles(found) == ["One 1,A,9,Two", "Three"]


def test_records_cut_by_blocks_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_text.utf8_blocks, "__defaults__", (64,))
    rows = [[str(number), f"Title {number}" + "\nmore" * (number % 4), "A", str(number + 1)] for number in range(200)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([HEADING.strip().split(","), *rows])
    table = tmp_path / "songs.csv"
    table.write_bytes(text.getvalue().encode())
    parts = list(import_batches(table, {}))
    assert len(parts) > 20
    titles = [title for part in parts for title in part.catalogue["title"].to_list()]
    assert titles == [row[1].replace("\n", " ") for row in rows]
    numbers = [number for part in parts for number in part.quarantine["row_number"].to_list()]
    assert numbers == []


def test_null_bytes_and_control_characters(tmp_path: Path) -> None:
    found = _import(tmp_path, HEADING + "1,One\x00 two\x07,A\x00B,9\n")
    assert found.catalogue.select("title", "artists").row(0) == ("One two", ["A", "B"])


def test_json_lines_that_break_end_in_quarantine(tmp_path: Path) -> None:
    lines = [
        '{"track_id": 1, "title": "One", "artists": "A; B", "duration_s": "3:05", "explicit": true}',
        "{broken",
        "[1, 2]",
        '{"track_id": "x", "title": "\\ud800", "artists": ["A", null, 3], "duration_s": 9.5}',
        "",
        '{"track_id": "y", "title": {"a": 1}, "artists": [{"name": "N"}], "duration_s": 12345678901234567890}',
    ]
    found = _import(tmp_path, "\n".join(lines), "songs.ndjson")
    assert found.catalogue["track_id"].to_list() == ["1", "x", "y"]
    assert found.catalogue["artists"].to_list() == [["A", "B"], ["A", "3"], ["N"]]
    assert found.quarantine["row_number"].to_list() == [2, 3]
    assert [reasons[0] for reasons in found.quarantine["reasons"].to_list()] == ["bad_json", "not_a_json_object"]


@pytest.mark.parametrize("artists", [["\\ud800"], ["A", None, "\\ud800"], [{"name": "\\ud800"}], "\\ud800"])
def test_lone_surrogates_of_json_do_not_stop_an_import(tmp_path: Path, artists: object) -> None:
    row = {"track_id": "\\ud800", "title": "\\udfff", "artists": artists, "duration_s": 9}
    lines = [
        json.dumps(row).replace("\\\\ud", "\\ud"),
        '{"track_id": "2", "title": "T", "artists": [], "duration_s": 9}',
    ]
    found = _import(tmp_path, "\n".join(lines), "songs.jsonl")
    assert found.catalogue.select("track_id", "title").rows() == [("?", "?")]
    assert found.catalogue["artists"].to_list()[0][-1] == "?"
    assert found.quarantine["reasons"].to_list() == [["no_artists"]]


def test_duplicates_across_batches_and_beside_other_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited_text.utf8_blocks, "__defaults__", (32,))
    rows = [
        "1,One,A,9",
        "2,,A,9",
        "2,Two,A,9",
        "1,Again,A,9",
        "2,,A,9",
        *(f"k{n},T,A,9" for n in range(50)),
        "k7,T,A,9",
    ]
    found = _import(tmp_path, HEADING + "\n".join(rows))
    assert found.catalogue["track_id"].to_list() == ["1", "2", *(f"k{number}" for number in range(50))]
    assert dict(found.quarantine.select("row_number", "reasons").rows()) == {
        2: ["no_title"],  # its id stands for nothing: it is not in the catalogue
        4: ["duplicate_track_id"],
        5: ["no_title", "duplicate_track_id"],
        56: ["duplicate_track_id"],
    }


_cells = st.text(st.characters(codec="utf-8"), max_size=12)
_unusual = st.sampled_from(['"', '""', "\n", ",", "\r", "3:05", "1", "\x00", ' "x', "A; B", "-1", "[", "\u2028"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(_cells | _unusual, min_size=4, max_size=4), max_size=8))
def test_no_well_formed_row_is_lost(tmp_path: Path, rows: list[list[str]]) -> None:
    rows = [["x", *row[1:]] if not any(cell.strip() for cell in row) else row for row in rows]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([HEADING.strip().split(","), *rows])
    found = _import(tmp_path, text.getvalue())
    assert found.catalogue.height + found.quarantine.height == len(rows)
    reasons = {reason for row in found.quarantine["reasons"].to_list() for reason in row}
    assert not reasons & {"too_few_cells", "too_many_cells", "quote_never_closed"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=st.lists(st.text(st.characters(codec="utf-8", exclude_characters='"\r\n'), max_size=20), max_size=8))
def test_no_ragged_line_is_lost(tmp_path: Path, lines: list[str]) -> None:
    found = _import(tmp_path, (HEADING + "\n".join(lines)).encode())
    assert found.catalogue.height + found.quarantine.height == sum(bool(line.strip(" \t")) for line in lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=60) | st.lists(_unusual, max_size=20).map(lambda parts: "".join(parts).encode()))
def test_every_line_of_any_content_is_shown_somewhere(tmp_path: Path, content: bytes) -> None:
    """Whatever stands in a file, every word of it is found again in the catalogue or in the quarantine."""
    words = [b"w%dw" % number for number in range(4)]
    mixed = b"\n".join([words[0] + content, words[1], content + words[2], words[3]])
    found = _import(tmp_path, HEADING.encode() + mixed + b"\n")
    shown = "".join(found.quarantine["values"].to_list()) + found.catalogue.write_json()
    assert [word for word in words if word.decode() not in shown] == []
    assert found.catalogue["track_id"].n_unique() == found.catalogue.height


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lines=st.lists(st.lists(_cells | _unusual, min_size=3, max_size=5).map(",".join), max_size=6))
@example(lines=[',,",","'])
def test_whole_blocks_and_single_lines_are_read_alike(tmp_path: Path, lines: list[str]) -> None:
    """Arrow reads regular blocks, Python's csv module the others: both must see the same cells."""
    lines = [line for text in lines for line in text.splitlines() if line.strip()]
    table = tmp_path / "songs.csv"
    for line in lines:
        table.write_text(HEADING + line + "\n", encoding="utf-8", newline="")
        layout = delimited_text._layout(table, None, None, True)
        block = (line.replace("\r", "") + "\n").encode()
        names = {name: name for name in layout.names}
        whole = delimited_text._regular_batch(block, layout, names, 1)
        if whole is None:
            continue
        records, _ = delimited_text._read_lines(block.decode().split("\n")[:-1], layout, at_end=True)
        assert whole.columns.rows() == [tuple(row) for row in records.rows]

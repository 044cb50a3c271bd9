"""`catalog scan` and `catalog import` as people call them: what is written, what is said, which exit code."""

import errno
import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
import soundfile

from data_manifests import catalogue_files
from data_manifests.import_presets import PRESETS
from data_manifests.import_values import CATALOGUE_SCHEMA
from data_manifests.imports import KNOWN_COLUMNS
from data_manifests.itunes_library import _NOT_MUSIC
from data_manifests.schemas import QUARANTINE
from data_manifests.table_streams import TableWriter
from data_manifests.tables import parse_table
from pipeline.entry import run

ROOT = Path(__file__).parents[2]
GOOD = "track_id,title,artists,duration_s\n1,Song,A,180\n2,Song (Instrumental),A,180.2\n"
BAD = "1,Again,A,9\n,,,soon\n3,Cut\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "songs.csv").write_text(GOOD)
    return tmp_path / "songs.csv"


def _import(table: Path, out: Path, *more: str) -> int:
    return run(["catalog", "import", str(table), "--out", str(out), *more])


def test_a_clean_table_becomes_a_catalogue_that_is_mined(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "catalog.parquet"
    assert _import(table, out) == 0
    assert f"{out}: 2 tracks" in capsys.readouterr().err
    assert pl.read_parquet(out).schema == CATALOGUE_SCHEMA
    assert [path.name for path in out.parent.iterdir()] == ["catalog.parquet"]
    command = ["mine", str(out), "--out", str(tmp_path / "run"), "--until", "candidates", "--scheduler", "serial"]
    assert run(command) == 0
    assert pl.read_parquet(tmp_path / "run" / "candidates.parquet")["outcome"].to_list() == ["kept"]


def test_what_is_set_aside_is_counted_by_reason(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table.write_bytes((GOOD + BAD).encode() + b"4,K\xe4se,A,9\n")
    out = tmp_path / "catalog.parquet"
    assert _import(table, out) == 0
    said = capsys.readouterr().err
    for line in ("3 tracks", "3 rows set aside", "1 duplicate_track_id", "2 no_artists", "1 bad_duration",
                 "1 too_few_cells", "1 lines that are not valid UTF-8, read as Windows-1252"):  # fmt: skip
        assert line in said
    beside = tmp_path / "catalog.quarantine.parquet"
    quarantine = parse_table(beside.read_bytes(), QUARANTINE, beside.name)
    assert quarantine["row_number"].to_list() == [3, 4, 5]
    table.write_text(GOOD)
    assert _import(table, out) == 0
    assert not beside.exists(), "a quarantine of an earlier import would be taken for this one's"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["{tmp}/none.csv"], 2, "no table at"),
        (["{tmp}"], 3, "cannot tell its format"),
        (["{tmp}/folder"], 3, "holds no files"),
        (["{table}", "--preset", "deezer"], 2, "known: itunes"),
        (["{table}", "--column", "title"], 2, "expected ours=theirs"),
        (["{table}", "--artist-separator", ""], 2, "at least one character"),
        (["{table}", "--nonsense"], 2, "No such option"),
        (["{table}", "--column", "title=name"], 3, "the table has no columns ['name']"),
        (["{table}", "--column", "name=title"], 3, "no catalogue columns"),
        (["{table}", "--preset", "spotify"], 0, "2 tracks"),
        (["{table}", "--preset", "itunes"], 3, "no property list"),
        (["{tmp}", "--preset", "musicbrainz"], 3, "lacks the tables"),
        (["{tmp}/doc.doc"], 3, "cannot tell its format"),
        (["{tmp}/text.parquet"], 3, "not a readable parquet table"),
        (["{tmp}/other.csv"], 3, "--column track_id=THEIRS"),
        (["{tmp}/other.csv", "--preset", "spotify"], 3, "preset spotify lacks"),
        (["{tmp}/empty.csv"], 3, "the file is empty"),
        (["{tmp}/text.csv.gz"], 3, "not a readable gz table"),
    ],
)
def test_exit_codes_and_what_to_do(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    for name in ("doc.doc", "text.parquet", "text.csv.gz"):
        (tmp_path / name).write_text("I am no table")
    (tmp_path / "other.csv").write_text("id,name\n1,One\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder").mkdir()
    filled = [argument.replace("{tmp}", str(tmp_path)).replace("{table}", str(table)) for argument in arguments]
    assert _import(Path(filled[0]), tmp_path / "out" / "c.parquet", *filled[1:]) == code
    said = capsys.readouterr().err
    assert message in re.sub(r"\s*│?\n│?\s*", " ", said)
    assert "Traceback" not in said
    written = sorted(path.name for path in (tmp_path / "out").iterdir()) if (tmp_path / "out").exists() else []
    assert written == (["c.parquet"] if code == 0 else []), "nothing half-done is left"


def test_a_full_disk_keeps_the_old_catalogue(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "catalog.parquet"
    assert _import(table, out) == 0
    before = out.read_bytes()

    def full(self: object, rows: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    table.write_text(GOOD + "3,New,A,9\n" + BAD)
    with monkeypatch.context() as patched:
        patched.setattr(TableWriter, "append", full)
        assert _import(table, out) == 75
    assert "disk is full" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog.parquet", "songs.csv"]


def test_row_groups_are_written_as_they_come(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_files, "ROW_GROUP_ROWS", 1000)
    pl.DataFrame(
        {"track_id": [str(n % 150_000) for n in range(200_000)], "title": "T", "artists": "A; B", "duration_ms": 1500}
    ).write_parquet(tmp_path / "big.parquet")
    assert _import(tmp_path / "big.parquet", tmp_path / "out.parquet") == 0
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups >= 3
    rows = pl.read_parquet(tmp_path / "out.parquet")
    assert rows["track_id"].to_list() == [str(number) for number in range(150_000)]
    assert rows.select("artists", "duration_s").unique().rows() == [(["A", "B"], 1.5)]
    assert pl.read_parquet(tmp_path / "out.quarantine.parquet")["row_number"].to_list() == list(range(150_001, 200_001))


def test_a_folder_of_parts_is_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "_SUCCESS").touch()
    for number, ids in enumerate(("12", "324", "5")):
        rows = pl.DataFrame({"track_id": list(ids), "title": "T", "artists": "A", "duration_s": 9.0})
        rows.write_parquet(parts / f"part-{number}.parquet")
    assert _import(parts, tmp_path / "c.parquet") == 0
    assert pl.read_parquet(tmp_path / "c.parquet")["track_id"].to_list() == ["1", "2", "3", "4", "5"]
    assert pl.read_parquet(tmp_path / "c.quarantine.parquet").select("row_number", "reasons").rows() == [
        (4, ["duplicate_track_id"])
    ]
    rows.drop("title").write_parquet(parts / "part-3.parquet")
    assert _import(parts, tmp_path / "c.parquet") == 3
    assert "part 4 of 4 lacks the columns ['title']" in capsys.readouterr().err


def test_artist_separators_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('track_id,title,artists,duration_s\n1,T,"A, B + C",9\n')
    for options, artists in (
        ([], ["A, B + C"]),
        (["--artist-separator", ",", "--artist-separator", " + "], ["A", "B", "C"]),
    ):
        assert _import(tmp_path / "a.csv", tmp_path / "c.parquet", *options) == 0
        assert pl.read_parquet(tmp_path / "c.parquet")["artists"].to_list() == [artists]


def test_scan_of_a_folder_that_is_mined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for name in ("A - Song.wav", "A - Song (Instrumental).wav"):
        soundfile.write(music / name, np.zeros(44100), 44100)
    (music / "text.mp3").write_text("I am a text")
    out = tmp_path / "catalog.parquet"
    assert run(["catalog", "scan", str(music), "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "2 tracks" in said
    assert "1 not_audio" in said
    assert pl.read_parquet(tmp_path / "catalog.quarantine.parquet")["values"].to_list() == ['{"audio": "text.mp3"}']
    command = ["mine", str(out), "--out", str(tmp_path / "run"), "--until", "candidates", "--scheduler", "serial"]
    assert run(command) == 0
    assert pl.read_parquet(tmp_path / "run" / "candidates.parquet").height == 1


def test_scan_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog", "scan", str(tmp_path), "--out", str(tmp_path / "c.parquet")]) == 0
    assert "no music found" in capsys.readouterr().err
    assert run(["catalog", "scan", str(tmp_path / "none"), "--out", str(tmp_path / "c.parquet")]) == 2


PAGE = (ROOT / "docs" / "catalogues.md").read_text(encoding="utf-8")


def test_the_page_names_every_preset_column_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^(?:\.venv/bin/)?mixminus (.+?)(?: #.*)?$", PAGE, flags=re.MULTILINE)
    assert len(commands) >= 2 + len(PRESETS)
    for command in commands:
        words = shlex.split(command)
        assert run([*words[: 2 if words[0] == "catalog" else 1], "--help"]) == 0
        shown = capsys.readouterr().out
        assert [option for option in re.findall(r"--[a-z-]+", command) if option not in shown] == []
    assert [name for name in PRESETS if f"--preset {name}" not in PAGE] == []
    assert [name for name in KNOWN_COLUMNS if f"`{name}`" not in PAGE] == []


def test_the_page_explains_every_reason() -> None:
    """Both ways: what the sources can give as a reason is explained, and nothing else is."""
    names = ("imports", "delimited_text", "music_folder", "itunes_library", "musicbrainz_dump", "spotify_export")
    sources = "".join((ROOT / "data_manifests" / f"{name}.py").read_text(encoding="utf-8") for name in names)
    rows = re.findall(r"^\| (`[^|]+) \|", PAGE[PAGE.index("## What ends in quarantine") :], flags=re.MULTILINE)
    explained = {reason for row in rows for reason in re.findall(r"`([a-z_]+)`", row)}
    of_values = {f"no_{name}" for name in ("track_id", "title", "artists", "duration")}
    of_values |= {f"bad_{name}" for name in ("duration", "explicit", "opt_out")}
    assert of_values <= explained
    assert {reason for reason in explained - of_values if f'"{reason}"' not in sources} == set()
    given = re.findall(r'(?:faults\.get\(index, \(\)\), |reason=|return |else |add\(|faults, )"([a-z_]+)"', sources)
    kinds = set(_NOT_MUSIC.values()) | {"quote_never_closed", "bad_json", "not_a_json_object", "duplicate_track_id"}
    assert len(given) > 12
    assert {reason for reason in {*given, *kinds} if "_" in reason or reason in kinds} - {"utf_8"} <= explained

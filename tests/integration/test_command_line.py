"""Each wrong input ends in its exit code and a line that says what to do; never in a traceback."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest

from data_manifests import storage
from pipeline.entry import run

GOOD = pl.DataFrame(
    {
        "track_id": ["1", "2"],
        "title": ["Song", "Song (Instrumental)"],
        "artists": [["A"], ["A"]],
        "duration_s": [180.0, 180.2],
        "audio": ["a.wav", "b.wav"],
    }
)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    GOOD.write_parquet(tmp_path / "catalog.parquet")
    return tmp_path / "catalog.parquet"


def _mine(catalog: Path, out: Path, *more: str) -> int:
    return run(["mine", str(catalog), "--out", str(out), "--scheduler", "serial", *more])


def test_metadata_alone_needs_no_audio(catalog: Path, tmp_path: Path) -> None:
    assert _mine(catalog, tmp_path / "run", "--until", "candidates") == 0
    candidates = pl.read_parquet(tmp_path / "run" / "candidates.parquet")
    assert candidates["outcome"].to_list() == ["kept"]


def test_missing_audio_files_are_rejected_rows(
    catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _mine(catalog, tmp_path / "run", "--audio-root", str(tmp_path)) == 0
    assert "no pairs found" in capsys.readouterr().err
    tracks = pl.read_parquet(tmp_path / "run" / "tracks.parquet")
    assert tracks["reason"].to_list() == ["missing_file", "missing_file"]


def test_bad_rows_are_rejected_with_reasons(tmp_path: Path) -> None:
    rows = [
        {"track_id": "1", "title": "A", "artists": ["X"], "duration_s": -3.0},
        {"track_id": "2", "title": " ", "artists": ["X"], "duration_s": 3.0},
        {"track_id": "3", "title": "B", "artists": [], "duration_s": 3.0},
        {"track_id": "4", "title": "C", "artists": ["X"], "duration_s": float("nan")},
        {"track_id": "5", "title": "D", "artists": ["X"], "duration_s": 9999.0},
        {"track_id": "6", "title": "E", "artists": ["X"], "duration_s": 9.0, "opt_out": True},
    ]
    pl.DataFrame(rows).write_parquet(tmp_path / "bad.parquet")
    assert _mine(tmp_path / "bad.parquet", tmp_path / "run", "--until", "candidates") == 0
    reasons = pl.read_parquet(tmp_path / "run" / "catalog.parquet").sort("track_id")["reason"].to_list()
    assert reasons == ["no_duration", "no_title", "no_artist", "no_duration", "too_long", "opted_out"]


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (lambda t: t.drop("title"), 3, "lacks the columns"),
        (lambda t: pl.concat([t, t]), 3, "more than once"),
        (lambda t: t.with_columns(track_id=pl.lit(None, dtype=pl.String)), 3, "no track_id"),
        (lambda t: t.with_columns(artists=pl.lit("A")), 3, "artists is String"),
        (lambda t: t.with_columns(duration_s=pl.lit("3:05")), 3, "duration_s is String"),
    ],
)
def test_invalid_catalogues(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: object, code: int, message: str
) -> None:
    change(GOOD).write_parquet(tmp_path / "c.parquet")  # type: ignore[operator]
    assert _mine(tmp_path / "c.parquet", tmp_path / "run") == code
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


def test_unreadable_and_missing_catalogues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.parquet").write_text("I am no table")
    assert _mine(tmp_path / "text.parquet", tmp_path / "run") == 3
    assert "catalog import" in capsys.readouterr().err
    assert _mine(tmp_path / "gone.parquet", tmp_path / "run") == 2
    assert "no catalogue at" in capsys.readouterr().err
    assert _mine(tmp_path, tmp_path / "run") == 2
    assert "catalog scan" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[decisions]\nmin_overlp_s = 3", "min_overlp_s"),
        ("[decisions]\nmin_overlap_s = -3\nmax_cuts = 'no'", "max_cuts"),
        ("nonsense = 1", "nonsense"),
        ("[[[", "not valid TOML"),
        ("[titles]\nextra_markers = {nonsense = ['x']}", "no class 'nonsense'"),
    ],
)
def test_bad_config(catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    assert _mine(catalog, tmp_path / "run", "--config", str(config), "--until", "candidates") == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--audio-root", "/nowhere/at/all"], ["--until", "lunch"], ["--config", "/nowhere.toml"], ["--nonsense"],
     ["--workers", "0", "--scheduler", "local"], ["--scheduler", "carrier-pigeon"]],
)  # fmt: skip
def test_wrong_usage(catalog: Path, tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mine", str(catalog), "--out", str(tmp_path / "run"), *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_full_disk_is_worth_trying_again(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _mine(catalog, tmp_path / "run", "--until", "catalog") == 0
    finished = (tmp_path / "run" / "catalog.parquet").read_bytes()

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(storage, "_write_and_rename", full)
        assert _mine(catalog, tmp_path / "run", "--until", "candidates") == 75
    assert "disk is full" in capsys.readouterr().err
    assert (tmp_path / "run" / "catalog.parquet").read_bytes() == finished
    assert _mine(catalog, tmp_path / "run", "--until", "candidates") == 0


def test_no_permission(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As root nothing is forbidden, so the test gives up its privileges for a moment."""
    closed = Path(tempfile.mkdtemp(dir="/tmp"))
    shutil.copy(catalog, closed / "catalog.parquet")
    (closed / "catalog.parquet").chmod(0o644)
    closed.chmod(0o555)
    assert _mine(closed / "catalog.parquet", catalog.parent / "warm", "--until", "candidates") == 0
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(65534)
        code = _mine(closed / "catalog.parquet", closed / "run", "--until", "candidates")
    finally:
        if is_root:
            os.seteuid(0)
        closed.chmod(0o755)
    assert code == 2
    assert "no permission" in capsys.readouterr().err
    assert [path.name for path in closed.iterdir()] == ["catalog.parquet"]
    shutil.rmtree(closed)


@pytest.mark.parametrize(
    "arguments",
    [["status", "{tmp}"], ["manifest", "show", "{tmp}"], ["audit", "{tmp}"], ["manifest", "diff", "{tmp}", "{tmp}"],
     ["evaluate", "--data", "{tmp}", "--out", "{tmp}/o"],
     ["separate", "{tmp}/a.wav", "--model", "{tmp}", "--out", "{tmp}/o"],
     ["train", "{tmp}", "--out", "{tmp}/m"], ["catalog", "scan", "{tmp}/none", "--out", "{tmp}/c.parquet"],
     ["catalog", "import", "{tmp}/none.csv", "--out", "{tmp}/c.parquet"]],
)  # fmt: skip
def test_commands_on_nothing_explain_themselves(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([argument.replace("{tmp}", str(tmp_path)) for argument in arguments])
    said = capsys.readouterr().err
    assert code in (2, 3), said
    assert "bug" not in said
    assert "Traceback" not in said


def test_validate_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["manifest", "validate", str(tmp_path)]) == 3
    assert "pairs.parquet is missing" in capsys.readouterr().out


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("mixminus ")
    for command in ("mine", "train", "separate", "evaluate", "audit", "demo", "calibrate", "status", "config"):
        assert run([command, "--help"]) == 0

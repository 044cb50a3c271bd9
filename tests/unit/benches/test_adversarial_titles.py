"""The benchmark of metadata matching: what it holds, and that it counts right."""

import importlib
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).parents[3]


def module(name: str) -> Any:
    """Import a module of the benchmark, which is run from the root of the repository and not installed."""
    if str(ROOT / "tests" / "benches") not in sys.path:
        sys.path.insert(0, str(ROOT / "tests" / "benches"))
    return importlib.import_module(f"titles.{name}")


@pytest.fixture(scope="module")
def pairs() -> list[Any]:
    made: list[Any] = module("generator").generate(20)
    return made


def track(track_id: str, title: str = "Song") -> Any:
    return module("pairs").Track(
        track_id=track_id, title=title, artists=("Queen",), artist_ids=None, album=None, isrc=None, explicit=None,
        duration_s=200.0,
    )  # fmt: skip


def labelled(a: str, b: str, label: bool | None, language: str = "english", kind: str = "plain") -> Any:
    return module("pairs").LabelledPair(
        a=track(a), b=track(b), label=label, language=language, type=kind, why="as the test says"
    )


def test_one_seed_gives_the_same_pairs_and_another_others() -> None:
    generate = module("generator").generate
    assert generate(3, 200) == generate(3, 200)
    assert [pair.a.title for pair in generate(3, 200)] != [pair.a.title for pair in generate(4, 200)]


def test_size_and_balance(pairs: list[Any]) -> None:
    assert len(pairs) >= 50_000
    languages = Counter(pair.language for pair in pairs)
    assert len(languages) == 16
    assert min(languages.values()) >= 2500
    for language in languages:
        labels = Counter(pair.label for pair in pairs if pair.language == language)
        assert 0.9 < labels[True] / labels[False] < 1.1, language


def test_every_type_is_there_in_every_language_that_can_have_it(pairs: list[Any]) -> None:
    types = [kind.__name__ for kind in (*module("true_pairs").TRUE_TYPES, *module("false_pairs").FALSE_TYPES)]
    found = {(pair.type, pair.language) for pair in pairs}
    assert {kind for kind, _ in found} == set(types)
    partial = {"leading_article", "typo", "ampersand", "accents_dropped", "bilingual_title", "artist_in_two_scripts"}
    languages = {pair.language for pair in pairs}
    assert [(kind, name) for kind in types for name in languages if (kind, name) not in found] == [
        (kind, name) for kind in types for name in languages if kind in partial and (kind, name) not in found
    ]


def test_rows_are_whole_and_no_artist_is_in_two_songs(pairs: list[Any]) -> None:
    owner: dict[str, str] = {}
    folded = module("songs").folded
    for pair in pairs:
        for row in (pair.a, pair.b):
            assert row.title.strip()
            assert row.duration_s > 0
            assert row.artist_ids is None or len(row.artist_ids) == len(row.artists)
            song = row.track_id.rpartition("-")[0]
            for artist in row.artists:
                assert owner.setdefault(folded(artist), song) == song, artist


def test_titles_of_different_songs_differ(pairs: list[Any]) -> None:
    folded = module("songs").folded
    different = {"other_song_same_length", "shared_remixer", "near_names", "short_names", "one_word_replaced"}
    for pair in pairs:
        if pair.type in different:
            a, b = folded(pair.a.title), folded(pair.b.title)
            assert a != b, pair
            assert not b.startswith(a) or pair.type in {"near_names", "short_names"}, pair


def test_durations_obey_the_label(pairs: list[Any]) -> None:
    for pair in pairs:
        apart = abs(pair.a.duration_s - pair.b.duration_s)
        whole = pair.a.duration_s % 1 == 0 and pair.b.duration_s % 1 == 0
        if pair.type == "duration_off":
            assert 1.6 <= round(apart, 6) <= 30, pair
        else:
            assert apart <= 1 if whole else apart < 1, pair


def test_clearly_different_names() -> None:
    clearly_different = module("songs").clearly_different
    assert clearly_different("Gravity", "Whiskey Tonight")
    assert not clearly_different("Gravity", "Gravity Again")
    assert not clearly_different("Love You", "Loved You")


def test_score_counts_what_a_matcher_says() -> None:
    scoring = module("scoring")
    made = [
        labelled("a", "b", True), labelled("c", "d", True), labelled("e", "f", True, "french"),
        labelled("g", "h", False), labelled("i", "j", False, "french", "trap"), labelled("k", "l", None),
    ]  # fmt: skip
    seen = []

    def matcher(tracks: pl.DataFrame) -> Mapping[tuple[str, str], str | None]:
        seen.append(tracks)
        return {
            ("a", "b"): None, ("d", "c"): None, ("e", "f"): "title_mismatch", ("j", "i"): None, ("k", "l"): None,
        }  # fmt: skip

    result = scoring.score(made, matcher)
    assert len(seen) == 1
    assert seen[0].height == 12
    assert result.tally() == scoring.Tally(found=1, missed=2, false=1, turned_down=1)
    assert result.tally().precision == pytest.approx(0.5)
    assert result.tally().recall == pytest.approx(1 / 3)
    assert result.by("language")["french"] == scoring.Tally(missed=1, false=1)
    assert result.by("type")["trap"] == scoring.Tally(false=1)
    assert [(one.pair.a.track_id, one.reason) for one in result.errors] == [
        ("c", "kept the other way round"), ("e", "title_mismatch"), ("i", None),
    ]  # fmt: skip


def test_a_kept_pair_of_strangers_counts_as_false() -> None:
    scoring = module("scoring")
    result = scoring.score([labelled("a", "b", True), labelled("c", "d", False)], lambda _: {("a", "d"): None})
    assert [(one.track_id, other.track_id) for one, other in result.unlabelled] == [("a", "d")]
    assert result.tally() == scoring.Tally(missed=1, false=1, turned_down=1)


def test_nothing_kept_and_nothing_true() -> None:
    assert module("scoring").Tally().precision == 1.0
    assert module("scoring").Tally().recall == 1.0


def test_judged_pairs_are_read_with_each_track_once(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "a_title,a_artist,a_album,a_duration_s,b_title,b_artist,b_album,b_duration_s,label,why\n"
        'Song,"Queen, David Bowie",Hits,200,Song (Instrumental),Queen,,201.5,true,plain\n'
        'Song,"Queen, David Bowie",Hits,200,Other,Queen,,201,unsure,who knows\n',
        encoding="utf-8",
    )
    first, second = module("judged_csv").read_judged_pairs(path)
    assert first.a == second.a
    assert (first.a.artists, first.b.album, first.b.duration_s) == (("Queen", "David Bowie"), None, 201.5)
    assert (first.label, second.label) == (True, None)


def test_a_strange_label_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "a_title,a_artist,a_album,a_duration_s,b_title,b_artist,b_album,b_duration_s,label,why\n"
        "Song,Queen,,200,Song,Queen,,200,yes,\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=r"pairs\.csv:2: label is 'yes', expected one of true, false, unsure"):
        module("judged_csv").read_judged_pairs(path)


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    errors, missing = tmp_path / "errors.jsonl", tmp_path / "missing.csv"
    status = module("__main__").main(
        ["--pairs-per-language", "60", "--errors", str(errors), "--pairs", str(missing), "--show", "0"]
    )
    printed = capsys.readouterr().out
    assert status == ("MISSED" in printed)
    assert f"{missing} does not exist; give another file with TITLE_PAIRS=FILE" in printed
    rows = [json.loads(line) for line in errors.read_text(encoding="utf-8").splitlines()]
    assert all(row["kept"] != row["label"] and row["why"] for row in rows)
    total = next(line for line in printed.splitlines() if line.startswith("  all "))
    assert len(rows) == int(total.split()[-1]) + int(total.split()[-3])


def test_a_missed_judged_pair_is_forgiven_once_and_a_false_one_never(tmp_path: Path) -> None:
    main, scoring = module("__main__"), module("scoring")
    made = [labelled("a", "b", True), labelled("c", "d", True), labelled("e", "f", False)]
    answers: list[tuple[dict[tuple[str, str], str | None], bool]] = [
        ({("a", "b"): None}, True),
        ({}, False),
        ({("a", "b"): None, ("c", "d"): None, ("f", "e"): None}, False),
        ({("a", "b"): None, ("c", "d"): None, ("a", "d"): None}, True),
    ]
    for answer, met in answers:
        result = scoring.score(made, lambda _, answer=answer: answer)
        assert main.judged_aim_met(result) is met, answer

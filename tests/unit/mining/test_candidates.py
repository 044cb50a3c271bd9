"""Candidate pairs: each rule by its name, alternatives, and what becomes of every track."""

import tomllib
from importlib import resources
from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from data_manifests.ids import pair_id
from mining.candidates import CandidateRules, Proposals, explain, propose
from mining.title_similarity import may_be_one_title, title_score
from mining.titles import Lexicon

LEXICON = Lexicon.from_table(
    tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
)
RULES = CandidateRules()
SCHEMA = {
    "track_id": pl.String, "title": pl.String, "artists": pl.List(pl.String), "artist_ids": pl.List(pl.String),
    "album": pl.String, "isrc": pl.String, "genre": pl.String, "language": pl.String, "explicit": pl.Boolean,
    "duration_s": pl.Float64,
}  # fmt: skip


def track(track_id: str, title: str | None, duration_s: float | None = 200.25, **more: Any) -> dict[str, Any]:
    return {"track_id": track_id, "title": title, "artists": ["Queen"], "duration_s": duration_s, **more}


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def proposed(*rows: dict[str, Any], rules: CandidateRules = RULES) -> Proposals:
    return propose(table(*rows), LEXICON, rules)


def kept(proposals: Proposals) -> set[tuple[str, str]]:
    rows = proposals.candidates.filter(pl.col("outcome") == "kept")
    return set(zip(rows["original_id"], rows["counterpart_id"], strict=True))


def reason_of(proposals: Proposals, track_id: str) -> str | None:
    return str(proposals.tracks.row(by_predicate=pl.col("track_id") == track_id, named=True)["reason"])


def test_a_pair_and_its_row() -> None:
    found = proposed(track("a", "Song"), track("b", "Song (Instrumental)", 200.5), track("c", "Other"))
    names = ("song_id", "original_edition_id", "counterpart_edition_id")
    assert found.candidates.select(pl.col(names).str.len_chars()).rows() == [(24, 24, 24)]
    assert found.candidates.drop(names).to_dicts() == [
        {
            "pair_id": pair_id("a", "b"),
            "original_id": "a",
            "counterpart_id": "b",
            "kind": "instrumental",
            "title_score": 100.0,
            "duration_difference_s": 0.25,
            "tier": "strict",
            "match_score": 51.25,  # length 18.75, title 20, artists 8, unknown flag 2.5, same edition 2
            "rank": 1,
            "outcome": "kept",
            "reason": None,
        }
    ]
    assert found.tracks.rows() == [("a", "kept", None), ("b", "kept", None), ("c", "rejected", "no_partner")]
    assert found.candidates.schema["rank"] == pl.Int64


@pytest.mark.parametrize(
    ("original", "counterpart"),
    [
        ("SLUMP -Japanese ver.-", "SLUMP (Instrumental)"),
        ("달라달라 DALLA DALLA", "DALLA DALLA (Inst.)"),
        ("The Prayer_Break & Silent Witness Rmx_Vocal", "The Prayer_Break & Silent Witness Rmx_Instrumental"),
        ("Song - A & B Remix", "Song - B & A Instrumental"),
        ("Song - Remastered 2011", "Song (Instrumental)"),
        ("Song - Main Vocal Mix", "Song - Instrumental"),
        ("Song (feat. Ann)", "Song (Instrumental)"),
        ("Song, Pt. 2", "Song Part II (Instrumental)"),
        ("Superfly", "Super Fly (Instrumental)"),
        ("Philosophy!", "Philosphy - Instrumental"),
        ("Song Dave Rodgers Remix", "Song (Dave Rodgers Remix) [Instrumental]"),
        ("Don’t Stop", "Don't Stop (Karaoke Version)"),
        ("Hurt (Nine Inch Nails Cover)", "Hurt (Nine Inch Nails Cover) [Instrumental]"),
        ("TOP", "TOP (Instrumental)"),
        ("Song (Radio Edit)", "Song (Instrumental Radio Edit)"),
        ("÷", "÷ (Instrumental)"),
        ("Song", "Song (Instrumental Edit)"),
        ("Song (Edit)", "Song (Instrumental Edit)"),
        ("Song - X Remix", "Song - X Instrumental Remix"),
        ("봄날 (Spring Day)", "봄날 (Inst.)"),
        ("Song (prod. by X)", "Song (Instrumental)"),
        ("Ёлка", "Елка (Инструментал)"),
    ],
)
def test_pairs(original: str, counterpart: str) -> None:
    assert kept(proposed(track("a", original), track("b", counterpart))) == {("a", "b")}


@pytest.mark.parametrize(
    ("original", "counterpart", "reason"),
    [
        ("Butter (Cooler Remix)", "Butter (Instrumental)", "version_tags_differ"),
        ("Song (Live)", "Song (Instrumental)", "version_tags_differ"),
        ("Song - Radio Edit", "Song - Instrumental", "version_tags_differ"),
        ("Song", "Song - Remix Instrumental", "version_tags_differ"),
        ("Song (English Ver.)", "Song (Japanese Ver.) [Instrumental]", "version_tags_differ"),
        ("Song (feat. Ann)", "Song (feat. Bob) [Instrumental]", "version_tags_differ"),
        ("Song (TV-size)", "Song (Instrumental)", "version_tags_differ"),
        ("Song (Radio Edit)", "Song (Instrumental Edit)", "version_tags_differ"),
        ("Song", "Song (Instrumental Dub)", "version_tags_differ"),
        ("Song", "Song (Karaoke with backing vocals)", "vocals_kept"),
        ("曲の名前", "曲の名前 (コーラス入りカラオケ)", "vocals_kept"),
        ("Song", "Song (In the Style of X) [Karaoke]", "cover_version"),
        ("Song (X Cover)", "Song (Instrumental)", "cover_version"),
        ("Sunny Day", "Sunny Day (30 sec Instrumental)", "cut_down"),
        ("Song", "Song (Instrumental) [Acapella]", "kind_unclear"),
        ("Jazzterfield 2", "Jazzterfield 3 (Instrumental)", "numbers_differ"),
        ("Harbour Part II", "Harbour Part III (Instrumental)", "numbers_differ"),
        ("What to Do", "To Do What (Instrumental)", "no_partner"),
        ("STOP", "TOP (Instrumental)", "no_partner"),
        ("Keep On Dreaming", "Keep It Real - Instrumental", "no_partner"),
        ("Vacation Bible", "Vacation Bible School (Instrumental)", "title_mismatch"),
        ("Night Train", "Night Rain (Instrumental)", "title_mismatch"),
        ("Song", "Song (Acapella)", "no_instrumental"),
    ],
)
def test_no_pairs_and_why(original: str, counterpart: str, reason: str) -> None:
    found = proposed(track("a", original), track("b", counterpart))
    assert not kept(found)
    assert reason_of(found, "a") == reason_of(found, "b") == reason


@pytest.mark.parametrize(
    ("a", "b", "passes"),
    [(200.0, 201.0, True), (200.0, 202.0, False), (200.0, 200.9, True), (200.5, 201.5, False), (200.5, 201.49, True),
     (200.0, 201.0001, False), (201.3, 200.3, False)],
)  # fmt: skip
def test_durations(a: float, b: float, passes: bool) -> None:
    found = proposed(track("a", "Song", a), track("b", "Song (Instrumental)", b))
    assert bool(kept(found)) is passes
    if not passes:
        assert reason_of(found, "a") == "duration_differs"


@pytest.mark.parametrize(
    ("a", "b", "passes"),
    [
        ({"artists": ["Block B", "Zico"]}, {"artists": ["ZICO"]}, True),
        ({"artists": ["Octane/DLR"]}, {"artists": ["DLR"]}, True),
        ({"artists": ["Queen"]}, {"artists": ["Prince"]}, False),
        ({"artists": ["Various Artists"]}, {"artists": ["Various Artists"]}, False),
        ({"artist_ids": ["1"]}, {"artist_ids": ["2"]}, False),
        ({"artists": ["Queen"], "artist_ids": ["1"]}, {"artists": ["Kwin"], "artist_ids": ["1"]}, True),
        ({"artist_ids": ["1"]}, {"artist_ids": None}, True),
        (
            {"artists": ["Various Artists"], "artist_ids": ["0"]},
            {"artists": ["Various Artists"], "artist_ids": ["0"]},
            False,
        ),
    ],
)
def test_artists(a: dict[str, Any], b: dict[str, Any], passes: bool) -> None:
    assert bool(kept(proposed(track("a", "Song", **a), track("b", "Song (Instrumental)", **b)))) is passes


def test_karaoke_acts_record_anew() -> None:
    act = {"artists": ["Zoom Karaoke"]}
    found = proposed(track("a", "Song", **act), track("b", "Song (Karaoke Version)", **act))
    assert reason_of(found, "b") == "cover_version"
    own = proposed(track("a", "Song (Lead Vocal Version)", **act), track("b", "Song (No Lead Vocal Version)", **act))
    assert kept(own) == {("a", "b")}
    listed = proposed(track("a", "Song"), track("b", "Song (Karaoke)", artists=["Zoom Karaoke", "Queen"]))
    assert reason_of(listed, "b") == "cover_version"


def test_acapella_joins_a_song_that_has_an_instrumental() -> None:
    rows = [track("a", "Song"), track("b", "Song (Acapella)"), track("c", "Song (Instrumental)")]
    assert kept(proposed(*rows)) == {("a", "b"), ("a", "c")}
    alone = CandidateRules(acapella_needs_instrumental=False)
    assert kept(proposed(*rows[:2], rules=alone)) == {("a", "b")}


def test_a_bare_ending_counts_where_the_artist_has_the_shorter_title() -> None:
    found = proposed(
        track("a", "Evidências"),
        track("k", "Evidências Karaokê"),
        track("b", "Fightstarter Karaoke", 180.25),
        track("i", "Fightstarter Karaoke (Instrumental)", 180.5),
        track("c", "Ураган (Live)", 150.25),
        track("m", "Ураган Минус (Live)", 150.5),
        track("n", "Ураган", 150.25),
    )
    assert kept(found) == {("a", "k"), ("b", "i"), ("c", "m")}
    assert reason_of(found, "n") == "no_partner"


def test_guests_are_compared_by_their_whole_names() -> None:
    found = proposed(track("a", "Song (feat. Lil Wayne)"), track("i", "Song (feat. Lil Baby) [Instrumental]"))
    assert kept(found) == set()
    assert reason_of(found, "i") == "version_tags_differ"


def test_a_bilingual_title_keeps_its_part_number() -> None:
    """The Latin half of the second title is "Part 1", the other half the first title."""
    found = proposed(track("a", "люгоморе теведока"), track("b", "люгоморе теведока, Pt. 1 - Instrumental"))
    assert kept(found) == set()
    assert reason_of(found, "b") == "numbers_differ"


def test_editions_are_alternatives_ranked_by_the_stated_score() -> None:
    found = proposed(
        track("far", "Song", 200.9, album="Other"),
        track("near", "Song", 200.3, album="Another"),
        track("same", "Song - Remastered 2011", 200.9, album="Single"),
        track("late", "Song", 200.95, album="Third"),
        track("i", "Song (Instrumental)", 200.25, album="SINGLE"),
    )
    ranks = dict(found.candidates.drop_nulls("rank").select("original_id", "rank").iter_rows())
    assert ranks == {"same": 1, "near": 2, "far": 3}
    assert reason_of(found, "late") == "other_edition"


def test_alternatives_are_bounded_on_either_side() -> None:
    rows = [track(f"{n}", "Song", 200.1 + n / 100) for n in range(6)]
    rows += [track(f"i{n}", "Song (Instrumental)", 200.1 + n / 100) for n in range(6)]
    found = proposed(*rows).candidates.filter(pl.col("outcome") == "kept")
    assert found["original_id"].value_counts()["count"].max() == 3
    assert found["counterpart_id"].value_counts()["count"].max() == 3
    for ranks in found.group_by("counterpart_id").agg(pl.col("rank").sort())["rank"]:
        assert ranks.to_list() == list(range(1, len(ranks) + 1))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (track("a", None), "no_title"),
        (track("a", " "), "no_title"),
        (track("a", "Song", None), "no_duration"),
        (track("a", "Song", float("nan")), "no_duration"),
        (track("a", "Song", 0.0), "no_duration"),
        (track("a", "Song", artists=None), "no_artist"),
        (track("a", "Song", artists=[]), "no_artist"),
        (track("a", "Song", artists=[None, ""]), "no_artist"),
    ],
)
def test_unusable_rows_are_named(row: dict[str, Any], reason: str) -> None:
    found = proposed(row, track("b", "Song (Instrumental)"))
    assert found.tracks.rows() == [("a", "rejected", reason), ("b", "rejected", "no_partner")]


def test_empty_catalogue() -> None:
    found = proposed()
    assert found.candidates.is_empty()
    assert found.tracks.is_empty()
    assert found.candidates.columns[:4] == ["pair_id", "original_id", "counterpart_id", "kind"]


def test_faults_of_the_table_are_named() -> None:
    with pytest.raises(ValueError, match="track ids must be unique"):
        proposed(track("a", "Song"), track("a", "Song"))
    with pytest.raises(ValueError, match="lack the columns artists"):
        propose(table(track("a", "Song")).drop("artists"), LEXICON, RULES)


def test_optional_columns_may_be_missing() -> None:
    rows = table(track("a", "Song"), track("b", "Song (Instrumental)"))
    slim = rows.select("track_id", "title", "artists", "duration_s")
    assert propose(slim, LEXICON, RULES).candidates.equals(propose(rows, LEXICON, RULES).candidates)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (track("a", "Song"), track("b", "Song (Instrumental)")),
        (track("a", "Song (Live)"), track("b", "Song (Instrumental)")),
        (track("a", "Vacation Bible"), track("b", "Vacation Bible School (Instrumental)")),
        (track("a", "Song", 198.0), track("b", "Song (Instrumental)")),
    ],
)
def test_explanations_are_the_decision(a: dict[str, Any], b: dict[str, Any]) -> None:
    verdicts = explain(a, b, LEXICON, RULES)
    decided = proposed(a, b).candidates.row(0, named=True)
    broken = [verdict.rule for verdict in verdicts if not verdict.passed]
    assert decided["reason"] == (broken[0] if broken else None)


def test_explanations_show_values() -> None:
    verdicts = {
        v.rule: v for v in explain(track("a", "Song", 190.5), track("b", "Song (X Mix) [Inst.]"), LEXICON, RULES)
    }
    assert (verdicts["title_mismatch"].original, verdicts["title_mismatch"].counterpart) == ("song", "song")
    assert verdicts["version_tags_differ"].counterpart == "remix x"
    assert verdicts["duration_differs"].original == "190.5"
    assert not verdicts["duration_differs"].passed
    assert verdicts["different_artist"].passed
    missing = explain({}, {"title": "Song (Instrumental)"}, LEXICON, RULES)
    assert not all(verdict.passed for verdict in missing)


def test_large_blocks_and_small_chunks_change_nothing_kept() -> None:
    rows = [track(f"{n:03}", "Song", 100 + n * 7.3) for n in range(40)]
    rows += [track(f"i{n:03}", "Song (Instrumental)", 100.2 + n * 7.3) for n in range(40)]
    rows += [track("p", "Philosophy", 333.1), track("q", "Philosphy (Instrumental)", 333.2)]
    whole = proposed(*rows)
    parts = proposed(*rows, rules=CandidateRules(max_pairs_per_title=10, chunk_pairs=1000))
    assert kept(whole) == kept(parts)
    assert whole.tracks.equals(parts.tracks)


def test_rules_are_checked_as_config() -> None:
    adapter = TypeAdapter(CandidateRules)
    assert adapter.validate_python({"max_alternatives": 5}).max_alternatives == 5
    with pytest.raises(ValidationError, match=r"(?s)max_alternatives.*unknown"):
        adapter.validate_python({"max_alternatives": 0, "unknown": 1})


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("stop", "top", False), ("love", "live", False), ("philosophy", "philosphy", True),
        ("super fly", "superfly", True),
        ("what to do", "to do what", False), ("dreaming 2", "dreaming 3", False),
        ("i want you", "i want you now", False),
        ("saturday night", "satruday night", True), ("saturday night", "saturday light", False),
    ],
)  # fmt: skip
def test_slips_and_other_titles(a: str, b: str, same: bool) -> None:
    assert may_be_one_title(a, b, short_title_length=5) is same
    assert may_be_one_title(b, a, short_title_length=5) is same
    assert title_score(a, b) == title_score(b, a)

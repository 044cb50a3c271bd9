"""Editions collapse, songs are named, and the score that ranks alternatives is the stated one."""

from typing import Any

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.candidates import CandidateRules, Proposals, propose
from mining.editions import edition_ids
from mining.lexicon import Lexicon
from pipeline.config import TitleSettings, lexicon_table

LEXICON = Lexicon.from_table(lexicon_table(TitleSettings()))
SCHEMA = {
    "track_id": pl.String, "title": pl.String, "artists": pl.List(pl.String), "album": pl.String, "isrc": pl.String,
    "explicit": pl.Boolean, "release_date": pl.String, "duration_s": pl.Float64,
}  # fmt: skip
TRACKS = st.lists(
    st.tuples(
        st.sampled_from([None, "instrumental"]),
        st.sampled_from([None, "A", "B", "C"]),
        st.integers(0, 2),
        st.integers(0, 12).map(lambda n: 100 + n / 2),
    ),
    max_size=12,
)


def proposed(*rows: dict[str, Any], **rules: Any) -> Proposals:
    filled = [{"artists": ["Ann"], "duration_s": 200.25, **row} for row in rows]
    table = pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in filled], schema=SCHEMA)
    return propose(table, LEXICON, CandidateRules(**rules))


def ranks(proposals: Proposals) -> dict[str, int]:
    return dict(proposals.candidates.drop_nulls("rank").select("original_id", "rank").iter_rows())


@settings(max_examples=80, deadline=None)
@given(TRACKS)
def test_editions_are_the_components_of_shared_codes_and_shared_texts(
    made: list[tuple[str | None, str | None, int, float]],
) -> None:
    rows = [(f"t{at:02}", *values) for at, values in enumerate(made)]
    schema = {
        "track_id": pl.String,
        "kind": pl.String,
        "isrc": pl.String,
        "recording": pl.UInt64,
        "duration_s": pl.Float64,
    }
    tracks = pl.DataFrame(rows, schema=schema, orient="row")
    graph = nx.Graph()
    graph.add_nodes_from(row[0] for row in rows)
    for a, kind_a, code_a, text_a, length_a in rows:
        for b, kind_b, code_b, text_b, length_b in rows:
            same_code = code_a is not None and code_a == code_b
            if kind_a == kind_b and (same_code or (text_a == text_b and abs(length_a - length_b) <= 1)):
                graph.add_edge(a, b)
    found = edition_ids(tracks.sample(fraction=1, shuffle=True, seed=1)).group_by("edition_id").agg("track_id")
    assert {frozenset(group) for group in found["track_id"]} == {
        frozenset(part) for part in nx.connected_components(graph)
    }


def test_an_edition_never_takes_the_place_of_another_recording() -> None:
    """The other recording differs in its code and its length by more than editions do."""
    found = proposed(
        *({"track_id": f"e{at}", "title": "Song", "album": "LP", "duration_s": 201.2} for at in range(3)),
        {"track_id": "other", "title": "Song", "duration_s": 199.4},
        {"track_id": "i", "title": "Song (Instrumental)", "album": "LP", "duration_s": 200.3},
    )
    assert ranks(found) == {"e0": 1, "other": 2, "e1": 3}
    reasons = dict(found.candidates.select("original_id", "reason").iter_rows())
    assert reasons["e2"] == "other_edition"


def test_one_edition_is_enough_where_the_config_says_so() -> None:
    found = proposed(
        *({"track_id": f"e{at}", "title": "Song"} for at in range(3)),
        {"track_id": "i", "title": "Song (Instrumental)"},
        max_editions=1,
    )
    assert ranks(found) == {"e0": 1}


def test_versions_of_a_song_share_its_name() -> None:
    found = proposed(
        {"track_id": "a", "title": "Song"},
        {"track_id": "ai", "title": "Song (Instrumental)"},
        {"track_id": "b", "title": "Song (Bob Remix)", "duration_s": 300.5},
        {"track_id": "bi", "title": "Song (Bob Remix) [Instrumental]", "duration_s": 300.5},
        {"track_id": "c", "title": "Other"},
        {"track_id": "ci", "title": "Other (Instrumental)"},
        {"track_id": "d", "title": "Song", "artists": ["Dan"]},
        {"track_id": "di", "title": "Song (Instrumental)", "artists": ["Dan"]},
    )
    kept = found.candidates.filter(pl.col("outcome") == "kept")
    songs = dict(kept.select("original_id", "song_id").iter_rows())
    assert songs["a"] == songs["b"]
    assert len({songs["a"], songs["c"], songs["d"]}) == 3


def test_artists_in_another_order_are_joined_into_one_song() -> None:
    """The song of Ann and Bob goes by two first artists; the pair joins them."""
    found = proposed(
        {"track_id": "a", "title": "Song", "artists": ["Ann", "Bob"]},
        {"track_id": "b", "title": "Song (Instrumental)", "artists": ["Bob", "Ann"]},
        {"track_id": "c", "title": "Song", "artists": ["Bob"], "duration_s": 300.5},
        {"track_id": "d", "title": "Song (Instrumental)", "artists": ["Bob"], "duration_s": 300.5},
    )
    kept = found.candidates.filter(pl.col("outcome") == "kept")
    assert kept.height == 2
    assert kept["song_id"].n_unique() == 1


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"album": "LP"}, {"album": "Best Of"}),
        ({"duration_s": 200.3}, {"duration_s": 200.9}),
        ({"explicit": True}, {"explicit": False}),
        ({"isrc": "USABC2000002"}, {"isrc": "USXYZ1000002"}),
        ({"release_date": "2020-05-01"}, {"release_date": "2021"}),
        ({"artists": ["Ann"]}, {"artists": ["Ann", "Bob", "Cid"]}),
        ({"title": "Song"}, {"title": "Song - Remastered 2011"}),
    ],
)
def test_what_helps_the_choice(better: dict[str, Any], worse: dict[str, Any]) -> None:
    given = {"album": "LP", "explicit": True, "isrc": "USABC2000001", "release_date": "2020"}
    found = proposed(
        {"track_id": "z", "title": "Song", **better},
        {"track_id": "a", "title": "Song", **worse},
        {"track_id": "i", "title": "Song (Instrumental)", **given},
    )
    assert ranks(found)["z"] == 1


def test_the_wider_tier_of_one_album_is_marked() -> None:
    rows = (
        {"track_id": "same", "title": "Song", "album": "LP", "duration_s": 203.25},
        {"track_id": "other", "title": "Song", "album": "EP", "duration_s": 203.25},
        {"track_id": "strict", "title": "Song", "album": "EP", "duration_s": 200.5},
        {"track_id": "i", "title": "Song (Instrumental)", "album": "LP"},
    )
    assert set(ranks(proposed(*rows))) == {"strict"}
    found = proposed(*rows, max_same_album_difference_s=4.0)
    kept = found.candidates.filter(pl.col("outcome") == "kept")
    assert dict(kept.select("original_id", "tier").iter_rows()) == {"same": "same_album", "strict": "strict"}
    refused = found.candidates.filter(pl.col("original_id") == "other")
    assert refused["reason"].to_list() == ["duration_differs"]


def test_a_title_that_repeats_its_artist() -> None:
    found = proposed(
        {"track_id": "a", "title": "Under Pressure", "artists": ["Queen"]},
        {"track_id": "i", "title": "Queen - Under Pressure (Instrumental)", "artists": ["Queen"]},
    )
    assert ranks(found) == {"a": 1}

"""Matching against a brute-force oracle that knows how each title was made, and what must hold for any catalogue."""

import random
import tomllib
from dataclasses import dataclass
from importlib import resources

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.candidates import CandidateRules, propose
from mining.titles import Lexicon
from mining.track_keys import matched_columns
from pipeline.stages import candidates as stage
from pipeline.stages.candidates import MatchingSettings

TABLE = tomllib.loads(resources.files("pipeline").joinpath("lexicon.toml").read_text(encoding="utf-8"))
LEXICON = Lexicon.from_table(TABLE)
RULES = CandidateRules()
GENEROUS = CandidateRules(max_alternatives=50)
BASES = ["Copper Harbour", "Velvet", "Lantern, Pt. 2", "Lantern, Pt. 3", "夜の名前", "Стоп", "Été", "Stop", "Top"]
VERSIONS = {"": "", "live": "(Live)", "x": "- Xinobi Remix", "radio": "[Radio Edit]", "tv": "(TV Size)"}
NEUTRAL = ["", "- Remastered 2011", "[2009]", "(Official Version)"]
MARKERS = [
    "(Instrumental)",
    "- Instrumental",
    "【off vocal】",
    "(カラオケ)",
    "~instrumental~",
    "(Versión Instrumental)",
    "(минус)",
]
ARTISTS = ["Queen", "The Who", "Various Artists", "안녕", "Beyoncé"]


@dataclass(frozen=True)
class Made:
    """A track and how it was made: the oracle reads these fields, the program only the row."""

    base: str
    version: str
    marker: str
    neutral: str
    artists: tuple[str, ...]
    duration_s: float
    explicit: bool | None

    @property
    def title(self) -> str:
        return " ".join(part for part in (self.base, VERSIONS[self.version], self.marker, self.neutral) if part)


MADE = st.builds(
    Made,
    base=st.sampled_from(BASES),
    version=st.sampled_from([*VERSIONS, "", ""]),
    marker=st.sampled_from([*MARKERS, *[""] * len(MARKERS)]),
    neutral=st.sampled_from(NEUTRAL),
    artists=st.lists(st.sampled_from(ARTISTS), min_size=1, max_size=2, unique=True).map(tuple),
    duration_s=st.one_of(
        st.integers(198, 203).map(float), st.sampled_from([200.25, 201.0, 201.2499, 201.25, 202.5, 500.5])
    ),
    explicit=st.sampled_from([None, True, False]),
)
CATALOGUES = st.lists(MADE, max_size=14)


def table(made: list[Made]) -> pl.DataFrame:
    rows = [(f"t{at:02}", m.title, list(m.artists), m.duration_s, m.explicit) for at, m in enumerate(made)]
    schema = {
        "track_id": pl.String,
        "title": pl.String,
        "artists": pl.List(pl.String),
        "duration_s": pl.Float64,
        "explicit": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def are_pair(original: Made, counterpart: Made) -> bool:
    """Decide as a reader of the rule would, from how the titles were made."""
    whole = original.duration_s.is_integer() and counterpart.duration_s.is_integer()
    apart = abs(original.duration_s - counterpart.duration_s)
    return (
        not original.marker
        and bool(counterpart.marker)
        and original.base == counterpart.base
        and original.version == counterpart.version
        and bool((set(original.artists) & set(counterpart.artists)) - {"Various Artists"})
        and (apart < 1 or (whole and apart <= 1))
    )


@settings(max_examples=60, deadline=None)
@given(CATALOGUES)
def test_agrees_with_brute_force(made: list[Made]) -> None:
    found = propose(table(made), LEXICON, GENEROUS).candidates.filter(pl.col("outcome") == "kept")
    pairs = set(zip(found["original_id"], found["counterpart_id"], strict=True))
    expected = {
        (f"t{a:02}", f"t{b:02}") for a, one in enumerate(made) for b, other in enumerate(made) if are_pair(one, other)
    }
    assert pairs == expected


@settings(max_examples=40, deadline=None)
@given(CATALOGUES, st.randoms(use_true_random=False), st.integers(1000, 2000))
def test_neither_order_nor_chunks_matter(made: list[Made], shuffle: random.Random, chunk_pairs: int) -> None:
    rows = table(made)
    order = list(range(rows.height))
    shuffle.shuffle(order)
    first = propose(rows, LEXICON, CandidateRules())
    second = propose(rows[order], LEXICON, CandidateRules(chunk_pairs=chunk_pairs))
    assert first.candidates.equals(second.candidates)
    assert first.tracks.sort("track_id").equals(second.tracks.sort("track_id"))


@settings(max_examples=60, deadline=None)
@given(CATALOGUES, st.integers(1, 3))
def test_no_row_is_lost_and_every_outcome_has_its_reason(made: list[Made], alternatives: int) -> None:
    rows = table(made)
    found = propose(rows, LEXICON, CandidateRules(max_alternatives=alternatives))
    assert found.tracks["track_id"].to_list() == rows["track_id"].to_list()
    for outcomes in (found.tracks, found.candidates):
        assert outcomes.filter((pl.col("outcome") == "kept") != pl.col("reason").is_null()).is_empty()
    kept = found.candidates.filter(pl.col("outcome") == "kept")
    in_pairs = {*kept["original_id"], *kept["counterpart_id"]}
    assert set(found.tracks.filter(pl.col("outcome") == "kept")["track_id"]) == in_pairs
    assert found.candidates["pair_id"].is_unique().all()
    assert kept["rank"].is_between(1, alternatives).all()
    for side in ("original_id", "counterpart_id"):
        assert (kept[side].value_counts()["count"] <= alternatives).all()


IDS = ["1", "2", "3", None]


def _with_ids(rows: pl.DataFrame, ids: list[str | None]) -> pl.DataFrame:
    """Give some rows artist ids; not always the same for one name."""
    given_ids = [None if ids[at % len(ids)] is None else [ids[at % len(ids)]] for at in range(rows.height)]
    return rows.with_columns(artist_ids=pl.Series(given_ids, dtype=pl.List(pl.String)))


@settings(max_examples=60, deadline=None)
@given(CATALOGUES, st.lists(st.sampled_from(IDS), min_size=1, max_size=6), st.integers(1, 5), st.integers(1, 9))
def test_neither_slices_nor_partitions_matter(
    made: list[Made], ids: list[str | None], slice_rows: int, num_parts: int
) -> None:
    rows = matched_columns(_with_ids(table(made), ids))
    whole = propose(rows, LEXICON, RULES)
    settings_ = MatchingSettings(lexicon=TABLE, rules=RULES)
    slices = [rows[begin : begin + slice_rows] for begin in range(0, rows.height, slice_rows)] or [rows]
    surveyed = pl.concat([stage.survey(part, settings_) for part in slices]).unique()
    spread, aside = zip(*(stage.scatter(part, surveyed, settings_, num_parts) for part in slices), strict=True)
    together = pl.concat(spread)
    treated = [
        stage.treat(together.filter(pl.col("part") == number).drop("part"), settings_, number, num_parts)
        for number in range(num_parts)
    ]
    found = {name: pl.concat([tables[name] for tables in treated]) for name in treated[0]}
    gathered = stage.gather({**found, "aside": pl.concat(aside)}, settings_)
    matching = pl.concat([stage.finish(part, gathered)["matching"] for part in slices])
    assert gathered["candidates"].equals(whole.candidates)
    assert matching.sort("track_id").equals(whole.tracks)

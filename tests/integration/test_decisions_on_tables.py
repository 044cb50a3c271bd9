"""Decisions on the tables of a real run, changed where a test needs it; and how a pair is explained."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from data_manifests.ids import pair_id
from data_manifests.schemas import TABLES
from data_manifests.storage import Store
from data_manifests.tables import empty_table, read_table
from mining.decisions import DecisionRules
from pipeline.config import Config
from pipeline.showing import pair_text, track_text
from pipeline.stages import pairs


@pytest.fixture
def in_two_languages(small_run: Path) -> dict[str, pl.DataFrame]:
    """Tables of the run in which one accepted original also exists as "(Japanese Ver.)", with the same evidence."""
    store = Store(str(small_run))
    tables = {name: read_table(store, TABLES[name]) for name in ("proposed", "candidates", "tracks", "evidence")}
    accepted = read_table(store, TABLES["pairs"]).filter(
        (pl.col("outcome") == "accepted") & (pl.col("kind") == "instrumental")
    )
    one = accepted.sort("pair_id").row(0, named=True)
    other = pair_id("other", one["counterpart_id"])
    copies = {
        "proposed": pl.col("track_id") == one["original_id"],
        "tracks": pl.col("track_id") == one["original_id"],
        "candidates": pl.col("pair_id") == one["pair_id"],
        "evidence": pl.col("pair_id") == one["pair_id"],
    }
    names = {"track_id": "other", "pair_id": other, "original_id": "other"}
    for table, rows in copies.items():
        columns = [pl.lit(value).alias(name) for name, value in names.items() if name in tables[table].columns]
        copied = tables[table].filter(rows).with_columns(columns)
        if table == "proposed":
            copied = copied.with_columns(title=pl.col("title") + " (Japanese Ver.)")
        tables[table] = pl.concat([tables[table], copied])
    return {**tables, "splits": empty_table(TABLES["splits"])}


@pytest.mark.parametrize("shared", [False, True])
def test_one_backing_serves_two_languages_where_the_config_says_so(
    in_two_languages: dict[str, pl.DataFrame], shared: bool
) -> None:
    config = replace(Config(), decisions=DecisionRules(share_backings_across_languages=shared))
    result = pairs.run(in_two_languages, pairs.STAGE.settings(config))
    counterpart = in_two_languages["candidates"].filter(pl.col("original_id") == "other")["counterpart_id"].item()
    served = result.kept.filter(pl.col("counterpart_id") == counterpart)
    assert served.height == (2 if shared else 1)
    assert ("other" in served["original_id"].to_list()) or not shared


def test_versions_of_a_song_share_name_and_split(small_run: Path) -> None:
    table = read_table(Store(str(small_run)), TABLES["pairs"]).filter(pl.col("outcome") == "accepted")
    assert table["song_id"].null_count() == 0
    assert (table.group_by("song_id").agg(pl.col("split").n_unique())["split"] == 1).all()


def test_a_pair_is_explained_by_titles_rules_and_scores(small_run: Path) -> None:
    store = Store(str(small_run))
    kept = read_table(store, TABLES["candidates"]).filter(pl.col("rank") == 1).sort("pair_id").row(0, named=True)
    text = pair_text(store, kept["pair_id"])
    for needed in (
        "titles: original | counterpart",
        "passed  title_mismatch",
        "match_score",
        kept["song_id"],
        "evidence:",
    ):
        assert needed in text
    assert "FAILED" not in text
    assert kept["pair_id"] in track_text(store, kept["original_id"])

"""Tables are checked against their declared schema when written and when read."""

from pathlib import Path

import polars as pl
import pytest

from data_manifests.schemas import CANDIDATES, TABLES
from data_manifests.storage import Store
from data_manifests.tables import InvalidTableError, broken_rules, conform, empty_table, read_table, write_table


def _candidates(**changes: object) -> pl.DataFrame:
    row = {
        "pair_id": "p", "original_id": "a", "counterpart_id": "b", "kind": "instrumental", "title_score": 100.0,
        "duration_difference_s": 0.5, "tier": "strict", "match_score": 90.0, "rank": 1, "song_id": "s",
        "original_edition_id": "e", "counterpart_edition_id": "f", "outcome": "kept", "reason": None,
    }  # fmt: skip
    return conform(pl.DataFrame([{**row, **changes}]), CANDIDATES)


def test_round_trip(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    write_table(store, _candidates(), CANDIDATES)
    assert read_table(store, CANDIDATES).equals(_candidates())


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"title_score": 101.0}, "title_score <= 100"),
        ({"pair_id": None}, "pair_id is given"),
        ({"rank": None}, "rank is given"),
        ({"rank": 0}, "rank >= 1"),
        ({"outcome": "lost"}, "outcome is one of"),
        ({"reason": "why"}, "reason is null exactly"),
        ({"outcome": "rejected"}, "reason is null exactly"),
    ],
)
def test_each_rule_is_seen(changes: dict[str, object], rule: str) -> None:
    assert any(item.rule.startswith(rule) for item in broken_rules(_candidates(**changes), CANDIDATES))


def test_rejected_rows_may_lack_measurements() -> None:
    assert broken_rules(_candidates(outcome="rejected", reason="duration_differs", rank=None), CANDIDATES) == []


def test_repeated_keys_are_seen() -> None:
    twice = pl.concat([_candidates(), _candidates()])
    assert [item.rule for item in broken_rules(twice, CANDIDATES)] == ["pair_id is unique"]


def test_undeclared_columns_are_refused() -> None:
    with pytest.raises(InvalidTableError, match="surprise"):
        conform(pl.DataFrame({"pair_id": ["p"], "surprise": [1]}), CANDIDATES)


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    write_table(store, _candidates(), CANDIDATES, "tracks.parquet")
    with pytest.raises(InvalidTableError, match="expected schema"):
        read_table(store, TABLES["tracks"])


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    content = write_table(store, _candidates(), CANDIDATES)
    store.write(CANDIDATES.file, content[: len(content) // 2])
    with pytest.raises(InvalidTableError, match=r"candidates\.parquet is not a readable"):
        read_table(store, CANDIDATES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_may_be_empty(name: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    write_table(store, empty_table(TABLES[name]), TABLES[name])
    assert read_table(store, TABLES[name]).height == 0

"""Blocks above the cap: split further, never dropped, and what is not compared is counted and named."""

import polars as pl
import pytest

from mining.candidates import CandidateRules, Proposals, propose
from mining.lexicon import Lexicon
from pipeline.config import TitleSettings, lexicon_table

LEXICON = Lexicon.from_table(lexicon_table(TitleSettings()))
SIZE = 40


def intros(lengths: list[float]) -> pl.DataFrame:
    """As many originals as counterparts of one artist, all called "Intro", of these lengths."""
    rows = [
        (f"{side}{at:03}", title, ["Library"], float(length))
        for side, title in (("o", "Intro"), ("c", "Intro (Instrumental)"))
        for at, length in enumerate(lengths)
    ]
    schema = {"track_id": pl.String, "title": pl.String, "artists": pl.List(pl.String), "duration_s": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def found(lengths: list[float], **rules: int) -> Proposals:
    return propose(intros(lengths), LEXICON, CandidateRules(**rules))  # type: ignore[arg-type]


def kept(proposals: Proposals) -> set[tuple[str, str]]:
    rows = proposals.candidates.filter(pl.col("outcome") == "kept")
    return set(rows.select("original_id", "counterpart_id").iter_rows())


def test_a_large_block_loses_no_pair_that_may_pass() -> None:
    """Lengths twenty seconds apart, so that each counterpart has one partner."""
    lengths = [100.25 + 20 * at for at in range(SIZE)]
    whole, capped = found(lengths), found(lengths, max_pairs_per_title=100)
    assert kept(capped) == kept(whole) == {(f"o{at:03}", f"c{at:03}") for at in range(SIZE)}
    assert whole.candidates.height == SIZE  # what is twenty seconds apart is not compared
    assert whole.uncompared.is_empty()
    assert capped.uncompared.to_dicts() == [
        {
            "artist": "Library",
            "title": "intro",
            "num_counterparts": SIZE,
            "num_originals": SIZE,
            "num_compared": SIZE,
            "num_not_compared": SIZE * SIZE - SIZE,
        }
    ]


@pytest.mark.parametrize("nearest", [2, 8])
def test_a_block_of_one_length_is_spread_over_its_originals(nearest: int) -> None:
    capped = found([60.0] * SIZE, max_pairs_per_title=100, nearest_in_large_blocks=nearest)
    counted = capped.uncompared.row(0, named=True)
    assert counted["num_compared"] + counted["num_not_compared"] == SIZE * SIZE
    assert counted["num_compared"] == capped.candidates.height <= SIZE * nearest
    for side in ("o", "c"):
        tracks = {original if side == "o" else counterpart for original, counterpart in kept(capped)}
        assert len(tracks) >= 0.9 * SIZE


def test_the_cap_does_not_depend_on_the_order_of_rows() -> None:
    rows = intros([60.0 + (at % 3) / 4 for at in range(SIZE)])
    rules = CandidateRules(max_pairs_per_title=100, nearest_in_large_blocks=6)
    first, second = propose(rows, LEXICON, rules), propose(rows.reverse(), LEXICON, rules)
    assert first.candidates.equals(second.candidates)
    assert first.uncompared.equals(second.uncompared)

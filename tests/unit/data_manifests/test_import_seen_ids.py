"""The set of ids seen before agrees with Python's own set."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data_manifests.seen_ids import SeenIds

_rows = st.lists(st.tuples(st.none() | st.sampled_from("abcdefghij"), st.booleans()), max_size=12)


@given(st.lists(_rows, max_size=6))
def test_agrees_with_a_plain_set(batches: list[list[tuple[str | None, bool]]]) -> None:
    seen, plain = SeenIds(), set[str]()
    for batch in batches:
        expected = []
        for name, sound in batch:
            expected.append(name in plain)
            if sound and name is not None:
                plain.add(name)
        ids = pl.Series([name for name, _ in batch], dtype=pl.String)
        assert seen.take(ids, pl.Series([sound for _, sound in batch], dtype=pl.Boolean)).to_list() == expected
    assert len(seen) == len(plain)


def test_many_batches_stay_few_arrays_of_eight_bytes_an_id() -> None:
    seen = SeenIds()
    for first in range(0, 50_000, 500):
        ids = pl.int_range(first, first + 500, eager=True).cast(pl.String)
        assert not seen.take(ids, pl.repeat(True, 500, eager=True)).any()
    assert len(seen) == 50_000
    assert len(seen._runs) <= 8
    assert sum(run.nbytes for run in seen._runs) == 8 * 50_000
    again = pl.int_range(49_990, 50_010, eager=True).cast(pl.String)
    assert seen.take(again, pl.repeat(True, 20, eager=True)).to_list() == [True] * 10 + [False] * 10

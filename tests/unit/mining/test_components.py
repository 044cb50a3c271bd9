"""Connected components against networkx."""

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mining.components import components


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_components_are_those_of_networkx(links: list[tuple[int, int]]) -> None:
    graph = nx.Graph(links)
    found = components(pl.DataFrame(links, schema={"a": pl.Int64, "b": pl.Int64}, orient="row"))
    expected = {member: min(part) for part in nx.connected_components(graph) for member in part}
    assert dict(found.iter_rows()) == expected
    assert found["member"].to_list() == sorted(expected)


def test_a_long_chain_is_one() -> None:
    names = [f"t{at:05}" for at in range(3000)]
    found = components(pl.DataFrame({"a": names[:-1], "b": names[1:]}))
    assert found["first"].unique().to_list() == ["t00000"]

"""The choice among alternatives: as many pairs as can be, and among these the best."""

from dataclasses import replace

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mining.assignment import Proposal, assign


def _proposal(original: str, counterpart: str, quality: float = 10.0, rank: int = 1) -> Proposal:
    return Proposal(
        pair_id=f"{original}-{counterpart}",
        original_id=original,
        counterpart_id=counterpart,
        quality=quality,
        rank=rank,
    )


def test_the_better_edition_wins() -> None:
    assert assign([_proposal("o1", "i", 8.0), _proposal("o2", "i", 12.0)]) == {"o2-i"}


def test_the_better_rank_decides_between_equals() -> None:
    assert assign([_proposal("o1", "i", 8.01, rank=2), _proposal("o2", "i", 8.0, rank=1)]) == {"o2-i"}


def test_two_pairs_beat_one_better_pair() -> None:
    proposals = [_proposal("o1", "i1", 30.0), _proposal("o1", "i2", 5.0), _proposal("o2", "i1", 5.0)]
    assert assign(proposals) == {"o1-i2", "o2-i1"}


def test_a_backing_serves_one_original_of_each_language() -> None:
    japanese = [replace(_proposal(name, "i", quality), language="ja") for name, quality in (("o2", 9.0), ("o3", 8.0))]
    assert assign([replace(_proposal("o1", "i"), language="ko"), *japanese]) == {"o1-i", "o2-i"}


def test_nothing_of_nothing() -> None:
    assert assign([]) == frozenset()


edges = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.floats(-20, 60), max_size=15).map(
    lambda found: [_proposal(f"o{o}", f"i{i}", q) for (o, i), q in found.items()]
)


@given(edges, st.randoms(use_true_random=False))
def test_matches_networkx_and_ignores_order(proposals: list[Proposal], random: object) -> None:
    chosen = assign(proposals)
    graph = networkx.Graph()
    for item in proposals:
        value = 1e6 + 100.0 * (round(item.quality, 1) + 50) - 1
        graph.add_edge(item.original_id, item.counterpart_id, weight=value, quality=item.quality)
    best = networkx.max_weight_matching(graph, maxcardinality=False)
    assert len(chosen) == len(best)
    value_of = {item.pair_id: round(item.quality, 1) for item in proposals}
    expected = sum(round(graph.edges[edge]["quality"], 1) for edge in best)
    assert sum(value_of[pair] for pair in chosen) == pytest.approx(expected, abs=0.02)
    shuffled = list(proposals)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assign(shuffled) == chosen

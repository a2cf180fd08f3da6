"""Communities of a graph: what is tied is together, what is not stays apart, and the same graph gives the same answer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.incidents.communities import communities

NODES = 12
ties = st.dictionaries(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.1, 1.0),
    max_size=30,
)


def of(edges: dict[tuple[int, int], float], resolution: float = 1.0, nodes: int = NODES) -> list[int]:
    first, second = (np.array([pair[side] for pair in edges], dtype=np.int64) for side in (0, 1))
    return communities(nodes, first, second, np.array(list(edges.values())), resolution)


def test_two_triangles_with_a_weak_tie_are_two_communities() -> None:
    triangles = {(0, 1): 1.0, (0, 2): 1.0, (1, 2): 1.0, (3, 4): 1.0, (3, 5): 1.0, (4, 5): 1.0, (2, 3): 0.1}
    assert of(triangles, nodes=6) == [0, 0, 0, 1, 1, 1]


def test_a_graph_without_ties_is_as_many_communities_as_nodes() -> None:
    assert of({}) == list(range(NODES))


def test_a_higher_resolution_cuts_finer() -> None:
    ring = {(node, node + 1): 1.0 for node in range(NODES - 1)} | {(0, NODES - 1): 1.0}
    assert len(set(of(ring, resolution=0.2))) < len(set(of(ring, resolution=3.0)))


@given(ties)
def test_no_community_reaches_over_what_is_not_tied(edges: dict[tuple[int, int], float]) -> None:
    found = of(edges)
    reached = list(range(NODES))
    for _ in range(NODES):
        for one, other in edges:
            reached[one] = reached[other] = min(reached[one], reached[other])
    assert len(found) == NODES
    for one in range(NODES):
        for other in range(NODES):
            if found[one] == found[other]:
                assert reached[one] == reached[other]

"""Communities of a weighted graph: nodes are moved to where modularity grows most, then communities as if they were nodes.

Blondel et al., Fast unfolding of communities in large networks (2008), with the resolution of Reichardt and Bornholdt
(2006). Nodes are visited in a fixed order, those whose neighbours moved once more, so that the same graph always gives the
same communities.
"""

import numpy as np
from numpy.typing import NDArray

_PASSES = 8

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


def summed(places: Numbers, weights: Floats, count: int) -> Floats:
    """The sum of the weights at each of `count` places."""
    return np.asarray(np.bincount(places, weights, count), dtype=np.float64)


def communities(count: int, first: Numbers, second: Numbers, weights: Floats, resolution: float) -> list[int]:
    """The community of each of `count` nodes, by the edges between `first` and `second`; numbered from 0.

    Finer with a higher `resolution`; 1 is plain modularity.
    """
    size = summed(first, weights, count) + summed(second, weights, count)
    total = float(size.sum())
    of = np.arange(count)
    while total:
        moved = _moved(size, first, second, weights, resolution / total)
        of = moved[of]
        if len(moved) == moved.max() + 1:
            break
        first, second = moved[first], moved[second]
        size = summed(moved, size, int(moved.max()) + 1)
        apart = first != second
        first, second, weights = first[apart], second[apart], weights[apart]
        keys, places = np.unique(np.minimum(first, second) * len(size) + np.maximum(first, second), return_inverse=True)
        weights = summed(places, weights, len(keys))
        first, second = keys // len(size), keys % len(size)
    return [int(number) for number in of]


def _moved(size: Floats, first: Numbers, second: Numbers, weights: Floats, resolution: float) -> Numbers:
    """One level of moving nodes, each time to the neighbouring community with the greatest gain, until none gains."""
    neighbours: list[list[tuple[int, float]]] = [[] for _ in size]
    for one, other, weight in zip(first.tolist(), second.tolist(), weights.tolist(), strict=True):
        neighbours[one].append((other, weight))
        neighbours[other].append((one, weight))
    of, own, total = list(range(len(size))), size.tolist(), size.tolist()
    waiting, is_waiting, place = list(range(len(size))), [True] * len(size), 0
    while place < min(len(waiting), _PASSES * len(size)):
        node = waiting[place]
        place += 1
        is_waiting[node] = False
        here, weight = of[node], own[node]
        ties: dict[int, float] = {here: 0.0}
        for other, tie in neighbours[node]:
            ties[of[other]] = ties.get(of[other], 0.0) + tie
        total[here] -= weight
        best, most = here, ties[here] - resolution * weight * total[here]
        for community, tie in ties.items():
            gain = tie - resolution * weight * total[community]
            if gain > most + 1e-9:
                best, most = community, gain
        total[best] += weight
        if best != here:
            of[node] = best
            again = [other for other, _ in neighbours[node] if not is_waiting[other] and of[other] != best]
            waiting += again
            for other in again:
                is_waiting[other] = True
    names: dict[int, int] = {}
    return np.array([names.setdefault(community, len(names)) for community in of], dtype=np.int64)

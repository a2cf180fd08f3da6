"""The open clusters of a jurisdiction, and which of them a post is nearest to."""

import math
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable

from nlp.incidents.cluster import Cluster
from nlp.incidents.features import PLACE, Vector

_LOOKED_UP = 14
_KIN_LOOKED_UP = 48
_CANDIDATES = 8
_COMMON = 300  # features in more clusters than this tell nothing apart and would cost most


class Grouping:
    """Clusters by id in the order of their last post, found by feature and by near-duplicate group."""

    def __init__(self, clusters: Iterable[Cluster] = ()) -> None:
        """`clusters` in the order of their last post."""
        self._clusters: OrderedDict[str, Cluster] = OrderedDict()
        self._by_born: dict[int, Cluster] = {}
        self._index: dict[int, set[int]] = {}
        self._groups: dict[int, int] = {}
        self._raised: dict[int, Cluster] = {}
        for cluster in clusters:
            self.open(cluster)
            self._post(cluster, cluster.terms)
            for group in cluster.groups:
                self._groups[group] = cluster.born

    def __len__(self) -> int:
        return len(self._clusters)

    def open(self, cluster: Cluster) -> None:
        """Take in a cluster as the newest."""
        self._clusters[cluster.id] = cluster
        self._by_born[cluster.born] = cluster
        if cluster.raised_at is not None:
            self._raised[cluster.born] = cluster

    def touch(self, cluster: Cluster) -> None:
        """It has just got a post."""
        self._clusters.move_to_end(cluster.id)

    def silent(self) -> Cluster | None:
        """The cluster whose last post is longest ago."""
        return next(iter(self._clusters.values()), None)

    def close(self, cluster: Cluster) -> None:
        """Forget a cluster."""
        del self._clusters[cluster.id]
        del self._by_born[cluster.born]
        self._raised.pop(cluster.born, None)
        self._unpost(cluster, cluster.terms)
        for group in cluster.groups:
            if self._groups.get(group) == cluster.born:
                del self._groups[group]

    def kin(self, cluster: Cluster) -> list[Cluster]:
        """The raised clusters that share two of its heaviest features, in the order of their raising."""
        shared: Counter[int] = Counter()
        for feature in sorted(cluster.terms, key=lambda feature: (-cluster.terms[feature], feature))[:_KIN_LOOKED_UP]:
            posting = self._index[feature]
            if len(posting) <= _COMMON:
                shared.update(self._raised.keys() & posting)
        kin = [self._raised[born] for born, features in shared.items() if features > 1 and born != cluster.born]
        return sorted(kin, key=lambda other: (other.raised_at or 0.0, other.born))

    def raise_at(self, cluster: Cluster, at: float) -> None:
        """Make a cluster an incident."""
        cluster.raised_at = at
        self._raised[cluster.born] = cluster

    def merge(self, younger: Cluster, older: Cluster) -> None:
        """Let one cluster go up in another."""
        self.close(younger)
        older.absorb(younger)
        self._post(older, younger.terms)
        self._unpost(older, older.prune())
        for group in younger.groups:
            self._remember(older, group)

    def of_group(self, group: int) -> Cluster | None:
        """The cluster that holds the first post of these near-duplicates."""
        born = self._groups.get(group)
        return None if born is None else self._by_born.get(born)

    def nearest(self, vector: Vector, least: float, codes: Collection[str] = ()) -> tuple[Cluster | None, float]:
        """The cluster with the highest cosine (the oldest of equals), among those that share the post's rarest features.

        Words alone must have a cosine of `least`; of twice that if the cluster is of other places than the post's `codes`,
        of half if most of it is of the very same place: a few words about one estate say more than about anywhere.
        """
        shared: dict[int, int] = {}
        get = shared.get
        looked_up = 0
        for feature, weight in vector.items():
            posting = self._index.get(feature)
            if posting is None or len(posting) > _COMMON:
                continue
            for born in posting:
                shared[born] = get(born, 0) + weight
            looked_up += 1
            if looked_up == _LOOKED_UP:
                break
        if not shared:
            return None, 0.0
        best, best_cosine = None, 0.0
        length = math.sqrt(sum([weight * weight for weight in vector.values()]))
        named = [(feature, weight) for feature, weight in vector.items() if feature >= PLACE]
        candidates = sorted([(-weight, born) for born, weight in shared.items()])[:_CANDIDATES]
        for born in sorted([born for _, born in candidates]):
            cluster = self._by_born[born]
            cosine, words = cluster.cosine(vector, length, named)
            if cosine > best_cosine and words >= least * _strictness(cluster, codes):
                best, best_cosine = cluster, cosine
        return best, best_cosine

    def fade(self, cluster: Cluster, now: float, half_life: float) -> None:
        """Let a cluster fade, and forget the terms it loses."""
        before = cluster.terms
        cluster.fade(now, half_life)
        if len(cluster.terms) != len(before):
            self._unpost(cluster, [feature for feature in before if feature not in cluster.terms])

    def add(self, cluster: Cluster, vector: Vector, group: int) -> None:
        """Move a cluster's centroid by a post and keep the index in step."""
        cluster.move(vector)
        self._post(cluster, vector)
        self._unpost(cluster, cluster.prune())
        self._remember(cluster, group)

    def _remember(self, cluster: Cluster, group: int) -> None:
        self._groups[group] = cluster.born
        forgotten = cluster.remember(group)
        if forgotten is not None and self._groups.get(forgotten) == cluster.born:
            del self._groups[forgotten]

    def _post(self, cluster: Cluster, features: Iterable[int]) -> None:
        born, index = cluster.born, self._index
        for feature in features:
            posting = index.get(feature)
            if posting is None:
                index[feature] = {born}
            else:
                posting.add(born)

    def _unpost(self, cluster: Cluster, features: Iterable[int]) -> None:
        for feature in features:
            posting = self._index.get(feature)
            if posting is not None:
                posting.discard(cluster.born)
                if not posting:
                    del self._index[feature]


def _strictness(cluster: Cluster, codes: Collection[str]) -> float:
    """How much more (or less) than usual a post of these places must share with a cluster."""
    if cluster.is_elsewhere(codes):
        return 2.0
    return 0.5 if cluster.is_mostly_of(codes) else 1.0

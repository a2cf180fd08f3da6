"""The open clusters of a jurisdiction, and which of them a post is nearest to."""

import math
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator

from nlp.incidents.accounts import Where
from nlp.incidents.cluster import Cluster
from nlp.incidents.features import BUCKETS, IDF_SCALE, NORM, PLACE, Bytes, Vector
from nlp.incidents.letters import Letters, joins

_LOOKED_UP = 14
_KIN_LOOKED_UP = 48
_KIN = 32
_CANDIDATES = 8
_COMMON = 300  # features in more clusters than this tell nothing apart and would cost most
_LEAST_RISE = 0.1
_USUAL = [math.exp(1 - idf / IDF_SCALE) for idf in range(256)]
"""Share of texts that hold a feature, by its IDF in the table."""


class Grouping:
    """Clusters by id in the order of their last post, found by feature and by near-duplicate group.

    It also knows which words rise: how often the posts of its clusters hold them, against how often text in general does.
    """

    def __init__(self, table: Bytes, clusters: Iterable[Cluster] = ()) -> None:
        """`clusters` in the order of their last post; `table` is the IDF of every bucket (`nlp.incidents.features`)."""
        self._table = table.tobytes()
        self._clusters: OrderedDict[str, Cluster] = OrderedDict()
        self._by_born: dict[int, Cluster] = {}
        self._index: dict[int, set[int]] = {}
        self._holders: dict[int, int] = {}
        self._posts = 0
        self._groups: dict[int, int] = {}
        for cluster in clusters:
            self.open(cluster)
            self._post(cluster, cluster.holders)
            self._posts += cluster.posts
            for group in cluster.groups:
                self._groups[group] = cluster.born

    def __len__(self) -> int:
        return len(self._clusters)

    def __iter__(self) -> Iterator[Cluster]:
        return iter(self._clusters.values())

    def open(self, cluster: Cluster) -> None:
        """Take in a cluster as the newest."""
        self._clusters[cluster.id] = cluster
        self._by_born[cluster.born] = cluster

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
        self._posts -= cluster.posts
        self._unpost(cluster, cluster.holders)
        for group in cluster.groups:
            if self._groups.get(group) == cluster.born:
                del self._groups[group]

    def recount(self, more: int) -> None:
        """So many posts more (or fewer) than were added."""
        self._posts += more

    def rise(self, feature: int, more: int = 0) -> float:
        """ln of how many times as often as in general text the open clusters' posts, and `more` of them, hold a feature.

        One is added to both counts: what is rare anyway has risen only once several posts hold it.
        """
        usual = _USUAL[self._table[feature & (BUCKETS - 1)]]
        return math.log((self._holders.get(feature, 0) + more + 1) / ((self._posts + more) * usual + 1))

    def sharpened(self, vector: Vector) -> Vector:
        """A post's vector with rising words made heavier and usual ones lighter, of the same length."""
        weights = {
            feature: weight * math.sqrt(max(_LEAST_RISE, self.rise(feature, 1))) for feature, weight in vector.items()
        }
        length = math.sqrt(sum([weight * weight for weight in weights.values()]))
        scaled = [(-round(weight * NORM / length), feature) for feature, weight in weights.items()]
        return {feature: -weight for weight, feature in sorted(scaled) if weight}

    def kin(self, cluster: Cluster) -> list[Cluster]:
        """The clusters that share most of its heaviest features, at least two, in the order of their opening."""
        shared: Counter[int] = Counter()
        for feature in sorted(cluster.terms, key=lambda feature: (-cluster.terms[feature], feature))[:_KIN_LOOKED_UP]:
            posting = self._index[feature]
            if len(posting) <= _COMMON:
                shared.update(posting)
        del shared[cluster.born]
        most = sorted([(-features, born) for born, features in shared.items() if features > 1])[:_KIN]
        return [self._by_born[born] for born in sorted([born for _, born in most])]

    def of_group(self, group: int) -> Cluster | None:
        """The cluster that holds the first post of these near-duplicates."""
        born = self._groups.get(group)
        return None if born is None else self._by_born.get(born)

    def nearest(
        self, vector: Vector, least: float, where: Where, letter: Letters | None = None, tags: Collection[str] = ()
    ) -> tuple[Cluster | None, float]:
        """The cluster with the highest cosine (the oldest of equals), among those that share the post's rarest features.

        Words alone must have a cosine of `least`; of twice that if the cluster is of other places than the post (`where`) or
        bears other hashtags than its `tags`, of half if most of it is of the very same place: a few words about one estate
        say more than about anywhere.
        A `letter` joins letters that ask for the same at the same place (`nlp.incidents.letters`), whichever fit best.
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
            if letter is not None and cluster.letters.are_most_of(cluster.posts):
                fit = joins(letter, cluster.letters, self._own(vector, length, cluster))
                if fit > best_cosine:
                    best, best_cosine = cluster, fit
                continue
            cosine, words = cluster.cosine(vector, length, named)
            if cosine > best_cosine and words >= least * _strictness(cluster, where, tags):
                best, best_cosine = cluster, cosine
        return best, best_cosine

    def in_common(self, one: Cluster, other: Cluster) -> float:
        """Cosine of the words of two clusters, each worth the share of those that hold it which these two have."""
        fewer, more = (one, other) if len(one.terms) < len(other.terms) else (other, one)
        shared = [feature for feature in fewer.terms.keys() & more.terms.keys() if feature < PLACE]
        return sum(
            fewer.terms[feature]
            * more.terms[feature]
            * ((fewer.holders[feature] + more.holders[feature]) / self._holders[feature])
            for feature in sorted(shared)
        ) / math.sqrt(one.squares * other.squares or 1)

    def _own(self, vector: Vector, length: float, cluster: Cluster) -> float:
        """Cosine of a post's words and a cluster's, each worth the share of those that hold it which the cluster has."""
        terms, holders, held = cluster.terms, cluster.holders, self._holders
        dot = sum(
            [
                weight * terms[feature] * (holders[feature] / held[feature])
                for feature, weight in vector.items()
                if feature < PLACE and feature in terms
            ]
        )
        return dot / (length * math.sqrt(cluster.squares or 1))

    def fade(self, cluster: Cluster, now: float, half_life: float) -> None:
        """Let a cluster fade, and forget the terms it loses."""
        self._unpost(cluster, cluster.fade(now, half_life))

    def add(self, cluster: Cluster, vector: Vector, group: int) -> None:
        """Move a cluster's centroid by a post and keep the index in step."""
        cluster.move(vector)
        self._posts += 1
        self._post(cluster, dict.fromkeys(vector, 1))
        self._unpost(cluster, cluster.prune())
        self.hold(cluster, group)

    def hold(self, cluster: Cluster, group: int) -> None:
        """From now on the copies of these near-duplicates go to the cluster."""
        self._groups[group] = cluster.born
        forgotten = cluster.remember(group)
        if forgotten is not None and self._groups.get(forgotten) == cluster.born:
            del self._groups[forgotten]

    def let_go(self, cluster: Cluster, group: int) -> None:
        """Their copies go to the cluster no more."""
        if group in cluster.groups:
            cluster.groups.remove(group)
        if self._groups.get(group) == cluster.born:
            del self._groups[group]

    def _post(self, cluster: Cluster, holders: Vector) -> None:
        born, index, held = cluster.born, self._index, self._holders
        for feature, posts in holders.items():
            posting = index.get(feature)
            if posting is None:
                index[feature] = {born}
            else:
                posting.add(born)
            held[feature] = held.get(feature, 0) + posts

    def _unpost(self, cluster: Cluster, dropped: Vector) -> None:
        for feature, posts in dropped.items():
            posting = self._index[feature]
            posting.discard(cluster.born)
            if posting:
                self._holders[feature] -= posts
            else:
                del self._index[feature], self._holders[feature]


def _strictness(cluster: Cluster, where: Where, tags: Collection[str]) -> float:
    """How much more (or less) than usual a post of these places and hashtags must share with a cluster."""
    is_tagged_otherwise = cluster.tags.are_others(tags) and cluster.tags.are_in_most_of(cluster.understood)
    if is_tagged_otherwise or cluster.is_elsewhere(where):
        return 2.0
    return 0.5 if cluster.is_mostly_of(where) else 1.0

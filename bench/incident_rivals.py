"""Two detectors that others build, for the table of `bench.incidents`: the best that runs online, and the best over a day.

Both are given folded texts in time order and the near-duplicate group of each, and put copies where their original is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np

from nlp.incidents.communities import Floats, Numbers, communities, summed
from nlp.incidents.features import BUCKETS, IDF_SCALE, Vector, occurrences, shipped_idf, vectors

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Told:
    """A post as a rival sees it; `group` is the id of the first post that says the same."""

    id: str
    at: datetime
    group: str
    folded: str


@dataclass(frozen=True, slots=True)
class Put:
    """Where a post was put, and since when that was known."""

    id: str
    cluster: int
    known_at: datetime


# --- online: decayed centroids of character bigrams ------------------------------------------------------------------


class Centroids:
    """A post joins the open centroid with the highest cosine, from 0.10, or opens one; silent ones close after a day."""

    _LEAST = 0.10
    _LOOKED_UP, _COMMON, _CANDIDATES, _TERMS = 14, 300, 8, 128

    def __init__(self) -> None:
        self._sums: list[Vector] = []
        self._touched: list[float] = []
        self._index: dict[int, set[int]] = {}

    def put(self, vector: Vector, at: float) -> int:
        """The cluster of a post."""
        best, most = -1, self._LEAST
        length = math.sqrt(sum([weight * weight for weight in vector.values()]))
        for number in self._candidates(vector):
            if at - self._touched[number] > _DAY_S:
                continue
            terms = self._sums[number]
            dot = sum([weight * terms.get(feature, 0) for feature, weight in vector.items()])
            cosine = dot / length / math.sqrt(sum([weight * weight for weight in terms.values()]))
            if cosine >= most:
                best, most = number, cosine
        if best < 0:
            best = len(self._sums)
            self._sums.append({})
            self._touched.append(at)
        self._add(best, vector, at)
        return best

    def _candidates(self, vector: Vector) -> list[int]:
        shared: dict[int, int] = {}
        known = [
            (weight, self._index[feature])
            for feature, weight in vector.items()
            if len(self._index.get(feature, ())) in range(1, self._COMMON + 1)
        ]
        for weight, holders in known[: self._LOOKED_UP]:
            for number in holders:
                shared[number] = shared.get(number, 0) + weight
        return sorted(shared, key=lambda number: (-shared[number], number))[: self._CANDIDATES]

    def _add(self, number: int, vector: Vector, at: float) -> None:
        faded = math.exp2((self._touched[number] - at) / _DAY_S)
        terms = {feature: round(weight * faded) for feature, weight in self._sums[number].items()}
        for feature, weight in vector.items():
            terms[feature] = terms.get(feature, 0) + weight
            self._index.setdefault(feature, set()).add(number)
        if len(terms) > self._TERMS + self._TERMS // 2:
            ordered = sorted(terms.items(), key=lambda term: (-term[1], term[0]))
            for feature, _ in ordered[self._TERMS :]:
                self._index[feature].discard(number)
            terms = dict(ordered[: self._TERMS])
        self._sums[number], self._touched[number] = terms, at


def decayed_centroids(posts: Sequence[Told]) -> list[Put]:
    """Every post at once."""
    centroids, placed, found = Centroids(), dict[str, int](), list[Put]()
    for post, vector in zip(posts, vectors([post.folded for post in posts], shipped_idf()), strict=True):
        number = placed.get(post.group)
        if number is None and vector:
            number = placed[post.group] = centroids.put(vector, post.at.timestamp())
        if number is not None:
            found.append(Put(post.id, number, post.at))
    return found


# --- a day at a time: the graph of words that burst together ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordGraph:
    """Communities of the day's bursting words, then posts to the nearest centroid of a community's posts, twice."""

    least_posts: int = 4
    least_ratio: float = 1.5
    words: int = 4000
    together: int = 3
    npmi: float = 0.2
    resolution: float = 3.0
    nearness: float = 0.05
    rounds: int = 2
    least_words: int = 2
    least_size: int = 3

    def of_day(self, folded: Sequence[str]) -> Numbers:
        """The community of each distinct text; -1 for none."""
        features, _ = occurrences(folded)
        owners, buckets = features >> 20, features & (BUCKETS - 1)
        names, words, counts = np.unique(buckets, return_inverse=True, return_counts=True)
        idf = shipped_idf()[names].astype(np.float64) / IDF_SCALE
        ratio = counts / (len(folded) * np.exp(1 - idf))
        bursting = self._bursting(counts, ratio, len(folded))
        node = np.full(len(names), -1, dtype=np.int64)
        node[bursting] = np.arange(len(bursting))
        kept = node[words] >= 0
        edges = self._edges(owners[kept], node[words][kept], counts[bursting], len(folded))
        of = np.array(communities(len(bursting), *edges, self.resolution), dtype=np.int64)
        there = of[node[words[kept]]]
        first = _heaviest(owners[kept], there, np.log(ratio[words[kept]]), len(folded))
        told = np.bincount(owners[kept][there == first[owners[kept]]], minlength=len(folded))
        first = np.where(told >= self.least_words, first, -1)
        weights = idf * np.sqrt(np.maximum(0.1, np.log(np.maximum(ratio, 1.01))))
        return self._refined(first, owners, words, weights[words])

    def _bursting(self, counts: Numbers, ratio: Floats, posts: int) -> Numbers:
        found = np.flatnonzero((counts >= self.least_posts) & (ratio >= self.least_ratio) & (counts < 0.2 * posts))
        order = np.argsort(-counts[found] * np.log(ratio[found]), kind="stable")
        return found[order[: self.words]]

    def _edges(self, owners: Numbers, nodes: Numbers, counts: Numbers, posts: int) -> tuple[Numbers, Numbers, Floats]:
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        parts = [np.sort(part) for part in np.split(nodes, starts[1:])]
        pairs = [
            part[one] * len(counts) + part[other] for part in parts for one, other in [np.triu_indices(len(part), 1)]
        ]
        keys, both = np.unique_counts(np.concatenate(pairs))
        keys, both = keys[both >= self.together], both[both >= self.together]
        first, second = keys // len(counts), keys % len(counts)
        npmi = np.log(both * posts / (counts[first] * counts[second])) / -np.log(both / posts)
        kept = npmi >= self.npmi
        return first[kept], second[kept], npmi[kept]

    def _refined(self, first: Numbers, owners: Numbers, words: Numbers, weights: Floats) -> Numbers:
        posts, of = len(first), first
        lengths = np.sqrt(summed(owners, weights * weights, posts))
        scaled = weights / lengths[owners]
        for _ in range(self.rounds):
            large = np.bincount(of[of >= 0]) >= self.least_size
            of = np.where((of >= 0) & large[of], of, -1)
            placed = of[owners] >= 0
            kinds = int(of.max()) + 1
            keys, places = np.unique(words[placed] * kinds + of[owners[placed]], return_inverse=True)
            sums = summed(places, scaled[placed], len(keys))
            norms = np.sqrt(summed(keys % kinds, sums * sums, kinds))
            sums = sums / norms[keys % kinds]
            starts = np.searchsorted(keys // kinds, words)
            sizes = np.searchsorted(keys // kinds, words, side="right") - starts
            at = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(int(sizes.sum()))
            joined, shares = np.repeat(owners, sizes), np.repeat(scaled, sizes) * sums[at]
            of = _heaviest(joined, keys[at] % kinds, shares, posts, self.nearness)
        return of


def _heaviest(owners: Numbers, kinds: Numbers, weights: Floats, count: int, least: float = 0.0) -> Numbers:
    """For each owner the kind with the greatest sum of weights, from `least`; -1 without one."""
    found = np.full(count, -1, dtype=np.int64)
    if not len(owners):
        return found
    most = int(kinds.max()) + 1
    keys, places = np.unique(owners * most + kinds, return_inverse=True)
    sums = summed(places, weights, len(keys))
    order = np.argsort(sums, kind="stable")
    enough = order[sums[order] >= least]
    found[keys[enough] // most] = keys[enough] % most
    return found


def word_graph(posts: Sequence[Told]) -> list[Put]:
    """Every post at the end of its day, in local time."""
    graph, found, opened = WordGraph(), list[Put](), 0
    for day, same in groupby(posts, key=lambda post: post.at.date()):
        told = list(same)
        midnight = datetime.combine(day, datetime.min.time(), told[0].at.tzinfo) + timedelta(days=1)
        firsts = {post.group: post for post in reversed(told)}
        of = dict(zip(firsts, (opened + graph.of_day([post.folded for post in firsts.values()])).tolist(), strict=True))
        found += [Put(post.id, of[post.group], midnight) for post in told if of[post.group] >= opened]
        opened = max([opened, *(number + 1 for number in of.values())])
    return found

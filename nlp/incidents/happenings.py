"""Clusters that are one happening, and what they come to together.

A cluster holds what is told in nearly the same words. A happening is told in several: as a bulletin, as a complaint, as a
joke. So an incident is made of clusters, its parts, which may join and leave it while its id stays. What is counted of it
lies in `whole`, a cluster like any other; of a happening with one part that is the part itself.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from nlp.incidents.cluster import Cluster
from nlp.incidents.union import absorb

_copy_of = msgspec.msgpack.Decoder(Cluster).decode
_encode = msgspec.msgpack.Encoder().encode


def copied(cluster: Cluster) -> Cluster:
    """The same figures, that change by themselves."""
    return _copy_of(_encode(cluster))


def _sum(clusters: Sequence[Cluster]) -> Cluster:
    """What clusters have counted together, as if they were the first; without their posts."""
    whole = copied(clusters[0])
    for cluster in clusters[1:]:
        absorb(whole, cluster)
        whole.prune()
    whole.members, whole.groups = [], []
    return whole


class Happening(msgspec.Struct, array_like=True):
    """`parts` are numbers of open clusters (`Cluster.born`), in order; `past` sums up those that were closed."""

    whole: Cluster
    parts: list[int]
    past: Cluster | None = None

    @property
    def id(self) -> str:
        """The incident's id."""
        return self.whole.id

    @property
    def is_raised(self) -> bool:
        """Whether it is an incident."""
        return self.whole.raised_at is not None


class Happenings:
    """The happenings of a jurisdiction's open clusters."""

    def __init__(self, clusters: Iterable[Cluster], stored: Iterable[Happening]) -> None:
        """`stored` as in `row`; a cluster that is in none of them is a happening by itself."""
        self._clusters = {cluster.born: cluster for cluster in clusters}
        self._of: dict[int, Happening] = {}
        for happening in stored:
            self._set(happening)
        for born, cluster in self._clusters.items():
            if born not in self._of:
                self._of[born] = Happening(cluster, [born])

    def __iter__(self) -> Iterator[Happening]:
        """Each of them once."""
        return iter({one.id: one for one in self._of.values()}.values())

    def of(self, cluster: Cluster) -> Happening:
        """The happening that a cluster is a part of."""
        return self._of[cluster.born]

    def of_born(self, born: int) -> Happening:
        """The same by the cluster's number."""
        return self._of[born]

    def parts(self, happening: Happening) -> list[Cluster]:
        """Its open clusters."""
        return [self._clusters[born] for born in happening.parts]

    def is_single(self, happening: Happening) -> bool:
        """Whether it is one cluster by itself, and so needs no row of its own."""
        return len(happening.parts) == 1 and happening.whole is self._clusters[happening.parts[0]]

    def is_movable(self, happening: Happening) -> bool:
        """Whether it may go up in another by itself: nobody works on its case, and no person put a part of it here."""
        return not happening.whole.held and all(part.is_movable for part in self._all_of(happening))

    def is_known(self, happening: Happening) -> bool:
        """Whether all its posts are known, so that they can be assigned anew."""
        return all(part.is_known for part in self._all_of(happening))

    def by_id(self, id_: str) -> Happening | None:
        """The one with that id, if it has an open cluster."""
        return next((one for one in self if one.id == id_), None)

    def part(self, born: int) -> Cluster | None:
        """The open cluster of that number."""
        return self._clusters.get(born)

    def holding(self, happening: Happening, post: str) -> Cluster | None:
        """Its part that a post is known to be in."""
        return next((part for part in self.parts(happening) if post in part.members), None)

    def members(self, happening: Happening) -> list[str]:
        """The posts of its open clusters that are known."""
        return [id_ for part in self.parts(happening) for id_ in part.members]

    def open(self, cluster: Cluster) -> None:
        """Take in a cluster as a happening by itself."""
        self._clusters[cluster.born] = cluster
        self._of[cluster.born] = Happening(cluster, [cluster.born])

    def close(self, cluster: Cluster) -> Happening:
        """Forget a cluster, but not what it counted; its happening, without parts if that was the last one."""
        happening = self._of.pop(cluster.born)
        del self._clusters[cluster.born]
        happening.parts.remove(cluster.born)
        if happening.parts:
            happening.past = _sum([cluster] if happening.past is None else [happening.past, cluster])
        return happening

    def leave(self, cluster: Cluster, id_: str, version: int = 0) -> tuple[Happening, Happening]:
        """Make a part a happening of its own, under another id: what it left, and what it is now."""
        left = self._of[cluster.born]
        left.parts.remove(cluster.born)
        self._sum_up(left)
        alone = _sum([cluster])
        alone.id, alone.raised_at, alone.version, alone.told_at, alone.told_copies = id_, None, version, 0.0, 0
        alone.dismissed, alone.held, alone.continues = 0, False, {}
        alone.parted_from, alone.passages = (left.id if left.is_raised else ""), []
        self._of[cluster.born] = Happening(alone, [cluster.born])
        return left, self._of[cluster.born]

    def unite(self, younger: Happening, older: Happening) -> None:
        """Let one happening without a past go up in another, which keeps its id."""
        if self.is_single(older):
            older.whole = _sum([older.whole])
        absorb(older.whole, younger.whole)
        older.whole.prune()
        for said, earlier in younger.whole.continues.items():
            older.whole.link(said, earlier)
        older.parts = sorted([*older.parts, *younger.parts])
        self._set(older)

    def _all_of(self, happening: Happening) -> list[Cluster]:
        past = [] if happening.past is None else [happening.past]
        return [*past, *self.parts(happening)]

    def _set(self, happening: Happening) -> None:
        for born in happening.parts:
            self._of[born] = happening

    def _sum_up(self, happening: Happening) -> None:
        """Count a happening anew from its parts; what was told of it stays."""
        before, parts = happening.whole, self.parts(happening)
        whole = _sum(parts if happening.past is None else [happening.past, *parts])
        whole.id, whole.born, whole.born_total = before.id, before.born, before.born_total
        whole.raised_at, whole.version = before.raised_at, before.version
        whole.told_at, whole.told_copies, whole.dismissed = before.told_at, before.told_copies, before.dismissed
        whole.held, whole.parted_from, whole.passages = before.held, before.parted_from, before.passages
        whole.continues = before.continues
        happening.whole = whole

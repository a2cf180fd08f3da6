"""The incidents of one jurisdiction, found post by post."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from core.clock import derived_id
from core.effects import StateRow
from core.records import AnalysedPost, Assignment, Incident
from nlp.incidents.cluster import Cluster, group_hash
from nlp.incidents.config import DetectorConfig
from nlp.incidents.explain import is_incident, moment, records
from nlp.incidents.features import Bytes, Vector, shipped_idf, vectors
from nlp.incidents.grouping import Grouping
from nlp.incidents.merging import agreement, is_due
from nlp.incidents.pace import Pace
from nlp.incidents.wording import sentence_of

STAGE = "detect"
SILENT_S = 600.0
"""Stream time after which an incident without a new post is judged once more, if it grew since it last was."""
_COURSE = "course"
_CLUSTER = "c/"

_encode = msgspec.msgpack.Encoder().encode


class _Course(msgspec.Struct, array_like=True):
    """What a jurisdiction's detector remembers beside its clusters; `opened` counts the clusters ever opened."""

    pace: Pace = msgspec.field(default_factory=Pace)
    opened: int = 0


_course_of = msgspec.msgpack.Decoder(_Course).decode
_cluster_of = msgspec.msgpack.Decoder(Cluster).decode


@dataclass(frozen=True, slots=True)
class Observation:
    """What a batch brought: posts put into incidents, incidents as they are now, every version that is news (milestones, and
    the last one of each), and state to be stored."""

    assigned: list[Assignment]
    incidents: list[Incident]
    told: list[Incident]
    rows: list[StateRow]


class Detector:
    """Groups posts into clusters and raises incidents. Its state is exactly the rows that it gave out.

    A detector made from all rows given out so far goes on as the one that gave them. How posts are cut into batches changes
    no assignment, no incident and no milestone: only which versions between milestones are told.
    """

    def __init__(self, jurisdiction: str, config: DetectorConfig, rows: Iterable[StateRow] = ()) -> None:
        self._jurisdiction = jurisdiction
        self._config = config
        self._table: Bytes = shipped_idf()
        self._course = _Course()
        self._dirty: dict[str, Cluster | None] = {}
        self._milestones: list[Cluster] = []
        self._untold: dict[str, Cluster] = {}
        self._ended: list[Incident] = []
        clusters = []
        for row in rows:
            if row.value is None:
                continue
            if row.key == _COURSE:
                self._course = _course_of(row.value)
            elif row.key.startswith(_CLUSTER):
                clusters.append(_cluster_of(row.value))
        clusters.sort(key=lambda cluster: cluster.touched_total)
        self._grouping = Grouping(clusters)
        self._untold = {c.id: c for c in clusters if c.raised_at is not None and c.copies > c.told_copies}

    def observe(self, posts: Sequence[AnalysedPost]) -> Observation:
        """Take in a batch, in order. Later sights of a post (`revision` above 0) are passed over."""
        fresh = [post for post in posts if post.revision == 0]
        assigned: list[Assignment] = []
        names = [[place.text for place in post.labels.places] for post in fresh]
        for post, vector in zip(fresh, vectors([post.search for post in fresh], self._table, names), strict=True):
            self._take(post, vector, assigned)
        told = self._told()
        newest = {one.id: one for one in told}
        return Observation(assigned, list(newest.values()), told, self._rows() if fresh else [])

    def _told(self) -> list[Incident]:
        """Every version that is news, each incident's in order; what is no milestone only if nothing newer is."""
        now = [cluster for cluster in self._dirty.values() if cluster is not None and cluster.raised_at is not None]
        made = records([*self._milestones, *now], self._jurisdiction, self._config, self._table)
        milestones = made[: len(self._milestones)]
        between = [replace(one, milestone=False) for one in made[len(self._milestones) :]]
        versions = {(one.id, one.version): one for one in (*self._ended, *between, *milestones)}
        self._milestones, self._ended = [], []
        return sorted(versions.values(), key=lambda one: one.version)

    def _take(self, post: AnalysedPost, vector: Vector, assigned: list[Assignment]) -> None:
        pace, config = self._course.pace, self._config
        at = post.at.timestamp()
        pace.count(at)
        self._tell_silent()
        half_life = pace.half_life(config.half_life_posts, config.half_life_h, config.half_life_max_h)
        self._close_silent(half_life * config.window)
        group = group_hash(post.group or post.id)
        cluster = self._grouping.of_group(group) if post.is_copy else None
        if cluster is not None:
            self._grouping.fade(cluster, pace.now, half_life)
            cluster.repeats += 1
        elif vector:
            cluster = self._join(post, vector, group, half_life)
        else:
            return  # nothing to go by: emoji, a link, one character
        cluster.count(post, at, pace.now)
        cluster.expected, cluster.touched_total = pace.expected, pace.total
        self._grouping.touch(cluster)
        self._dirty[cluster.id] = cluster
        cluster.version += 1
        self._assign(post, cluster, assigned)
        if not post.is_copy and cluster.raised_at is not None and is_due(cluster.posts):
            cluster = self._merged(cluster, assigned)
        if cluster.raised_at is not None:
            self._untold.pop(cluster.id, None)
            if cluster.is_milestone(pace.now):
                self._tell(cluster)
            else:
                self._untold[cluster.id] = cluster

    def _tell(self, cluster: Cluster) -> None:
        """Make a milestone of a cluster as it is now, before the next post."""
        cluster.told_at, cluster.told_copies = self._course.pace.now, cluster.copies
        self._milestones.append(_cluster_of(_encode(cluster)))

    def _tell_silent(self) -> None:
        """Rules judge what an incident came to before it fell silent, though it was less than a tenth more."""
        now = self._course.pace.now
        while (cluster := next(iter(self._untold.values()), None)) is not None and now - cluster.touched >= SILENT_S:
            del self._untold[cluster.id]
            cluster.version += 1
            self._dirty[cluster.id] = cluster
            self._tell(cluster)

    def _join(self, post: AnalysedPost, vector: Vector, group: int, half_life: float) -> Cluster:
        """Put a post that says something new into the nearest cluster, or into its own."""
        codes = {place.code for place in post.labels.places}
        cluster, closeness = self._grouping.nearest(vector, self._config.similarity, codes)
        if cluster is None:
            cluster, closeness = self._open(post), 1.0
        self._grouping.fade(cluster, self._course.pace.now, half_life)
        self._grouping.add(cluster, vector, group)
        cluster.count_distinct(post)
        cluster.exemplify(post, sentence_of(post), closeness)
        return cluster

    def _open(self, post: AnalysedPost) -> Cluster:
        course, at = self._course, post.at.timestamp()
        course.opened += 1
        cluster = Cluster(
            id="i" + derived_id(self._jurisdiction, post.id),
            born=course.opened,
            born_total=course.pace.total,
            first_at=at,
            first_seen=course.pace.now,
            last_at=at,
            halved=course.pace.now,
        )
        self._grouping.open(cluster)
        return cluster

    def _assign(self, post: AnalysedPost, cluster: Cluster, assigned: list[Assignment]) -> None:
        """Say where a post went: at once into a raised incident, else when its cluster is raised."""
        now = self._course.pace.now
        earlier: list[str] = []
        if cluster.raised_at is None and is_incident(cluster, self._config):
            self._grouping.raise_at(cluster, now)
            if not self._config.report_all:
                earlier = [*cluster.members]
        cluster.keep(post.id)
        if cluster.raised_at is None and not self._config.report_all:
            return
        known_at = moment(now)
        assigned += [Assignment(post=id_, incident=cluster.id, known_at=known_at) for id_ in (*earlier, post.id)]

    def _merged(self, cluster: Cluster, assigned: list[Assignment]) -> Cluster:
        """Merge a raised cluster with those that are the same happening, the later raised into the earlier; what is left."""
        now = self._course.pace.now
        while (pair := self._same(cluster)) is not None:
            older, younger = pair
            younger.version += 1
            self._end(younger, older.id)
            self._grouping.merge(younger, older)
            self._untold.pop(younger.id, None)
            older.version += 1
            older.told_copies = 0  # what it has become is for rules to judge, however little was added
            self._grouping.touch(older)
            self._dirty[younger.id], self._dirty[older.id] = None, older
            known_at = moment(now)
            assigned += [Assignment(post=id_, incident=older.id, known_at=known_at) for id_ in younger.members]
            cluster = older
        return cluster

    def _same(self, cluster: Cluster) -> tuple[Cluster, Cluster] | None:
        """The raised cluster that agrees with this one most, older first, if the younger's posts can all be moved."""
        best, most = None, 0.0
        for other in self._grouping.kin(cluster):
            older, younger = sorted((cluster, other), key=lambda one: (one.raised_at or 0.0, one.born))
            found = agreement(cluster, other) if younger.is_movable else None
            if found is not None and found.total > most:
                best, most = (older, younger), found.total
        return best

    def _close_silent(self, window: float) -> None:
        now = self._course.pace.now
        while (cluster := self._grouping.silent()) is not None:
            if now - cluster.touched <= window and len(self._grouping) < self._config.max_clusters:
                return
            if cluster.raised_at is not None and self._dirty.get(cluster.id) is not None:
                self._end(cluster, None)
            self._untold.pop(cluster.id, None)
            self._grouping.close(cluster)
            self._dirty[cluster.id] = None

    def _end(self, cluster: Cluster, merged_into: str | None) -> None:
        """Keep the last record of a raised cluster that goes before its batch is told; only a merger is a milestone."""
        (last,) = records([cluster], self._jurisdiction, self._config, self._table)
        self._ended.append(replace(last, merged_into=merged_into, milestone=merged_into is not None))

    def _rows(self) -> list[StateRow]:
        rows = [
            StateRow(STAGE, self._jurisdiction, _CLUSTER + id_, None if cluster is None else _encode(cluster))
            for id_, cluster in self._dirty.items()
        ]
        rows.append(StateRow(STAGE, self._jurisdiction, _COURSE, _encode(self._course)))
        self._dirty = {}
        return rows

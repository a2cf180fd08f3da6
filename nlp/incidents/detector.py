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
from nlp.incidents.happenings import Happening, Happenings, copied
from nlp.incidents.merging import agreement, is_due
from nlp.incidents.pace import Pace
from nlp.incidents.ties import Ties, order
from nlp.incidents.wording import sentence_of

STAGE = "detect"
SILENT_S = 600.0
"""Stream time after which an incident without a new post is judged once more, if it grew since it last was."""
_COURSE = "course"
_CLUSTER = "c/"
_HAPPENING = "h/"

_encode = msgspec.msgpack.Encoder().encode


class _Course(msgspec.Struct, array_like=True):
    """What a jurisdiction's detector remembers beside its clusters; `opened` counts the clusters ever opened, `parted` those
    that left their happening."""

    pace: Pace = msgspec.field(default_factory=Pace)
    opened: int = 0
    parted: int = 0


_course_of = msgspec.msgpack.Decoder(_Course).decode
_cluster_of = msgspec.msgpack.Decoder(Cluster).decode
_happening_of = msgspec.msgpack.Decoder(Happening).decode


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
        self._changed: dict[str, Happening | None] = {}
        self._resettled: dict[str, Happening] = {}
        self._milestones: list[Cluster] = []
        self._ended: list[Incident] = []
        clusters, happenings = [], []
        for row in rows:
            if row.value is None:
                continue
            if row.key == _COURSE:
                self._course = _course_of(row.value)
            elif row.key.startswith(_CLUSTER):
                clusters.append(_cluster_of(row.value))
            else:
                happenings.append(_happening_of(row.value))
        clusters.sort(key=lambda cluster: cluster.touched_total)
        self._grouping = Grouping(self._table, clusters)
        self._happenings = Happenings(clusters, happenings)
        self._untold = self._waiting(clusters)

    def _waiting(self, clusters: Sequence[Cluster]) -> dict[str, Happening]:
        """The incidents that grew since they were last told, in the order of their last post."""
        raised = {self._happenings.of(cluster).id: self._happenings.of(cluster) for cluster in clusters}
        untold = [
            one
            for one in raised.values()
            if one.whole.raised_at is not None and one.whole.copies > one.whole.told_copies
        ]
        return {one.id: one for one in sorted(untold, key=lambda one: one.whole.touched_total)}

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
        now = [one.whole for one in self._changed.values() if one is not None and one.whole.raised_at is not None]
        made = records([*self._milestones, *now], self._jurisdiction, self._config, self._table)
        milestones = made[: len(self._milestones)]
        between = [replace(one, milestone=False) for one in made[len(self._milestones) :]]
        versions = {(one.id, one.version): one for one in (*self._ended, *between, *milestones)}
        self._milestones, self._ended = [], []
        return sorted(versions.values(), key=lambda one: one.version)

    # --- a post -------------------------------------------------------------------------------------------------------

    def _take(self, post: AnalysedPost, vector: Vector, assigned: list[Assignment]) -> None:
        pace, config = self._course.pace, self._config
        pace.count(post.at.timestamp())
        self._tell_silent()
        half_life = pace.half_life(config.half_life_posts, config.half_life_h, config.half_life_max_h)
        self._close_silent(half_life * config.window)
        group = group_hash(post.group or post.id)
        cluster = self._grouping.of_group(group) if post.is_copy else None
        if cluster is not None:
            self._repeat(cluster, half_life)
        elif vector:
            cluster = self._join(post, vector, group, half_life)
        else:
            return  # nothing to go by: emoji, a link, one character
        self._count(cluster, post)
        self._assign(post, cluster, assigned)
        happening = self._happenings.of(cluster)
        if not post.is_copy and is_due(cluster.posts):
            happening = self._regrouped(cluster, half_life, assigned)
        if not post.is_copy and happening.whole.raised_at is not None and is_due(happening.whole.posts):
            happening = self._merged(happening, cluster, assigned)
        self._tell_if_news(happening)

    def _repeat(self, cluster: Cluster, half_life: float) -> None:
        """Count a copy of what a cluster holds."""
        now, whole = self._course.pace.now, self._happenings.of(cluster).whole
        self._grouping.fade(cluster, now, half_life)
        cluster.repeats += 1
        if whole is not cluster:
            whole.fade(now, half_life)
            whole.repeats += 1

    def _join(self, post: AnalysedPost, vector: Vector, group: int, half_life: float) -> Cluster:
        """Put a post that says something new into the nearest cluster, or into its own."""
        vector = self._grouping.sharpened(vector)
        codes = {place.code for place in post.labels.places}
        cluster, closeness = self._grouping.nearest(vector, self._config.similarity, codes)
        if cluster is None:
            cluster, closeness = self._open(post), 1.0
        now, whole, sentence = self._course.pace.now, self._happenings.of(cluster).whole, sentence_of(post)
        self._grouping.fade(cluster, now, half_life)
        self._grouping.add(cluster, vector, group)
        cluster.count_distinct(post)
        cluster.exemplify(post, sentence, closeness)
        if whole is not cluster:
            whole.fade(now, half_life)
            whole.move(vector)
            whole.prune()
            whole.count_distinct(post)
            whole.exemplify(post, sentence, closeness)
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
        self._happenings.open(cluster)
        return cluster

    def _count(self, cluster: Cluster, post: AnalysedPost) -> None:
        """Count any post, copy or not, of a cluster and of its happening."""
        pace, at, happening = self._course.pace, post.at.timestamp(), self._happenings.of(cluster)
        for counting in (cluster,) if happening.whole is cluster else (cluster, happening.whole):
            counting.count(post, at, pace.now)
            counting.expected, counting.touched_total = pace.expected, pace.total
        self._grouping.touch(cluster)
        happening.whole.version += 1
        self._dirty[cluster.id] = cluster
        self._changed[happening.id] = happening

    def _assign(self, post: AnalysedPost, cluster: Cluster, assigned: list[Assignment]) -> None:
        """Say where a post went: at once into a raised incident, else when it is raised."""
        happening = self._happenings.of(cluster)
        self._raise_if_due(happening, assigned)
        cluster.keep(post.id)
        if happening.whole.raised_at is not None or self._config.report_all:
            assigned.append(Assignment(post=post.id, incident=happening.id, known_at=moment(self._course.pace.now)))

    def _raise_if_due(self, happening: Happening, assigned: list[Assignment]) -> None:
        if happening.whole.raised_at is None and is_incident(happening.whole, self._config):
            happening.whole.raised_at = self._course.pace.now
            if not self._config.report_all:
                self._move(self._happenings.members(happening), happening, assigned)

    def _move(self, posts: Sequence[str], to: Happening | None, assigned: list[Assignment]) -> None:
        """Say that posts are in an incident now, or in none; where they are is nobody's business before one is raised."""
        if to is None or to.whole.raised_at is not None or self._config.report_all:
            known_at, incident = moment(self._course.pace.now), None if to is None else to.id
            assigned += [Assignment(post=id_, incident=incident, known_at=known_at) for id_ in posts]

    # --- what is told -------------------------------------------------------------------------------------------------

    def _tell_if_news(self, happening: Happening) -> None:
        whole = happening.whole
        if whole.raised_at is None:
            return
        self._untold.pop(whole.id, None)
        if whole.is_milestone(self._course.pace.now):
            self._tell(whole)
        else:
            self._untold[whole.id] = happening

    def _tell(self, whole: Cluster) -> None:
        """Make a milestone of an incident as it is now, before the next post."""
        whole.told_at, whole.told_copies = self._course.pace.now, whole.copies
        self._milestones.append(copied(whole))

    def _tell_silent(self) -> None:
        """Rules judge what an incident came to before it fell silent, though it was less than a tenth more."""
        now = self._course.pace.now
        while (one := next(iter(self._untold.values()), None)) is not None and now - one.whole.touched >= SILENT_S:
            del self._untold[one.id]
            self._news_of(one)
            self._tell(one.whole)

    def _news_of(self, happening: Happening) -> None:
        """It is another than it was: a version more."""
        happening.whole.version += 1
        self._changed[happening.id] = happening
        self._dirty |= {part.id: part for part in self._happenings.parts(happening) if part is happening.whole}

    # --- what belongs together ----------------------------------------------------------------------------------------

    def _regrouped(self, cluster: Cluster, half_life: float, assigned: list[Assignment]) -> Happening:
        """Let a cluster that has grown go where it belongs, and its happening with another; the happening it is in then."""
        ties = Ties(cluster, self._grouping, self._happenings, self._course.pace.now - half_life)
        if cluster.is_movable:
            self._send_home(cluster, ties.home(), assigned)
        happening = self._happenings.of(cluster)
        while (other := ties.nearest(happening)) is not None:
            happening = self._united(happening, other, assigned)
        return happening

    def _send_home(self, cluster: Cluster, home: Happening | None, assigned: list[Assignment]) -> None:
        """Put a part where it belongs, or by itself."""
        here = self._happenings.of(cluster)
        if home is not here and len(here.parts) > 1:
            self._leave(cluster, assigned)
        if home is not None and home is not here:
            self._united(self._happenings.of(cluster), home, assigned)

    def _leave(self, cluster: Cluster, assigned: list[Assignment]) -> None:
        """Let a part go, as a happening of its own."""
        course = self._course
        course.parted += 1
        id_ = "i" + derived_id(self._jurisdiction, cluster.id, str(course.parted))
        left, alone = self._happenings.leave(cluster, id_)
        if left.whole.raised_at is not None:
            self._move(cluster.members, None, assigned)
        self._move(cluster.members, alone, assigned)
        self._raise_if_due(alone, assigned)
        for one in (left, alone):
            self._news_of(one)
            if one.whole.raised_at is not None:
                self._untold.pop(one.id, None)
                self._tell(one.whole)

    def _united(self, one: Happening, other: Happening, assigned: list[Assignment]) -> Happening:
        """Let one of two happenings go up in the other; what is left."""
        found = order(one, other, self._happenings)
        if found is None:
            return one
        younger, older = found
        members = self._happenings.members(younger)
        self._news_of(younger)
        if younger.whole.raised_at is not None:
            self._end(younger.whole, older.id)
        self._untold.pop(younger.id, None)
        self._changed[younger.id] = None
        self._happenings.unite(younger, older)
        self._news_of(older)
        older.whole.told_copies = 0  # what it has become is for rules to judge, however little was added
        self._move(members, older, assigned)
        self._raise_if_due(older, assigned)
        return older

    def _merged(self, happening: Happening, cluster: Cluster, assigned: list[Assignment]) -> Happening:
        """Merge an incident with those that are told in other words, but of the same place, hours and risk."""
        while (other := self._same(happening, cluster)) is not None:
            happening = self._united(happening, other, assigned)
        return happening

    def _same(self, happening: Happening, cluster: Cluster) -> Happening | None:
        """The incident that agrees with this one most, if it can be merged."""
        best, most, seen = None, 0.0, {happening.id}
        for kin in self._grouping.kin(cluster):
            other = self._happenings.of(kin)
            if other.id in seen or other.whole.raised_at is None:
                continue
            seen.add(other.id)
            found = (
                agreement(happening.whole, other.whole)
                if order(happening, other, self._happenings) is not None
                else None
            )
            if found is not None and found.total > most:
                best, most = other, found.total
        return best

    # --- what is over -------------------------------------------------------------------------------------------------

    def _close_silent(self, window: float) -> None:
        now = self._course.pace.now
        while (cluster := self._grouping.silent()) is not None:
            if now - cluster.touched <= window and len(self._grouping) < self._config.max_clusters:
                return
            self._grouping.close(cluster)
            self._dirty[cluster.id] = None
            happening = self._happenings.close(cluster)
            if happening.parts:
                self._resettled[happening.id] = happening
                continue
            if happening.whole.raised_at is not None and self._changed.get(happening.id) is not None:
                self._end(happening.whole, None)
            self._untold.pop(happening.id, None)
            self._changed[happening.id] = None

    def _end(self, whole: Cluster, merged_into: str | None) -> None:
        """Keep the last record of an incident that goes before its batch is told; only a merger is a milestone."""
        (last,) = records([whole], self._jurisdiction, self._config, self._table)
        self._ended.append(replace(last, merged_into=merged_into, milestone=merged_into is not None))

    def _rows(self) -> list[StateRow]:
        happenings = self._resettled | self._changed
        rows: dict[str, Cluster | Happening | _Course | None] = {
            **{_CLUSTER + id_: cluster for id_, cluster in self._dirty.items()},
            **{_HAPPENING + id_: self._stored(one) for id_, one in happenings.items()},
            _COURSE: self._course,
        }
        self._dirty, self._changed, self._resettled = {}, {}, {}
        return [
            StateRow(STAGE, self._jurisdiction, key, None if value is None else _encode(value))
            for key, value in rows.items()
        ]

    def _stored(self, happening: Happening | None) -> Happening | None:
        """A happening that is a cluster by itself lies in that cluster's row."""
        return None if happening is None or self._happenings.is_single(happening) else happening

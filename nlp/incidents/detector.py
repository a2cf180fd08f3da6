"""The incidents of one jurisdiction, found post by post."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from core.clock import derived_id
from core.effects import StateRow
from core.records import AnalysedPost, Assignment, Incident, Regrouping
from nlp.incidents.accounts import Where
from nlp.incidents.affinity import learnt
from nlp.incidents.bulletin import Bulletin
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.corrected import Link, People
from nlp.incidents.features import Bytes, Vector, shipped_idf, vectors
from nlp.incidents.grouping import Grouping
from nlp.incidents.happenings import Happening, Happenings
from nlp.incidents.hashtags import hashtags
from nlp.incidents.letters import letter
from nlp.incidents.merging import agreement, is_due
from nlp.incidents.moves import Course, Moves
from nlp.incidents.pace import Pace
from nlp.incidents.rising import Rise
from nlp.incidents.spots import Spot, Spots
from nlp.incidents.ties import Ties, order
from nlp.incidents.usual import Customs
from nlp.incidents.voices import hashed
from nlp.incidents.wording import sentence_of

STAGE = "detect"
_COURSE = "course"
_CLUSTER = "c/"
_HAPPENING = "h/"
_SPOT = "s/"
_DOMAIN = "d/"

_encode = msgspec.msgpack.Encoder().encode


_course_of = msgspec.msgpack.Decoder(Course).decode
_cluster_of = msgspec.msgpack.Decoder(Cluster).decode
_happening_of = msgspec.msgpack.Decoder(Happening).decode
_spot_of = msgspec.msgpack.Decoder(Spot).decode
_pace_of = msgspec.msgpack.Decoder(Pace).decode


@dataclass(frozen=True, slots=True)
class Observation:
    """What a batch brought: posts put into incidents, incidents as they are now, every version that is news (milestones, and
    the last one of each), state to be stored, and what people said that could not be done, or linked incidents."""

    assigned: list[Assignment]
    incidents: list[Incident]
    told: list[Incident]
    rows: list[StateRow]
    refused: list[Regrouping]
    links: list[Link]


class Detector:
    """Groups posts into clusters and raises incidents. Its state is exactly the rows that it gave out.

    A detector made from all rows given out so far goes on as the one that gave them. How posts are cut into batches changes
    no assignment, no incident and no milestone: only which versions between milestones are told.
    """

    def __init__(self, jurisdiction: str, config: DetectorConfig, rows: Iterable[StateRow] = ()) -> None:
        self._jurisdiction = jurisdiction
        self._config = config
        self._table: Bytes = shipped_idf()
        self._course = Course()
        self._resettled: dict[str, Happening] = {}
        clusters, happenings, spots, domains = [], [], [], {}
        for row in rows:
            if row.value is None:
                continue
            if row.key == _COURSE:
                self._course = _course_of(row.value)
            elif row.key.startswith(_CLUSTER):
                clusters.append(_cluster_of(row.value))
            elif row.key.startswith(_SPOT):
                spots.append((row.key.removeprefix(_SPOT), _spot_of(row.value)))
            elif row.key.startswith(_DOMAIN):
                domains[row.key.removeprefix(_DOMAIN)] = _pace_of(row.value)
            else:
                happenings.append(_happening_of(row.value))
        clusters.sort(key=lambda cluster: cluster.touched_total)
        self._grouping = Grouping(self._table, clusters)
        self._spots = Spots(self._table, spots)
        self._customs = Customs(self._course.pace, domains)
        self._happenings = Happenings(clusters, happenings)
        self._bulletin = Bulletin(jurisdiction, config, self._table, self._happenings)
        self._moves = Moves(jurisdiction, config, self._course, self._happenings, self._bulletin)
        self._people = People(self._course, self._grouping, self._happenings, self._moves)

    def observe(self, batch: Sequence[AnalysedPost | Regrouping]) -> Observation:
        """Take in a batch, in order. Later sights of a post (`revision` above 0) are passed over."""
        fresh = [one for one in batch if isinstance(one, Regrouping) or one.revision == 0]
        posts = [one for one in fresh if not isinstance(one, Regrouping)]
        given = self._read(posts)
        refused = []
        for one in fresh:
            if not isinstance(one, Regrouping):
                self._take(one, *next(given))
            elif not self._people.obey(one):
                refused.append(one)
        changed = [one.whole for one in self._moves.happenings.values() if one is not None and one.is_raised]
        told = self._bulletin.told(changed)
        newest = {one.id: one for one in told}
        assigned, self._moves.assigned = self._moves.assigned, []
        links, self._people.links = self._people.links, []
        return Observation(assigned, list(newest.values()), told, self._rows() if fresh else [], refused, links)

    # --- a post -------------------------------------------------------------------------------------------------------

    def _read(self, posts: Sequence[AnalysedPost]) -> Iterator[tuple[Vector, Where]]:
        """Each post as a vector, and where it is about; the spots of each are learnt from those before it."""
        named = [[place.text for place in post.labels.places] for post in posts]
        spots = [
            [] if post.is_copy else self._spots.read(post.search, names)
            for post, names in zip(posts, named, strict=True)
        ]
        made = vectors([post.search for post in posts], self._table, [a + b for a, b in zip(named, spots, strict=True)])
        for post, own, vector in zip(posts, spots, made, strict=True):
            yield vector, Where({place.code for place in post.labels.places}, own)

    def _take(self, post: AnalysedPost, vector: Vector, where: Where) -> None:
        pace, config = self._course.pace, self._config
        since = pace.now if pace.total else post.at.timestamp()
        self._customs.count(post.at.timestamp(), post.labels.domain.label)
        for one in self._bulletin.fallen_silent(pace.now):
            self._moves.tell(one)
        half_life = pace.half_life(config.half_life_posts, config.half_life_h, config.half_life_max_h)
        self._course.aged += max(0.0, pace.now - since) / half_life
        self._close_silent(half_life * config.window)
        group = hashed(post.group or post.id)
        cluster = self._grouping.of_group(group) if post.is_copy else None
        if cluster is not None:
            self._count(cluster, post, None)
        elif vector:
            cluster = self._join(post, vector, where, group, half_life)
            self._count(cluster, post, where)
        else:
            return  # nothing to go by: emoji, a link, one character
        self._assign(post, cluster)
        happening = self._happenings.of(cluster)
        if not post.is_copy and is_due(cluster.posts):
            happening = self._regrouped(cluster, half_life)
        if not post.is_copy and happening.is_raised and is_due(happening.whole.posts):
            happening = self._merged(happening, cluster)
        self._bulletin.grew(happening, pace.now)

    def _join(self, post: AnalysedPost, vector: Vector, where: Where, group: int, half_life: float) -> Cluster:
        """Put a post that says something new, or that a person put out, into the nearest cluster, or into its own."""
        vector = self._grouping.sharpened(vector)
        is_out = group in self._course.out
        asked = letter(post, self._table)
        tags, cluster, closeness = hashtags(post.search), None, 0.0
        if not is_out:
            cluster, closeness = self._grouping.nearest(vector, self._config.similarity, where, asked, tags)
        if cluster is None:
            cluster, closeness = self._open(post), 1.0
            cluster.is_out = is_out
        now, whole, sentence = self._course.pace.now, self._happenings.of(cluster).whole, sentence_of(post)
        self._grouping.fade(cluster, now, half_life)
        self._grouping.add(cluster, vector, group)
        for one in (cluster,) if whole is cluster else (cluster, whole):
            if asked is not None:
                one.letters.absorb(asked)
        cluster.exemplify(post, sentence, closeness)
        if whole is not cluster:
            whole.fade(now, half_life)
            whole.move(vector)
            whole.prune()
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
            rise=Rise(since=course.pace.now, total=course.pace.total, due=course.pace.due),
            step=course.step,
        )
        self._grouping.open(cluster)
        self._happenings.open(cluster)
        return cluster

    def _count(self, cluster: Cluster, post: AnalysedPost, where: Where | None) -> None:
        """Count a post of a cluster and of its happening; of a copy it holds nothing is new, not even `where`."""
        pace, at, happening = self._course.pace, post.at.timestamp(), self._happenings.of(cluster)
        arranged = post.is_copy and cluster.wave.is_arranged(post, hashed(post.group), at)
        for counting in (cluster,) if happening.whole is cluster else (cluster, happening.whole):
            counting.age(self._course.step)
            counting.count(post, at, pace.now, arranged=arranged)
            if where is None:
                counting.count_copy(post, at)
            elif counting.count_distinct(post, at, where.spots):
                counting.rise.count(pace.now, pace.total, pace.due)
            counting.measure(self._customs.of(counting.main_domain), pace.total)
        self._grouping.touch(cluster)
        happening.whole.version += 1
        self._moves.clusters[cluster.id] = cluster
        self._moves.happenings[happening.id] = happening

    def _assign(self, post: AnalysedPost, cluster: Cluster) -> None:
        """Say where a post went: at once into a raised incident, else when it is raised."""
        happening = self._happenings.of(cluster)
        self._moves.raise_if_due(happening)
        cluster.keep(post.id)
        self._moves.assign([post.id], happening)

    # --- what belongs together ----------------------------------------------------------------------------------------

    def _regrouped(self, cluster: Cluster, half_life: float) -> Happening:
        """Let a cluster that has grown go where it belongs, and its happening with another; the happening it is in then."""
        heard = self._course.pace.now - half_life
        ties = Ties(cluster, self._grouping, self._happenings, heard, learnt(self._course.bias))
        if cluster.is_movable:
            self._send_home(cluster, ties.home())
        happening = self._happenings.of(cluster)
        while (other := ties.nearest(happening)) is not None:
            happening = self._united(happening, other)
        return happening

    def _send_home(self, cluster: Cluster, home: Happening | None) -> None:
        """Put a part where it belongs, or by itself."""
        here = self._happenings.of(cluster)
        if home is not here and len(here.parts) > 1:
            self._moves.leave(cluster)
        if home is not None and home is not here:
            self._united(self._happenings.of(cluster), home)

    def _united(self, one: Happening, other: Happening) -> Happening:
        """Let one of two happenings go up in the other; what is left."""
        found = order(one, other, self._happenings)
        if found is None:
            return one
        younger, older = found
        self._moves.unite(younger, older)
        return older

    def _merged(self, happening: Happening, cluster: Cluster) -> Happening:
        """Merge an incident with those that are told in other words, but of the same place, hours and risk."""
        while (other := self._same(happening, cluster)) is not None:
            happening = self._united(happening, other)
        return happening

    def _same(self, happening: Happening, cluster: Cluster) -> Happening | None:
        """The incident that agrees with this one most, if it can be merged."""
        best, most, seen = None, 0.0, {happening.id}
        for kin in self._grouping.kin(cluster):
            other = self._happenings.of(kin)
            if other.id in seen or not other.is_raised:
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
            self._moves.clusters[cluster.id] = None
            happening = self._happenings.close(cluster)
            if happening.parts:
                self._resettled[happening.id] = happening
                continue
            if happening.is_raised and self._moves.happenings.get(happening.id) is not None:
                self._bulletin.end(happening.whole, None)
            self._bulletin.forget(happening)
            self._moves.happenings[happening.id] = None

    def _rows(self) -> list[StateRow]:
        moves = self._moves
        happenings = self._resettled | moves.happenings
        rows: dict[str, Cluster | Happening | Spot | Pace | Course | None] = {
            **{_CLUSTER + id_: cluster for id_, cluster in moves.clusters.items()},
            **{_HAPPENING + id_: self._stored(one) for id_, one in happenings.items()},
            **{_SPOT + anchor: spot for anchor, spot in self._spots.changed.items()},
            **{_DOMAIN + domain: pace for domain, pace in self._customs.changed.items()},
            _COURSE: self._course,
        }
        self._spots.changed, self._customs.changed = {}, {}
        moves.clusters, moves.happenings, self._resettled = {}, {}, {}
        return [
            StateRow(STAGE, self._jurisdiction, key, None if value is None else _encode(value))
            for key, value in rows.items()
        ]

    def _stored(self, happening: Happening | None) -> Happening | None:
        """A happening that is a cluster by itself lies in that cluster's row."""
        return None if happening is None or self._happenings.is_single(happening) else happening

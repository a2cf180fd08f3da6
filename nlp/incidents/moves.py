"""How posts, clusters and happenings come together and part, and what a batch has changed by it."""

from collections.abc import Sequence

import msgspec

from core.clock import derived_id
from core.records import Assignment, Passing
from nlp.incidents.accounts import Passed
from nlp.incidents.bulletin import Bulletin
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.explain import is_incident, moment
from nlp.incidents.happenings import Happening, Happenings
from nlp.incidents.pace import Pace
from nlp.incidents.voices import STEPS


class Displaced(msgspec.Struct, array_like=True):
    """What a person's correction moved, to take it back: parts (`Cluster.born`) or a post with its near-duplicate group, and
    the incident that they were of with its last version, whether it was held and what it was said to continue; and the parts
    that it `bound`. The post counted as so many `distinct` ones: a copy as none."""

    incident: str
    version: int
    parts: list[int] = msgspec.field(default_factory=list)
    post: str = ""
    held: bool = False
    group: int = 0
    continues: dict[str, str] = msgspec.field(default_factory=dict)
    bound: list[int] = msgspec.field(default_factory=list)
    distinct: int = 0


class Course(msgspec.Struct, array_like=True):
    """What a jurisdiction's detector remembers beside its clusters; `opened` counts the clusters ever opened, `parted` those
    that left their happening, `aged` the half-lives that have passed. `bias`, `displaced` and `out`, the near-duplicate groups
    that were put out, come from people
    (`nlp.incidents.corrected`)."""

    pace: Pace = msgspec.field(default_factory=Pace)
    opened: int = 0
    parted: int = 0
    bias: float = 0.0
    displaced: dict[str, Displaced] = msgspec.field(default_factory=dict)
    out: list[int] = msgspec.field(default_factory=list)
    aged: float = 0.0

    @property
    def step(self) -> int:
        """How often what was heard has faded; a sum of many parts may miss its whole by the last digits."""
        return int(STEPS * self.aged + 1e-9)


class Moves:
    """Moves clusters between happenings, posts with them, and notes what is assigned, changed and to be told."""

    def __init__(
        self, jurisdiction: str, config: DetectorConfig, course: Course, happenings: Happenings, bulletin: Bulletin
    ) -> None:
        self._jurisdiction = jurisdiction
        self._config = config
        self._course = course
        self._happenings = happenings
        self._bulletin = bulletin
        self.assigned: list[Assignment] = []
        self.clusters: dict[str, Cluster | None] = {}
        self.happenings: dict[str, Happening | None] = {}
        """What changed, by id; None for what is gone."""

    def assign(self, posts: Sequence[str], to: Happening | None) -> None:
        """Say that posts are in an incident now, or in none; where they are is nobody's business before one is raised."""
        if to is None or to.is_raised or self._config.report_all:
            known_at, incident = moment(self._course.pace.now), None if to is None else to.id
            self.assigned += [Assignment(post=id_, incident=incident, known_at=known_at) for id_ in posts]

    def raise_if_due(self, happening: Happening) -> None:
        """Make an incident of it, if it is one by now."""
        if not happening.is_raised and is_incident(happening.whole, self._config):
            self.raise_(happening)

    def raise_(self, happening: Happening) -> None:
        """Make an incident of it."""
        happening.whole.raised_at = self._course.pace.now
        self._left(happening, happening.id)
        if not self._config.report_all:
            self.assign(self._happenings.members(happening), happening)

    def news_of(self, happening: Happening) -> None:
        """It is another than it was: a version more."""
        happening.whole.version += 1
        self.happenings[happening.id] = happening
        self.clusters |= {part.id: part for part in self._happenings.parts(happening) if part is happening.whole}

    def tell(self, *happenings: Happening) -> None:
        """They are other than they were, and that is for rules to judge."""
        for one in happenings:
            self.news_of(one)
            self._bulletin.tell(one, self._course.pace.now)

    def leave(self, cluster: Cluster, before: Displaced | None = None) -> Happening:
        """Let a part go, as a happening of its own: the one that it was `before`, or one under a new id."""
        self._course.parted += 1
        id_ = "i" + derived_id(self._jurisdiction, cluster.id, str(self._course.parted))
        old, version = (id_, 0) if before is None else (before.incident, before.version)
        left, alone = self._happenings.leave(cluster, old, version)
        if left.is_raised:
            self.assign(cluster.members, None)
        self.assign(cluster.members, alone)
        self.raise_if_due(alone)
        self.tell(left, alone)
        return alone

    def _left(self, part: Happening, to: str) -> None:
        """Tell the incident that a part was of where it is now; that is known once it is an incident, or in one."""
        origin = self._happenings.by_id(part.whole.parted_from) if part.whole.parted_from else None
        if origin is not None and origin.id != to:
            origin.whole.passed(Passed(Passing.LEFT, to, part.whole.copies, self._course.pace.now))
            self.news_of(origin)

    def unite(self, younger: Happening, older: Happening) -> None:
        """Let one go up in the other."""
        members = self._happenings.members(younger)
        self.news_of(younger)
        if younger.is_raised:
            self._bulletin.end(younger.whole, older.id)
        self._bulletin.forget(younger)
        self.happenings[younger.id] = None
        came = younger.id if younger.is_raised else younger.whole.parted_from
        posts = younger.whole.copies
        if older.is_raised and not younger.is_raised:
            self._left(younger, older.id)
        self._happenings.unite(younger, older)
        if older.is_raised and came not in ("", older.id):
            older.whole.passed(Passed(Passing.CAME, came, posts, self._course.pace.now))
        self.news_of(older)
        older.whole.told_copies = 0  # what it has become is for rules to judge, however little was added
        self.assign(members, older)
        self.raise_if_due(older)

"""What is told of a jurisdiction's incidents: milestones, which rules judge, and newer versions between them for screens."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from core.records import Incident
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.explain import records
from nlp.incidents.features import Bytes
from nlp.incidents.happenings import Happening, copied

SILENT_S = 600.0
"""Stream time after which an incident without a new post is judged once more, if it grew since it last was."""


class Bulletin:
    """Collects what is news within a batch. Between batches it holds the incidents that grew since they were last told."""

    def __init__(
        self, jurisdiction: str, config: DetectorConfig, table: Bytes, happenings: Iterable[Happening]
    ) -> None:
        self._jurisdiction = jurisdiction
        self._config = config
        self._table = table
        self._milestones: list[Cluster] = []
        self._ended: list[Incident] = []
        untold = [
            one for one in happenings if one.whole.raised_at is not None and one.whole.copies > one.whole.told_copies
        ]
        self._untold = {one.id: one for one in sorted(untold, key=lambda one: one.whole.touched_total)}

    def grew(self, happening: Happening, now: float) -> None:
        """A raised incident got a post: that is a milestone, or waits for one."""
        whole = happening.whole
        if whole.raised_at is None or whole.copies <= whole.told_copies:
            return
        if whole.is_milestone(now):
            self.tell(happening, now)
        else:
            self.forget(happening)
            self._untold[whole.id] = happening

    def tell(self, happening: Happening, now: float) -> None:
        """Make a milestone of a raised incident as it is now, before the next post."""
        whole = happening.whole
        if whole.raised_at is None:
            return
        self.forget(happening)
        whole.told_at, whole.told_copies = now, whole.copies
        self._milestones.append(copied(whole))

    def fallen_silent(self, now: float) -> Iterator[Happening]:
        """Those to be told for what they came to before they fell silent, though it was less than a tenth more."""
        while (one := next(iter(self._untold.values()), None)) is not None and now - one.whole.touched >= SILENT_S:
            del self._untold[one.id]
            yield one

    def forget(self, happening: Happening) -> None:
        """It need not be told any more."""
        self._untold.pop(happening.id, None)

    def end(self, whole: Cluster, merged_into: str | None) -> None:
        """Keep the last record of an incident that goes before its batch is told; only a merger is a milestone."""
        (last,) = records([whole], self._jurisdiction, self._config, self._table)
        self._ended.append(replace(last, merged_into=merged_into, milestone=merged_into is not None))

    def told(self, changed: Sequence[Cluster]) -> list[Incident]:
        """Every version that is news, each incident's in order; what is no milestone only if nothing newer is."""
        made = records([*self._milestones, *changed], self._jurisdiction, self._config, self._table)
        milestones = made[: len(self._milestones)]
        between = [replace(one, milestone=False) for one in made[len(self._milestones) :]]
        versions = {(one.id, one.version): one for one in (*self._ended, *between, *milestones)}
        self._milestones, self._ended = [], []
        return sorted(versions.values(), key=lambda one: one.version)

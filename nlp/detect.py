"""The stage that sees incidents form: analysed posts in, assignments and changed incidents out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from core.clock import derived_id
from core.effects import Effects, StateRow, message
from core.records import AnalysedPost, AuditRow, Regrouping
from core.topics import Topic
from nlp.incidents.config import DetectorConfig
from nlp.incidents.corrected import Link
from nlp.incidents.detector import STAGE, Detector


class Memory(Protocol):
    """What the stage asks of the store (`core.ports.StageState`)."""

    def state(self, stage: str, jurisdiction: str) -> list[StateRow]: ...


@dataclass(slots=True)
class Detectors:
    """The detectors by jurisdiction, read from memory when first needed.

    They run ahead of what is committed while a batch is under way: after a commit that failed, `forget` them.
    """

    memory: Memory
    config: DetectorConfig = field(default_factory=DetectorConfig)
    _open: dict[str, Detector] = field(default_factory=dict)

    def of(self, jurisdiction: str) -> Detector:
        """The detector of a jurisdiction."""
        detector = self._open.get(jurisdiction)
        if detector is None:
            rows = self.memory.state(STAGE, jurisdiction)
            detector = self._open[jurisdiction] = Detector(jurisdiction, self.config, rows)
        return detector

    def forget(self) -> None:
        """Drop all detectors; the next batch reads them from memory again."""
        self._open.clear()


def detect(batch: Sequence[AnalysedPost | Regrouping], detectors: Detectors) -> Effects:
    """Show a batch to the detectors, in order: the index gets the incidents as they are, the log every version that is news.

    What a person said of the grouping and could not be done has an audit row that says so; what linked two incidents, or took
    that back, one of each incident.
    """
    shares: dict[str, list[AnalysedPost | Regrouping]] = {}
    for one in batch:
        shares.setdefault(one.jurisdiction, []).append(one)
    effects = Effects()
    for jurisdiction, share in shares.items():
        seen = detectors.of(jurisdiction).observe(share)
        told = [message(Topic.INCIDENTS, jurisdiction, f"{one.id}:{one.version}", one) for one in seen.told]
        effects += Effects(
            messages=told,
            incidents=seen.incidents,
            assigned=seen.assigned,
            changes=[*seen.rows, *map(_refused, seen.refused), *chain.from_iterable(map(_linked, seen.links))],
        )
    return effects


def _refused(said: Regrouping) -> AuditRow:
    return AuditRow(
        id=derived_id("audit", said.id, "refused", str(said.undone)),
        object=said.incident,
        at=said.at,
        who="system",
        action="incident.not_regrouped",
        detail={"regrouping": said.id, "kind": said.kind, "undone": int(said.undone)},
        jurisdiction=said.jurisdiction,
    )


def _linked(link: Link) -> list[AuditRow]:
    said, action = link.said, "incident.unlinked" if link.said.undone else "incident.linked"
    pair = (said.incident, str(said.other))
    return [
        AuditRow(
            id=derived_id("audit", said.id, action, one),
            object=one,
            at=said.at,
            who="system",
            action=action,
            detail={"regrouping": said.id, "other": other, "earlier": link.earlier},
            jurisdiction=said.jurisdiction,
        )
        for one, other in (pair, pair[::-1])
    ]

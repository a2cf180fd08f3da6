"""An incident whose case somebody works on keeps its id: the detector is told by the log, between the posts."""

from alerts.lifecycle import Moved
from core.effects import Effects, message
from core.records import Regroup, Regrouping
from core.topics import REGROUPING, Topic


def held(moved: Moved) -> Effects:
    """Bind the incident of a case that a person moved; one that is dismissed as no matter may go up in another."""
    case, event = moved.case, moved.event
    if event.type == "case.dismissed":
        return Effects()
    said = Regrouping(
        id=event.id,
        jurisdiction=case.jurisdiction,
        kind=Regroup.HELD,
        incident=case.incident,
        who=event.who,
        at=event.at,
    )
    return Effects(messages=[message(Topic.POSTS_ANALYSED, case.jurisdiction, REGROUPING + said.id, said)])

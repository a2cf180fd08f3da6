"""What people say of how posts were grouped: checked here, done by the stage that detects, told from the audit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from api.parts import Parts
from core.effects import Effects, message
from core.errors import NotFound, Refused
from core.ports import Index
from core.records import AuditRow, Incident, Regroup, Regrouping
from core.topics import REGROUPING, Topic

LONGEST_WHY = 1_000
_MOST_MERGERS = 8
_UNDONE = "incident.regrouping_undone"
_REFUSED = "incident.not_regrouped"
_LINKED, _UNLINKED = "incident.linked", "incident.unlinked"
_SAID: dict[Regroup, str] = {kind: f"incident.{kind}" for kind in Regroup if kind is not Regroup.HELD}


class RegroupBody(Struct, kw_only=True):
    """`together` needs `other`, an incident, which may be over; `apart` needs `post`, one of its posts; `nothing` says that
    it is none."""

    kind: Regroup
    other: str | None = None
    post: str | None = None
    why: str = ""


class SaidOfGrouping(Struct, frozen=True, kw_only=True):
    """What a person said. `refused`: the detector could not do it; what was said earlier then holds. `linked`: the two could
    not become one any more, so the later one `continues` the earlier."""

    regrouping: Regrouping
    why: str = ""
    refused: bool = False
    linked: bool = False


class LinkedIncident(Struct, frozen=True, kw_only=True):
    """Another incident that people say is the same happening: an `earlier` one that this one continues, or a later one."""

    incident: str
    title: str
    first_at: datetime
    earlier: bool


class SaidOfGroupings(Struct, frozen=True, kw_only=True):
    """Newest first. `links` are on either side of what was said."""

    items: list[SaidOfGrouping]
    links: list[LinkedIncident]


def said_of(parts: Parts, incident: Incident) -> SaidOfGroupings:
    """All that people said of an incident's posts, what was taken back too."""
    rows = parts.storage.store.audit(incident.id)
    undone = {row.detail["regrouping"] for row in rows if row.action == _UNDONE}
    refused = {(row.detail["regrouping"], row.detail["undone"]) for row in rows if row.action == _REFUSED}
    linked = {row.detail["regrouping"] for row in rows if row.action == _LINKED}
    made = [
        SaidOfGrouping(
            regrouping=_told(row, kind, undone=(id_ := row.detail["regrouping"]) in undone and (id_, 1) not in refused),
            why=row.why,
            refused=(id_, 0) in refused,
            linked=id_ in linked,
        )
        for row in rows
        for kind, action in _SAID.items()
        if row.action == action
    ]
    links = [
        LinkedIncident(incident=one.id, title=one.title, first_at=one.first_at, earlier=earlier)
        for one, earlier in linked_with(parts, incident, rows)
    ]
    return SaidOfGroupings(items=made[::-1], links=links)


def linked_with(parts: Parts, incident: Incident, rows: Sequence[AuditRow]) -> list[tuple[Incident, bool]]:
    """The incidents that people linked with this one, and whether it continues them; `rows` are of its audit."""
    over = {row.detail["regrouping"] for row in rows if row.action == _UNLINKED}
    later = [
        str(row.detail["other"])
        for row in rows
        if row.action == _LINKED and row.detail["earlier"] == incident.id and row.detail["regrouping"] not in over
    ]
    named = dict.fromkeys(incident.continues, True) | dict.fromkeys(later, False)
    found = [(_standing(parts.storage.index, id_), earlier) for id_, earlier in named.items()]
    return [(one, earlier) for one, earlier in found if one is not None and one.id != incident.id]


def _standing(index: Index, id_: str) -> Incident | None:
    """The incident, or the one that it has gone up in."""
    found = index.incident(id_)
    for _ in range(_MOST_MERGERS):
        if found is None or found.merged_into is None:
            break
        found = index.incident(found.merged_into)
    return found


def say(parts: Parts, incident: Incident, given: RegroupBody, who: str) -> Regrouping:
    """Give a person's word to the detector. Raises `Refused` for what makes no sense."""
    if len(given.why) > LONGEST_WHY:
        raise Refused("why_too_long", f"Give the reason in at most {LONGEST_WHY} characters.")
    if not incident.is_listed:
        raise Refused("not_listed", "This incident was merged into another one, or is none.")
    if given.kind not in _SAID:
        raise Refused("not_said", "An incident is held by work on its case.")
    other = _other(parts, incident, given.other) if given.kind is Regroup.TOGETHER else None
    group = _group(parts, incident, given.post) if given.kind is Regroup.APART else None
    said = Regrouping(
        id=parts.new_id(),
        jurisdiction=incident.jurisdiction,
        kind=given.kind,
        incident=incident.id,
        other=None if other is None else other.id,
        post=given.post if given.kind is Regroup.APART else None,
        group=group,
        raised_at=incident.raised_at,
        other_raised_at=None if other is None else other.raised_at,
        who=who,
        at=parts.now(),
    )
    _commit(parts, said, _SAID[said.kind], given.why)
    return said


def take_back(parts: Parts, incident: Incident, id_: str, who: str) -> Regrouping:
    """Take back what was said. A second time changes nothing."""
    found = next((one for one in said_of(parts, incident).items if one.regrouping.id == id_), None)
    if found is None:
        raise NotFound(f"Nothing was said of this incident under {id_}.")
    if found.regrouping.undone:
        return found.regrouping
    undone = replace(found.regrouping, undone=True, who=who, at=parts.now())
    _commit(parts, undone, _UNDONE, "")
    return undone


def _commit(parts: Parts, said: Regrouping, action: str, why: str) -> None:
    named: Mapping[str, str | None] = {"regrouping": said.id, "other": said.other, "post": said.post}
    row = AuditRow(
        id=parts.new_id(),
        object=said.incident,
        at=said.at,
        who=said.who,
        action=action,
        why=why,
        detail={name: value for name, value in named.items() if value is not None},
        jurisdiction=said.jurisdiction,
    )
    id_ = f"{REGROUPING}{said.id}:{int(said.undone)}"
    told = message(Topic.POSTS_ANALYSED, said.jurisdiction, id_, said)
    parts.storage.commit(Effects(messages=[told], changes=[row]))


def _told(row: AuditRow, kind: Regroup, *, undone: bool) -> Regrouping:
    other, post = row.detail.get("other"), row.detail.get("post")
    return Regrouping(
        id=str(row.detail["regrouping"]),
        jurisdiction=row.jurisdiction,
        kind=kind,
        incident=row.object,
        other=None if other is None else str(other),
        post=None if post is None else str(post),
        who=row.who,
        at=row.at,
        undone=undone,
    )


def _other(parts: Parts, incident: Incident, other: str | None) -> Incident:
    """The other incident that was named."""
    found = parts.storage.index.incident(other) if other else None
    if found is None or found.id == incident.id or not found.is_listed:
        raise Refused("no_other", "Name another incident that stands for itself.")
    if found.jurisdiction != incident.jurisdiction:
        raise Refused("other_jurisdiction", "Incidents of two jurisdictions stay two.")
    return found


def _group(parts: Parts, incident: Incident, post: str | None) -> str:
    """The near-duplicate group of one of an incident's posts."""
    found = parts.storage.index.post(post) if post else None
    if found is None or found.incident != incident.id:
        raise Refused("no_post", "Name a post of this incident.")
    return found.post.group or found.post.id

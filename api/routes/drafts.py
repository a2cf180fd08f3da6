"""Drafts: what they rest on, and how people change and approve them. Nothing here sends anything."""

from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from msgspec.structs import replace

from alerts.drafts.cards import PARTS
from alerts.drafts.kinds import REPLY, load_kinds
from alerts.drafts.papers import PAPERS
from alerts.drafts.review import approved, as_grave_as, edited, rejected, with_posts, without_posts
from alerts.drafts.tone import load_tone, tone
from alerts.notices import Receivers, machine_deliveries
from api.auth import Caller
from api.draft_views import ApproveBody, DraftView, EditBody, KindList, KindView
from api.office import fresh
from api.office_views import Change
from api.parts import Parts
from api.requests import CallerOf, Id, PartsOf
from api.wire import Json, answers, body, gives, takes
from core.clock import derived_id
from core.effects import Effects, Keep, message
from core.errors import NotFound, Refused
from core.records import AuditRow, CaseEvent, Draft, Sentence
from core.topics import Topic

router = APIRouter(prefix="/api/v1/drafts", tags=["drafts"])
EDIT = {
    "sentences": [{"part": "known", "text": "经核实，……。", "cites": [{"kind": "fact", "id": "f1"}]}],
    "why": "更正",
}
FILE = gives("The file.", *(media.partition(";")[0] for media, _ in PAPERS.values()))
REPLY_NAME = {"zh-Hans": "答复", "zh-Hant": "答覆", "en": "Reply"}
MOVES = {"proposed": ["edit", "approve", "reject"], "approved": ["edit", "reject"], "rejected": ["edit"]}
VIEW = answers(DraftView, "The draft as it is now.")


@router.get("/kinds", summary="Kinds of drafts", **answers(KindList, "With the tone rules."))
def kinds() -> Json:
    reply = KindView(id=REPLY, name=REPLY_NAME, needs=("known", "doing"), internal=False)
    others = [KindView(id=k.id, name=k.name, needs=k.needs, internal=k.internal) for k in load_kinds().kinds]
    return Json(KindList(items=[reply, *others], parts=PARTS, tone=list(load_tone())))


@router.get("/{id_}", summary="A draft with its evidence", **VIEW)
def draft(parts: PartsOf, id_: Id) -> Json:
    return _shown(parts, _found(parts, id_))


@router.put("/{id_}", summary="Change its sentences", openapi_extra=takes(EditBody, EDIT), **VIEW)
def edit(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[EditBody, Depends(body(EditBody))]) -> Json:
    """Every sentence is checked against the evidence that it cites; approvals are taken back, and each change is kept."""
    found = _filled(parts, _found(parts, id_))
    fresh(parts, given.version, found)
    wanted = [Sentence(part=s.part, text=s.text, cites=s.cites) for s in given.sentences]
    changed = edited(found, wanted, caller.name, given.why, parts.now())
    if changed is found:
        return _shown(parts, found)
    return _saved(parts, caller, found, changed, "draft.edited", given.why)


@router.post("/{id_}/approve", summary="Approve it", openapi_extra=takes(ApproveBody, {"why": "同意"}), **VIEW)
def approve(
    parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[ApproveBody, Depends(body(ApproveBody))]
) -> Json:
    """At levels one and two, whenever the case came to be so, by two different persons. Approving sends nothing."""
    found = _found(parts, id_)
    fresh(parts, given.version, found)
    changed = approved(found, caller.name, given.why, given.accept, parts.now())
    action = "draft.approved" if changed.status == "approved" else "draft.seconded"
    return _saved(parts, caller, found, changed, action, given.why)


@router.post("/{id_}/reject", summary="Reject it", openapi_extra=takes(Change, {"why": "数字待核"}), **VIEW)
def reject(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[Change, Depends(body(Change))]) -> Json:
    found = _found(parts, id_)
    fresh(parts, given.version, found)
    changed = rejected(found, caller.name, given.why, parts.now())
    return _saved(parts, caller, found, changed, "draft.rejected", given.why)


@router.get("/{id_}/file", summary="The draft as a file", **FILE)
def file(
    parts: PartsOf, id_: Id, ending: Annotated[str, Query(alias="format", description="docx, pdf or txt.")] = "docx"
) -> Response:
    """With the AI label in its text and in its metadata; one that is not approved says so."""
    found = _found(parts, id_)
    if ending not in PAPERS:
        raise Refused("bad_format", f"A file is one of {', '.join(PAPERS)}.")
    if not found.sentences:
        raise Refused("refused_draft", "This draft was refused: it has no text.")
    media, make = PAPERS[ending]
    name = quote(f"{found.kind}-{found.id}.{ending}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(make(found, ZoneInfo(parts.time_zone), parts.now()), media_type=media, headers=headers)


def _found(parts: Parts, id_: str) -> Draft:
    """The draft of that id, as its case stands now."""
    found = parts.storage.store.draft(id_)
    if found is None:
        raise NotFound(f"There is no draft {id_}.")
    case = parts.storage.store.case(found.case)
    return found if case is None else as_grave_as(found, case)


def _filled(parts: Parts, found: Draft) -> Draft:
    posts = [one.id for one in found.evidence if one.kind == "post"]
    return with_posts(found, parts.storage.index.posts_by_id(posts))


def _shown(parts: Parts, found: Draft) -> Json:
    said = "\n".join(sentence.text for sentence in found.sentences)
    return Json(DraftView(draft=_filled(parts, found), tone=tone(said), moves=MOVES.get(found.status, [])))


def _saved(parts: Parts, caller: Caller, before: Draft, after: Draft, action: str, why: str) -> Json:
    """The draft over the version that was seen, its audit row at the case, and the event for machines."""
    now, stored = parts.now(), without_posts(after)
    id_ = derived_id("audit", after.id, str(after.version), action)
    detail: dict[str, str | int | float] = {"draft": after.id, "version": after.version, "status": after.status}
    case, store = parts.storage.store.case(after.case), parts.storage.store
    row = AuditRow(
        id=id_,
        object=after.case,
        at=now,
        who=caller.name,
        action=action,
        why=why,
        detail=detail,
        jurisdiction=case.jurisdiction if case is not None else "",
    )
    effects = Effects(changes=[Keep(stored, before.version), row])
    if case is not None and action != "draft.seconded":
        event = CaseEvent(id=id_, type=action, at=now, case=case, who=caller.name, why=why)
        receivers = Receivers(webhooks=store.webhooks(), link=parts.public_url)
        effects.messages.append(message(Topic.CASES, case.jurisdiction, id_, event))
        effects.changes += machine_deliveries(event, receivers, now)
    parts.storage.commit(effects)
    return _shown(parts, replace(stored))

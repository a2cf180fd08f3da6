"""Fact cards: verified statements that drafts may use, with owner, source and validity."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from msgspec.structs import replace

from alerts.drafts.cards import Row, check_card, read_cards
from alerts.notices.watch import EXPIRES_SOON
from api.auth import Caller
from api.draft_views import FactBody, FactList, FactView, ImportedCards
from api.office import audit_row, fresh, people, save
from api.parts import Parts
from api.requests import CallerOf, Id, Jurisdiction, PartsOf, ReachOf
from api.times import zoned_if
from api.wire import MAX_BODY, Json, answers, body, read_body, reads, takes
from core.effects import Change, Effects, Keep
from core.errors import NotFound
from core.records import FactCard

router = APIRouter(prefix="/api/v1/facts", tags=["drafts"])
EXAMPLE = {
    "part": "known",
    "text": "望潮路DN400供水主管破裂，已于6月2日9时关阀。",
    "unit": "housing",
    "source": "抢修单 2026-0602-07",
    "terms": ["停水", "爆管"],
    "valid_until": "2026-06-09T00:00:00Z",
}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get("", summary="Fact cards", **answers(FactList, "Those of the policy's files and those kept here."))
def facts(
    parts: PartsOf,
    jurisdiction: Jurisdiction = None,
    unit: Annotated[str | None, Query(max_length=80, description="Of this owner only.")] = None,
    state: Annotated[str | None, Query(description="valid, not_yet, expiring, expired or withdrawn.")] = None,
) -> Json:
    kept = {card.id: card for card in parts.storage.store.all_facts()}
    cards = {card.id: card for card in parts.policy.facts} | kept
    items = [
        FactView(card=card, state=_state(card, parts.now()), origin="office" if id_ in kept else "policy")
        for id_, card in sorted(cards.items())
        if jurisdiction in (None, card.jurisdiction) and unit in (None, card.unit)
    ]
    return Json(FactList(items=[one for one in items if state in (None, one.state)]))


@router.post("", summary="A new fact", openapi_extra=takes(FactBody, EXAMPLE), **answers(FactCard, "The card.", 201))
def add(parts: PartsOf, caller: CallerOf, reach: ReachOf, given: Annotated[FactBody, Depends(body(FactBody))]) -> Json:
    reach.need(given.unit)
    card = _card(parts, caller.name, "f" + parts.new_id()[:16], given, 0)
    save(parts, caller, card, 0, given.why)
    return Json(card, 201)


@router.put("/{id_}", summary="Change a fact", openapi_extra=takes(FactBody, EXAMPLE), **answers(FactCard, "The card."))
def change(
    parts: PartsOf, caller: CallerOf, reach: ReachOf, id_: Id, given: Annotated[FactBody, Depends(body(FactBody))]
) -> Json:
    """Drafts that were made before keep its words of then. A withdrawn card is used again."""
    found = _found(parts, id_)
    reach.need(found.unit)
    reach.need(given.unit)
    expected = fresh(parts, given.version, found)
    card = _card(parts, caller.name, id_, given, expected)
    save(parts, caller, card, expected, given.why)
    return Json(card)


@router.delete("/{id_}", summary="Use a fact no more", **answers(FactCard, "The card, withdrawn."))
def withdraw(parts: PartsOf, caller: CallerOf, reach: ReachOf, id_: Id) -> Json:
    found = _found(parts, id_)
    reach.need(found.unit)
    gone = replace(found, withdrawn=True, updated_at=parts.now(), updated_by=caller.name, version=found.version + 1)
    save(parts, caller, gone, found.version, "")
    return Json(gone)


@router.post(
    "/import", summary="Facts from xlsx or docx", openapi_extra=reads(SHEET, WORD), **answers(ImportedCards, "By row.")
)
async def take_in(request: Request, parts: PartsOf, caller: CallerOf, jurisdiction: Jurisdiction = None) -> Json:
    """Of a table whose first row names the columns (部分, 内容, 单位, 来源, 关键词, …); each row has its answer."""
    data = await read_body(request, MAX_BODY)
    code = jurisdiction or parts.intake.admission.jurisdiction
    return Json(await run_in_threadpool(_taken_in, parts, caller, code, data))


def _taken_in(parts: Parts, caller: Caller, code: str, data: bytes) -> ImportedCards:
    units = {unit.name: unit.id for unit in people(parts).units.values()}
    rows = read_cards(data, code, units | {id_: id_ for id_ in units.values()}, ZoneInfo(parts.time_zone))
    known = {card.id for card in parts.storage.store.all_facts()}
    fresh_ones = {
        r.card.id: _stamped(r.card, caller.name, parts.now()) for r in rows if r.card and r.card.id not in known
    }
    changes: list[Change] = [Keep(card, 0) for card in fresh_ones.values()]
    changes += [audit_row(parts, caller, f"factcard:{id_}", "factcard.imported", "", 1) for id_ in fresh_ones]
    if changes:
        parts.storage.commit(Effects(changes=changes))
    refused = sum(row.card is None for row in rows)
    counts = {"added": len(fresh_ones), "refused": refused, "unchanged": len(rows) - refused - len(fresh_ones)}
    return ImportedCards(rows=[Row(row=r.row, card=r.card, code=r.code, reason=r.reason) for r in rows], **counts)


def _stamped(card: FactCard, who: str, now: datetime) -> FactCard:
    return replace(card, updated_at=now, updated_by=who)


def _state(card: FactCard, now: datetime) -> str:
    if card.withdrawn:
        return "withdrawn"
    if card.valid_from and now < card.valid_from:
        return "not_yet"
    if card.valid_until is None or now + EXPIRES_SOON < card.valid_until:
        return "valid"
    return "expiring" if now < card.valid_until else "expired"


def _found(parts: Parts, id_: str) -> FactCard:
    found = parts.storage.store.fact(id_)
    if found is None:
        raise NotFound(f"There is no fact {id_} that is kept here.")
    return found


def _card(parts: Parts, who: str, id_: str, given: FactBody, expected: int) -> FactCard:
    office = people(parts)
    unit = office.units.get(given.unit)
    own = (unit.jurisdiction if unit else "") or parts.intake.admission.jurisdiction
    card = FactCard(
        id=id_,
        jurisdiction=given.jurisdiction or own,
        part=given.part,
        text=given.text.strip(),
        unit=given.unit,
        source=given.source.strip(),
        terms=given.terms,
        domain=given.domain,
        place=given.place,
        valid_from=zoned_if(given.valid_from),
        valid_until=zoned_if(given.valid_until),
        updated_at=parts.now(),
        updated_by=who,
        version=expected + 1,
    )
    check_card(card, set(office.units))
    return card

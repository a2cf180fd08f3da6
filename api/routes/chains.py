"""Escalation chains: whom to tell next when nobody acknowledges."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from msgspec.structs import replace

from alerts.escalation import DEFAULT, check_chain
from api.office import disabled, fresh, people, save
from api.office_views import ChainBody, ChainList
from api.parts import Parts
from api.requests import CallerOf, Id, PartsOf, Seen
from api.wire import Json, answers, body, takes
from core.errors import NotFound, Refused
from core.records import Chain

router = APIRouter(prefix="/api/v1/chains", tags=["office"])
Why = Annotated[str, Query(max_length=1_000, description="Kept in the audit.")]
EXAMPLE = {
    "name": "供水类",
    "units": ["water"],
    "steps": [{"wait_minutes": 0, "to": "duty"}, {"wait_minutes": 5, "to": "head"}, {"wait_minutes": 10, "to": "lead"}],
    "repeats": 3,
}


@router.get("", summary="Escalation chains", **answers(ChainList, "And the one that holds where none fits."))
def chains(parts: PartsOf) -> Json:
    return Json(ChainList(items=[c for c in parts.storage.store.kept(Chain) if not c.disabled], default=DEFAULT))


@router.post("", summary="A new chain", openapi_extra=takes(ChainBody, EXAMPLE), **answers(Chain, "The chain.", 201))
def add(parts: PartsOf, caller: CallerOf, given: Annotated[ChainBody, Depends(body(ChainBody))]) -> Json:
    chain = _chain(parts, "e" + parts.new_id()[:12], given)
    save(parts, caller, chain, 0, given.why)
    return Json(chain, 201)


@router.put("/{id_}", summary="Change a chain", openapi_extra=takes(ChainBody, EXAMPLE), **answers(Chain, "The chain."))
def change(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[ChainBody, Depends(body(ChainBody))]) -> Json:
    expected = fresh(parts, given.version, _found(parts, id_))
    chain = replace(_chain(parts, id_, given), version=expected + 1)
    save(parts, caller, chain, expected, given.why)
    return Json(chain)


@router.delete("/{id_}", summary="Use a chain no more", **answers(Chain, "The chain, disabled."))
def remove(parts: PartsOf, caller: CallerOf, id_: Id, why: Why = "", version: Seen = None) -> Json:
    found = _found(parts, id_)
    expected = fresh(parts, version, found)
    chain = disabled(found)
    save(parts, caller, chain, expected, why)
    return Json(chain)


def _found(parts: Parts, id_: str) -> Chain:
    found = parts.storage.store.kept_one(Chain, id_)
    if found is None or found.disabled:
        raise NotFound(f"There is no chain {id_}.")
    return found


def _chain(parts: Parts, id_: str, given: ChainBody) -> Chain:
    office = people(parts)
    if not given.name.strip():
        raise Refused("no_name", "A chain has a name.")
    if not given.levels or not set(given.levels) <= {level.level for level in parts.policy.levels}:
        raise Refused("bad_level", "A chain is for at least one level, and for levels that the policy has.")
    chain = Chain(
        id=id_,
        name=given.name.strip(),
        steps=given.steps,
        jurisdiction=given.jurisdiction,
        units=given.units,
        domains=given.domains,
        levels=given.levels,
        repeats=given.repeats,
    )
    check_chain(chain, set(office.units), set(office.members))
    return chain

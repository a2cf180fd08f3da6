"""Incidents, and the file of everything about one."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from alerts.lifecycle import moves
from api.parts import Parts
from api.requests import Cursor, Id, Jurisdiction, Limit, PartsOf
from api.views import CaseFile, RankedIncident, RankedPage
from api.wire import Json, answers
from core.errors import NotFound
from core.ports import IncidentQuery, PostQuery
from core.records import Case, Incident

router = APIRouter(prefix="/api/v1", tags=["incidents"])
POSTS_SHOWN = 50

Order = Annotated[Literal["heat", "newest"], Query(description="By heat, or by when they were raised.")]


def ranked(parts: Parts, incidents: Sequence[Incident]) -> list[RankedIncident]:
    """Incidents with their cases."""
    cases = parts.storage.store.cases_of([i.id for i in incidents])
    return [RankedIncident(incident=i, case=cases.get(i.id)) for i in incidents]


def case_file(parts: Parts, incident: Incident, case: Case | None) -> CaseFile:
    """Everything about an incident and its case."""
    store = parts.storage.store
    posts = parts.storage.index.posts(PostQuery(incident=incident.id, fold=True, limit=POSTS_SHOWN)).items
    return CaseFile(
        incident=incident,
        case=case,
        posts=posts,
        drafts=store.drafts(case.id) if case else [],
        audit=store.audit(case.id) if case else [],
        moves=list(moves(case)) if case else [],
    )


@router.get("/incidents", summary="Incidents", **answers(RankedPage, "A page of incidents with their cases."))
def incidents(
    parts: PartsOf,
    order: Order = "heat",
    jurisdiction: Jurisdiction = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    query = IncidentQuery(jurisdiction=jurisdiction, order=order, cursor=cursor, limit=limit)
    page = parts.storage.index.incidents(query)
    return Json(RankedPage(items=ranked(parts, page.items), cursor=page.cursor))


@router.get("/incidents/{id_}", summary="An incident and its case", **answers(CaseFile, "The whole file."))
def incident(parts: PartsOf, id_: Id) -> Json:
    found = parts.storage.index.incident(id_)
    if found is None:
        raise NotFound(f"There is no incident {id_}.")
    case = parts.storage.store.cases_of([id_]).get(id_)
    return Json(case_file(parts, found, case))

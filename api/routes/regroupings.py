"""What people say of how posts were grouped into incidents."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.regrouping import RegroupBody, SaidOfGroupings, said_of, say, take_back
from api.requests import CallerOf, Id, IncidentOf, PartsOf
from api.wire import Json, answers, body, takes
from core.records import Regrouping

router = APIRouter(prefix="/api/v1/incidents/{id_}/regroupings", tags=["incidents"])
EXAMPLE = {"kind": "together", "other": "i0123456789abcdef0123", "why": "同一次爆管"}


@router.get("", summary="What people said of its posts", **answers(SaidOfGroupings, "Newest first."))
def regroupings(parts: PartsOf, found: IncidentOf) -> Json:
    return Json(said_of(parts, found))


@router.post(
    "",
    summary="Say what belongs together, what does not, or that it is no incident",
    openapi_extra=takes(RegroupBody, EXAMPLE),
    **answers(Regrouping, "Given to the detector, which follows within seconds.", 202),
)
def regroup(
    parts: PartsOf, caller: CallerOf, found: IncidentOf, given: Annotated[RegroupBody, Depends(body(RegroupBody))]
) -> Json:
    """It holds against what the detector would do by itself. `GET` tells whether it could be done: clusters that fell silent,
    and those of which more than 128 posts came, do not move."""
    return Json(say(parts, found, given, caller.name), 202)


@router.delete(
    "/{regrouping}",
    summary="Take back what was said",
    **answers(Regrouping, "Given to the detector, which follows within seconds."),
)
def undo(parts: PartsOf, caller: CallerOf, found: IncidentOf, regrouping: Id) -> Json:
    return Json(take_back(parts, found, regrouping, caller.name))

"""What people correct: labels of posts, as they were and by whom."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.parts import Parts
from api.requests import CallerOf, Cursor, Id, Jurisdiction, Limit, PartsOf
from api.views import LabelsBody
from api.wire import Json, answers, body, takes
from core.ports import CorrectionPage, CorrectionQuery
from nlp.corrections import CLASSES
from nlp.teaching import Taught, Teacher

router = APIRouter(prefix="/api/v1", tags=["corrections"])
EXAMPLE = {"sentiment": "neutral", "note": "只是询问"}
TAUGHT = answers(Taught, "The post as it is now, the corrections that hold, and how many alike were changed.")


def teacher(parts: Parts) -> Teacher:
    """Who takes corrections."""
    return Teacher(parts.storage, parts.now, parts.new_id)


@router.post(
    "/posts/{id_}/labels", summary="Correct labels of a post", openapi_extra=takes(LabelsBody, EXAMPLE), **TAUGHT
)
def correct(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[LabelsBody, Depends(body(LabelsBody))]) -> Json:
    """Holds at once for this post, those that say the same or nearly the same, and those to come. The last one wins."""
    wanted = {head: label for head in CLASSES if (label := getattr(given, head)) is not None}
    taught = teacher(parts).correct(id_, wanted, caller.name, given.note)
    parts.taught()
    return Json(taught)


@router.get(
    "/corrections", summary="What people corrected, newest first", **answers(CorrectionPage, "A page of corrections.")
)
def corrections(
    parts: PartsOf,
    post: Annotated[str | None, Query(max_length=80, description="Of this post only.")] = None,
    jurisdiction: Jurisdiction = None,
    active: Annotated[bool, Query(description="Leave out withdrawn ones.")] = False,  # a query parameter
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    query = CorrectionQuery(post=post, jurisdiction=jurisdiction, active=active, cursor=cursor, limit=limit)
    return Json(parts.storage.store.corrections(query))


@router.delete("/corrections/{id_}", summary="Withdraw a correction", **TAUGHT)
def withdraw(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    """What was said before holds again, for the post and those alike. The correction stays as history."""
    taught = teacher(parts).withdraw(id_, caller.name)
    parts.taught()
    return Json(taught)

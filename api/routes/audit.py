"""Who changed what, when and why, and whether anybody changed what is said about it."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.requests import Cursor, Jurisdiction, Limit, PartsOf
from api.views import ChainsView
from api.wire import Json, answers
from core.audit import walked
from core.records.audit import AuditPage, AuditQuery

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])


@router.get("", summary="Who changed what, newest first", **answers(AuditPage, "Rows of the audit."))
def rows(
    parts: PartsOf,
    object_: Annotated[str | None, Query(alias="object", max_length=200, description="A case's id, `users`, …")] = None,
    who: Annotated[str | None, Query(max_length=100, description="A person's name, or `system`.")] = None,
    action: Annotated[
        str | None, Query(max_length=100, description="One (`case.answered`), or all of a kind (`case`).")
    ] = None,
    jurisdiction: Jurisdiction = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    """A page may hold fewer rows than `limit`; follow `cursor` until it is null."""
    query = AuditQuery(object=object_, who=who, action=action, jurisdiction=jurisdiction, cursor=cursor, limit=limit)
    return Json(parts.storage.store.audit_rows(query))


@router.get(
    "/chains", summary="Whether the audit is as it was written", **answers(ChainsView, "Every chain, walked now.")
)
def chains(parts: PartsOf) -> Json:
    """What `huiying audit verify` prints: note the heads elsewhere, nobody can make the chains anew without them."""
    store = parts.storage.store
    return Json(ChainsView(items=list(walked(store)), loose=store.unchained_audit()))

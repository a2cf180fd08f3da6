"""Where posts are collected from."""

from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec.structs import replace

from api.requests import CallerOf, Id, PartsOf
from api.views import SourceBody, SourceList
from api.wire import Json, answers, body, takes
from core.addresses import check_url
from core.clock import derived_id
from core.effects import Effects
from core.errors import NotFound, Refused
from core.records import Source

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])
SHORTEST_INTERVAL_S = 60
LONGEST_INTERVAL_S = 30 * 86_400
EXAMPLE = {"url": "https://news.example/rss.xml", "name": "某新闻网", "interval_s": 600, "basis": "公开订阅源"}


@router.get("", summary="All sources", **answers(SourceList, "With how the last visit went."))
def sources(parts: PartsOf) -> Json:
    return Json(SourceList(items=[s for s in parts.storage.store.sources() if s.enabled]))


@router.post(
    "",
    summary="Collect from a feed",
    openapi_extra=takes(SourceBody, EXAMPLE),
    **answers(Source, "`huiying crawl` visits it.", 201),
)
def add(parts: PartsOf, caller: CallerOf, given: Annotated[SourceBody, Depends(body(SourceBody))]) -> Json:
    check_url(given.url)
    if not SHORTEST_INTERVAL_S <= given.interval_s <= LONGEST_INTERVAL_S:
        raise Refused("bad_interval", f"Visit a source every {SHORTEST_INTERVAL_S} to {LONGEST_INTERVAL_S} seconds.")
    source = Source(
        id="s" + derived_id("source", given.url),
        kind="feed",
        url=given.url,
        name=given.name or given.url,
        jurisdiction=given.jurisdiction or parts.intake.admission.jurisdiction,
        created_at=parts.now(),
        interval_s=given.interval_s,
        assessment={"basis": given.basis, "approved_by": given.approved_by or caller.name},
    )
    parts.storage.commit(Effects(changes=[source]))
    return Json(source, 201)


@router.delete("/{id_}", summary="Stop collecting from a source", **answers(dict, "It is not visited any more."))
def remove(parts: PartsOf, id_: Id) -> Json:
    source = parts.storage.store.source(id_)
    if source is None:
        raise NotFound(f"There is no source {id_}.")
    parts.storage.commit(Effects(changes=[replace(source, enabled=False)]))
    return Json({"removed": id_})

"""The live stream."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse

from api.auth import find_caller
from api.live import Audience, Position, follow
from api.requests import Jurisdiction, PartsOf, ReachOf

router = APIRouter(prefix="/api/v1", tags=["events"])
PING_S = 15


@router.get("/events", summary="Server-sent events: posts, incident, case", response_class=EventSourceResponse)
async def events(
    request: Request,
    parts: PartsOf,
    reach: ReachOf,
    jurisdiction: Jurisdiction = None,
    after: Annotated[str | None, Query(max_length=2_000, description="A position, as /board gives it.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=2_000)] = None,
) -> EventSourceResponse:
    """Resumes after `Last-Event-ID` (or `after`); without either it begins now."""
    position = Position.parse(last_event_id, parts.storage.log.partitions) or Position.parse(
        after, parts.storage.log.partitions
    )
    audience = Audience(lambda: find_caller(request) is not None, reach, jurisdiction)
    stream = follow(parts.storage.log, position, audience)
    return EventSourceResponse(stream, ping=PING_S)

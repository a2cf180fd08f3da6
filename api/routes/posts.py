"""Posts: the push API, search, and what was refused."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from msgspec.structs import replace

from api import positions
from api.exporting import CSV, CSV_TYPE, csv_of
from api.histograms import Histogram, histogram_of
from api.problems import Problem
from api.requests import CallerOf, Cursor, Id, Jurisdiction, Limit, PartsOf
from api.times import in_utc
from api.views import Received, RejectedPage, RejectedView
from api.wire import Json, answers, read_body
from core.codec import readable
from core.effects import Message
from core.errors import NotFound
from core.ports import FoundPost, PostPage, PostQuery
from core.records import Rejected
from core.topics import Topic
from nlp.script import fold as fold_text

router = APIRouter(prefix="/api/v1", tags=["posts"])
MAX_ITEMS = 1000
log = structlog.get_logger(__name__)

EXAMPLE = [
    {
        "id": "t-100001",
        "source": "forum.example",
        "platform": "forum",
        "url": "https://forum.example/t/100001",
        "at": "2026-11-20T10:11:00+08:00",
        "author": "网友甲",
        "author_since": "2026-11-18",
        "title": "路灯不亮",
        "text": "滨江路的路灯坏了一个星期，晚上很不安全。",
        "likes": 3,
        "comments": "1.2万",
        "extra": {"board": "百姓声音"},
    }
]
ITEM = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "id": {"type": "string", "description": "The source's own id; the same id again is the same post."},
        "source": {"type": "string", "description": "Where it was published, e.g. a host name."},
        "platform": {"type": "string"},
        "url": {"type": "string", "format": "uri"},
        "at": {"description": "When it was published: ISO 8601, a Unix time, or a Chinese time phrase."},
        "author": {"type": "string", "description": "Hashed with a secret salt before anything is stored."},
        "author_since": {"description": "When that account was opened, like `at`; the day is kept."},
        "title": {"type": "string"},
        "text": {"type": "string", "description": "Plain text or HTML."},
        "reply_to": {"type": "string"},
        "root": {"type": "string"},
        "likes": {},
        "comments": {},
        "shares": {},
        "jurisdiction": {"type": "string", "pattern": r"^\d{2,12}$"},
        "extra": {"type": "object", "description": "Your own fields, kept as strings."},
    },
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MAX_ITEMS, "items": ITEM},
                "example": EXAMPLE,
            }
        },
    }
}


@router.post(
    "/posts", summary="Push a batch of posts", openapi_extra=BODY, **answers(Received, "One receipt per item.")
)
async def push(request: Request, parts: PartsOf, caller: CallerOf) -> Json:
    """Idempotent: a post sent again is answered `duplicate`. 429 with Retry-After when too many are waiting."""
    if await run_in_threadpool(parts.intake.full):
        raise Problem(
            429, "backlog-full", "Too many posts are waiting; send this batch again later.", {"Retry-After": "2"}
        )
    items = parse_items(await read_body(request))
    receipts = await run_in_threadpool(parts.intake.receive, items, f"push {caller.name}")
    count = {status: sum(r.status == status for r in receipts) for status in ("accepted", "duplicate", "rejected")}
    return Json(Received(**count, items=receipts))


def parse_items(data: bytes) -> list[Any]:
    """The items of a body: a JSON array, or an object with `posts`; each item is judged later, one by one."""
    try:
        parsed = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A lone surrogate in one item must not refuse its neighbours: the standard library reads it.
        try:
            parsed = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise Problem(400, "broken-json", f"The body is not JSON: {error}.") from error
    if isinstance(parsed, dict) and isinstance(parsed.get("posts"), list):
        parsed = parsed["posts"]
    if not isinstance(parsed, list):
        raise Problem(422, "invalid-body", "Send a JSON array of posts.")
    if len(parsed) > MAX_ITEMS:
        raise Problem(422, "too-many-items", f"At most {MAX_ITEMS} posts a batch; this one has {len(parsed)}.")
    return parsed


def _refused(message: Message) -> Rejected:
    """The record; one that nobody can read is shown as what it is."""
    return readable(message.value, Rejected) or Rejected(
        id=message.id,
        at=datetime.fromtimestamp(0, UTC),
        origin="log",
        code="unreadable",
        reason="This record of the log is not one of ours.",
        jurisdiction=message.key,
    )


def asked(
    q: Annotated[
        str, Query(max_length=500, description='All words; "a phrase"; -without; OR between alternatives.')
    ] = "",
    jurisdiction: Jurisdiction = None,
    since: datetime | None = None,
    until: datetime | None = None,
    source: str | None = None,
    platform: str | None = None,
    sentiment: str | None = None,
    domain: str | None = None,
    place: str | None = None,
    incident: str | None = None,
    lang: str | None = None,
    fold: bool = False,  # a query parameter
) -> PostQuery:
    """What a search asks for, without its page."""
    return PostQuery(
        words=fold_text(q),
        jurisdiction=jurisdiction,
        since=in_utc(since),
        until=in_utc(until),
        source=source,
        platform=platform,
        sentiment=sentiment,
        domain=domain,
        place=place,
        incident=incident,
        lang=lang,
        fold=fold,
    )


Asked = Annotated[PostQuery, Depends(asked)]


@router.get("/posts", summary="Search posts, newest first", **answers(PostPage, "A page of posts."))
def search(parts: PartsOf, query: Asked, cursor: Cursor = None, limit: Limit = 50) -> Json:
    return Json(parts.storage.index.posts(replace(query, cursor=cursor, limit=limit)))


@router.get("/posts/histogram", summary="Posts of a search over time", **answers(Histogram, "Columns, oldest first."))
def histogram(parts: PartsOf, query: Asked) -> Json:
    """By the hour, by the day (of the office's zone) when there are many hours; columns without posts are left out."""
    hours = parts.storage.index.histogram(query)
    return Json(histogram_of(hours, parts.zone))


@router.get("/posts/export", summary="A search as CSV", **CSV)
def export(parts: PartsOf, caller: CallerOf, query: Asked) -> StreamingResponse:
    """At most 10 000 posts, newest first, in UTF-8 with a mark that spreadsheets know. Cells that a spreadsheet would take
    for a formula begin with an apostrophe. That it was taken away is in the log, with who and what was asked.
    """
    log.info("posts_exported", who=caller.name, words=query.words, incident=query.incident, since=str(query.since))
    rows = csv_of(parts.storage.index.posts, query, parts.zone)
    return StreamingResponse(
        rows, media_type=CSV_TYPE, headers={"Content-Disposition": 'attachment; filename="posts.csv"'}
    )


@router.get("/posts/{id_}", summary="A post", **answers(FoundPost, "The post with its labels."))
def post(parts: PartsOf, id_: Id) -> Json:
    found = parts.storage.index.post(id_)
    if found is None:
        raise NotFound(f"There is no post {id_}.")
    return Json(found)


@router.get("/rejected", summary="What was refused, and why", **answers(RejectedPage, "A page, oldest first."))
def rejected(parts: PartsOf, cursor: Cursor = None, limit: Limit = 50) -> Json:
    log = parts.storage.log
    after = positions.parse(cursor or "", log.partitions) or positions.start(log)
    page = positions.merged(log, Topic.REJECTED, after, limit, lambda m: _refused(m).at)
    more = positions.show(positions.advanced(after, page)) if len(page) == limit else None
    return Json(RejectedPage(items=[_rejected(m.position, _refused(m)) for m in page], cursor=more))


def _rejected(position: int, r: Rejected) -> RejectedView:
    return RejectedView(position=position, at=r.at, origin=r.origin, code=r.code, reason=r.reason, excerpt=r.excerpt)

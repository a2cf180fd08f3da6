"""The board's first view, and what a screen needs to begin."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request

from alerts.blind import said
from api import context, live
from api.boundaries import BoundaryList
from api.collecting import blind_spots
from api.context import BoardContext
from api.kept import Kept
from api.parts import Parts
from api.requests import Jurisdiction, PartsOf, ReachOf
from api.routes.incidents import ranked
from api.views import BlindSpot, Board, JurisdictionView, LevelView, Meta, Totals, UnitView
from api.wire import Json, answers
from core.ports import IncidentQuery, PostQuery
from core.records import JURISDICTION_SAMPLE

router = APIRouter(prefix="/api/v1", tags=["board"])
INCIDENTS_SHOWN = 20
POSTS_SHOWN = 20
HOUR = timedelta(hours=1)
CONTEXT_TTL = timedelta(seconds=45)
Hours = Annotated[int, Query(ge=1, le=24 * 31, description="The span shown.")]


def position(parts: Parts) -> str:
    """Where the log stands, as an event id: analysed posts, incidents, cases."""
    return str(live.end(parts.storage.log))


@router.get("/meta", summary="What a screen needs to begin", **answers(Meta, "Levels, units, places."))
def meta(request: Request, parts: PartsOf) -> Json:
    inside = request.state.caller is not None
    policy = parts.policy
    return Json(
        Meta(
            version=parts.version,
            time_zone=parts.time_zone,
            setup_needed=not parts.storage.store.users(),
            levels=[LevelView(level=level.level, color=level.color, name=dict(level.name)) for level in policy.levels],
            units=[UnitView(id=u.id, name=u.name, jurisdiction=u.jurisdiction) for u in policy.units] if inside else [],
            jurisdictions=_jurisdictions(parts) if inside else [],
            places=parts.places if inside else {},
        )
    )


def _jurisdictions(parts: Parts) -> list[JurisdictionView]:
    """Those that hold posts, the sample among them."""
    codes = [parts.intake.admission.jurisdiction, JURISDICTION_SAMPLE]
    return [
        JurisdictionView(code=code, name=parts.places.get(code, code), sample=code == JURISDICTION_SAMPLE)
        for code in dict.fromkeys(codes)
        if parts.storage.index.newest(code) is not None
    ]


@router.get("/board", summary="The board's first view", **answers(Board, "Figures, incidents, newest posts."))
def board(
    parts: PartsOf,
    reach: ReachOf,
    hours: Hours = 24,
    jurisdiction: Jurisdiction = None,
) -> Json:
    """Take `position` before reading and follow `/events` after it: nothing is missed, some may come twice."""
    where = position(parts)
    now = parts.now()
    until = now.replace(minute=0, second=0, microsecond=0) + HOUR
    since = until - timedelta(hours=hours)
    index = parts.storage.index
    before = index.figures(since - timedelta(hours=hours), since, jurisdiction)
    hot = index.incidents(IncidentQuery(jurisdiction=jurisdiction, since=since, limit=INCIDENTS_SHOWN))
    return Json(
        Board(
            at=now,
            jurisdiction=jurisdiction,
            hours=hours,
            sample=index.newest(JURISDICTION_SAMPLE) is not None,
            figures=index.figures(since, until, jurisdiction),
            previous=Totals(posts=before.posts, negative=before.negative),
            incidents=ranked(parts, hot.items, reach),
            posts=index.posts(PostQuery(jurisdiction=jurisdiction, fold=True, limit=POSTS_SHOWN)).items,
            lag=parts.intake.backlog(),
            position=where,
            blind=_blind(parts, jurisdiction),
        )
    )


@router.get(
    "/board/context",
    summary="What the board's figures are held against",
    **answers(BoardContext, "The usual, the week before, duties kept, words, divisions, sources."),
)
def board_context(request: Request, parts: PartsOf, hours: Hours = 24, jurisdiction: Jurisdiction = None) -> Json:
    """Made at most every 45 seconds for everybody who asks alike."""
    area = context.area_of(jurisdiction, [one.code for one in _jurisdictions(parts)])
    kept: Kept[BoardContext] = request.app.state.contexts
    key = (jurisdiction, hours, area)
    return Json(kept.get(key, parts.now(), lambda: context.make(parts, area, jurisdiction, hours)))


@router.get(
    "/board/boundaries",
    summary="Boundaries of the parts of an area",
    **answers(BoundaryList, "What the deployment supplies, often nothing."),
)
def boundaries(parts: PartsOf, area: Annotated[str, Query(description="The `area` of the context.")]) -> Json:
    inside = {code for code, _ in context.divisions_of(parts.places, area)}
    return Json(BoundaryList(items=[one for one in parts.boundaries if one.code in inside]))


def _blind(parts: Parts, jurisdiction: str | None) -> list[BlindSpot]:
    store = parts.storage.store
    sources = [s for s in store.sources() if jurisdiction in (None, s.jurisdiction)]
    found = blind_spots(sources, {crawl.source: crawl for crawl in store.crawls()})
    return [BlindSpot(source=s.id, name=s.name, health=c.health, since=c.health_since, said=said(c)) for s, c in found]


@router.delete("/sample", summary="Remove the sample", **answers(dict, "It is gone."))
async def remove_sample(parts: PartsOf) -> Json:
    await parts.remove(JURISDICTION_SAMPLE)
    return Json({"removed": JURISDICTION_SAMPLE})

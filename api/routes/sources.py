"""Where posts are collected from: what people set, what crawlers know, and what can be tried before."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from msgspec.structs import replace

from alerts.blind import said
from api.auth import Caller
from api.collecting import (
    BackfillBody,
    CollectedSource,
    CookieBody,
    GuessList,
    ImportedView,
    SampleView,
    SourceBody,
    SourceEdit,
    SourceKinds,
    SourceList,
    TrialBody,
    TrialView,
    UrlBody,
    VisitList,
    WhyBody,
)
from api.opml import read_opml, write_opml
from api.parts import Parts
from api.requests import CallerOf, Id, Jurisdiction, Limit, PartsOf
from api.wire import MAX_RECORD, Json, answers, body, gives, read_body, reads, takes
from core.addresses import check_url
from core.clock import derived_id
from core.effects import AskCrawl, Change, Effects, RemoveSource, SaveCookie
from core.errors import NotFound, Refused
from core.records import Assessment, AuditRow, Crawl, Health, Source

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])
SHORTEST_INTERVAL_S = 60
LONGEST_INTERVAL_S = 30 * 86_400
LONGEST_BACKFILL = timedelta(days=366)
EXAMPLE = {"url": "https://news.example/rss.xml", "name": "某新闻网", "interval_s": 600, "basis": "公开订阅源"}
OPML_TYPE = "text/x-opml"


@router.get("", summary="All sources", **answers(SourceList, "With their state; blind ones first."))
def sources(
    parts: PartsOf,
    jurisdiction: Jurisdiction = None,
    health: Annotated[Health | None, Query(description="Only those in this state.")] = None,
) -> Json:
    store = parts.storage.store
    crawls, cookies = {crawl.source: crawl for crawl in store.crawls()}, store.with_cookies()
    views = [
        _view(source, crawls.get(source.id), cookie=source.id in cookies)
        for source in store.sources()
        if jurisdiction in (None, source.jurisdiction)
    ]
    blind = sum(v.source.enabled and v.crawl.health.blind for v in views)
    chosen = [v for v in views if health in (None, v.crawl.health)]
    chosen.sort(key=lambda v: (not v.source.enabled, not v.crawl.health.blind, v.source.name, v.source.id))
    return Json(SourceList(items=chosen, blind=blind))


@router.get("/kinds", summary="The kinds of sources", **answers(SourceKinds, "With their options, in three languages."))
def kinds(parts: PartsOf) -> Json:
    return Json(SourceKinds(items=parts.collecting.kinds()))


@router.get("/opml", summary="All sources as OPML", **gives("The file.", OPML_TYPE))
def export_opml(parts: PartsOf) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="huiying-sources.opml"'}
    return Response(write_opml(parts.storage.store.sources()), media_type=OPML_TYPE, headers=headers)


@router.post(
    "/opml",
    summary="Add the feeds of an OPML file",
    openapi_extra=reads(OPML_TYPE),
    **answers(ImportedView, "The body is the file itself."),
)
async def import_opml(request: Request, parts: PartsOf, caller: CallerOf) -> Json:
    data = await read_body(request, 4 * MAX_RECORD)
    return Json(await run_in_threadpool(_add_all, data, parts, caller))


def _add_all(data: bytes, parts: Parts, caller: Caller) -> ImportedView:
    outlines = read_opml(data)
    known = {source.url for source in parts.storage.store.sources()}
    added: list[Source] = []
    refused: dict[str, str] = {}
    for line in outlines:
        if line.url in known:
            continue
        try:
            given = SourceBody(url=line.url, name=line.name, kind=line.kind or "feed", basis="OPML")
            added.append(_made(given, parts, caller))
        except Refused as refusal:
            refused[line.url] = str(refusal)
    changes: list[Change] = [c for source in added for c in (source, _audit(parts, caller, source.id, "source.added"))]
    parts.storage.commit(Effects(changes=changes))
    here = [line.url for line in outlines if line.url in known]
    return ImportedView(added=[s.url for s in added], known=here, refused=refused)


@router.post(
    "/guess",
    summary="What an address seems to be",
    openapi_extra=takes(UrlBody, {"url": "https://forum.example/"}),
    **answers(GuessList, "Feeds that the page names, and software that is known; the surest first."),
)
async def guess(parts: PartsOf, given: Annotated[UrlBody, Depends(body(UrlBody))]) -> Json:
    check_url(given.url)
    return Json(await parts.collecting.guess(given.url))


@router.post(
    "/test",
    summary="What a visit would find now",
    openapi_extra=takes(TrialBody, {"url": "https://forum.example/", "kind": "discuz"}),
    **answers(TrialView, "Nothing is stored."),
)
async def test(parts: PartsOf, caller: CallerOf, given: Annotated[TrialBody, Depends(body(TrialBody))]) -> Json:
    wanted = SourceBody(url=given.url, kind=given.kind, options=given.options)
    source = _made(await _with_kind(wanted, parts), parts, caller)
    return Json(await parts.collecting.trial(source, given.cookie))


@router.post(
    "",
    summary="Collect from an address",
    openapi_extra=takes(SourceBody, EXAMPLE),
    **answers(CollectedSource, "`huiying crawl --watch` visits it.", 201),
)
async def add(parts: PartsOf, caller: CallerOf, given: Annotated[SourceBody, Depends(body(SourceBody))]) -> Json:
    source = _made(await _with_kind(given, parts), parts, caller)
    return Json(await run_in_threadpool(_kept, source, given.basis, parts, caller), 201)


def _kept(source: Source, basis: str, parts: Parts, caller: Caller) -> CollectedSource:
    parts.storage.commit(Effects(changes=[source, _audit(parts, caller, source.id, "source.added", basis)]))
    return _view(source, parts.storage.store.crawl(source.id), cookie=False)


async def _with_kind(given: SourceBody, parts: Parts) -> SourceBody:
    """The kind that was given, or the surest that the address seems to be."""
    check_url(given.url)
    if given.kind:
        return given
    guesses = await parts.collecting.guess(given.url)
    if not guesses.items:
        said_why = guesses.detail or "no feed and no known software was found there; name the kind, or write rules."
        raise Refused("unknown_kind", f"{guesses.ending}: {said_why}")
    best = guesses.items[0]
    name, options = given.name or best.name, best.options | given.options
    return replace_body(given, url=best.url, kind=best.kind, name=name, options=options)


def replace_body(given: SourceBody, **facts: object) -> SourceBody:
    """The body with other values (`SourceBody` is not frozen, and the caller's stays as it is)."""
    return replace(given, **facts)


def _made(given: SourceBody, parts: Parts, caller: Caller) -> Source:
    """The source that a body asks for; raises `Refused` where it cannot be."""
    check_url(given.url)
    interval = _usual_interval(given.kind, parts) if given.interval_s is None else given.interval_s
    longest = max(interval, 21_600) if given.longest_s is None else given.longest_s
    source = Source(
        id="s" + derived_id("source", given.url, *([given.kind] if given.kind != "feed" else [])),
        kind=given.kind,
        url=given.url,
        name=given.name or given.url,
        jurisdiction=given.jurisdiction or parts.intake.admission.jurisdiction,
        created_at=parts.now(),
        interval_s=interval,
        longest_s=longest,
        options=given.options,
        assessment=Assessment(
            basis=given.basis,
            rate=given.rate,
            contact=given.contact,
            robots=given.robots,
            robots_reason=given.robots_reason,
            approved_by=given.approved_by or caller.name,
            approved_at=parts.now(),
        ),
    )
    return _checked(source, parts)


def _usual_interval(kind: str, parts: Parts) -> int:
    return next((k.interval_s for k in parts.collecting.kinds() if k.id == kind), 600)


def _checked(source: Source, parts: Parts) -> Source:
    if not SHORTEST_INTERVAL_S <= source.interval_s <= source.longest_s <= LONGEST_INTERVAL_S:
        limits = f"{SHORTEST_INTERVAL_S} to {LONGEST_INTERVAL_S} seconds, the shortest interval not above the longest"
        raise Refused("bad_interval", f"Visit a source every {limits}.")
    if source.assessment.robots not in ("obey", "override"):
        raise Refused("bad_robots", "robots is 'obey' or 'override'.")
    if source.assessment.robots == "override" and not source.assessment.robots_reason:
        raise Refused("bad_robots", "Who overrides robots.txt says why: robots_reason.")
    parts.collecting.check(source)
    return source


@router.get("/{id_}", summary="A source", **answers(CollectedSource, "With its state and what waits for another look."))
def one(parts: PartsOf, id_: Id) -> Json:
    return Json(_view_of(_source(parts, id_), parts))


@router.put(
    "/{id_}",
    summary="Change a source",
    openapi_extra=takes(SourceEdit, {"interval_s": 900}),
    **answers(CollectedSource, "Fields that were not given stay."),
)
def edit(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[SourceEdit, Depends(body(SourceEdit))]) -> Json:
    source = _source(parts, id_)
    facts = {name: value for name in SourceEdit.__struct_fields__ if (value := getattr(given, name)) is not None}
    own = {name: facts[name] for name in facts if name in Source.__struct_fields__}
    assessed = {name: facts[name] for name in facts if name in Assessment.__struct_fields__}
    if assessed:
        signed = {"approved_by": caller.name} | assessed | {"approved_at": parts.now()}
        own["assessment"] = replace(source.assessment, **signed)
    changed = _checked(replace(source, **own), parts)
    parts.storage.commit(
        Effects(changes=[changed, _audit(parts, caller, id_, "source.changed", ", ".join(sorted(facts)))])
    )
    return Json(_view_of(changed, parts))


@router.delete("/{id_}", summary="Forget a source", **answers(dict, "It is gone; the posts it brought stay."))
def remove(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    _source(parts, id_)
    parts.storage.commit(Effects(changes=[RemoveSource(id_), _audit(parts, caller, id_, "source.removed")]))
    return Json({"removed": id_})


@router.post("/{id_}/pause", summary="Do not visit it", **answers(CollectedSource, "Until it is resumed."))
def pause(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[WhyBody, Depends(body(WhyBody))]) -> Json:
    paused = replace(_source(parts, id_), enabled=False, disabled_reason=given.why)
    parts.storage.commit(Effects(changes=[paused, _audit(parts, caller, id_, "source.paused", given.why)]))
    return Json(_view_of(paused, parts))


@router.post("/{id_}/resume", summary="Visit it again", **answers(CollectedSource, "It is due at once."))
def resume(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    resumed = replace(_source(parts, id_), enabled=True, disabled_reason="")
    audit = _audit(parts, caller, id_, "source.resumed")
    parts.storage.commit(Effects(changes=[resumed, AskCrawl(id_), audit]))
    return Json(_view_of(resumed, parts))


@router.post("/{id_}/visit", summary="Visit it now", **answers(CollectedSource, "As soon as its host may be asked."))
def visit(parts: PartsOf, id_: Id) -> Json:
    source = _source(parts, id_)
    parts.storage.commit(Effects(changes=[AskCrawl(id_)]))
    return Json(_view_of(source, parts))


@router.post(
    "/{id_}/backfill",
    summary="Collect a past period",
    openapi_extra=takes(BackfillBody, {"since": "2026-10-01T00:00:00Z"}),
    **answers(CollectedSource, "`crawl.backfill_at` tells how far it came."),
)
def backfill(
    parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[BackfillBody, Depends(body(BackfillBody))]
) -> Json:
    source = _source(parts, id_)
    _check_since(given.since, parts.now())
    audit = _audit(parts, caller, id_, "source.backfill", given.since.isoformat())
    parts.storage.commit(Effects(changes=[AskCrawl(id_, backfill_since=given.since), audit]))
    return Json(_view_of(source, parts))


def _check_since(since: datetime, now: datetime) -> None:
    if since.tzinfo is None or not now - LONGEST_BACKFILL <= since <= now:
        raise Refused("bad_since", "since is a time with its zone, within the last year.")


@router.get("/{id_}/history", summary="The visits of thirty days", **answers(VisitList, "Newest first."))
def history(parts: PartsOf, id_: Id, limit: Limit = 100) -> Json:
    _source(parts, id_)
    return Json(VisitList(items=parts.storage.store.visits(id_, limit)))


@router.get("/{id_}/sample", summary="The last raw answer, masked", **answers(SampleView, "For who repairs rules."))
def sample(parts: PartsOf, id_: Id) -> Json:
    _source(parts, id_)
    return Json(SampleView(sample=parts.storage.store.sample(id_)))


@router.post("/{id_}/test", summary="What a visit to it would find now", **answers(TrialView, "Nothing is stored."))
async def test_one(parts: PartsOf, id_: Id) -> Json:
    source = _source(parts, id_)
    sealed = parts.storage.store.cookie(id_)
    cookie = parts.collecting.unseal(sealed) if sealed else ""
    return Json(await parts.collecting.trial(source, cookie))


@router.put(
    "/{id_}/cookie",
    summary="Lend it a login",
    openapi_extra=takes(CookieBody, {"cookie": "SUB=…; XSRF-TOKEN=…"}),
    **answers(CollectedSource, "Stored encrypted, never shown again; the source is due at once."),
)
def lend(parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[CookieBody, Depends(body(CookieBody))]) -> Json:
    source = _source(parts, id_)
    if any(ord(letter) < 32 for letter in given.cookie):
        raise Refused("bad_cookie", "A cookie is one line.")
    saved = SaveCookie(id_, parts.collecting.seal(given.cookie))
    audit = _audit(parts, caller, id_, "source.cookie_saved")
    parts.storage.commit(Effects(changes=[saved, AskCrawl(id_), audit]))
    return Json(_view_of(source, parts))


@router.delete("/{id_}/cookie", summary="Take the login back", **answers(CollectedSource, "It is deleted."))
def take_back(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    source = _source(parts, id_)
    audit = _audit(parts, caller, id_, "source.cookie_removed")
    parts.storage.commit(Effects(changes=[SaveCookie(id_, None), audit]))
    return Json(_view_of(source, parts))


def _source(parts: Parts, id_: str) -> Source:
    source = parts.storage.store.source(id_)
    if source is None:
        raise NotFound(f"There is no source {id_}.")
    return source


def _view_of(source: Source, parts: Parts) -> CollectedSource:
    store = parts.storage.store
    view = _view(source, store.crawl(source.id), cookie=store.cookie(source.id) is not None)
    return replace(view, waiting=len(store.revisits(source.id)))


def _view(source: Source, crawl: Crawl | None, *, cookie: bool) -> CollectedSource:
    known = crawl or Crawl(source=source.id)
    shown = replace(known, state={})  # watermarks are the crawlers' own
    return CollectedSource(source=source, crawl=shown, said=said(known), cookie=cookie)


def _audit(parts: Parts, caller: Caller, source: str, action: str, why: str = "") -> AuditRow:
    return AuditRow(id=parts.new_id(), object=source, at=parts.now(), who=caller.name, action=action, why=why)

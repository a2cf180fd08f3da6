"""The application: a function of its parts."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts import policy, punctuality
from alerts.drafts import cards, tone
from alerts.notices import catalogue, explain, plan
from api import (
    boundaries,
    collecting,
    context,
    coverage,
    draft_views,
    explained_views,
    histograms,
    notice_views,
    office_views,
    people_views,
    problems,
    publishing,
    regrouping,
    views,
)
from api.auth import guard
from api.description import openapi_of
from api.judging import JUDGING
from api.kept import Kept
from api.parts import Parts
from api.routes import ROUTERS
from api.routes import reports as report_views
from api.routes.board import CONTEXT_TTL
from api.routes.public import TTL as PUBLIC_TTL
from api.throttle import Throttle
from core import office as office_port
from core import ports
from core.records import audit, cases, delivery, incidents, office, people, posts, publication, record
from core.records import reports as reporting
from core.records import sources as collected
from core.records import teaching as taught
from nlp import intake, keyness, rhythm, teaching

RECORDS = (record, posts, incidents, cases, audit, delivery, office, people, collected, taught, publication)
ANSWERS = (
    views,
    boundaries,
    collecting,
    explained_views,
    office_views,
    people_views,
    notice_views,
    regrouping,
    plan,
    explain,
    catalogue,
    context,
    coverage,
    publishing,
    draft_views,
    cards,
    tone,
)
SCREENS = (reporting, histograms, report_views)
BOARD = Path(str(files("api") / "board"))
NOT_BUILT = "<!doctype html><meta charset=utf-8><p>The board is not built: run <code>make web</code>."
EVENTS = "/api/v1/events"
DOCS = frozenset({"/docs", "/docs/oauth2-redirect", "/openapi.json"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""On every answer but the API's own documentation page, whose scripts come from its package's default address."""

DESCRIPTION = """Monitoring and rapid response: push posts, follow incidents, work on cases, receive events.

Log in at `/api/v1/session`, or send `Authorization: Bearer TOKEN` (`huiying token create --role R`)."""


def create_app(parts: Parts) -> FastAPI:
    """The ASGI application over `parts`."""
    app = routed(parts.version)
    app.state.parts = parts
    app.state.throttle = Throttle()
    app.state.contexts = Kept(CONTEXT_TTL)
    app.state.public = Kept(PUBLIC_TTL)
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.middleware("http")(_add_headers)
    app.add_middleware(HeadAsGet)
    if BOARD.joinpath("index.html").exists():
        app.mount("/", StaticFiles(directory=BOARD, html=True), name="board")
    else:
        app.add_route("/", _not_built)
    return app


def routed(version: str) -> FastAPI:
    """All routes with their description, over nothing yet."""
    app = FastAPI(
        title="Huiying 回应",
        version=version,
        description=DESCRIPTION,
        dependencies=[Depends(guard)],
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router)
    app.openapi = openapi_of(app, _wire_types())  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _wire_types() -> tuple[type, ...]:
    """Every record that may appear in an answer or a body."""
    found: list[type] = []
    for module in (
        *ANSWERS,
        *SCREENS,
        ports,
        office_port,
        *RECORDS,
        *JUDGING,
        policy,
        punctuality,
        intake,
        keyness,
        rhythm,
        teaching,
    ):
        found.extend(
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__
        )
    return tuple(found)


class HeadAsGet:
    """Answers HEAD as GET; the server leaves the body out. Not for the stream of events, which never ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"] != EVENTS:
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


async def _add_headers(request: Request, call_next: Any) -> Response:
    try:
        response: Response = await call_next(request)
    except Exception as error:  # noqa: BLE001  # a bug becomes an answer, which has these headers too
        response = problems.unexpected(request, error)
    if request.url.path not in DOCS:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    if request.url.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


async def _not_built(_: Request) -> Response:
    return HTMLResponse(NOT_BUILT, 503)

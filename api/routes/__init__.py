"""One module per noun of the API; `ROUTERS` is all of them."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.routes import (
    audit,
    board,
    cases,
    chains,
    channels,
    corrections,
    drafts,
    duty,
    evaluation,
    events,
    facts,
    health,
    hot,
    incidents,
    notices,
    people,
    posts,
    public,
    regroupings,
    reports,
    rules,
    screens,
    session,
    settings,
    sources,
    units,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    people.router,
    audit.router,
    session.router,
    settings.router,
    screens.router,
    public.router,
    board.router,
    posts.router,
    corrections.router,
    incidents.router,
    regroupings.router,
    cases.router,
    evaluation.router,
    reports.router,
    rules.router,
    sources.router,
    hot.router,
    webhooks.router,
    channels.router,
    units.router,
    duty.router,
    chains.router,
    notices.router,
    drafts.router,
    facts.router,
    events.router,
)


def all_routes() -> list[APIRoute]:
    """Every route of the API; `api.access.ACCESS` must name each."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]

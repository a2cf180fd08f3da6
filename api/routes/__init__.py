"""One module per noun of the API; `ROUTERS` is all of them."""

from fastapi import APIRouter

from api.routes import board, cases, events, health, incidents, posts, rules, session, sources, webhooks

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    session.router,
    board.router,
    posts.router,
    incidents.router,
    cases.router,
    rules.router,
    sources.router,
    webhooks.router,
    events.router,
)

"""Webhooks: who receives events, and what became of each delivery."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from msgspec import ValidationError, convert
from msgspec.structs import replace

from alerts import blind
from alerts.delivery import new_secret
from alerts.notices import EVENTS as CASE_EVENTS
from alerts.notices import test_delivery
from alerts.notices.catalogue import Catalogue, catalogue
from api.auth import Caller
from api.parts import Parts
from api.requests import CallerOf, Id, Limit, PartsOf
from api.times import zoned
from api.views import DeliveryList, RecoverBody, Recovered, ReplayBody, WebhookBody, WebhookList, WebhookView
from api.wire import Json, answers, body, takes
from core.addresses import check_url
from core.effects import Effects
from core.errors import NotFound, Refused
from core.records import AuditRow, Delivery, DeliveryState, Webhook

router = APIRouter(prefix="/api/v1", tags=["webhooks"])
EVENTS = CASE_EVENTS | set(blind.EVENTS)
ACTIVE_SECRETS = 2
MOST_RECOVERED = 2_000
"""Deliveries that one call sends again."""
EXAMPLE = {"url": "https://receiver.example/hook", "events": ["case.opened"], "description": "市应急指挥平台"}


def _webhook(parts: Parts, id_: str) -> Webhook:
    for webhook in parts.storage.store.webhooks():
        if webhook.id == id_:
            return webhook
    raise NotFound(f"There is no webhook {id_}.")


def _view(webhook: Webhook, secret: str | None = None) -> WebhookView:
    return WebhookView(
        id=webhook.id,
        url=webhook.url,
        events=webhook.events,
        enabled=webhook.enabled,
        created_at=webhook.created_at,
        levels=webhook.levels,
        places=webhook.places,
        jurisdiction=webhook.jurisdiction,
        description=webhook.description,
        disabled_reason=webhook.disabled_reason,
        secret=secret,
    )


@router.get("/webhooks", summary="All webhooks", **answers(WebhookList, "Without their secrets."))
def webhooks(parts: PartsOf) -> Json:
    return Json(WebhookList(items=[_view(w) for w in parts.storage.store.webhooks()]))


@router.post(
    "/webhooks",
    summary="Receive events",
    openapi_extra=takes(WebhookBody, EXAMPLE),
    **answers(WebhookView, "With the signing secret, shown this once.", 201),
)
def add(parts: PartsOf, caller: CallerOf, given: Annotated[WebhookBody, Depends(body(WebhookBody))]) -> Json:
    secret = new_secret()
    empty = Webhook(id="w" + parts.new_id()[:16], url="", secrets=(secret,), created_at=parts.now())
    webhook = _subscribed(parts, empty, given)
    _save(parts, caller, webhook, "webhook.added")
    return Json(_view(webhook, secret), 201)


@router.put(
    "/webhooks/{id_}",
    summary="Change a subscription",
    openapi_extra=takes(WebhookBody, EXAMPLE),
    **answers(WebhookView, "The webhook; its secrets stay."),
)
def change(
    parts: PartsOf, caller: CallerOf, id_: Id, given: Annotated[WebhookBody, Depends(body(WebhookBody))]
) -> Json:
    webhook = _subscribed(parts, _webhook(parts, id_), given)
    _save(parts, caller, webhook, "webhook.changed")
    return Json(_view(webhook))


@router.post("/webhooks/{id_}/enable", summary="Send again", **answers(WebhookView, "The webhook, enabled."))
def enable(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    """After it was disabled. `recover` sends what did not arrive."""
    webhook = replace(_webhook(parts, id_), enabled=True, disabled_reason="")
    _save(parts, caller, webhook, "webhook.enabled")
    return Json(_view(webhook))


def _subscribed(parts: Parts, webhook: Webhook, given: WebhookBody) -> Webhook:
    """The webhook with what is asked for; `Refused` for what does not exist."""
    check_url(given.url)
    unknown = sorted(set(given.events) - EVENTS)
    if unknown:
        raise Refused("bad_event", f"{unknown[0]!r} is not an event; these are: {', '.join(sorted(EVENTS))}.")
    levels = {level.level for level in parts.policy.levels}
    if not set(given.levels) <= levels:
        raise Refused("bad_level", f"Levels are {', '.join(map(str, sorted(levels)))}.")
    return replace(
        webhook,
        url=given.url,
        events=tuple(given.events),
        levels=tuple(given.levels),
        places=tuple(given.places),
        jurisdiction=given.jurisdiction,
        description=given.description,
    )


def _save(parts: Parts, caller: Caller, webhook: Webhook, action: str) -> None:
    """With its audit row, which never holds a secret."""
    row = AuditRow(
        id="a" + parts.new_id(), object=f"webhook:{webhook.id}", at=parts.now(), who=caller.name, action=action
    )
    parts.storage.commit(Effects(changes=[webhook, row]))


@router.delete("/webhooks/{id_}", summary="Stop sending", **answers(dict, "Nothing more is sent there."))
def remove(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    webhook = replace(_webhook(parts, id_), enabled=False, disabled_reason="removed")
    _save(parts, caller, webhook, "webhook.removed")
    return Json({"removed": id_})


@router.post(
    "/webhooks/{id_}/rotate",
    summary="A new signing secret",
    **answers(WebhookView, "The old secret keeps signing too, until the next rotation."),
)
def rotate(parts: PartsOf, caller: CallerOf, id_: Id) -> Json:
    secret = new_secret()
    old = _webhook(parts, id_)
    webhook = replace(old, secrets=(secret, *old.secrets)[:ACTIVE_SECRETS])
    _save(parts, caller, webhook, "webhook.rotated")
    return Json(_view(webhook, secret))


@router.post("/webhooks/{id_}/test", summary="Send a test event", **answers(Delivery, "It is on its way.", 202))
def test(parts: PartsOf, id_: Id) -> Json:
    delivery = test_delivery(_webhook(parts, id_), parts.new_id(), parts.now())
    parts.storage.commit(Effects(changes=[delivery]))
    return Json(delivery, 202)


@router.get("/webhooks/{id_}/deliveries", summary="What was sent", **answers(DeliveryList, "Newest first."))
def deliveries(
    parts: PartsOf,
    id_: Id,
    state: Annotated[str | None, Query(description="pending, done or dead.")] = None,
    limit: Limit = 50,
) -> Json:
    try:
        wanted = convert(state, DeliveryState | None)
    except ValidationError as error:
        raise Refused("bad_state", f"A state is one of {', '.join(DeliveryState)}.") from error
    return Json(DeliveryList(items=parts.storage.store.deliveries(_webhook(parts, id_).id, wanted, limit)))


@router.post(
    "/webhooks/{id_}/replay",
    summary="Send a delivery again",
    openapi_extra=takes(ReplayBody, {"delivery": "msg_1234"}),
    **answers(Delivery, "It is on its way, under the id that it had.", 202),
)
def replay(parts: PartsOf, id_: Id, given: Annotated[ReplayBody, Depends(body(ReplayBody))]) -> Json:
    """A receiver that has it already drops it by its `webhook-id`."""
    webhook, found = _webhook(parts, id_), parts.storage.store.delivery(given.delivery)
    if found is None or found.target != webhook.id:
        raise NotFound(f"There is no delivery {given.delivery} of webhook {id_}.")
    again = _again(found, parts.now())
    parts.storage.store.settle(again)
    return Json(again, 202)


@router.post(
    "/webhooks/{id_}/recover",
    summary="Send again what did not arrive since",
    openapi_extra=takes(RecoverBody, {"since": "2026-06-01T00:00:00Z"}),
    **answers(Recovered, "They are on their way.", 202),
)
def recover(parts: PartsOf, id_: Id, given: Annotated[RecoverBody, Depends(body(RecoverBody))]) -> Json:
    since = zoned(given.since)
    store, now = parts.storage.store, parts.now()
    dead = store.deliveries(_webhook(parts, id_).id, DeliveryState.DEAD, MOST_RECOVERED + 1)
    lost = [one for one in dead if one.created_at >= since]
    for one in lost[:MOST_RECOVERED]:
        store.settle(_again(one, now))
    return Json(Recovered(deliveries=min(len(lost), MOST_RECOVERED), more=len(lost) > MOST_RECOVERED), 202)


def _again(delivery: Delivery, now: datetime) -> Delivery:
    return replace(delivery, state=DeliveryState.PENDING, attempts=0, next_at=now, last_status="", delivered_at=None)


@router.get(
    "/event-types", summary="The catalogue of events", **answers(Catalogue, "With the schemas of their bodies.")
)
def event_types() -> Json:
    return Json(catalogue())


@router.get("/event-types/{id_}", summary="The JSON Schema of an event", **answers(dict, "JSON Schema 2020-12."))
def event_type(id_: Id) -> Json:
    for one in catalogue().items:
        if one.type == id_:
            return Json(one.schema)
    raise NotFound(f"There is no event {id_}.")

"""Webhooks: who receives events, and what became of each delivery."""

from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec.structs import replace

from alerts.delivery import new_secret
from alerts.notices import EVENTS, test_delivery
from api.parts import Parts
from api.requests import Id, Limit, PartsOf
from api.views import DeliveryList, WebhookBody, WebhookList, WebhookView
from api.wire import Json, answers, body, takes
from core.addresses import check_url
from core.effects import Effects
from core.errors import NotFound, Refused
from core.records import Delivery, Webhook

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
ACTIVE_SECRETS = 2
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
        jurisdiction=webhook.jurisdiction,
        description=webhook.description,
        disabled_reason=webhook.disabled_reason,
        secret=secret,
    )


@router.get("", summary="All webhooks", **answers(WebhookList, "Without their secrets."))
def webhooks(parts: PartsOf) -> Json:
    return Json(WebhookList(items=[_view(w) for w in parts.storage.store.webhooks()]))


@router.post(
    "",
    summary="Receive events",
    openapi_extra=takes(WebhookBody, EXAMPLE),
    **answers(WebhookView, "With the signing secret, shown this once.", 201),
)
def add(parts: PartsOf, given: Annotated[WebhookBody, Depends(body(WebhookBody))]) -> Json:
    check_url(given.url)
    unknown = sorted(set(given.events) - EVENTS)
    if unknown:
        raise Refused("bad_event", f"{unknown[0]!r} is not an event; these are: {', '.join(sorted(EVENTS))}.")
    secret = new_secret()
    webhook = Webhook(
        id="w" + parts.new_id()[:16],
        url=given.url,
        secrets=(secret,),
        created_at=parts.now(),
        events=tuple(given.events),
        jurisdiction=given.jurisdiction,
        description=given.description,
    )
    parts.storage.commit(Effects(changes=[webhook]))
    return Json(_view(webhook, secret), 201)


@router.delete("/{id_}", summary="Stop sending", **answers(dict, "Nothing more is sent there."))
def remove(parts: PartsOf, id_: Id) -> Json:
    webhook = replace(_webhook(parts, id_), enabled=False, disabled_reason="removed")
    parts.storage.commit(Effects(changes=[webhook]))
    return Json({"removed": id_})


@router.post(
    "/{id_}/rotate",
    summary="A new signing secret",
    **answers(WebhookView, "The old secret keeps signing too, until the next rotation."),
)
def rotate(parts: PartsOf, id_: Id) -> Json:
    secret = new_secret()
    old = _webhook(parts, id_)
    webhook = replace(old, secrets=(secret, *old.secrets)[:ACTIVE_SECRETS])
    parts.storage.commit(Effects(changes=[webhook]))
    return Json(_view(webhook, secret))


@router.post("/{id_}/test", summary="Send a test event", **answers(Delivery, "It is on its way.", 202))
def test(parts: PartsOf, id_: Id) -> Json:
    delivery = test_delivery(_webhook(parts, id_), parts.new_id(), parts.now())
    parts.storage.commit(Effects(changes=[delivery]))
    return Json(delivery, 202)


@router.get("/{id_}/deliveries", summary="What was sent", **answers(DeliveryList, "Newest first."))
def deliveries(parts: PartsOf, id_: Id, limit: Limit = 50) -> Json:
    return Json(DeliveryList(items=parts.storage.store.deliveries(_webhook(parts, id_).id, None, limit)))

"""What an event of a case makes: a delivery for every machine that asked for it, and a notice where people are concerned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from alerts.lifecycle import BY_ITSELF, MOVES
from alerts.notices.words import TITLES
from core.clock import derived_id
from core.records import Case, CaseEvent, Channel, Delivery, Notice, Webhook

BESIDE = ("case.escalated", "duty.nobody", "draft.approved", "draft.rejected", "draft.edited")
"""Events that no move of a case makes."""

EVENTS = frozenset({*BY_ITSELF, *BESIDE, *(row.event for row in MOVES.values())})
"""All that a webhook may ask for."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who may be told; `link` is the address that messages point to."""

    webhooks: Sequence[Webhook] = ()
    channels: Sequence[Channel] = ()
    link: str = ""


def deliveries(event: CaseEvent, receivers: Receivers, now: datetime) -> list[Delivery | Notice]:
    """One delivery per machine, and one notice for people; their ids follow from the event and the receiver."""
    made: list[Delivery | Notice] = [*machine_deliveries(event, receivers, now)]
    if event.type in TITLES:
        made.append(notice_of(event))
    return made


def machine_deliveries(event: CaseEvent, receivers: Receivers, now: datetime) -> list[Delivery]:
    """One delivery per webhook that asked for the event."""
    body = _payload(event, f"{receivers.link}/#/incidents/{event.case.incident}")
    return [_delivery(w.id, event, body, now) for w in receivers.webhooks if _subscribed(w, event)]


def notice_of(event: CaseEvent, members: tuple[str, ...] = ()) -> Notice:
    """What people should be told of it; `members` in person."""
    case = event.case
    return Notice(
        id="n" + derived_id("notice", event.id),
        event=event.type,
        at=event.at,
        jurisdiction=case.jurisdiction,
        level=case.level,
        case=case.id,
        unit=case.unit,
        who=event.who,
        why=event.why,
        members=members,
    )


def _subscribed(webhook: Webhook, event: CaseEvent) -> bool:
    wants = not webhook.events or event.type in webhook.events
    grave = not webhook.levels or event.case.level in webhook.levels
    here = webhook.jurisdiction in (None, event.case.jurisdiction) and _lies_in(event.case, webhook.places)
    return webhook.wanted and wants and grave and here


def _lies_in(case: Case, places: Sequence[str]) -> bool:
    return not places or (case.place or case.jurisdiction).startswith(tuple(places))


def _payload(event: CaseEvent, url: str) -> str:
    """The body of a webhook as Standard Webhooks recommends: type, timestamp, data."""
    data = {"case": event.case, "incident": event.case.incident, "who": event.who, "why": event.why, "url": url}
    return msgspec.json.encode({"type": event.type, "timestamp": event.at, "data": data}).decode()


def _delivery(target: str, event: CaseEvent, body: str, now: datetime) -> Delivery:
    id_ = "msg_" + derived_id("delivery", event.id, target)
    return Delivery(id=id_, kind="webhook", target=target, event=event.type, body=body, created_at=now, next_at=now)


def test_delivery(webhook: Webhook, id_: str, now: datetime) -> Delivery:
    """A test event for one webhook."""
    body = msgspec.json.encode({"type": "webhook.test", "timestamp": now, "data": {"webhook": webhook.id}}).decode()
    return Delivery(
        id=f"msg_{id_}", kind="webhook", target=webhook.id, event="webhook.test", body=body, created_at=now, next_at=now
    )

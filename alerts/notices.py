"""Which deliveries a case's event makes: machines get every event they subscribed to, people what asks something of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from core.clock import derived_id
from core.records import Case, CaseEvent, Channel, Clock, Delivery, Webhook

ZONE = ZoneInfo("Asia/Shanghai")
TITLES = {
    "case.opened": "新事件",
    "case.level_raised": "级别上调",
    "case.reopened": "重新开启",
    "clock.warning": "时限临近",
    "clock.breached": "已超时限",
}
"""The events that people are told, and how a message begins."""

LEVELS = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who may be told; `link` is the address that messages point to."""

    webhooks: Sequence[Webhook] = ()
    channels: Sequence[Channel] = ()
    link: str = ""


def deliveries(event: CaseEvent, receivers: Receivers, now: datetime) -> list[Delivery]:
    """One delivery per receiver; its id follows from the event and the receiver."""
    case = event.case
    url = f"{receivers.link}/#/incidents/{case.incident}"
    body = _payload(event, url)
    hooks = [w for w in receivers.webhooks if _subscribed(w, event)]
    made = [_delivery("webhook", w.id, event, body, now) for w in hooks]
    if event.type in TITLES:
        text = msgspec.json.encode(message_of(event, url)).decode()
        people = [c for c in receivers.channels if _concerned(c, case)]
        made += [_delivery("person", c.id, event, text, now) for c in people]
    return made


def _subscribed(webhook: Webhook, event: CaseEvent) -> bool:
    wants = not webhook.events or event.type in webhook.events
    return webhook.enabled and wants and webhook.jurisdiction in (None, event.case.jurisdiction)


def _concerned(channel: Channel, case: Case) -> bool:
    fits = not channel.units or case.unit in channel.units or bool(set(channel.units).intersection(case.support))
    return channel.enabled and fits and case.level in channel.levels


def _payload(event: CaseEvent, url: str) -> str:
    """The body of a webhook as Standard Webhooks recommends: type, timestamp, data."""
    data = {"case": event.case, "incident": event.case.incident, "who": event.who, "why": event.why, "url": url}
    return msgspec.json.encode({"type": event.type, "timestamp": event.at, "data": data}).decode()


def _delivery(kind: str, target: str, event: CaseEvent, body: str, now: datetime) -> Delivery:
    id_ = "msg_" + derived_id("delivery", event.id, target)
    return Delivery(id=id_, kind=kind, target=target, event=event.type, body=body, created_at=now, next_at=now)


def message_of(event: CaseEvent, url: str) -> dict[str, str]:
    """The message for people: what, how grave, why, which clock, one link."""
    case = event.case
    title = f"【{TITLES[event.type]}·{LEVELS[case.level]}】{case.title}"
    lines = [f"热度 {case.heat:.0f}，规则 {case.rule}"]
    clock = _nearest(case.clocks)
    if clock is not None and clock.due_at is not None:
        lines.append(f"{clock.name}：{clock.due_at.astimezone(ZONE):%m月%d日 %H:%M} 前")
    lines.append(url)
    return {"title": title, "text": "\n".join(lines)}


def _nearest(running: Sequence[Clock]) -> Clock | None:
    due = [c for c in running if c.due_at is not None and c.stopped_at is None]
    return min(due, key=lambda c: c.due_at or datetime.max.replace(tzinfo=ZONE), default=None)


def test_delivery(webhook: Webhook, id_: str, now: datetime) -> Delivery:
    """A test event for one webhook."""
    body = msgspec.json.encode({"type": "webhook.test", "timestamp": now, "data": {"webhook": webhook.id}}).decode()
    return Delivery(
        id=f"msg_{id_}", kind="webhook", target=webhook.id, event="webhook.test", body=body, created_at=now, next_at=now
    )

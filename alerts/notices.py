"""Which deliveries a case's event makes: machines get every event they subscribed to, people what asks something of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from alerts.lifecycle import BY_ITSELF, MOVES
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

EVENTS = frozenset({*BY_ITSELF, *(event for _, _, event in MOVES.values())})
"""All that a webhook may ask for."""

WHY = {
    "rule.posts": "{value:.0f} 条不同内容",
    "rule.authors": "{value:.0f} 位作者",
    "rule.burst": "突增 {value}",
    "rule.negative": "负面占比 {value:.0%}",
    "rule.risks": "风险词“{word}”",
    "rule.words": "提到“{word}”",
    "rule.places": "涉及{place}",
}
"""Reasons as people read them; the page has them all."""

LAST = datetime.max.replace(tzinfo=ZONE)
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
    """The message for people: what, how grave, how hot, why, which clocks until when, one link."""
    case = event.case
    title = f"【{TITLES[event.type]}·{LEVELS[case.level]}】{case.title}"
    lines = [f"热度 {case.heat:.0f}，规则 {case.rule}", *_why(case), *_limits(case.clocks), url]
    return {"title": title, "text": "\n".join(lines)}


def _why(case: Case) -> list[str]:
    """The reasons of the rule in one line, and the units; a reason that has no wording is left to the page."""
    said = [WHY[r.code].format(**r.facts) for r in case.reasons if r.code in WHY]
    units = [str(r.facts["unit"]) for r in case.reasons if r.code.startswith("route.") and "unit" in r.facts]
    named = [f"原因：{'，'.join(said)}"] if said else []
    return [*named, f"责任与配合单位：{'、'.join(units)}"] if units else named


def _limits(running: Sequence[Clock]) -> list[str]:
    """A line for each clock that is not met, the nearest first."""
    open_ = [c for c in running if c.stopped_at is None]
    return [f"{c.name}：{_until(c)}" for c in sorted(open_, key=lambda c: c.due_at or LAST)]


def _until(clock: Clock) -> str:
    if clock.due_at is None:
        return "工作日历尚未公布，无法计算"
    if any(pause.until is None for pause in clock.pauses):
        return "已暂停"
    end = f"{clock.due_at.astimezone(ZONE):%m月%d日 %H:%M} 前"
    return f"{end}（已超时）" if clock.breached else end


def test_delivery(webhook: Webhook, id_: str, now: datetime) -> Delivery:
    """A test event for one webhook."""
    body = msgspec.json.encode({"type": "webhook.test", "timestamp": now, "data": {"webhook": webhook.id}}).decode()
    return Delivery(
        id=f"msg_{id_}", kind="webhook", target=webhook.id, event="webhook.test", body=body, created_at=now, next_at=now
    )

"""What the passing of time makes people be told: steps of escalation, nobody on duty, fact cards that expire."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.escalation import People, Told, due
from alerts.notices.events import Receivers, machine_deliveries, notice_of
from core.clock import derived_id
from core.effects import Effects, StateRow, message
from core.records import AuditRow, Case, CaseEvent, CaseState, FactCard, Notice, Webhook
from core.topics import Topic

STAGE = "notices"
CHAIN = "chain "
"""Keys of the state rows that count the steps of a case's escalation that were said."""
SAY = {"duty": "值班员", "head": "负责人", "parent": "上级值班员", "lead": "牵头单位值班员", "member": "指定人员"}
EXPIRES_SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at: cases, how many steps of each were said, and who may be told."""

    cases: Sequence[Case]
    said: Mapping[str, int]
    people: People
    receivers: Receivers = field(default_factory=Receivers)


def escalate(watched: Watched, now: datetime) -> Effects:
    """The steps that are due for cases that nobody has acknowledged, each said once; counts of other cases are forgotten."""
    made = Effects()
    untaken = {case.id: case for case in watched.cases if case.state is CaseState.EMERGING}
    for case in untaken.values():
        said = watched.said.get(case.id, 0)
        steps = list(due(case, case.opened_at, said, watched.people, now))
        for told in steps:
            part = _said(case, told, watched, now)
            made.messages += part.messages
            made.changes += part.changes
        if steps:
            made.changes.append(StateRow(STAGE, case.jurisdiction, CHAIN + case.id, str(steps[-1].number + 1).encode()))
    return made


def _said(case: Case, told: Told, watched: Watched, now: datetime) -> Effects:
    """The first call to who is on duty goes with the message that the case opened; only that nobody is there needs a word."""
    if told.number == 0 and told.members and told.step.to == "duty" and not told.step.wait_minutes:
        return Effects()
    reached = bool(told.members)
    type_ = "case.escalated" if reached else "duty.nobody"
    unit = watched.people.units.get(told.unit or "")
    whom = f"{unit.name if unit else ''}{SAY[told.step.to]}"
    minutes = round((now - case.opened_at).total_seconds() / 60)
    why = f"{minutes} 分钟无人确认，已通知{whom}" if reached else f"{whom}无人可通知"
    id_ = derived_id("event", case.id, "chain", str(told.number), case.opened_at.isoformat())
    event = CaseEvent(id=id_, type=type_, at=now, case=case, why=why)
    lead = watched.people.lead(case.jurisdiction)
    members = told.members or (watched.people.on_duty(lead.id, now) if lead else ())
    row = AuditRow(
        id=id_,
        object=case.id,
        at=now,
        who="system",
        action=type_,
        why=why,
        detail={"step": told.number},
        jurisdiction=case.jurisdiction,
    )
    notice = notice_of(event, members)
    return Effects(
        messages=[message(Topic.CASES, case.jurisdiction, id_, event)],
        changes=[row, notice, *machine_deliveries(event, watched.receivers, now)],
    )


def expiring(cards: Sequence[FactCard], now: datetime) -> Iterator[Notice]:
    """A notice for every card that will soon be used no more, once a day."""
    for card in cards:
        if card.withdrawn or card.valid_until is None or not now < card.valid_until <= now + EXPIRES_SOON:
            continue
        yield Notice(
            id="n" + derived_id("fact.expiring", card.id, str(card.version), now.date().isoformat()),
            event="fact.expiring",
            at=now,
            jurisdiction=card.jurisdiction,
            level=4,
            unit=card.unit,
            title=f"【事实卡将到期】{card.text[:40]}",
            text=f"{card.id} 有效期至 {card.valid_until:%Y-%m-%d %H:%M}（UTC），来源：{card.source}",
        )


def switched_off(webhook: Webhook, jurisdiction: str, now: datetime) -> Notice:
    """The notice that a webhook was disabled because its receiver failed for days, or is gone."""
    return Notice(
        id="n" + derived_id("webhook.disabled", webhook.id, now.isoformat()),
        event="webhook.disabled",
        at=now,
        jurisdiction=webhook.jurisdiction or jurisdiction,
        level=2,
        title=f"【推送已停用】{webhook.description or webhook.id}",
        text=f"接收方{'已不存在' if webhook.disabled_reason == 'gone' else '持续失败'}（{webhook.disabled_reason}），"
        "修复后可重新启用，并从停用前补发。",
    )

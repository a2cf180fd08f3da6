"""The events that machines may ask for: what each means, and the JSON Schema of its body."""

from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from alerts import blind
from alerts.notices.events import EVENTS
from core.records import Case

TEST = "webhook.test"
MEANS: dict[str, tuple[str, str]] = {
    "case.opened": ("新事件", "An incident met a rule: a case was opened."),
    "case.updated": ("事件更新", "Heat, title or clocks of a case changed."),
    "case.level_raised": ("级别上调", "The rules raised the level."),
    "case.level_lowered": ("级别下调", "The rules lowered the level after a calm time."),
    "case.level_expired": ("级别到期", "A level that a person set for a time is the rules' again."),
    "case.merged": ("并入", "The case, or its incident, went into another one, or took one in."),
    "case.split": ("拆分", "A merge was undone."),
    "case.acknowledged": ("确认", "Somebody took the case up."),
    "case.dismissed": ("无需回应", "The case needs no answer; it was closed."),
    "case.assigned": ("交办", "The case was handed to a unit."),
    "case.transferred": ("转办", "The case was handed on to another unit."),
    "case.returned": ("退回", "The unit gave the case back to the one that coordinates."),
    "case.supervised": ("督办", "The unit that coordinates watches a case that broke a limit."),
    "case.extended": ("时限延长", "A clock was given more time."),
    "case.unextended": ("撤回延长", "The last extension of a clock was taken back."),
    "case.ticked": ("清单步骤完成", "A person did a step of the checklist."),
    "case.unticked": ("清单步骤重做", "A step of the checklist is to be done again."),
    "case.recovered": ("恢复平静", "The public is quiet."),
    "case.flared_up": ("再次升温", "The public, which was quiet, speaks up again."),
    "case.satisfaction": ("满意度", "How satisfied the public was has been entered."),
    "task.given": ("交办任务", "A unit was given a part of the case."),
    "task.done": ("任务完成", "A part of the case is done."),
    "task.returned": ("任务退回", "A unit gave its part back."),
    "task.overdue": ("任务超时", "A part of the case is late."),
    "case.level": ("级别改定", "A person set the level."),
    "case.level_released": ("级别交还", "A person left the level to the rules again."),
    "case.paused": ("时限暂停", "Clocks were paused."),
    "case.resumed": ("时限恢复", "Clocks run on."),
    "case.answered": ("已回应", "The answer was entered."),
    "case.evaluated": ("已评估", "The answer was evaluated."),
    "case.closed": ("已办结", "The case was closed: the all-clear."),
    "case.reopened": ("重新开启", "The case was reopened."),
    "case.escalated": ("无人确认", "Nobody acknowledged in time; the next in the chain was told."),
    "duty.nobody": ("无人值班", "Nobody was on duty to be told."),
    "draft.edited": ("拟稿修改", "A person changed a draft."),
    "draft.approved": ("拟稿通过", "Enough people approved a draft."),
    "draft.rejected": ("拟稿退回", "A person rejected a draft."),
    "clock.warning": ("时限临近", "A clock passed a step of warning."),
    "clock.breached": ("已超时限", "A clock ran out."),
    blind.BLIND: ("来源失明", "A source brings nothing any more, or not enough."),
    blind.SEEING: ("来源恢复", "A source is heard again."),
    TEST: ("测试", "Sent by the test button."),
}


class EventData(Struct, kw_only=True):
    """The case as it was then, its incident, who did it and why, and the address of its page."""

    case: Case
    incident: str
    who: str
    why: str
    url: str


class EventBody(Struct, kw_only=True):
    """What a webhook receives."""

    type: str
    timestamp: datetime
    data: EventData


class TestData(Struct, kw_only=True):
    """The webhook that is tested."""

    webhook: str


class TestBody(Struct, kw_only=True):
    """What a webhook receives when it is tested."""

    type: str
    timestamp: datetime
    data: TestData


class EventType(Struct, frozen=True, kw_only=True):
    """An event: its name, what it means, and the JSON Schema (2020-12) of its body."""

    type: str
    name: str
    description: str
    schema: dict[str, Any]


class Catalogue(Struct, frozen=True, kw_only=True):
    """All events."""

    items: list[EventType]


@cache
def catalogue() -> Catalogue:
    """Every event that can arrive, by name; one that a helper adds without saying what it means is shown by its name."""
    return Catalogue(items=[_event(type_) for type_ in sorted({*EVENTS, *blind.EVENTS, TEST})])


def _event(type_: str) -> EventType:
    name, description = MEANS.get(type_, (type_, f"The event {type_}."))
    body = TestBody if type_ == TEST else blind.SourceEvent if type_ in blind.EVENTS else EventBody
    (_,), parts = msgspec.json.schema_components([body], ref_template="#/$defs/{name}")
    made = parts.pop(body.__name__)
    made["properties"]["type"] = {"const": type_}
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": type_, "description": description}
    return EventType(type=type_, name=name, description=description, schema={**made, **dialect, "$defs": parts})

"""The events that machines may ask for: what each means, and the JSON Schema of its body."""

from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from alerts.notices.events import EVENTS
from core.records import Case

TEST = "webhook.test"
MEANS: dict[str, tuple[str, str]] = {
    "case.opened": ("新事件", "An incident met a rule: a case was opened."),
    "case.updated": ("事件更新", "Heat, title or clocks of a case changed."),
    "case.level_raised": ("级别上调", "The rules raised the level."),
    "case.level_lowered": ("级别下调", "The rules lowered the level after a calm time."),
    "case.merged": ("并入", "The incident of the case went into another one."),
    "case.acknowledged": ("确认", "Somebody took the case up."),
    "case.assigned": ("交办", "The case was handed to a unit."),
    "case.level": ("级别改定", "A person set the level."),
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
    return Catalogue(items=[_event(type_) for type_ in sorted({*EVENTS, TEST})])


def _event(type_: str) -> EventType:
    name, description = MEANS.get(type_, (type_, f"The event {type_}."))
    body = TestBody if type_ == TEST else EventBody
    (_,), parts = msgspec.json.schema_components([body], ref_template="#/$defs/{name}")
    made = parts.pop(body.__name__)
    made["properties"]["type"] = {"const": type_}
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": type_, "description": description}
    return EventType(type=type_, name=name, description=description, schema={**made, **dialect, "$defs": parts})

import json
from datetime import timedelta

import pytest

from alerts.lifecycle import record
from alerts.notices import Plan, Receivers, Scene, deliveries, dispatch, message_of, notice_of
from alerts.notices.plan import Quiet, Route
from core.records import Case, CaseEvent, CaseState, Channel, Clock, Delivery, Notice, Webhook
from tests.records import NOON

CLOCK = Clock(
    kind="answer",
    name="政务舆情回应",
    started_at=NOON,
    start_event="occurred",
    limit="48h",
    counts="natural",
    source="s",
    due_at=NOON + timedelta(hours=48),
)
CASE = Case(
    id="c1",
    incident="i1",
    jurisdiction="990100",
    title="云湾花园停水两天",
    state=CaseState.EMERGING,
    level=3,
    rule="burst",
    opened_at=NOON,
    updated_at=NOON,
    unit="water",
    support=("street",),
    clocks=(CLOCK,),
    heat=20.4,
)


def event(type_: str = "case.opened") -> CaseEvent:
    return record(CASE, type_, "system", "rule burst", NOON).event


def hook(id_: str = "w", **more: object) -> Webhook:
    return Webhook(id=id_, url="https://example.org", secrets=(), created_at=NOON, **more)


def channel(**more: object) -> Channel:
    return Channel(id="ch", name="值班", url="json://example.org", **more)


def made(type_: str, *, hooks: tuple[Webhook, ...] = ()) -> list[Delivery]:
    found = deliveries(event(type_), Receivers(hooks, (), "https://board.example"), NOON)
    return [one for one in found if isinstance(one, Delivery)]


def told(*channels: Channel) -> list[Delivery]:
    """What people get at once when the case opens."""
    plan = Plan(routes=(Route(id="r", group_by=("case",)),), quiet=Quiet(since="00:00", until="00:00"))
    scene = Scene(plan=plan, now=NOON, cases={CASE.id: CASE}, channels=channels)
    return dispatch([notice_of(event())], scene).deliveries


@pytest.mark.parametrize(
    ("webhook", "wanted"),
    [
        (hook(), True),
        (hook(events=("case.opened",)), True),
        (hook(events=("case.closed",)), False),
        (hook(jurisdiction="990100"), True),
        (hook(jurisdiction="110000"), False),
        (hook(levels=(1, 2)), False),
        (hook(levels=(3,)), True),
        (hook(places=("9901",)), True),
        (hook(places=("990100002",)), False),
        (hook(enabled=False, disabled_reason="removed"), False),
        (hook(enabled=False, disabled_reason="failing"), True),
        (hook(enabled=False, disabled_reason="gone"), True),
    ],
)
def test_a_webhook_gets_what_it_subscribed_to_in_its_jurisdiction(webhook, wanted):
    assert bool(made("case.opened", hooks=(webhook,))) is wanted


@pytest.mark.parametrize(
    ("to", "wanted"),
    [
        (channel(), True),
        (channel(units=("water",)), True),
        (channel(units=("street",)), True),
        (channel(units=("housing",)), False),
        (channel(levels=(1, 2)), False),
        (channel(enabled=False), False),
    ],
)
def test_people_get_what_concerns_their_unit_and_levels(to, wanted):
    assert bool(told(to)) is wanted


def test_people_are_not_told_what_asks_nothing_of_them():
    (only,) = deliveries(event("case.updated"), Receivers((hook(),)), NOON)
    assert only.kind == "webhook"
    (notice,) = deliveries(event("case.opened"), Receivers(), NOON)
    assert isinstance(notice, Notice)


def test_a_webhooks_body_has_type_timestamp_and_data():
    (one,) = made("case.opened", hooks=(hook(),))
    body = json.loads(one.body)
    assert (body["type"], body["timestamp"]) == ("case.opened", "2026-06-01T04:00:00Z")
    assert body["data"]["case"]["id"] == "c1"
    assert body["data"]["incident"] == "i1"
    assert body["data"]["url"] == "https://board.example/#/incidents/i1"


def test_an_id_follows_from_event_and_receiver():
    first, second = made("case.opened", hooks=(hook("w1"), hook("w2")))
    assert first.id != second.id
    assert made("case.opened", hooks=(hook("w1"),))[0].id == first.id
    assert made("case.updated", hooks=(hook("w1"),))[0].id != first.id


def test_a_message_says_what_how_grave_how_hot_until_when_in_china_and_where_to_look():
    said = message_of("case.opened", CASE, "https://board.example/#/incidents/i1")
    assert said["title"] == "【新事件·三级】云湾花园停水两天"
    assert "热度 20" in said["text"]
    assert "政务舆情回应：06月03日 12:00 前" in said["text"]
    assert said["text"].endswith("https://board.example/#/incidents/i1")

"""The pipeline of notices, step by step and against Alertmanager's semantics."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from alerts.escalation import People
from alerts.notices import PIPELINE, Plan, dispatch, load_plan, tokens
from alerts.notices.plan import Inhibition, Quiet, Route, Throttle
from alerts.notices.scene import Heard, Scene, Settled
from alerts.notices.watch import Watched, escalate, expiring
from alerts.notices.words import shortened
from core.errors import ConfigurationError, Refused
from core.records import (
    Case,
    CaseState,
    Channel,
    FactCard,
    Member,
    Notice,
    NoticeState,
    Roster,
    Shift,
    Silence,
    Unit,
)
from tests.records import NOON, case
from tests.unit.alerts.alertmanager import Alertmanager
from tests.unit.alerts.matchers import Silenced
from tests.unit.alerts.translated import PARTS_WAIT, labels_of, matchers_of

GROUPING = yaml.safe_load((Path(__file__).parent / "grouping.yaml").read_text("utf-8"))
NEVER = Quiet(since="00:00", until="00:00")
LIKE_THEIRS = Plan(
    routes=(Route(id="r", group_by=("unit",), wait_s=30, interval_s=300, repeat_s=4 * 3600),),
    quiet=NEVER,
    inhibit=(Inhibition(id="part", same=("jurisdiction", "domain"), parts_of_place=True),),
)
GROUP = Channel(id="group", name="值班群", url="json://receiver.example")


def notice(id_: str = "n1", event: str = "case.opened", seconds: float = 0, **more: object) -> Notice:
    given: dict[str, object] = {
        "id": id_,
        "event": event,
        "at": NOON + timedelta(seconds=seconds),
        "jurisdiction": "990100",
        "level": 3,
        "case": "c1",
        "unit": "water",
    }
    return Notice(**{**given, **more})


class Office:
    """Waits, tells and remembers as the Store would."""

    def __init__(self, plan: Plan, silences: tuple[Silence, ...] = ()) -> None:
        self.plan, self.silences = plan, silences
        self.waiting: dict[str, Notice] = {}
        self.cases: dict[str, Case] = {}
        self.heard: dict[str, Heard] = {}
        self.sent: dict[str, Any] = {}
        self.told: list[list[Any]] = []
        self.dropped: dict[str, str] = {}
        self.deliveries: list[Any] = []

    def round(self, seconds: float) -> Settled:
        open_ = [c for c in self.cases.values() if c.state is not CaseState.CLOSED]
        now = NOON + timedelta(seconds=seconds)
        scene = Scene(
            plan=self.plan,
            now=now,
            cases=self.cases,
            open_cases=open_,
            channels=(GROUP,),
            silences=self.silences,
            heard=self.heard,
            sent=self.sent,
        )
        settled = dispatch(list(self.waiting.values()), scene)
        self.deliveries += settled.deliveries
        told: dict[tuple[str, str], list[str]] = {}
        for one in settled.notices:
            self.waiting.pop(one.id)
            if one.state is NoticeState.TOLD:
                told.setdefault((one.group, one.reason), []).append(one.case or "")
            else:
                self.dropped[one.id] = one.reason
        self.told += [[seconds, why, sorted(names)] for (_, why), names in sorted(told.items())]
        again = {g for (_, g), h in settled.heard.items() if h is not None} - {g for g, _ in told}
        repeated = [g for g in again if settled.heard["990100", g].told_at == now]
        self.told += [[seconds, "repeat", sorted(self.heard[g].firing)] for g in repeated]
        for (_, group), heard in settled.heard.items():
            self.heard.pop(group, None) if heard is None else self.heard.update({group: heard})
        self.sent.update(settled.sent)
        return settled


def happens(office: Office, at: int, kind: str, name: str, labels: dict[str, Any] | None = None) -> None:
    """Something happens to a case, which a notice says; that somebody took it up is said elsewhere."""
    wanted = {"unit": "water", "level": 3, "domain": "城乡建设", **(labels or {})}
    known = office.cases.get(name) or case(name, **wanted)
    state = {"closed": CaseState.CLOSED, "taken": CaseState.CONFIRMED}.get(kind, CaseState.EMERGING)
    graver = int(kind == "level_raised")
    office.cases[name] = changed(known, state=state, level=known.level - graver)
    if kind != "taken":
        id_ = f"{name}-{kind}-{at}"
        office.waiting[id_] = notice(
            id_, f"case.{kind}", at, case=name, unit=known.unit, level=office.cases[name].level
        )


def plan_of(row: dict[str, Any]) -> Plan:
    """The plan of a row of the table."""
    wait, interval = row.get("group_wait", 30), row.get("group_interval", 300)
    again, by = row.get("repeat_interval", 4 * 3600), tuple(row.get("group_by", ("unit",)))
    route = Route(id="r", group_by=by, wait_s=wait, interval_s=interval, repeat_s=again)
    return changed(LIKE_THEIRS, routes=(route,))


def silenced(row: dict[str, Any]) -> tuple[Silence, ...]:
    """The silence of a row of the table."""
    span = dict(row.get("silence") or {"since": 0, "until": 0})
    since, until = (NOON + timedelta(seconds=span.pop(name)) for name in ("since", "until"))
    what = {name: tuple(values) for name, values in span.items()}
    return (Silence(id="q", since=since, until=until, who="w", why="y", jurisdiction="990100", **what),)


def seconds_of(row: dict[str, Any]) -> list[int]:
    return [t for t in (*range(0, 2000, 2), *range(14000, 15001, 2)) if t <= row.get("until", 1999)]


@pytest.mark.parametrize("row", GROUPING, ids=lambda row: row["name"])
def test_grouping_means_what_it_means_in_alertmanager_or_says_why_not(row: dict[str, Any]):
    office = Office(plan_of(row), silenced(row))
    events = sorted(row["events"], key=lambda event: event[0])
    for seconds in seconds_of(row):
        while events and events[0][0] <= seconds:
            happens(office, *events.pop(0))
        office.round(seconds)
    assert ("ours" in row) == ("because" in row)
    assert sorted(office.told) == sorted(row.get("ours", row["told"]))
    assert "ours" not in row or sorted(row["ours"]) != sorted(row["told"])


@pytest.mark.parametrize("row", GROUPING, ids=lambda row: row["name"])
def test_what_the_table_says_of_alertmanager_is_what_its_documentation_says(row: dict[str, Any]):
    route, cases = plan_of(row).routes[0], {}
    span = dict(row.get("silence") or {"since": 0, "until": 0})
    since, until = span.pop("since"), span.pop("until")
    silence = Silenced(matchers_of(span), since, until)

    def muted(alert: str, second: float, firing: set[str]) -> bool:
        now = {name: labels_of(cases[name]) for name in firing | {alert}}
        inhibited = any(rule.mutes(now[alert], [now[a] for a in firing]) for rule in PARTS_WAIT)
        return inhibited or silence.mutes(now[alert], second)

    theirs = Alertmanager(route.wait_s, route.interval_s, route.repeat_s, muted)
    events = sorted(row["events"], key=lambda event: event[0])
    for second in seconds_of(row):
        while events and events[0][0] <= second:
            at, kind, name, *labels = events.pop(0)
            wanted = {"unit": "water", "level": 3, "domain": "城乡建设", **(labels[0] if labels else {})}
            one = cases.setdefault(name, case(name, **wanted))
            key = " ".join(str(name if label == "case" else getattr(one, label)) for label in route.group_by)
            theirs.hears(at, name, key, firing=kind != "closed")
        theirs.look(second)
    assert sorted(theirs.told) == sorted(row["told"])


def test_the_pipeline_reads_as_its_steps():
    assert [step.__name__ for step in PIPELINE] == [
        "inhibit", "silence", "quiet_hours", "over_before_told", "wait", "deduplicate", "deliver", "record",
    ]  # fmt: skip


NIGHT = Quiet(since="22:00", until="07:00", but_levels=(1,), but_events=("case.escalated",))
AT_NIGHT = 11 * 3600  # noon in Shanghai and eleven hours: 23:00


@pytest.mark.parametrize(
    ("level", "event", "told"),
    [(1, "case.opened", True), (2, "case.opened", False), (4, "case.escalated", True)],
)
def test_at_night_only_the_gravest_and_what_escalates_is_told_the_rest_in_the_morning(
    level: int, event: str, told: bool
):
    plan = Plan(routes=(Route(id="r", group_by=("case",)),), quiet=NIGHT)
    office = Office(plan)
    office.cases["c1"] = case(level=level)
    office.waiting["n1"] = notice(event=event, seconds=AT_NIGHT, level=level)
    assert office.round(AT_NIGHT).held == ({} if told else {"n1": "quiet_hours"})
    office.round(AT_NIGHT + 8 * 3600)
    assert len(office.told) == 1


def test_low_levels_are_told_at_the_times_of_the_digest_in_one_message():
    office = Office(Plan(routes=(Route(id="low", group_by=("jurisdiction",), digest=("14:00",)),), quiet=NEVER))
    for n in range(30):
        happens(office, n, "opened", f"c{n}", {"level": 4})
    assert set(office.round(7190).held.values()) == {"digest"}
    office.round(7200)
    (told,) = office.deliveries
    words = json.loads(told.body)
    assert words["title"] == "【30 个事件】"
    assert "另有 18 件" in words["text"]


def test_what_a_channel_cannot_take_now_is_put_off_and_none_is_lost():
    plan = Plan(routes=(Route(id="r", group_by=("case",)),), quiet=NEVER, throttle=Throttle(messages=3, in_s=60))
    office = Office(plan)
    for n in range(8):
        happens(office, 0, "opened", f"c{n}")
    office.round(0)
    assert [(d.next_at - NOON).total_seconds() for d in office.deliveries] == [0, 0, 0, 60, 60, 60, 120, 120]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("clock.warning", 2),
        ("clock.breached", 2),
        ("case.assigned", 2),
        ("task.given", 2),
        ("case.recovered", 2),
        ("case.opened", 1),
        ("case.level_raised", 1),
    ],
)
def test_what_happened_again_is_told_again_and_what_rules_say_again_is_not(event: str, told: int):
    office = Office(Plan(routes=(Route(id="r", group_by=("case",)),), quiet=NEVER))
    office.cases["c1"] = case()
    for n in range(2):
        office.waiting[f"n{n}"] = notice(f"n{n}", event, n, who="王", why="internal-report")
        office.round(n)
    assert len(office.told) == told


def test_nobody_to_tell_is_kept_as_a_reason():
    settled = dispatch([notice()], Scene(plan=LIKE_THEIRS, now=NOON + timedelta(minutes=1), cases={"c1": case()}))
    assert [(n.state, n.reason) for n in settled.notices] == [(NoticeState.DROPPED, "no_channel")]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4000), st.sampled_from(["opened", "closed", "reopened", "level_raised"]), st.integers(0, 5)
        ),
        max_size=30,
    )
)
@settings(max_examples=40, deadline=None)
def test_every_notice_ends_told_or_dropped_once_and_messages_stay_within_the_grouping(
    events: list[tuple[int, str, int]],
):
    office = Office(LIKE_THEIRS)
    rest = sorted(events)
    seconds = 0
    ids = set()
    while seconds < 9000:
        while rest and rest[0][0] <= seconds:
            at, kind, number = rest.pop(0)
            happens(office, at, kind, f"c{number}")
            ids.add(f"c{number}-{kind}-{at}")
        office.round(seconds)
        seconds += 30
    assert office.waiting == {}
    told = [t for t in office.told if t[1] != "repeat"]
    assert sum(len(t[2]) for t in told) + len(office.dropped) == len(ids)
    assert len({d.id for d in office.deliveries}) == len(office.deliveries)
    assert len(told) <= 4000 // 300 * 2 + 2


DUTY = Member(id="m1", unit="water", name="甲", handles={"wecom": "jia", "mobile": "000"})
PEOPLE = People(
    units={
        "water": Unit(id="water", name="水务局", tier="district", jurisdiction=""),
        "office": Unit(id="office", name="办公室", tier="district", jurisdiction="", lead=True),
    },
    members={"m1": DUTY},
    rosters={"water": Roster(id="water", shifts=(Shift(id="s", begin="00:00", end="24:00", members=("m1",)),))},
)


def scene(**more: Any) -> Scene:
    plan = Plan(routes=(Route(id="r", group_by=("case",)),), quiet=NEVER)
    given = {"people": PEOPLE, "cases": {"c1": case(unit="water")}, "channels": (GROUP,), "link": "https://b.example"}
    return replace(Scene(plan=plan, now=NOON), **{**given, "key": b"k", **more})


def test_a_message_names_and_marks_who_is_on_duty_and_carries_his_link_to_acknowledge():
    (made,) = dispatch([notice()], scene()).deliveries
    words = json.loads(made.body)
    assert "值班：甲" in words["text"]
    assert words["mentions"] == {"wecom": ["jia"], "mobile": ["000"]}
    assert words["link"] == "https://b.example/#/incidents/i1"
    token = words["ack"].rpartition("/")[2]
    passed = tokens.read(b"k", token, NOON)
    assert (passed.case, passed.who) == ("c1", "甲")


def test_a_persons_own_channel_is_used_when_he_is_on_duty_or_named():
    own = Channel(id="own", name="甲", url="json://x", member="m1", levels=(1,))
    other = Channel(id="other", name="乙", url="json://x", member="m2")
    assert [d.target for d in dispatch([notice()], scene(channels=(own, other))).deliveries] == ["own"]
    named = notice(event="case.escalated", members=("m2",))
    assert {d.target for d in dispatch([named], scene(channels=(own, other))).deliveries} == {"own", "other"}


@given(st.text(max_size=300), st.lists(st.text(max_size=80), max_size=20), st.integers(200, 2048))
def test_a_message_fits_its_channel_and_keeps_its_link(title: str, lines: list[str], most: int):
    link = "查看：https://board.example/#/incidents/i1"
    text = shortened(title, lines, [link], most)
    assert len(text.encode()) <= most
    assert text.endswith(link)


@given(st.binary(max_size=120), st.integers(0, 200))
def test_a_link_that_was_changed_in_any_place_is_refused(noise: bytes, place: int):
    token = tokens.issue(b"k", "c1", "甲", NOON, 1)
    spoilt = (
        token[: place % len(token)]
        + ("A" if token[place % len(token)] != "A" else "B")
        + token[place % len(token) + 1 :]
    )
    for one in (spoilt, noise.decode("latin-1"), token + "A", ""):
        with pytest.raises(Refused):
            tokens.read(b"k", one, NOON)
    with pytest.raises(Refused):
        tokens.read(b"other key", token, NOON)
    with pytest.raises(Refused) as refused:
        tokens.read(b"k", token, NOON + timedelta(hours=1))
    assert refused.value.code == "link_expired"


def test_nobody_on_duty_is_itself_told_once_to_the_coordinator_and_machines():
    alone = replace(PEOPLE, rosters={})
    watched = Watched([case(unit="water")], {}, alone)
    made = escalate(watched, NOON)
    kinds = [type(c).__name__ for c in made.changes]
    assert kinds == ["AuditRow", "Notice", "StateRow"]
    assert [m.topic.value for m in made.messages] == ["cases"]
    assert next(c for c in made.changes if isinstance(c, Notice)).event == "duty.nobody"
    assert not escalate(Watched([case(unit="water")], {"c1": 1}, alone), NOON)


def test_steps_go_on_until_somebody_acknowledges():
    later = NOON + timedelta(hours=1)
    events = [
        c.event for c in escalate(Watched([case(unit="water")], {}, PEOPLE), later).changes if isinstance(c, Notice)
    ]
    assert events[0] == "duty.nobody"  # the unit has no head
    taken = case(unit="water", state=CaseState.CONFIRMED)
    assert not escalate(Watched([taken], {}, PEOPLE), later)


def test_a_fact_card_is_told_of_before_it_expires_once_a_day():
    card = FactCard(
        id="f",
        jurisdiction="990100",
        part="known",
        text="t",
        unit="water",
        source="s",
        valid_until=NOON + timedelta(days=2),
    )
    assert [n.event for n in expiring([card], NOON)] == ["fact.expiring"]
    assert [n.id for n in expiring([card], NOON)] == [n.id for n in expiring([card], NOON + timedelta(hours=1))]
    gone = [changed(card, withdrawn=True), changed(card, valid_until=NOON), changed(card, valid_until=None)]
    assert list(expiring([*gone, changed(card, valid_until=NOON + timedelta(days=9))], NOON)) == []


def test_the_shipped_plan_loads_and_a_wrong_one_is_named(tmp_path: Path):
    assert load_plan().routes[0].id == "office"
    (tmp_path / "notices.yaml").write_text("routes: []\nquiet: {since: '22:00', until: '7'}", "utf-8")
    with pytest.raises(ConfigurationError, match=r"notices\.yaml"):
        load_plan(tmp_path)

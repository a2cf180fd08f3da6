"""A water outage from its first post to the flare-up a day later, by HTTP only, in stream time.

600 posts come over three hours and a rumour among them; the level rises; who is on duty does not take the case up, and the
chain goes on to his superiors; it is handed to the wrong unit and on to the right one, with a part for a street; a reply
cannot be drafted until the unit's facts come, and two persons approve it; it is entered, the talk dies down, the all-clear
goes out, the case is evaluated and closed; a day later the water is off again. Then every clock, notice, audit row and
webhook is looked at. The clock is the test's: what time does is done when the story says so.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pytest_httpserver import HTTPServer

from alerts.notices.words import TITLES
from app.sample import POLICY as SAMPLE_POLICY
from core.records import Role
from tests.e2e.listeners import Listeners
from tests.e2e.timed import BOSS, Office, Timed
from tests.office_files import workbook

HOUR = timedelta(hours=1)
LEADER = "李"
FACTS = (
    ("部分", "内容", "单位", "来源", "关键词"),
    ("事实", "经核实，湖畔雅苑门口的DN300供水管道因老化爆裂。", "区水务局", "抢修单 0601-03", "停水"),
    ("事实", "现场两次取样检测，水质均符合《生活饮用水卫生标准》。", "区水务局", "检测记录 0601", "停水"),
    ("措施", "抢修人员正在更换破损管段，小区南门设有应急供水点。", "区水务局", "抢修单 0601-03", "停水"),
    ("时限", "预计今晚22时前恢复供水。", "区水务局", "抢修单 0601-03", "停水"),
)
"""The unit's facts as it sends them: rows of a workbook."""
CLOCKS = {
    "internal-report": (1, "first_seen", (0.5, 0.8), True),
    "authoritative": (5, "occurred", (0.5, 0.8), True),
    "press-conference": (24, "occurred", (), False),
    "utility": (24, "first_seen", (), False),
    "answer": (48, "occurred", (), False),
}
"""Nine and a half hours after the first post, at the answer: hours, from what on, the steps warned of, whether broken."""
ACTS = [
    (BOSS, "case.acknowledged"),
    (BOSS, "case.assigned"),
    (BOSS, "case.returned"),
    (BOSS, "case.assigned"),
    (BOSS, "case.transferred"),
    (BOSS, "task.given"),
    (BOSS, "task.done"),
    (BOSS, "case.paused"),
    (BOSS, "case.resumed"),
    (BOSS, "draft.refused"),
    (BOSS, "draft.proposed"),
    (BOSS, "draft.seconded"),
    (LEADER, "draft.approved"),
    (BOSS, "case.answered"),
    (BOSS, "case.evaluated"),
    (BOSS, "case.satisfaction"),
    (BOSS, "case.closed"),
]
"""What people did, in order."""
HAPPENED = {
    "case.opened": 1,
    "case.level_raised": 1,
    "case.escalated": 5,
    "clock.warning": 3,
    "clock.breached": 3,
    "case.supervised": 1,
    "case.recovered": 2,
    "case.reopened": 1,
}
"""What happened by itself, and how often: three limits ran out, the last two of them after the flare-up in one look; and six
hours after it the public was quiet again."""
REASONS = {("told", "first"), ("told", "changed"), ("told", "all_clear")}
"""What becomes of a notice here, and why: none is lost."""
READ = ["新事件", "无人确认", "级别上调", "时限临近", "恢复平静", "已办结", "重新开启"]
"""What heads the messages that the duty officers' group reads, one after the other; the answer stands below the calm that came
within the hour."""
WATCHED = ("case.", "clock.", "task.", "duty.")
"""How the actions begin that change a case or happen to it."""


@dataclass
class Cast:
    """Who is told: the webhook's id and what it and the group's robot were sent; members of the units by name."""

    hook: str
    heard: Listeners
    members: dict[str, str]


def office_without_facts(folder: Path) -> Path:
    """The policy folder of an office of the imagined district that has no facts yet: the sample's are withdrawn."""
    cards = yaml.safe_load((SAMPLE_POLICY / "facts.yaml").read_text("utf-8"))
    policy = folder / "policy"
    policy.mkdir()
    withdrawn = [{**card, "withdrawn": True} for card in cards]
    (policy / "facts.yaml").write_text(yaml.safe_dump(withdrawn, allow_unicode=True), "utf-8")
    return policy


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(Office(tmp_path, policy_dir=office_without_facts(tmp_path))) as made:
        yield made


@pytest.mark.timeout(300)
def test_the_story_of_an_outage(office: Office, httpserver: HTTPServer) -> None:
    cast = the_cast(office, Listeners(httpserver))
    case = the_whole_story(office)
    _every_clock_is_right(office, case, cast)
    _every_audit_row_is_there(office, case)
    _every_notice_was_told(office, case, cast)
    _every_webhook_arrived_once(office, case, cast)


def the_cast(office: Timed, heard: Listeners) -> Cast:
    """The office on this day: 甲 has duty at the housing bureau and 乙 heads it, 丙 has duty at the district's office."""
    webhook = office.make("webhooks", {"url": heard.hook})
    heard.secret = webhook["secret"]
    office.make("channels", {"name": "值班群", "url": heard.robot})
    office.invite(LEADER, Role.LEADER)
    members = {}
    for name, unit in (("甲", "housing"), ("乙", "housing"), ("丙", "district-office")):
        given = {"unit": unit, "name": name, "handles": {"wecom": f"id-{name}"}}
        members[name] = office.make("members", given)["id"]
    for name, unit in (("甲", "housing"), ("丙", "district-office")):
        shifts = [{"id": "all", "begin": "00:00", "end": "24:00", "members": [members[name]]}]
        office.make(f"rosters/{unit}", {"shifts": shifts}, "PUT")
    housing = {"name": "区住建局", "tier": "district", "places": ["990100"], "domains": ["城乡建设"]}
    office.make("units/housing", {**housing, "head": members["乙"]}, "PUT")
    return Cast(webhook["id"], heard, members)


def the_whole_story(office: Timed) -> str:
    """From the first post to the second outage; the case that it is about."""
    case = _it_rises(office)
    _nobody_takes_it_up(office, case)
    _it_is_handled(office, case)
    _it_is_drafted(office, case)
    _it_is_answered_and_calms_down(office, case)
    _it_is_evaluated(office, case)
    _a_day_later_it_flares_up(office, case)
    return case


def _it_rises(office: Timed) -> str:
    """600 posts in three hours, more and more; the hottest case gets graver, and its first clock warns while nobody looks."""
    for n in range(18):
        office.later(timedelta(minutes=9), posts=16 + 2 * n, rumours=n % 4)
        office.later(timedelta(minutes=1))
    assert 580 <= office.pushed <= 640
    items = office.get("cases", open=True)["items"]
    case: dict[str, Any] = max(items, key=lambda one: one["heat"])
    assert case["level"] <= 2
    assert {clock["kind"] for clock in case["clocks"]} >= {"utility", "internal-report"}
    actions = _actions(office, case["id"])
    assert actions[0] == "case.opened"
    assert "case.level_raised" in actions
    assert "clock.breached" in actions, "nobody reported to the leaders within the hour"
    assert "case.supervised" in actions
    for other in items:
        if other["id"] != case["id"] and "merge" in office.get(f"cases/{other['id']}")["moves"]:
            office.do(case["id"], "merge", case=other["id"], why="同一停水事件")
    id_: str = case["id"]
    return id_


def _nobody_takes_it_up(office: Timed, case: str) -> None:
    """Step by step the chain goes on: the head of the unit, the tier above, the coordinator, and that one again."""
    said = [(row["why"], row["detail"]["step"]) for row in _rows(office, case) if row["action"] == "case.escalated"]
    assert [step for _, step in said] == [1, 2, 3, 4, 5]
    assert [why.partition("已通知")[2] for why, _ in said] == [
        "区住建局负责人",
        "区政府办公室上级值班员",
        *["区政府办公室牵头单位值班员"] * 3,
    ]


def _it_is_handled(office: Timed, case: str) -> None:
    office.do(case, "ack", why="已核实")
    assert office.get(f"cases/{case}")["case"]["unit"] == "housing", "by its matter, which is not theirs"
    assert office.do(case, "assign", unit="housing")["owner"] == BOSS
    assert office.do(case, "return", why="不属于本单位职责")["state"] == "confirmed"
    office.do(case, "assign", unit="housing")
    assert office.do(case, "transfer", unit="water", why="谁主管谁负责")["unit"] == "water"
    tasks = office.do(case, "tasks", unit="street-1", text="到现场核实停水范围", part="support")["tasks"]
    office.do(case, f"tasks/{tasks[-1]['id']}/done", note="涉及三个小区")
    office.do(case, "pause", clock="utility", why="等待水质检测")
    office.later(timedelta(minutes=30), posts=20)
    office.do(case, "resume", clock="utility", why="检测完成")
    early = office.send("POST", f"cases/{case}/close", json={"why": "办结"})
    assert (early.status_code, "answer" in early.json()["possible"]) == (409, True)


def _it_is_drafted(office: Timed, case: str) -> None:
    """No reply without facts; with the unit's workbook there is one, and it takes two persons to approve it."""
    refused = office.make(f"cases/{case}/drafts", {"kind": "reply"})
    assert (refused["status"], refused["sentences"]) == ("refused", [])
    assert {question["unit"] for question in refused["questions"]} == {"water"}
    office.later(2 * HOUR, posts=24)
    rows = office.send("POST", "facts/import", content=workbook(FACTS)).json()
    assert (rows["refused"], len(office.get("facts", state="valid")["items"])) == (0, len(FACTS) - 1)
    draft = office.make(f"cases/{case}/drafts", {"kind": "reply"})
    assert (draft["status"], draft["needed"]) == ("proposed", 2)
    assert all(s["cites"] and not s["unsupported"] and not s["forbidden"] for s in draft["sentences"])
    path = f"drafts/{draft['id']}"
    first = office.change(f"{path}/approve", {"version": 1, "why": "属实"})["draft"]
    assert first["status"] == "proposed"
    alone = office.send("POST", f"{path}/approve", json={"version": 2})
    assert (alone.status_code, alone.json()["code"]) == (422, "approved_already")
    second = office.change(f"{path}/approve", {"version": 2, "why": "同意"}, LEADER)["draft"]
    assert (second["status"], [one["who"] for one in second["approvals"]]) == ("approved", [BOSS, LEADER])


def _it_is_answered_and_calms_down(office: Timed, case: str) -> None:
    """What was approved is what is answered; the machine has published nothing."""
    for _ in range(4):
        office.later(HOUR, posts=12)
    draft = next(one for one in office.get(f"cases/{case}")["drafts"] if one["status"] == "approved")
    text = "".join(sentence["text"] for sentence in draft["sentences"])
    answered = office.do(case, "answer", text=text)
    assert answered["state"] == "answered"
    assert all(clock["stopped_at"] for clock in answered["clocks"])
    for n in range(13):
        office.later(HOUR, posts=2 if n < 4 else 0)
    recovered = office.get(f"cases/{case}")
    assert recovered["case"]["recovered_at"] is not None, "the all-clear"
    assert [row["who"] for row in recovered["audit"] if row["action"] == "case.recovered"] == ["system"]


def _it_is_evaluated(office: Timed, case: str) -> None:
    found = office.get(f"cases/{case}/evaluation")
    assert found["posts"] > 500
    assert found["before"]["posts_an_hour"] > 10 > found["after"]["posts_an_hour"]
    assert found["before"]["rumour_share"] > 0
    volume = next(effect for effect in found["effects"] if effect["measure"] == "posts")
    assert volume["ratio"] < 1
    assert {q["kind"]: q["touched"] for q in found["questions"]}["when"] is True
    kept = office.do(case, "evaluate", note="热度下降")["evaluation"]
    assert kept["questions"] >= kept["questions_touched"] >= 1
    office.do(case, "satisfaction", score=82, answers=40, why="12345 回访")
    assert office.do(case, "close", why="办结")["state"] == "closed"
    cards = office.get("scorecards", month="2026-06", jurisdiction="990100")
    mine = next(card for card in cards["cases"] if card["case"] == case)
    assert (mine["returned"], mine["indicators"]["satisfaction"]) == (1, 0.82)
    assert any(unit["unit"] == mine["unit"] for unit in cards["units"])
    office.later(HOUR)


def _a_day_later_it_flares_up(office: Timed, case: str) -> None:
    office.later(23 * HOUR)
    assert office.get(f"cases/{case}")["case"]["state"] == "closed"
    for _ in range(4):
        office.later(timedelta(minutes=20), posts=30)
    again = office.get(f"cases/{case}")
    assert again["case"]["state"] == "handling", "opened again by itself"
    assert again["case"]["owner"] == BOSS
    assert again["case"]["answer"] is None
    assert any(clock["stopped_at"] is None for clock in again["case"]["clocks"])
    assert [(row["action"], row["who"]) for row in again["audit"] if row["action"] == "case.reopened"] == [
        ("case.reopened", "system")
    ]
    office.later(6 * HOUR)


def _rows(office: Timed, case: str) -> list[dict[str, Any]]:
    """The audit rows of the case, oldest first."""
    return office.all("audit", object=case)[::-1]


def _actions(office: Timed, case: str) -> list[str]:
    return [row["action"] for row in _rows(office, case)]


def _told(cast: Cast, case: str, type_: str) -> dict[str, Any]:
    """The case as the webhook was told of it, at the last event of that type."""
    events = [json.loads(body) for body in cast.heard.events.values()]
    mine = [one for one in events if one["type"] == type_ and one["data"]["case"]["id"] == case]
    found: dict[str, Any] = max(mine, key=lambda one: one["timestamp"])["data"]["case"]
    return found


def _every_clock_is_right(office: Timed, case: str, cast: Cast) -> None:
    """As they stood at the answer, with the times at which it was said that they run out; and anew after the flare-up."""
    then, taken_up = _told(cast, case, "case.answered"), _told(cast, case, "case.acknowledged")["updated_at"]
    rows = [row for row in _rows(office, case) if row["at"] <= then["answered_at"]]
    assert {clock["kind"] for clock in then["clocks"]} == set(CLOCKS)
    for clock in then["clocks"]:
        hours, start, warned, broken = CLOCKS[clock["kind"]]
        paused = timedelta(minutes=30) if clock["kind"] == "utility" else timedelta()
        began, ends = map(datetime.fromisoformat, (clock["started_at"], clock["due_at"]))
        assert (clock["start_event"], ends - began) == (start, hours * HOUR + paused), clock
        assert (tuple(clock["warned"]), clock["breached"]) == (warned, broken), clock
        assert clock["stopped_at"] == (taken_up if clock["kind"] == "internal-report" else then["answered_at"]), clock
        said = [row for row in rows if row["action"] == "clock.breached" and clock["kind"] in row["why"]]
        late = [datetime.fromisoformat(row["at"]) - ends for row in said]
        assert len(said) == broken, "once"
        assert all(timedelta() <= one <= HOUR for one in late), "at the next look"
        assert any(row["action"] == "clock.warning" and clock["kind"] in row["why"] for row in rows) == bool(warned)
    again = _told(cast, case, "case.reopened")
    assert {clock["kind"] for clock in again["clocks"]} >= set(CLOCKS)
    for clock in again["clocks"]:
        hours = CLOCKS[clock["kind"]][0]
        began, ends = map(datetime.fromisoformat, (clock["started_at"], clock["due_at"]))
        assert (clock["started_at"], ends - began) == (again["updated_at"], hours * HOUR), clock
        assert (clock["warned"], clock["pauses"], clock["breached"], clock["stopped_at"]) == ([], [], False, None), (
            clock
        )


def _every_audit_row_is_there(office: Timed, case: str) -> None:
    rows = _rows(office, case)
    versions = [
        row["detail"]["version"] for row in rows if row["action"].startswith(WATCHED) and "version" in row["detail"]
    ]
    assert versions == list(range(1, office.get(f"cases/{case}")["case"]["version"] + 1)), "every change, in order"
    assert [
        (row["who"], row["action"]) for row in rows if row["who"] != "system" and row["action"] != "case.merged"
    ] == ACTS
    happened = [row["action"] for row in rows if row["who"] == "system"]
    assert {action: happened.count(action) for action in HAPPENED} == HAPPENED
    assert set(happened) <= {*HAPPENED, "case.updated", "draft.refused"}
    chains = office.get("audit/chains")
    assert ([one["why"] for one in chains["items"] if one["why"]], chains["loose"]) == ([], 0)


def _every_notice_was_told(office: Timed, case: str, cast: Cast) -> None:
    """One for everything that people are told of; each in a message that the group read."""
    notices = office.all("notices", case=case)
    concern = [action for action in _actions(office, case) if action in TITLES]
    assert Counter(one["event"] for one in notices) == Counter(concern)
    assert {(one["state"], one["reason"]) for one in notices} <= REASONS
    assert all(bool(one["deliveries"]) == (one["state"] == "told") for one in notices)
    everywhere = office.all("notices")
    sent = {id_ for one in everywhere for id_ in one["deliveries"]}
    titles = [one["content"].partition("·")[0].removeprefix("【") for one in cast.heard.messages]
    assert [title for title in dict.fromkeys(titles) if title in READ] == READ, "in this order, when first heard of"
    for said in {f"【{TITLES[one['event']]}·" for one in notices}:
        assert any(said in one["content"] for one in cast.heard.messages), said
    assert titles.count("新事件") == 2, "and once more after an hour in which nobody took it up"
    assert len(cast.heard.messages) == len(sent) + 1
    called = [one["mentioned_list"] for one in cast.heard.messages if one["content"].startswith(("【新", "【无人"))]
    assert [who for who in called if who != ["id-甲"]] == [["id-乙"], *[["id-丙"]] * 4], (
        "whom the chain names, in person"
    )


def _every_webhook_arrived_once(office: Timed, case: str, cast: Cast) -> None:
    """Everything that happened to the case, and nothing else of it, as the catalogue of events says."""
    sent = office.get(f"webhooks/{cast.hook}/deliveries", limit=200)["items"]
    assert len(sent) < 200, "all of them"
    assert {one["id"]: one["body"] for one in sent} == cast.heard.events
    assert {(one["state"], one["attempts"]) for one in sent} == {("done", 1)}
    bodies = [json.loads(one["body"]) for one in sent]
    schemas = {one["type"]: one["schema"] for one in office.get("event-types")["items"]}
    for body in bodies:
        jsonschema.validate(body, schemas[body["type"]])
    mine = [body["type"] for body in bodies if body["data"]["case"]["id"] == case]
    concern = [action for action in _actions(office, case) if action.startswith(WATCHED) or action == "draft.approved"]
    assert Counter(mine) == Counter(concern)

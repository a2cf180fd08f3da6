"""A water outage from its first post to the flare-up a day later, by HTTP only, in stream time.

600 posts come over three hours and a rumour among them; nobody takes the case up at first; it is handed to the wrong unit and
on to the right one, with a part for a street; the answer is entered, the talk dies down, the case is evaluated and closed; a
day later the water is off again. The clock is the test's: what time does is done when the story says so.
"""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from api.auth import issue
from app.chores import office_chores
from app.compose import Workshop, build_product
from core.audit import walked
from core.effects import Effects
from core.records import Role
from core.settings import Settings
from core.telemetry import Metrics
from tests.e2e.outage import VOICES

HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai, a Monday."""
TIMED = ("clocks", "notices", "signals")
SAYS = ("。", "！", "，求转发", "，到底谁负责", "，什么时候来水", "，急急急", "，物业不管", "，已经打了12345")
RUMOURS = (
    "听说湖畔雅苑停水是水厂投毒，水里有毒",
    "网传湖畔雅苑水源被污染，据说死了人",
    "有人说湖畔雅苑的水能喝死人，转发扩散",
)


class Office:
    """The product in this process with a clock of its own: posts are pushed, then time does what is due."""

    def __init__(self, folder: Path, now: datetime = BEGIN, policy_dir: Path | None = None) -> None:
        self.now = now
        self.pushed = 0
        settings = Settings(
            data_dir=folder / "data",
            jurisdiction="990100",
            encoder="off",
            salt=SecretStr("story"),
            policy_dir=policy_dir,
        )
        self.product = build_product(settings, lambda: self.now, chores=False)
        workshop = Workshop(settings, self.product.storage)
        storage, decide, maker = self.product.storage, workshop.decide, lambda: workshop.maker
        made = office_chores(settings, storage, decide, maker, Metrics(), lambda: self.now)
        self.chores = [chore for name in TIMED for chore in made if chore.name == name]
        self.secret, token = issue("token", "王", Role.ADMIN, self.now, None)
        self.product.storage.commit(Effects(changes=[token]))
        self.http = TestClient(create_app(self.product.parts), headers={"Authorization": f"Bearer {self.secret}"})
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.product.runner.run(),))
        self.thread.start()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.product.runner.stop)
        self.thread.join(30)
        self.product.storage.close()

    def later(self, span: timedelta, posts: int = 0, rumours: int = 0, about: str = "湖畔雅苑") -> None:
        """`span` goes by in which so many posts come; then time does what is due."""
        begin, self.now = self.now, self.now + span
        items = posts_between(begin, span, self.pushed, posts, rumours, about)
        self.pushed += posts
        if items:
            assert self.http.post("/api/v1/posts", json=items).json()["accepted"] == posts
        asyncio.run_coroutine_threadsafe(self._due(), self.loop).result(60)

    async def due_elsewhere(self) -> None:
        """The same for a caller in another event loop than the office's."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._due(), self.loop))

    async def _due(self) -> None:
        await self.product.runner.drained()
        for chore in self.chores:
            await chore.run()

    def get(self, path: str, **params: object) -> Any:
        answer = self.http.get(f"/api/v1/{path}", params=params)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, id_: str, move: str, /, **body: object) -> Any:
        answer = self.http.post(f"/api/v1/cases/{id_}/{move}", json=body)
        assert answer.status_code == 200, (move, answer.text)
        return answer.json()["case"]


def posts_between(
    begin: datetime, span: timedelta, first: int, posts: int, rumours: int, about: str
) -> list[dict[str, object]]:
    """So many posts over a span, the first of them rumours; `first` is how many there were before."""
    return [_post(first + n, begin + span * (n + 1) / (posts + 1), about, rumour=n < rumours) for n in range(posts)]


def _post(n: int, at: datetime, about: str, *, rumour: bool) -> dict[str, object]:
    said = RUMOURS[n % len(RUMOURS)] if rumour else VOICES[n % len(VOICES)]
    text = said.replace("湖畔雅苑", about) + SAYS[n // len(VOICES) % len(SAYS)] + f"，{n % 40 + 1}栋住户"
    return {"id": f"p{n}", "source": "forum.test", "at": at.isoformat(), "author": f"业主{n % 400}", "text": text}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


@pytest.mark.timeout(300)
def test_the_story_of_an_outage(office: Office) -> None:
    hook = office.http.post("/api/v1/webhooks", json={"url": "https://example.org/hook"}).json()["id"]
    case = _it_rises(office)
    _it_is_handled(office, case)
    _it_is_answered_and_calms_down(office, case)
    _it_is_evaluated(office, case)
    _a_day_later_it_flares_up(office, case)
    _everything_was_told_once(office, case, hook)


def _it_rises(office: Office) -> str:
    """600 posts in three hours, more and more; the hottest case gets graver, and its first clock warns while nobody looks."""
    for n in range(18):
        office.later(timedelta(minutes=10), posts=16 + 2 * n, rumours=n % 4)
    assert 580 <= office.pushed <= 640
    items = office.get("cases", open=True)["items"]
    case: dict[str, Any] = max(items, key=lambda one: one["heat"])
    assert case["level"] <= 2
    assert {clock["kind"] for clock in case["clocks"]} >= {"utility", "internal-report"}
    actions = [row["action"] for row in office.get(f"cases/{case['id']}")["audit"]]
    assert actions[0] == "case.opened"
    assert "clock.breached" in actions, "nobody reported to the leaders within the hour"
    assert "case.supervised" in actions
    for other in items:
        if other["id"] != case["id"] and "merge" in office.get(f"cases/{other['id']}")["moves"]:
            office.do(case["id"], "merge", case=other["id"], why="同一停水事件")
    id_: str = case["id"]
    return id_


def _it_is_handled(office: Office, case: str) -> None:
    units = [unit["id"] for unit in office.get("meta")["units"] if unit["jurisdiction"] == "990100"]
    office.do(case, "ack", why="已核实")
    wrong, right, street = units[1], units[2], units[3]
    assert office.do(case, "assign", unit=wrong)["owner"] == "王"
    assert office.do(case, "return", why="不属于本单位职责")["state"] == "confirmed"
    office.do(case, "assign", unit=wrong)
    assert office.do(case, "transfer", unit=right, why="谁主管谁负责")["unit"] == right
    tasks = office.do(case, "tasks", unit=street, text="到现场核实停水范围", part="support")["tasks"]
    office.do(case, f"tasks/{tasks[-1]['id']}/done", note="涉及三个小区")
    kind = next(c["kind"] for c in office.get(f"cases/{case}")["case"]["clocks"] if not c["stopped_at"])
    office.do(case, "pause", clock=kind, why="等待水质检测")
    office.later(timedelta(minutes=30), posts=20)
    office.do(case, "resume", clock=kind, why="检测完成")
    early = office.http.post(f"/api/v1/cases/{case}/close", json={"why": "办结"})
    assert (early.status_code, "answer" in early.json()["possible"]) == (409, True)


def _it_is_answered_and_calms_down(office: Office, case: str) -> None:
    for _ in range(6):
        office.later(HOUR, posts=12)
    answered = office.do(case, "answer", text="因管道老化爆裂停水，抢修预计今晚完成；水质检测合格，请居民到门口领水。")
    assert answered["state"] == "answered"
    assert all(clock["stopped_at"] for clock in answered["clocks"])
    for n in range(12):
        office.later(HOUR, posts=2 if n < 4 else 0)
    recovered = office.get(f"cases/{case}")
    assert recovered["case"]["recovered_at"] is not None, "the all-clear"
    assert [row["who"] for row in recovered["audit"] if row["action"] == "case.recovered"] == ["system"]


def _it_is_evaluated(office: Office, case: str) -> None:
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


def _a_day_later_it_flares_up(office: Office, case: str) -> None:
    office.later(20 * HOUR)
    assert office.get(f"cases/{case}")["case"]["state"] == "closed"
    for _ in range(4):
        office.later(timedelta(minutes=20), posts=30)
    again = office.get(f"cases/{case}")
    assert again["case"]["state"] == "handling", "opened again by itself"
    assert again["case"]["owner"] == "王"
    assert again["case"]["answer"] is None
    assert any(clock["stopped_at"] is None for clock in again["case"]["clocks"])
    assert [(row["action"], row["who"]) for row in again["audit"] if row["action"] == "case.reopened"] == [
        ("case.reopened", "system")
    ]


def _everything_was_told_once(office: Office, case: str, hook: str) -> None:
    store = office.product.storage.store
    assert [one.why for one in walked(store)] == [""] * len(store.audit_heads())
    audit = store.audit(case)
    assert [row.detail["version"] for row in audit if "version" in row.detail] == list(
        range(1, office.get(f"cases/{case}")["case"]["version"] + 1)
    )
    sent = [d for d in store.deliveries(hook, None, 10_000) if f'"id":"{case}"' in d.body]
    events = [row.action for row in audit if row.action.startswith(("case.", "clock.", "task.", "duty."))]
    assert sorted(d.event for d in sent) == sorted(events), "one delivery to the webhook for each thing that happened"
    assert len({d.id for d in sent}) == len(sent)

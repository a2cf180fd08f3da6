"""A night on duty: nobody acknowledges, the chain goes on, a link out of a message ends it."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi.testclient import TestClient
from pytest_httpserver import HTTPServer

from alerts.decide import decide
from alerts.delivery import Courier, PersonSender, WebhookSender, deliver_due
from alerts.notices import Receivers
from alerts.notices.clerk import Clerk
from alerts.office import in_force
from api.app import create_app
from api.auth import issue
from api.parts import Parts
from core.addresses import PinnedTransport
from core.effects import Effects
from core.ports import CaseQuery
from core.records import CaseState, Role
from tests.records import NOON, incident

LOCAL = (ip_network("127.0.0.0/8"),)
NIGHT = NOON + timedelta(hours=11)
"""23:00 in Shanghai."""


class Night:
    """The office at night, with a clock that the test turns and a robot that remembers what it was sent."""

    def __init__(self, parts: Parts, server: HTTPServer) -> None:
        self.at = NIGHT
        self.parts = replace(parts, now=lambda: self.at, public_url="https://board.example")
        self.app = create_app(self.parts)
        self.server = server
        server.expect_request("/cgi-bin/webhook/send").respond_with_json({"errcode": 0})
        secret, token = issue("token", "admin", Role.ADMIN, NOON, None)
        self.store = parts.storage.store
        parts.storage.commit(Effects(changes=[token]))
        self.admin = TestClient(self.app, headers={"Authorization": f"Bearer {secret}"})
        self.anybody = TestClient(self.app)

    def made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.admin.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def turn(self, minutes: int) -> list[dict[str, Any]]:
        """Let time pass, minute by minute, as the chores would see it; what the robot was sent in it."""
        before = len(self.server.log)
        clerk = Clerk(
            self.store, self.parts.policy, self.parts.plan, ZoneInfo("Asia/Shanghai"), "https://board.example", b"key"
        )
        for _ in range(minutes):
            self.at += timedelta(minutes=1)
            cases = self.store.cases(CaseQuery(open=True)).items
            self.parts.storage.commit(clerk.watch(cases, Receivers(), self.at))
            self.parts.storage.commit(clerk.tell(self.at))
            asyncio.run(self._deliver())
        return [request.get_json()["text"] for request, _ in self.server.log[before:]]

    async def _deliver(self) -> None:
        async with httpx.AsyncClient(transport=PinnedTransport(LOCAL)) as client:
            people = PersonSender(lambda: 0.5, allow=LOCAL, client=client)
            await deliver_due(self.store, Courier(WebhookSender(client, lambda: 0.5), people), lambda: self.at)

    def opens(self, at: datetime) -> str:
        """An incident so grave that it is told at night; the id of its case."""
        grave = incident(posts=300, burst=9.0, heat=300.0, raised_at=at, last_at=at, milestone=True)
        policy = in_force(self.parts.policy, self.store)
        self.parts.storage.commit(decide([grave], {}, policy, Receivers(), at))
        case = self.store.cases_of([grave.id])[grave.id]
        raised = {"level": 1, "why": "涉及供水安全"}
        assert self.admin.post(f"/api/v1/cases/{case.id}/level", json=raised).status_code == 200
        return case.id


@pytest.fixture
def night(parts: Parts, httpserver: HTTPServer) -> Night:
    made = Night(parts, httpserver)
    host = httpserver.url_for("").rstrip("/")
    made.made("/channels", {"name": "值班群", "url": f"wecombot://KEY?host={host}"})
    for name, unit in (("值班员甲", "housing"), ("科长乙", "housing"), ("总值班丙", "office")):
        member = made.made("/members", {"unit": unit, "name": name, "handles": {"wecom": f"id-{name[-1]}"}})["id"]
        shifts = [{"id": "all", "begin": "00:00", "end": "24:00", "members": [member]}]
        if name != "科长乙":
            assert made.admin.put(f"/api/v1/rosters/{unit}", json={"shifts": shifts}).status_code == 200
        else:
            given = {
                "name": "住建部门",
                "tier": "district",
                "jurisdiction": "",
                "domains": ["城乡建设"],
                "head": member,
            }
            assert made.admin.put("/api/v1/units/housing", json=given).status_code == 200
    return made


def marked(texts: list[dict[str, Any]]) -> list[list[str]]:
    return [text.get("mentioned_list", []) for text in texts]


def test_who_does_not_acknowledge_is_passed_over_until_somebody_presses_the_link(night: Night) -> None:
    case = night.opens(NIGHT)
    first = night.turn(1)
    assert marked(first)[0] == ["id-甲"]
    assert "【" in first[0]["content"]
    link = first[0]["content"].rpartition("/api/v1/acknowledge/")[2]
    assert night.anybody.get(f"/api/v1/acknowledge/{link}").status_code == 200
    assert night.store.case(case).state is CaseState.EMERGING  # type: ignore[union-attr]  # it is there
    assert marked(night.turn(10)) == [["id-乙"]], "after ten minutes the head"
    assert marked(night.turn(19)) == [["id-丙"], ["id-丙"]], "then the tier above, then the coordinator"
    assert "值班员甲" in night.anybody.post(f"/api/v1/acknowledge/{link}").text
    assert night.turn(60) == [], "nobody is woken for what is in hand"
    acts = [row.action for row in night.store.audit(case)]
    assert acts == ["case.opened", "case.level", *["case.escalated"] * 3, "case.acknowledged"]
    told = night.admin.get(f"/api/v1/notices?case={case}").json()["items"]
    assert {n["state"] for n in told} == {"told"}, [(n["event"], n["state"], n["reason"], n["level"]) for n in told]
    assert json.dumps(told).count("case.escalated") == 3


def test_with_nobody_on_duty_the_coordinator_is_told_that(night: Night) -> None:
    assert night.admin.put("/api/v1/rosters/housing", json={"shifts": []}).status_code == 200
    case = night.opens(NIGHT)
    texts = night.turn(1)
    assert any("无人值班" in text["content"] and text["mentioned_list"] == ["id-丙"] for text in texts)
    assert "duty.nobody" in [row.action for row in night.store.audit(case)]

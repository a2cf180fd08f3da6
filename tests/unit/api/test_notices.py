"""Notices, silences and the link that acknowledges, over HTTP."""

from datetime import timedelta

from msgspec.structs import replace

from alerts.notices import tokens
from core.effects import Effects, SaveCase
from core.records import CaseState, Channel, Notice, Role
from core.storage.sqlite import SqliteStorage
from tests.records import NOON, case
from tests.unit.api.conftest import ClientOf

PREVIEW = {"user-agent": "WeChat link preview"}


def test_looking_at_the_link_changes_nothing_pressing_its_button_takes_the_case_up(
    client_of: ClientOf, storage: SqliteStorage
):
    storage.commit(Effects(changes=[SaveCase(case(title="<b>停水</b>"), 0)]))
    anybody, url = client_of(None), "/api/v1/acknowledge/" + tokens.issue(b"key", "c1", "值班员甲", NOON, 24)
    page = anybody.get(url, headers=PREVIEW)
    assert page.status_code == 200
    assert "值班员甲" in page.text
    assert "<b>" not in page.text
    assert storage.store.case("c1") == case(title="<b>停水</b>")
    assert "受理人：值班员甲" in anybody.post(url).text
    taken = storage.store.case("c1")
    assert taken is not None
    assert (taken.state, taken.owner) == (CaseState.CONFIRMED, "值班员甲")
    assert [r.who for r in storage.store.audit("c1")] == ["值班员甲"]
    again = anybody.post(url, headers={"accept-language": "en"})
    assert "taken up by 值班员甲" in again.text
    assert len(storage.store.audit("c1")) == 1


def test_a_link_that_is_not_ours_or_too_old_does_nothing(client_of: ClientOf, storage: SqliteStorage):
    storage.commit(Effects(changes=[SaveCase(case(), 0)]))
    old = tokens.issue(b"key", "c1", "甲", NOON - timedelta(hours=25), 24)
    forged = tokens.issue(b"other", "c1", "甲", NOON, 24)
    gone = tokens.issue(b"key", "c9", "甲", NOON, 24)
    for token in (old, forged, gone, "x"):
        assert client_of(None).post(f"/api/v1/acknowledge/{token}").status_code == 404
    assert storage.store.case("c1") == case()


def test_notices_are_listed_with_their_reasons(client_of: ClientOf, storage: SqliteStorage):
    one = Notice(id="n1", event="case.opened", at=NOON, jurisdiction="990100", level=3, case="c1", reason="silenced")
    storage.commit(Effects(changes=[one, replace(one, id="n2", case="c2")]))
    viewer = client_of(Role.VIEWER)
    assert [n["reason"] for n in viewer.get("/api/v1/notices?case=c1").json()["items"]] == ["silenced"]
    assert viewer.get("/api/v1/notices?state=told").json()["items"] == []
    assert viewer.get("/api/v1/notices?state=lost").status_code == 422
    plan = viewer.get("/api/v1/notices/plan").json()
    assert plan["steps"][0] == "inhibit"
    assert plan["plan"]["quiet"]["since"] == "22:00"


def test_the_steps_of_a_notice_that_waits_and_of_one_that_would_be_are_shown_and_tell_nobody(
    client_of: ClientOf, storage: SqliteStorage
):
    waits = Notice(id="n1", event="case.opened", at=NOON, jurisdiction="990100", level=3, case="c1", unit="water")
    group = Channel(id="g", name="值班群", url="json://receiver.example")
    storage.commit(Effects(changes=[SaveCase(case(unit="water"), 0), waits, replace(waits, id="n2", case="c2"), group]))
    viewer, url = client_of(Role.VIEWER), "/api/v1/cases/c1/notices/steps"
    (now,) = viewer.get(url).json()["items"]
    assert (now["notice"]["id"], now["steps"][-1]["reason"]) == ("n1", "group_wait")
    later = viewer.get(url, params={"event": "clock.breached", "at": "2026-06-01T12:10:00+08:00"}).json()["items"]
    assert [one["notice"]["id"] for one in later] == ["n1", "would-be"]
    sent = {one["notice"]["id"]: one["steps"][-2] for one in later}
    assert {one["step"] for one in sent.values()} == {"deliver"}
    assert {one["facts"]["channels"] for one in sent.values()} == {"值班群"}
    assert viewer.get(url, params={"event": "webhook.test"}).json()["code"] == "bad_event"
    assert viewer.get("/api/v1/cases/none/notices/steps").status_code == 404
    assert storage.store.deliveries(None, None, 9) == []
    assert len(storage.store.waiting(9)) == 2


def test_a_silence_needs_a_reason_an_end_and_something_that_it_names(client_of: ClientOf, storage: SqliteStorage):
    leader = client_of(Role.LEADER)
    good: dict[str, object] = {"until": "2026-06-02T00:00:00Z", "why": "计划停水", "units": ["water"]}
    made = leader.post("/api/v1/silences", json=good).json()
    wrong = [{"why": " "}, {"units": []}, {"until": "2026-05-01T00:00:00Z"}, {"until": "2026-06-02T00:00:00"}, {"x": 1}]
    assert {leader.post("/api/v1/silences", json=good | one).status_code for one in wrong} == {422}
    ended = leader.delete(f"/api/v1/silences/{made['id']}").json()
    assert ended["until"] == "2026-06-01T04:00:00Z"
    assert leader.delete("/api/v1/silences/none").status_code == 404
    assert [r.action for r in storage.store.audit(f"silence:{made['id']}")] == ["silence.added", "silence.changed"]

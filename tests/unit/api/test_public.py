"""The public view: what was chosen and nothing more, cached, masked, and only text."""

from datetime import timedelta

from api.parts import Parts
from core.effects import Effects, SaveCase
from core.records import CaseState, Clock, Role
from tests.records import NOON, case
from tests.unit.api.conftest import ClientOf

HOSTILE = '<script>alert(1)</script>"&\u202e逆'
HOUR = timedelta(hours=1)


def answered(parts: Parts, id_: str = "c1", **more: object) -> None:
    clock = Clock(
        kind="answer", name="回应", started_at=NOON - 3 * HOUR, start_event="first_seen", limit="48h", counts="natural",
        source="test", due_at=NOON + 45 * HOUR, stopped_at=NOON - HOUR,
    )  # fmt: skip
    given: dict[str, object] = {
        "state": CaseState.ANSWERED, "answer": "已修复。", "answered_at": NOON - HOUR, "opened_at": NOON - 3 * HOUR,
        "clocks": (clock,), "owner": "王某", "unit": "housing",
    }  # fmt: skip
    parts.storage.commit(Effects(changes=[SaveCase(case(id_, **{**given, **more}), 0)]))


def test_nothing_is_public_until_somebody_chooses_it(parts: Parts, client_of: ClientOf) -> None:
    answered(parts)
    assert client_of(None).get("/api/v1/public").json() == {
        "office": "", "updated": None, "answers": [], "questions": [], "figures": None,
    }  # fmt: skip
    assert "没有公开的内容" in client_of(None).get("/public").text


def test_an_answer_is_published_with_its_dates_and_without_people(parts: Parts, client_of: ClientOf) -> None:
    answered(parts)
    leader = client_of(Role.LEADER)
    text = "管道已修复。联系人电话 13812345678。"
    made = leader.post("/api/v1/publications", json={"kind": "answer", "case": "c1", "title": "停水", "text": text})
    assert made.status_code == 201, made.text
    shown = client_of(None).get("/api/v1/public")
    (one,) = shown.json()["answers"]
    assert (one["title"], one["asked_on"], one["answered_on"]) == ("停水", "2026-06-01", "2026-06-01")
    assert "13812345678" not in shown.text
    assert "王某" not in shown.text
    assert "leader token" not in shown.text
    assert set(one) == {"title", "text", "unit", "asked_on", "answered_on"}


def test_figures_are_shown_only_when_the_office_says_so(parts: Parts, client_of: ClientOf) -> None:
    answered(parts)
    leader = client_of(Role.LEADER)
    leader.post("/api/v1/publications", json={"kind": "figures"})
    assert client_of(None).get("/api/v1/public").json()["figures"] == {
        "days": 30, "decided": 1, "kept": 1, "answer_hours": 2.0,
    }  # fmt: skip
    assert "100%" in client_of(None).get("/public", params={"lang": "en"}).text
    assert leader.delete("/api/v1/publications/figures").status_code == 200
    assert client_of(None).get("/api/v1/public").json()["figures"] is None


def test_what_is_withdrawn_is_gone_and_both_are_in_the_audit(parts: Parts, client_of: ClientOf) -> None:
    leader = client_of(Role.LEADER)
    id_ = leader.post("/api/v1/publications", json={"kind": "question", "title": "问", "text": "答"}).json()["id"]
    assert len(client_of(None).get("/api/v1/public").json()["questions"]) == 1
    assert leader.delete(f"/api/v1/publications/{id_}").status_code == 200
    assert client_of(None).get("/api/v1/public").json()["questions"] == []
    assert leader.delete(f"/api/v1/publications/{id_}").status_code == 404
    rows = [(row.action, row.jurisdiction) for row in parts.storage.store.audit(id_)]
    assert rows == [("publication.published", "990100"), ("publication.withdrawn", "990100")]


def test_an_answer_is_told_in_the_audit_of_its_case_where_that_is(parts: Parts, client_of: ClientOf) -> None:
    answered(parts, jurisdiction="330106")
    given = {"kind": "answer", "case": "c1", "title": "停水", "text": "已修复。"}
    client_of(Role.LEADER).post("/api/v1/publications", json=given)
    assert [row.jurisdiction for row in parts.storage.store.audit("c1")] == ["330106"]


def test_only_answered_cases_and_whole_publications_are_taken(parts: Parts, client_of: ClientOf) -> None:
    leader = client_of(Role.LEADER)
    answered(parts, answer=None)
    wrong = [
        ({"kind": "answer", "case": "c1", "title": "a", "text": "b"}, 422),
        ({"kind": "answer", "case": "no", "title": "a", "text": "b"}, 404),
        ({"kind": "question", "title": " ", "text": "b"}, 422),
        ({"kind": "question", "title": "a", "text": "x" * 4_001}, 422),
        ({"kind": "rumour", "title": "a", "text": "b"}, 422),
    ]
    assert [leader.post("/api/v1/publications", json=given).status_code for given, _ in wrong] == [n for _, n in wrong]
    assert client_of(Role.RESPONDER).post("/api/v1/publications", json={"kind": "figures"}).status_code == 403


def test_hostile_text_is_text_on_the_page_in_every_language(client_of: ClientOf) -> None:
    client_of(Role.LEADER).post("/api/v1/publications", json={"kind": "question", "title": HOSTILE, "text": HOSTILE})
    for lang in ("zh-Hans", "zh-Hant", "en"):
        answer = client_of(None).get("/public", params={"lang": lang, "large": True})
        assert "<script" not in answer.text
        assert "&lt;script&gt;" in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert client_of(None).get("/public", params={"lang": "<b>"}).status_code == 422


def test_the_view_is_cached_by_browsers_and_proxies(client_of: ClientOf) -> None:
    for path in ("/public", "/api/v1/public"):
        first = client_of(None).get(path)
        assert first.headers["cache-control"] == "public, max-age=60"
        again = client_of(None).get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_screen_in_a_hall_is_renewed_and_a_reader_keeps_his_place(client_of: ClientOf) -> None:
    assert "http-equiv" not in client_of(None).get("/public").text
    assert 'http-equiv="refresh"' in client_of(None).get("/public?large=true").text

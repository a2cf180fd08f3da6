"""Drafts and fact cards over HTTP."""

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from core.effects import Effects, SaveCase
from core.records import Citation, Draft, Evidence, Role, Sentence, Webhook
from core.storage.sqlite import SqliteStorage
from tests.office_files import workbook
from tests.records import NOON, case, post
from tests.unit.api.conftest import ClientOf

CITES = (Citation(kind="fact", id="f1"),)
DRAFT = Draft(
    id="d1",
    case="c1",
    at=NOON,
    status="proposed",
    sentences=(Sentence(part="known", text="影响320户。", cites=CITES),),
    evidence=(
        Evidence(kind="fact", id="f1", text="供水主管破裂，影响320户。", owner="housing", source="抢修单"),
        Evidence(kind="post", id="p1", text=""),
    ),
    ai_label="人工智能辅助生成",
    needed=2,
)
CARD = {"part": "known", "text": "影响320户。", "unit": "housing", "source": "抢修单", "terms": ["停水"]}


@pytest.fixture
def leader(client_of: ClientOf, storage: SqliteStorage) -> TestClient:
    hook = Webhook(id="w", url="https://receiver.example", secrets=(), created_at=NOON)
    storage.commit(Effects(posts=[post()], changes=[DRAFT, SaveCase(case(level=2), 0), hook]))
    return client_of(Role.LEADER)


def test_a_draft_is_shown_with_the_words_of_its_evidence_and_changed_over_the_version_that_was_seen(
    leader: TestClient, storage: SqliteStorage
):
    shown = leader.get("/api/v1/drafts/d1").json()
    assert "路灯坏了" in shown["draft"]["evidence"][1]["text"]
    assert shown["moves"] == ["edit", "approve", "reject"]
    given = {"sentences": [{"part": "known", "text": "影响9户，保证修好。", "cites": [{"kind": "fact", "id": "f1"}]}]}
    changed = leader.put("/api/v1/drafts/d1", json={**given, "version": 1, "why": "x"}).json()
    sentence = changed["draft"]["sentences"][0]
    assert sentence["unsupported"] == ["9户"]
    assert [hit["rule"] for hit in changed["tone"]] == ["promise"]
    assert leader.put("/api/v1/drafts/d1", json={**given, "version": 1}).status_code == 409
    stored = storage.store.draft("d1")
    assert stored is not None
    assert [e.text for e in stored.evidence if e.kind == "post"] == [""]
    refused = leader.post("/api/v1/drafts/d1/approve", json={})
    assert (refused.status_code, refused.json()["code"]) == (422, "findings")
    assert [r.action for r in storage.store.audit("c1")] == ["draft.edited"]


def test_two_leaders_approve_a_grave_draft_and_machines_are_told_once_it_is(
    leader: TestClient, client_of: ClientOf, storage: SqliteStorage
):
    assert leader.post("/api/v1/drafts/d1/approve", json={"version": 1}).json()["draft"]["status"] == "proposed"
    assert leader.post("/api/v1/drafts/d1/approve", json={}).json()["code"] == "approved_already"
    assert storage.store.deliveries("w", None, 9) == []
    other = client_of(Role.ADMIN)
    assert other.post("/api/v1/drafts/d1/approve", json={}).json()["draft"]["status"] == "approved"
    assert [d.event for d in storage.store.deliveries("w", None, 9)] == ["draft.approved"]
    paper = leader.get("/api/v1/drafts/d1/file?format=txt")
    assert "leader token" in paper.text
    assert "人工智能辅助生成" in paper.text
    for ending in ("docx", "pdf"):
        assert leader.get(f"/api/v1/drafts/d1/file?format={ending}").status_code == 200
    assert leader.get("/api/v1/drafts/d1/file?format=exe").status_code == 422
    rejected = leader.post("/api/v1/drafts/d1/reject", json={"why": "数字待核"}).json()
    assert rejected["draft"]["status"] == "rejected"
    assert leader.post("/api/v1/drafts/d1/approve", json={}).status_code == 409


@pytest.mark.parametrize("level", [1, 2])
def test_a_draft_of_a_case_that_became_grave_since_is_approved_by_two(
    client_of: ClientOf, storage: SqliteStorage, level: int
):
    mild = case(level=3)
    storage.commit(Effects(changes=[replace(DRAFT, needed=1), SaveCase(mild, 0)]))
    storage.commit(Effects(changes=[SaveCase(replace(mild, level=level, version=2), 1)]))
    leader, admin = client_of(Role.LEADER), client_of(Role.ADMIN)
    assert leader.get("/api/v1/drafts/d1").json()["draft"]["needed"] == 2
    assert leader.post("/api/v1/drafts/d1/approve", json={}).json()["draft"]["status"] == "proposed"
    assert admin.post("/api/v1/drafts/d1/approve", json={}).json()["draft"]["status"] == "approved"


def test_an_edit_asks_for_as_many_persons_as_the_case_does_by_then_and_a_milder_level_for_no_fewer(
    client_of: ClientOf, storage: SqliteStorage
):
    one, leader = case(level=3), client_of(Role.LEADER)
    storage.commit(Effects(changes=[replace(DRAFT, needed=1), SaveCase(one, 0)]))
    for version, level in ((1, 2), (2, 4)):
        storage.commit(Effects(changes=[SaveCase(replace(one, level=level, version=version + 1), version)]))
        text = f"影响320户，第{version}次。"
        given = {"sentences": [{"part": "known", "text": text, "cites": [{"kind": "fact", "id": "f1"}]}], "why": "x"}
        assert leader.put("/api/v1/drafts/d1", json=given).json()["draft"]["needed"] == 2
        stored = storage.store.draft("d1")
        assert stored is not None
        assert stored.needed == 2


def test_what_is_done_to_a_draft_stands_in_the_audit_of_its_case_where_that_is(leader: TestClient):
    leader.post("/api/v1/drafts/d1/approve", json={})
    shown = leader.get("/api/v1/audit?jurisdiction=990100").json()["items"]
    assert [(row["object"], row["action"]) for row in shown] == [("c1", "draft.seconded")]


def test_kinds_are_listed_and_an_unknown_one_is_refused(leader: TestClient):
    kinds = leader.get("/api/v1/drafts/kinds").json()
    assert {k["id"] for k in kinds["items"]} == {
        "reply", "statement", "questions", "brief", "special", "refutation", "disclosure",
    }  # fmt: skip
    assert leader.post("/api/v1/cases/c1/drafts", json={"kind": "brief"}).json()["kind"] == "brief"
    assert leader.post("/api/v1/cases/c1/drafts").json()["kind"] == "reply"
    assert leader.post("/api/v1/cases/c1/drafts", json={"kind": "poem"}).status_code == 422


def test_a_fact_is_kept_changed_and_withdrawn_and_its_state_is_told(leader: TestClient, storage: SqliteStorage):
    made = leader.post("/api/v1/facts", json={**CARD, "valid_until": "2026-06-03T00:00:00Z"}).json()
    url = f"/api/v1/facts/{made['id']}"
    (shown,) = leader.get("/api/v1/facts?unit=housing").json()["items"]
    assert (shown["state"], shown["origin"]) == ("expiring", "office")
    changed = leader.put(url, json={**CARD, "version": 1}).json()
    assert (changed["version"], changed["updated_by"]) == (2, "leader token")
    assert leader.put(url, json={**CARD, "version": 1}).status_code == 409
    assert leader.delete(url).json()["withdrawn"]
    assert [f["card"]["id"] for f in leader.get("/api/v1/facts?state=withdrawn").json()["items"]] == [made["id"]]
    wrong: list[dict[str, object]] = [
        {"part": "rumour"}, {"text": " "}, {"unit": "nowhere"}, {"source": ""}, {"terms": []},
        {"text": "电话13900001111"}, {"valid_from": "2026-06-03T00:00:00"}, {"x": 1},
    ]  # fmt: skip
    assert {leader.post("/api/v1/facts", json=CARD | one).status_code for one in wrong} == {422}
    actions = [r.action for r in storage.store.audit(f"factcard:{made['id']}")]
    assert actions == ["factcard.added", "factcard.changed", "factcard.disabled"]


def test_facts_come_from_a_workbook_row_by_row_and_the_same_file_again_changes_nothing(leader: TestClient):
    rows = (["内容", "单位", "来源", "关键词"], ["影响320户。", "housing", "抢修单", "停水"], ["", "x", "y", "z"])
    file = workbook(rows)
    first = leader.post("/api/v1/facts/import", content=file).json()
    assert (first["added"], first["refused"], first["rows"][1]["code"]) == (1, 1, "bad_text")
    again = leader.post("/api/v1/facts/import", content=file).json()
    assert (again["added"], again["unchanged"]) == (0, 1)
    assert leader.post("/api/v1/facts/import", content=b"noise").status_code == 422

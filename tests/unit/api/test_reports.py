"""Reports by HTTP."""

from core.effects import Effects
from core.records import Role
from core.storage.sqlite import SqliteStorage
from tests.records import post
from tests.unit.api.conftest import ClientOf

SPAN = {"since": "2026-05-31T04:00:00Z", "until": "2026-06-01T05:00:00Z"}


def test_a_report_is_made_listed_taken_away_in_both_formats_and_forgotten(
    client_of: ClientOf, storage: SqliteStorage
) -> None:
    storage.commit(Effects(posts=[post()]))
    leader = client_of(Role.LEADER)
    made = leader.post("/api/v1/reports", json={"kind": "daily", "jurisdiction": "990100", **SPAN})
    assert made.status_code == 201
    id_ = made.json()["id"]
    assert [card["id"] for card in leader.get("/api/v1/reports").json()["items"]] == [id_]
    assert "sections" not in leader.get("/api/v1/reports").json()["items"][0]
    assert leader.get(f"/api/v1/reports/{id_}").json() == made.json()

    word, pdf = (leader.get(f"/api/v1/reports/{id_}/{kind}") for kind in ("docx", "pdf"))
    assert word.content.startswith(b"PK")
    assert pdf.content.startswith(b"%PDF-")
    assert word.headers["content-disposition"] == 'attachment; filename="daily-20260601-1300-zh-Hans.docx"'

    assert leader.delete(f"/api/v1/reports/{id_}").status_code == 200
    assert leader.get(f"/api/v1/reports/{id_}/pdf").status_code == 404


def test_wrong_wishes_are_told_what_is_wrong(client_of: ClientOf) -> None:
    client = client_of(Role.RESPONDER)
    assert client.post("/api/v1/reports", json={"kind": "yearly"}).json()["code"] == "bad_kind"
    wrong = {"kind": "daily", "since": SPAN["until"], "until": SPAN["since"]}
    assert client.post("/api/v1/reports", json=wrong).json()["code"] == "bad_span"
    assert client.post("/api/v1/reports", json={"kind": "case", "case": "none"}).status_code == 404
    assert client.get("/api/v1/reports/all-x/odt").status_code == 404


def test_the_span_that_has_just_ended_is_taken_when_none_is_given(client_of: ClientOf) -> None:
    made = client_of(Role.RESPONDER).post("/api/v1/reports", json={"kind": "weekly", "lang": "en"}).json()
    assert (made["since"], made["until"]) == ("2026-05-25T04:00:00Z", "2026-06-01T04:00:00Z")
    assert made["title"] == "Weekly report: All jurisdictions"

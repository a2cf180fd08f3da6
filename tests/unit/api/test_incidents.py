"""An incident explained, and past incidents like it."""

from msgspec.structs import replace

from api.parts import Parts
from core.effects import Effects, SaveCase
from core.records import Assignment, Role, Term
from tests.records import NOON, case, incident, post
from tests.unit.api.conftest import ClientOf

TERMS = (Term(text="停水", weight=0.8),)


def test_an_incident_is_explained_from_its_posts(parts: Parts, client_of: ClientOf) -> None:
    texts = ["三号楼停水", "听说要停三天", "是真的吗", "物业电话没人接"]
    posts = [post(f"p{n}", text, minutes=n) for n, text in enumerate(texts)]
    assigned = [Assignment(post=one.id, incident="i1", known_at=NOON) for one in posts]
    first = replace(incident("i1"), examples=("p3",))
    parts.storage.commit(Effects(posts=posts, incidents=[first], assigned=assigned))
    told = client_of(Role.VIEWER).get("/api/v1/incidents/i1/explanation").json()
    assert told["looked_at"] == 4
    assert told["first"]["id"] == "p0"
    assert told["representatives"][0]["id"] == "p3"
    assert len(told["representatives"]) == 4
    assert [one["code"] for one in told["unverified"]] == ["doubted"]


def test_the_posts_of_an_incident_are_folded_and_tell_what_people_did_with_all_that_say_the_same(
    parts: Parts, client_of: ClientOf
) -> None:
    posts = [post("a", likes=2), post("b", minutes=1, group="a", shares=40), post("c", "别的事", minutes=2, comments=1)]
    assigned = [Assignment(post=id_, incident="i1", known_at=NOON) for id_ in ("a", "c")]
    parts.storage.commit(Effects(posts=posts, incidents=[incident("i1")], assigned=assigned))
    told = client_of(Role.VIEWER).get("/api/v1/incidents/i1").json()["posts"]
    assert [(one["post"]["id"], one["copies"], one["interactions"]) for one in told] == [("c", 1, 1), ("a", 2, 42)]


def test_past_incidents_come_with_their_cases(parts: Parts, client_of: ClientOf) -> None:
    now, past = (replace(incident(id_), terms=TERMS) for id_ in ("i1", "i2"))
    kept = SaveCase(case("c2", incident="i2"), 0)
    parts.storage.commit(Effects(incidents=[now, past], changes=[kept]))
    (found,) = client_of(Role.VIEWER).get("/api/v1/incidents/i1/similar").json()["items"]
    assert (found["incident"]["id"], found["case"]["id"], found["terms"]) == ("i2", "c2", ["停水"])


def test_what_is_not_there_cannot_be_explained(client_of: ClientOf) -> None:
    for part in ("explanation", "similar"):
        assert client_of(Role.VIEWER).get(f"/api/v1/incidents/none/{part}").status_code == 404

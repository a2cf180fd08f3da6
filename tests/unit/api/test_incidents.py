"""An incident explained, and past incidents like it."""

import dataclasses
from datetime import timedelta

from msgspec.structs import replace

from alerts.policy import default_policy
from alerts.rulebook import RuleBook
from api.parts import Parts
from core.effects import Effects, SaveCase
from core.records import Assignment, Role, Term
from tests.records import NOON, case, incident, labels, post
from tests.unit.api.conftest import ClientOf, client_over

TERMS = (Term(text="停水", weight=0.8),)
MOODS = {True: "neutral", False: "negative"}


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


def test_the_first_post_the_sources_and_the_feelings_are_those_of_all_posts(parts: Parts, client_of: ClientOf) -> None:
    posts = [
        post(f"p{n:03}", minutes=n, source="weibo" if n else "forum.example", labels=labels(MOODS[n < 60]))
        for n in range(150)
    ]
    assigned = [Assignment(post=one.id, incident="i1", known_at=NOON) for one in posts]
    parts.storage.commit(Effects(posts=posts, incidents=[incident("i1")], assigned=assigned))
    told = client_of(Role.VIEWER).get("/api/v1/incidents/i1/explanation").json()
    assert told["looked_at"] == 100
    assert told["first"]["id"] == "p000"
    assert [(one["source"], one["platform"], one["post"]) for one in told["path"]] == [
        ("forum.example", "forum", "p000"),
        ("weibo", "forum", "p001"),
    ]
    assert (told["negative_early"], told["negative_late"]) == (0.0, 1.0)


def test_what_would_end_an_incident_goes_by_the_level_of_its_case(parts: Parts) -> None:
    calm = {4: (0.1, 6.0), 1: (0.25, 12.0)}
    policy = default_policy()
    levels = [
        replace(row, quiet_share=calm[row.level][0], quiet_hours=calm[row.level][1])
        for row in policy.levels
        if row.level in calm
    ]
    book = RuleBook(replace(policy, levels=tuple(levels)), parts.storage.store)
    asked = client_over(dataclasses.replace(parts, book=book), Role.VIEWER)
    parts.storage.commit(Effects(incidents=[incident("i1", copies=90, series=(60, 30))]))
    told = asked.get("/api/v1/incidents/i1/explanation").json()["ending"]
    assert told == {"fewer_than": 10, "hours": 6.0, "recent": 90, "quiet": False}
    parts.storage.commit(Effects(changes=[SaveCase(case("c1", level=1), 0)]))
    told = asked.get("/api/v1/incidents/i1/explanation").json()["ending"]
    assert told == {"fewer_than": 30, "hours": 12.0, "recent": 90, "quiet": False}


def test_what_was_refuted_before_is_told_with_what_is_right_and_by_whom(parts: Parts, client_of: ClientOf) -> None:
    one = post("p1", "听说城东自来水有毒，不能喝")
    assigned = [Assignment(post="p1", incident="i1", known_at=NOON)]
    parts.storage.commit(Effects(posts=[one], incidents=[incident("i1")], assigned=assigned))
    leader = client_of(Role.LEADER)
    assert leader.get("/api/v1/incidents/i1/explanation").json()["unverified"] == []
    claim = {
        "id": "water",
        "name": {"zh-Hans": "自来水有毒"},
        "claims": ["城东自来水有毒不能喝"],
        "right": "水质检测合格。",
        "source": "区水务局情况通报",
        "date": "2026-03-02",
    }
    put = leader.put("/api/v1/rules/refuted/water", json={"item": claim, "why": "又有人说", "version": 0})
    assert put.status_code == 200, put.text
    (told,) = leader.get("/api/v1/incidents/i1/explanation").json()["unverified"]
    assert (told["code"], told["posts"], told["examples"]) == ("refuted_before", 1, ["p1"])
    assert told["refuted"] == {**claim, "alike": 0.5}


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


def test_a_past_incident_is_found_by_its_terms_behind_150_newer_ones(parts: Parts, client_of: ClientOf) -> None:
    begin = NOON - timedelta(days=90)
    past = replace(incident("past", first_at=begin, last_at=begin, raised_at=begin), terms=TERMS)
    other = replace(past, id="other", terms=(Term(text="噪音", weight=0.8),))
    between = [incident(f"n{n}", raised_at=NOON - timedelta(minutes=n)) for n in range(150)]
    now = replace(incident("i1"), terms=TERMS)
    old = [post("p1", "云湾花园停水了", minutes=-90 * 24 * 60), post("p2", "半夜噪音", minutes=-90 * 24 * 60)]
    assigned = [
        Assignment(post="p1", incident="past", known_at=begin),
        Assignment(post="p2", incident="other", known_at=begin),
    ]
    parts.storage.commit(Effects(posts=old, incidents=[past, other, *between, now], assigned=assigned))
    found = client_of(Role.VIEWER).get("/api/v1/incidents/i1/similar").json()["items"]
    assert [one["incident"]["id"] for one in found] == ["past"]


def test_what_is_not_there_cannot_be_explained(client_of: ClientOf) -> None:
    for part in ("explanation", "similar"):
        assert client_of(Role.VIEWER).get(f"/api/v1/incidents/none/{part}").status_code == 404

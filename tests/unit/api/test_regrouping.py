"""What people say of the grouping: checked, given to the detector in the order of the posts, told again and taken back."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from api.parts import Parts
from core.codec import decode
from core.effects import Consumed, Effects, SaveCase, message
from core.records import JURISDICTION_SAMPLE, Assignment, Regrouping, Role
from core.topics import REGROUPING, Topic
from nlp.detect import Detectors
from stream.stages import Detect
from tests.records import NOON, case, incident, post
from tests.unit.api.conftest import ClientOf
from tests.unit.nlp.detecting import REMARKS

EARLIER = NOON - timedelta(days=1)
SAID = "/api/v1/incidents/i1/regroupings"


@pytest.fixture(autouse=True)
def two_incidents(parts: Parts) -> None:
    parts.storage.commit(
        Effects(
            incidents=[
                incident("i1"),
                incident("i2", raised_at=EARLIER),
                replace(incident("i3"), jurisdiction="330000"),
            ],
            posts=[post("p1"), post("p2")],
            assigned=[Assignment(post="p1", incident="i1", known_at=NOON)],
        )
    )


def logged(parts: Parts) -> list[Regrouping]:
    messages = parts.storage.log.read(Topic.POSTS_ANALYSED, 0, 100)
    return [decode(one.value, Regrouping) for one in messages if one.id.startswith(REGROUPING)]


def test_a_word_of_a_person_is_in_the_log_and_the_audit(parts: Parts, client_of: ClientOf) -> None:
    answer = client_of(Role.RESPONDER).post(SAID, json={"kind": "together", "other": "i2", "why": "同一次爆管"})
    assert answer.status_code == 202
    (given,) = logged(parts)
    assert (given.incident, given.other, given.who) == ("i1", "i2", answer.json()["who"])
    assert (given.raised_at, given.other_raised_at) == (NOON, EARLIER)
    (row,) = parts.storage.store.audit("i1")
    assert (row.action, row.why, row.jurisdiction) == ("incident.together", "同一次爆管", JURISDICTION_SAMPLE)


def test_a_post_that_does_not_belong_is_given_with_those_that_it_repeats(parts: Parts, client_of: ClientOf) -> None:
    copy = replace(post("p3"), group="p0")
    parts.storage.commit(Effects(posts=[copy], assigned=[Assignment(post="p3", incident="i1", known_at=NOON)]))
    for id_ in ("p1", "p3"):
        client_of(Role.RESPONDER).post(SAID, json={"kind": "apart", "post": id_})
    assert [(one.post, one.group) for one in logged(parts)] == [("p1", "p1"), ("p3", "p0")]


def test_it_is_listed_with_what_became_of_it_and_taken_back_once(parts: Parts, client_of: ClientOf) -> None:
    client = client_of(Role.RESPONDER)
    id_ = client.post(SAID, json={"kind": "apart", "post": "p1"}).json()["id"]
    assert client.get(SAID).json()["items"][0]["regrouping"]["post"] == "p1"
    for _ in range(2):
        assert client.delete(f"{SAID}/{id_}").json()["undone"]
    assert [one.undone for one in logged(parts)] == [False, True]
    (told,) = client.get(SAID).json()["items"]
    assert told["regrouping"]["undone"]


def test_what_the_detector_could_not_do_is_told(parts: Parts, client_of: ClientOf) -> None:
    client = client_of(Role.RESPONDER)
    client.post(SAID, json={"kind": "nothing"})
    stage = Detect(Detectors(parts.storage.store))
    parts.storage.commit(stage(parts.storage.log.read(Topic.POSTS_ANALYSED, 0, 100), NOON))
    (told,) = client.get(SAID).json()["items"]
    assert told["refused"], "this detector has never seen i1"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "together"}, "no_other"),
        ({"kind": "together", "other": "i1"}, "no_other"),
        ({"kind": "together", "other": "i9"}, "no_other"),
        ({"kind": "together", "other": "i3"}, "other_jurisdiction"),
        ({"kind": "apart"}, "no_post"),
        ({"kind": "apart", "post": "p2"}, "no_post"),
        ({"kind": "held"}, "not_said"),
        ({"kind": "nothing", "why": "长" * 1001}, "why_too_long"),
    ],
)
def test_what_makes_no_sense_is_refused(parts: Parts, client_of: ClientOf, given: dict[str, str], code: str) -> None:
    answer = client_of(Role.RESPONDER).post(SAID, json=given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not logged(parts)


def test_nobody_says_anything_of_what_is_merged_or_not_there(parts: Parts, client_of: ClientOf) -> None:
    parts.storage.commit(Effects(incidents=[replace(incident("i1", version=9), merged_into="i2")]))
    client = client_of(Role.RESPONDER)
    assert client.post(SAID, json={"kind": "nothing"}).json()["code"] == "not_listed"
    assert client.post(SAID.replace("i1", "i8"), json={"kind": "nothing"}).status_code == 404
    assert client.delete(f"{SAID}/r1").status_code == 404


PAST, LATER = "云湾花园三号楼水泵房停水", "青石路口搅拌站夜里噪音扬尘"
LONG_AGO = -400 * 24 * 60.0
"""Minutes: whatever the pace, nobody has spoken of it for three half-lives."""


def observed(parts: Parts) -> None:
    """What the log holds and was not detected yet is; whoever detects has been killed before."""
    stage, topic = Detect(Detectors(parts.storage.store)), Topic.POSTS_ANALYSED
    done = parts.storage.log.progress("detect", topic).position
    batch = parts.storage.log.read(topic, done, 100)
    parts.storage.commit(stage(batch, NOON), Consumed("detect", topic, batch[-1].position, done))


def told(parts: Parts, text: str, start: float) -> str:
    """Eight posts of a matter; its incident."""
    posts = [post(f"{start}-{n}", f"{text}，{remark}", start + n) for n, remark in enumerate(REMARKS[:8])]
    sent = [message(Topic.POSTS_ANALYSED, one.jurisdiction, one.id, one) for one in posts]
    parts.storage.commit(Effects(posts=posts, messages=sent))
    observed(parts)
    found = parts.storage.index.post(posts[0].id)
    assert found is not None
    return str(found.incident)


def test_an_incident_is_the_same_as_one_that_is_over(parts: Parts, client_of: ClientOf) -> None:
    past, later = told(parts, PAST, LONG_AGO), told(parts, LATER, 0)
    parts.storage.commit(Effects(changes=[SaveCase(case("c1", incident=past, answer="已抢修完毕。"), 0)]))
    client, base = client_of(Role.RESPONDER), "/api/v1/incidents"
    id_ = client.post(f"{base}/{later}/regroupings", json={"kind": "together", "other": past}).json()["id"]
    observed(parts)
    assert client.get(f"{base}/{later}").json()["incident"]["continues"] == [past]
    said = client.get(f"{base}/{later}/regroupings").json()
    assert [(one["linked"], one["refused"]) for one in said["items"]] == [(True, False)]
    assert [(one["incident"], one["earlier"]) for one in said["links"]] == [(past, True)]
    back = client.get(f"{base}/{past}/regroupings").json()["links"]
    assert [(one["incident"], one["earlier"]) for one in back] == [(later, False)]
    alike = client.get(f"{base}/{later}/similar?limit=1").json()["items"]
    assert [(one["incident"]["id"], one["same"], one["case"]["answer"]) for one in alike] == [
        (past, True, "已抢修完毕。")
    ]
    assert client.get(f"{base}/{past}/similar").json()["items"][0]["incident"]["id"] == later

    client.delete(f"{base}/{later}/regroupings/{id_}")
    observed(parts)
    assert client.get(f"{base}/{later}").json()["incident"]["continues"] == []
    for one in (past, later):
        assert client.get(f"{base}/{one}/regroupings").json()["links"] == []
        assert not any(it["same"] for it in client.get(f"{base}/{one}/similar").json()["items"])


def test_a_link_follows_an_incident_that_went_up_in_another(parts: Parts, client_of: ClientOf) -> None:
    past, later = told(parts, PAST, LONG_AGO), told(parts, LATER, 0)
    third = told(parts, "晨光幼儿园门口校车乱停堵路", 20)
    client, base = client_of(Role.RESPONDER), "/api/v1/incidents"
    client.post(f"{base}/{later}/regroupings", json={"kind": "together", "other": past})
    client.post(f"{base}/{third}/regroupings", json={"kind": "together", "other": later})
    observed(parts)
    links = client.get(f"{base}/{past}/regroupings").json()["links"]
    assert [(one["incident"], one["earlier"]) for one in links] == [(third, False)]
    links = client.get(f"{base}/{third}/regroupings").json()["links"]
    assert [(one["incident"], one["earlier"]) for one in links] == [(past, True)]

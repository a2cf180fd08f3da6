"""The board's context: divisions, sources, and one answer for many screens."""

from datetime import timedelta

from msgspec.structs import replace

from api.context import divisions_of, make
from api.coverage import sources_heard
from api.kept import Kept
from api.parts import Parts
from core.effects import Effects, SaveCase, Visited
from core.ports import Count
from core.records import CaseState, Crawl, Ending, Place, Role, Source, VisitRecord
from tests.records import NOON, case, labels, post
from tests.unit.api.conftest import ClientOf

HOUR = timedelta(hours=1)


def source(id_: str, **more: object) -> tuple[Source, Crawl]:
    given: dict[str, object] = {
        "id": id_, "kind": "feed", "url": "https://e.org/", "name": f"name of {id_}", "jurisdiction": "990100",
        "created_at": NOON - timedelta(days=9),
    }  # fmt: skip
    return Source(**given), Crawl(source=id_, **{"last_ok_at": NOON, **more})  # type: ignore[arg-type]  # fields of both


def test_sources_that_are_not_heard_lead_and_say_why() -> None:
    shown = [Count(value="loud", posts=50), Count(value="low", posts=2)]
    usual = {"loud": 43, "low": 30, "gone": 20, "rare": 1}
    fed = [source("bad", failures=1), source("stuck", last_ok_at=NOON - HOUR), source("fresh")]
    views = sources_heard(NOON, shown, usual, [{c.value: c.posts for c in shown}, *[usual] * 4], fed, 0.5)
    assert {v.source: v.state for v in views} == {
        "bad": "failing", "stuck": "failing", "gone": "silent", "low": "quiet", "loud": "heard", "rare": "waiting",
        "fresh": "waiting",
    }  # fmt: skip
    assert [v.state for v in views[:4]] == ["failing", "failing", "silent", "quiet"]
    assert [v.usual for v in views if v.source == "low"] == [30]
    assert [v.name for v in views if v.source == "fresh"] == ["name of fresh"]
    rarity = {v.source: v.rarity for v in views}
    assert rarity["gone"] > rarity["rare"] > 0 == rarity["loud"] == rarity["fresh"]


def test_the_more_false_alarms_a_day_are_allowed_the_sooner_a_source_is_missed() -> None:
    weeks = [{}, *[{"gone": 6}] * 4]
    states = [sources_heard(NOON, [], {}, weeks, [], allowed)[0].state for allowed in (0.1, 5)]
    assert states == ["waiting", "silent"]


def test_the_map_shows_what_lies_directly_in_an_area() -> None:
    places = {
        "33": "浙江",
        "3301": "杭州",
        "330106": "西湖区",
        "330106001": "北山街道",
        "330106001001": "x",
        "3302": "宁波",
    }
    assert [code for code, _ in divisions_of(places, "33")] == ["3301", "3302"]
    assert [code for code, _ in divisions_of(places, "330106")] == ["330106001"]
    assert [code for code, _ in divisions_of(places, "330100")] == ["330106"]
    assert [code for code, _ in divisions_of(places, "330000")] == ["3301", "3302"]
    assert divisions_of(places, "110101") == []


def test_the_context_holds_figures_against_the_usual_and_names_every_division(
    parts: Parts, client_of: ClientOf
) -> None:
    parts.places.update({"990100": "云湾区", "990100001": "望潮街道", "990100002": "鹭洲街道"})
    school = Place(code="990100001101", name="云湾实验小学", text="小学")
    posts = [post(f"d{day}", minutes=-24 * 60 * day) for day in range(1, 9)]
    here = post("here", labels=labels(places=(school,)))
    cases = [
        SaveCase(case("new", opened_at=NOON - HOUR, level=3), 0),
        SaveCase(case("old", incident="i2", opened_at=NOON - 48 * HOUR, level=2, state=CaseState.CLOSED), 0),
    ]
    parts.storage.commit(Effects(posts=[*posts, here], changes=cases))
    answer = client_of(Role.VIEWER).get("/api/v1/board/context").json()
    assert len(answer["usual"]) == 24
    assert answer["usual"][-1] == {
        "at": "2026-06-01T04:00:00Z", "posts": 1.0, "low": 1, "high": 1, "days": 7, "week_ago": 1,
    }  # fmt: skip
    assert answer["week_ago"] == {"posts": 1, "negative": 1}
    assert answer["since_yesterday"] == {"opened": 1, "closed": 1, "level": 2, "open": 1}
    assert [(d["code"], d["posts"], d["week"]) for d in answer["divisions"]] == [
        ("990100001", 1, 1), ("990100002", 0, 0),
    ]  # fmt: skip
    assert [(s["source"], s["posts"], s["state"]) for s in answer["sources"]] == [("forum.example", 1, "heard")]


def test_a_source_that_is_no_louder_than_usual_is_heard_however_many_are_louder(
    parts: Parts, client_of: ClientOf
) -> None:
    """Sources of one loudness: the one that is the last of them this week was not the last in the weeks before."""
    now = {f"{n:02}": 2 for n in range(13)}
    before = {**now, "12": 3}
    posts = [
        post(f"{source}-{week}-{n}", minutes=-30 - week * 7 * 24 * 60, source=source)
        for week in range(5)
        for source, number in (before if week else now).items()
        for n in range(10 * number)
    ]
    parts.storage.commit(Effects(posts=posts))
    told = client_of(Role.VIEWER).get("/api/v1/board/context").json()["sources"]
    assert {s["source"]: (s["posts"], s["usual"]) for s in told}["12"] == (20, 30)
    assert {s["state"] for s in told} == {"heard"}


def test_the_usual_of_more_than_a_week_is_that_of_as_many_hours(parts: Parts, client_of: ClientOf) -> None:
    posts = [post(f"{day}-{n}", minutes=-30 - day * 24 * 60) for day in range(40) for n in range(2)]
    parts.storage.commit(Effects(posts=posts))
    told = client_of(Role.VIEWER).get("/api/v1/board/context", params={"hours": 336}).json()["sources"]
    assert [(s["posts"], s["usual"]) for s in told] == [(28, 28)]


def test_a_source_is_not_silent_in_hours_in_which_it_was_not_visited(parts: Parts) -> None:
    usual = [
        post(f"{week}-{n}", minutes=-week * 7 * 24 * 60 - 5 * n, source="s")
        for week in range(1, 5)
        for n in range(1, 24)
    ]
    feed, crawl = source("s", pace_s=10_800.0, last_ok_at=NOON - 2 * HOUR)
    parts.storage.commit(Effects(posts=usual, changes=[feed]))
    for at, state in ((NOON - 2 * HOUR, "waiting"), (NOON, "silent")):
        parts.storage.store.lease("w", at, 60, 1, ["s"])
        record = VisitRecord(source="s", at=at, ending=Ending.OK)
        parts.storage.commit(Effects(changes=[Visited(replace(crawl, last_ok_at=at), "w", at, record)]))
        (told,) = make(parts, "", None, 2).sources
        assert (told.state, told.usual) == (state, 23)


def test_screens_that_ask_alike_share_an_answer_until_it_is_old() -> None:
    made: list[int] = []

    def one() -> int:
        made.append(len(made))
        return made[-1]

    kept: Kept[int] = Kept(timedelta(seconds=45))
    assert [kept.get("a", NOON, one), kept.get("a", NOON + timedelta(seconds=44), one)] == [0, 0]
    assert kept.get("b", NOON, one) == 1
    assert kept.get("a", NOON + timedelta(seconds=45), one) == 2


def test_an_answer_that_failed_is_made_again() -> None:
    kept: Kept[int] = Kept(timedelta(seconds=45))

    def fail() -> int:
        raise OSError

    for _ in range(2):
        try:
            kept.get("a", NOON, fail)
        except OSError:
            continue
    assert kept.get("a", NOON, lambda: 7) == 7

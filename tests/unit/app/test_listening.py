"""Signals in the running product: what holds becomes an incident with a case, once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from alerts.fields import Search
from alerts.lifecycle import Command, Ground, effects_of, move
from alerts.policy import Policy, default_policy
from alerts.rulebook import RuleBook
from alerts.searching import posts_of
from alerts.signals import Signal
from app.listening import listen
from core.effects import Consumed, Effects, Visited, message
from core.ports import CaseQuery
from core.records import Case, CaseState, Crawl, Ending, Incident, Source, VisitRecord
from core.storage.sqlite import SqliteStorage, open_storage
from core.topics import Topic
from stream.stages import Decide
from tests.records import NOON, post

SILENT = Signal(
    id="silent",
    name={"zh-Hans": "来源静默"},
    level=4,
    source="s",
    kind="flatline",
    jurisdiction="990100",
    key="source",
    window="6h",
    reference="7d",
    min_posts=3,
)
OUTAGE = replace(SILENT, id="outage", name={"zh-Hans": "停水"}, kind="frequency", key=None, search="water", least=2)
POLICY = replace(default_policy(), signals=(SILENT, OUTAGE), searches=(Search(id="water", words="停水"),))
HOUR = timedelta(hours=1)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = open_storage(tmp_path / "data")
    opened.commit(Effects(posts=[post(f"p{n}", f"路灯坏了 {n}", minutes=-n) for n in range(3)]))
    yield opened
    opened.close()


def hear(storage: SqliteStorage, now: datetime, policy: Policy = POLICY) -> list[Case]:
    listen(storage, Decide(storage.store, storage.store, RuleBook(policy, storage.store), ""), now, 0.5)
    return storage.store.cases(CaseQuery()).items


def figures(one: Incident) -> tuple[int, int, int, float, float, dict[str, int]]:
    return one.posts, one.copies, one.authors, one.heat, one.speed, one.sources


def test_a_source_that_falls_silent_opens_one_case_with_its_reason(storage: SqliteStorage):
    assert hear(storage, NOON + 5 * HOUR) == []
    for hours in (7, 8, 9):
        (case,) = hear(storage, NOON + hours * HOUR)
    assert (case.title, case.rule, case.level, case.version) == ("来源静默：forum.example", "silent", 4, 1)
    assert case.reasons[0].code == "signal.flatline"
    incident = storage.index.incident(case.incident)
    assert incident is not None
    assert incident.last_at == NOON + 9 * HOUR
    assert [p.id for p in storage.index.posts_by_id(incident.examples)] == ["p0", "p1", "p2"]
    assert figures(incident) == (0, 0, 0, 0.0, 0.0, {}), "of the six hours in which nothing was said"


def test_a_saved_search_says_which_posts_a_signal_is_about(storage: SqliteStorage):
    storage.commit(Effects(posts=[post(f"w{n}", f"停水 {n}", minutes=n) for n in range(2)]))
    (case,) = hear(storage, NOON + HOUR)
    assert (case.rule, case.reasons[0].facts["posts"]) == ("outage", 2)


def test_the_incident_of_a_signal_counts_all_posts_of_its_window(storage: SqliteStorage):
    storage.commit(Effects(posts=[post(f"w{n}", f"停水 {n}", minutes=n / 10, source="w") for n in range(60)]))
    (case,) = hear(storage, NOON + HOUR)
    incident = storage.index.incident(case.incident)
    assert incident is not None
    assert figures(incident) == (60, 60, 60, 60.0, 10.0, {"w": 60})


@pytest.mark.parametrize("named", [{"concern": "gone"}, {"watch_list": "gone"}, {"search": "gone"}])
@pytest.mark.parametrize("asked", [{"kind": "any"}, {"kind": "cardinality", "least": 1}])
def test_a_signal_that_names_what_is_there_no_more_hears_nothing(
    storage: SqliteStorage, named: dict[str, str], asked: dict[str, object]
):
    signal = replace(OUTAGE, **{"search": Search(), **named, **asked})
    assert hear(storage, NOON + HOUR, replace(POLICY, signals=(signal,))) == []
    assert posts_of(signal, POLICY, storage.index, NOON - HOUR, NOON + HOUR) == []


def test_a_closed_case_is_opened_again_when_the_signal_still_holds_a_window_later(storage: SqliteStorage):
    (case,) = hear(storage, NOON + 7 * HOUR)
    gone = move(case, Command(move="dismiss", who="li", why="w"), Ground(POLICY), NOON + 8 * HOUR)
    storage.commit(effects_of(gone, 1, []))
    assert hear(storage, NOON + 13 * HOUR)[0].state is CaseState.CLOSED
    (again,) = hear(storage, NOON + 14 * HOUR)
    assert (again.state, again.owner, again.version) == (CaseState.HANDLING, "li", 3)


def test_a_source_that_is_missed_where_it_is_usually_heard_opens_a_case_with_the_figure(storage: SqliteStorage):
    missed = replace(SILENT, id="missed", kind="silence", window="4h", reference="14d")
    policy = replace(POLICY, signals=(missed,))
    told = [
        post(f"{source}{week}-{n}", f"路灯又坏了 {source}{week}-{n}", minutes=-week * 7 * 24 * 60 - n, source=source)
        for source, weeks in (("gone.example", (1, 2)), ("here.example", (0, 1, 2)))
        for week in weeks
        for n in range(1, 11)
    ]
    storage.commit(Effects(posts=told))
    (case,) = hear(storage, NOON, policy)
    assert (case.title, case.rule) == ("来源静默：gone.example", "missed")
    assert case.reasons[0].code == "signal.silence"
    assert case.reasons[0].facts | {"score": 0} == {
        "signal": "missed", "key": "gone.example", "posts": 0, "usual": 10.0, "hours": 4, "weeks": 2, "score": 0,
    }  # fmt: skip
    assert len(hear(storage, NOON + timedelta(minutes=59), policy)) == 1, "of the same hours"
    incident = storage.index.incident(case.incident)
    assert incident is not None
    assert figures(incident) == (0, 0, 0, 0.0, 0.0, {}), "of the hours in which it was missed"
    assert len(incident.examples) == 20


def test_a_source_is_not_missed_before_it_was_visited_and_what_it_brought_was_understood(storage: SqliteStorage):
    """Looked at just after noon, before and after its visit."""
    missed = replace(SILENT, id="missed", kind="silence", window="4h", reference="14d")
    policy = replace(POLICY, signals=(missed,))
    feed = Source(id="a", kind="feed", url="https://a.example/", name="a", jurisdiction="990100", created_at=NOON)
    weeks = [post(f"{w}-{n}", f"路灯 {w}-{n}", -w * 7 * 24 * 60 - n, source="a") for w in (1, 2) for n in range(1, 21)]
    storage.commit(Effects(posts=weeks, changes=[feed]))
    visit(storage, "a", NOON - 5 * HOUR)
    assert hear(storage, NOON, policy) == [], "not visited yet"
    visit(storage, "a", NOON)
    raw = [message(Topic.POSTS_RAW, "990100", f"raw{n}", post(f"raw{n}")) for n in range(20)]
    storage.log.append(raw)
    assert hear(storage, NOON, policy) == [], "not understood yet"
    storage.commit(Effects(), Consumed("understand", Topic.POSTS_RAW, storage.log.end(Topic.POSTS_RAW)))
    assert len(hear(storage, NOON, policy)) == 1


def visit(storage: SqliteStorage, source: str, at: datetime) -> None:
    """A visit that went well and brought nothing."""
    storage.store.lease("w", at, 60, 1, [source])
    crawl = Crawl(source=source, last_ok_at=at, next_at=at)
    storage.commit(Effects(changes=[Visited(crawl, "w", at, VisitRecord(source=source, at=at, ending=Ending.OK))]))

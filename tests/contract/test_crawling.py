"""What every Store promises to crawlers that share sources."""

import threading
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from core.effects import (
    AskCrawl,
    Change,
    Effects,
    RemoveJurisdiction,
    RemoveSource,
    RestHost,
    SaveCookie,
    Visited,
)
from core.errors import Conflict
from core.leases import Leased
from core.ports import Storage
from core.records import Crawl, Ending, Health, Rank, Revisit, Sample, Source, VisitRecord
from tests.records import NOON

MINUTE = timedelta(minutes=1)


def source(id_: str, host: str = "a.example", **more: object) -> Source:
    given: dict[str, object] = {"kind": "feed", "url": f"https://{host}/{id_}", "name": id_, "jurisdiction": "990100"}
    return Source(id=id_, created_at=NOON, **{**given, **more})  # type: ignore[arg-type]  # fields of Source


def save(storage: Storage, *changes: Change) -> None:
    storage.commit(Effects(changes=list(changes)))


def lease(storage: Storage, holder: str, now: datetime = NOON, limit: int = 10) -> list[str]:
    return [leased.source.id for leased in storage.store.lease(holder, now, 60, limit)]


def ended(id_: str, holder: str, at: datetime = NOON, next_in: timedelta = 10 * MINUTE, **more: object) -> Visited:
    crawl = Crawl(source=id_, next_at=at + next_in, last_at=at, health=Health.OK, state={"etag": '"1"'})
    visit = VisitRecord(source=id_, at=at, ending=Ending.OK, items=2, new=1)
    return Visited(crawl, holder, at + timedelta(seconds=2), visit, **more)  # type: ignore[arg-type]  # the caller's


def test_a_new_source_is_due_at_once_and_nothing_is_known_of_it(storage: Storage) -> None:
    save(storage, source("s"))
    assert storage.store.crawl("s") == Crawl(source="s")
    (leased,) = storage.store.lease("w1", NOON, 60, 10)
    assert leased == Leased(source=source("s"), crawl=Crawl(source="s"))


def test_a_leased_source_is_nobody_elses_until_the_lease_ends(storage: Storage) -> None:
    save(storage, source("s"))
    assert lease(storage, "w1") == ["s"]
    assert lease(storage, "w2", NOON + timedelta(seconds=59)) == []
    assert lease(storage, "w2", NOON + timedelta(seconds=61)) == ["s"]


def test_a_lease_that_is_renewed_goes_on_and_one_that_is_released_ends(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    storage.store.renew("w1", ["s"], NOON + timedelta(seconds=50), 60)
    assert lease(storage, "w2", NOON + timedelta(seconds=100)) == []
    storage.store.release("w2", ["s"])
    assert lease(storage, "w2", NOON + timedelta(seconds=100)) == []
    storage.store.release("w1", ["s"])
    assert lease(storage, "w2", NOON + timedelta(seconds=100)) == ["s"]


def test_a_renewal_that_comes_after_the_visit_was_saved_keeps_nobody_from_its_host(storage: Storage) -> None:
    save(storage, source("a1"), source("a2"))
    assert lease(storage, "w1", limit=1) == ["a1"]
    save(storage, ended("a1", "w1"))
    storage.store.renew("w1", ["a1"], NOON + timedelta(seconds=1), 60)
    assert lease(storage, "w1", NOON + timedelta(seconds=2)) == ["a2"]


def test_the_sources_of_a_host_are_visited_by_one_process_at_a_time(storage: Storage) -> None:
    save(storage, source("a1"), source("a2"), source("b1", "b.example"))
    assert lease(storage, "w1", limit=1) == ["a1"]
    assert lease(storage, "w2") == ["b1"]
    save(storage, ended("a1", "w1"))
    assert lease(storage, "w2", NOON + timedelta(seconds=1)) == [], "the host has its pause after a visit"
    assert lease(storage, "w2", NOON + timedelta(seconds=2)) == ["a2"]


def test_two_processes_never_lease_the_same_source(storage: Storage) -> None:
    save(storage, *(source(f"s{n:02}", f"h{n}.example") for n in range(40)))
    taken: dict[str, list[str]] = {"w1": [], "w2": [], "w3": []}

    def work(holder: str) -> None:
        while got := lease(storage, holder, limit=3):
            taken[holder] += got

    threads = [threading.Thread(target=work, args=(holder,)) for holder in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [id_ for ids in taken.values() for id_ in ids]
    assert sorted(everything) == [f"s{n:02}" for n in range(40)]


def test_a_visit_is_kept_with_its_state_history_sample_and_revisits(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    later = Revisit(source="s", key="k", due_at=NOON + 60 * MINUTE, found_at=NOON, data={"n": "1"})
    sample = Sample(source="s", at=NOON, url="https://a.example/s", status=200, content_type="text/xml", text="<rss>")
    save(storage, ended("s", "w1", revisits=(later,), sample=sample))
    crawl = storage.store.crawl("s")
    assert crawl is not None
    assert (crawl.state, crawl.health, crawl.next_at) == ({"etag": '"1"'}, Health.OK, NOON + 10 * MINUTE)
    assert [v.new for v in storage.store.visits("s", 10)] == [1]
    assert storage.store.sample("s") == sample
    assert storage.store.revisits("s") == [later]
    assert storage.store.lease("w1", NOON + 10 * MINUTE, 60, 1)[0].revisits == []
    storage.store.release("w1", ["s"])
    assert storage.store.lease("w1", NOON + 60 * MINUTE, 60, 1)[0].revisits == [later]
    save(storage, ended("s", "w1", NOON + 60 * MINUTE, done=("k",)))
    assert storage.store.revisits("s") == []
    assert len(storage.store.visits("s", 10)) == 2


def test_visits_of_several_sources_are_kept_together_or_not_at_all(storage: Storage) -> None:
    save(storage, source("s", "s.example"), source("t", "t.example"))
    assert lease(storage, "w1") == ["s", "t"]
    later = Revisit(source="t", key="k", due_at=NOON + 2 * MINUTE, found_at=NOON)
    with pytest.raises(Conflict):
        save(storage, ended("s", "w1"), ended("t", "w2"))
    assert (storage.store.crawl("s"), storage.store.visits("s", 10)) == (Crawl(source="s"), [])
    save(storage, ended("s", "w1"), ended("t", "w1", revisits=(later,), revisit_from=NOON + MINUTE))
    due = [crawl.next_at for crawl in storage.store.crawls()]
    assert due == [NOON + 10 * MINUTE, NOON + 2 * MINUTE], "the one that has something to look at is due for that"
    assert [len(storage.store.visits(id_, 10)) for id_ in ("s", "t")] == [1, 1]


def test_a_visit_of_somebody_who_lost_the_lease_changes_nothing(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    lease(storage, "w2", NOON + 2 * MINUTE)
    with pytest.raises(Conflict):
        save(storage, ended("s", "w1"))
    assert storage.store.crawl("s") == Crawl(source="s")
    assert storage.store.visits("s", 10) == []
    save(storage, ended("s", "w2"))
    assert len(storage.store.visits("s", 10)) == 1


def test_a_paused_source_is_not_visited_and_keeps_what_is_known_of_it(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    save(storage, ended("s", "w1"), replace(source("s"), enabled=False))
    assert lease(storage, "w1", NOON + 60 * MINUTE) == []
    save(storage, source("s", name="又来"))
    (leased,) = storage.store.lease("w1", NOON + 60 * MINUTE, 60, 1)
    assert (leased.crawl.state, leased.source.name) == ({"etag": '"1"'}, "又来")


def test_a_host_that_asks_for_a_pause_gets_it_from_all_its_sources(storage: Storage) -> None:
    save(storage, source("a1"), source("a2"), source("b1", "b.example"))
    save(storage, RestHost("a.example", NOON + 10 * MINUTE))
    assert lease(storage, "w1", NOON + 9 * MINUTE) == ["b1"]
    storage.store.release("w1", ["b1"])
    assert set(lease(storage, "w1", NOON + 10 * MINUTE)) == {"a1", "a2", "b1"}


def test_a_person_may_ask_for_a_visit_now_for_a_back_fill_and_for_a_new_beginning(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    save(storage, ended("s", "w1"))
    save(storage, AskCrawl("s", backfill_since=NOON - timedelta(days=9)))
    (leased,) = storage.store.lease("w1", NOON + MINUTE, 60, 1)
    assert leased.crawl.backfill_since == NOON - timedelta(days=9)
    assert leased.crawl.state == {"etag": '"1"'}
    save(storage, AskCrawl("s", forget=True), AskCrawl("nobody"))
    assert storage.store.crawl("s") == Crawl(source="s")


def test_a_login_is_kept_sealed_and_taken_back(storage: Storage) -> None:
    save(storage, source("s"), SaveCookie("s", b"\x00sealed"))
    assert storage.store.cookie("s") == b"\x00sealed"
    assert storage.store.with_cookies() == {"s"}
    assert storage.store.lease("w1", NOON, 60, 1)[0].cookie == b"\x00sealed"
    save(storage, SaveCookie("s", None))
    assert storage.store.cookie("s") is None


def test_revisits_are_bounded_and_the_last_ones_go(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    many = [Revisit(source="s", key=f"{n:04}", due_at=NOON + n * MINUTE, found_at=NOON) for n in range(600)]
    save(storage, ended("s", "w1", revisits=tuple(many)))
    kept = storage.store.revisits("s")
    assert (len(kept), kept[0].key, kept[-1].key) == (500, "0000", "0499")


def test_ranks_are_a_series_by_time(storage: Storage) -> None:
    save(storage, source("s"))
    lease(storage, "w1")
    ranks = tuple(Rank(source="s", topic="t", at=NOON + n * MINUTE, rank=9 - n, title="暴雨", heat=n) for n in range(3))
    save(storage, ended("s", "w1", ranks=ranks))
    assert storage.store.ranks(NOON + MINUTE, ["s", "x"]) == list(ranks[1:])


@pytest.mark.parametrize("removal", [RemoveSource("s"), RemoveJurisdiction("990100")])
def test_a_removed_source_leaves_nothing(storage: Storage, removal: Change) -> None:
    save(storage, source("s"), source("other", "b.example", jurisdiction="330106"), SaveCookie("s", b"x"))
    lease(storage, "w1")
    save(storage, ended("s", "w1"))
    save(storage, removal)
    assert [s.id for s in storage.store.sources()] == ["other"]
    assert [c.source for c in storage.store.crawls()] == ["other"]
    assert storage.store.visits("s", 10) == []
    assert storage.store.cookie("s") is None

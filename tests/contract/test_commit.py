"""What every Storage promises of a commit: all or nothing, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.audit import walked
from core.effects import Consumed, Effects, RemoveJurisdiction, SaveCase, StateRow, message
from core.errors import Conflict, Overtaken
from core.ports import PostQuery, Storage
from core.records import AuditRow, Rejected
from core.topics import Topic
from tests.records import NOON, case, delivery, incident, post

OFFSET = Consumed("understand", Topic.POSTS_RAW, 3)
EARLIER = NOON - timedelta(days=1)
AUDIT = AuditRow(id="a1", object="c1", at=NOON, who="system", action="opened", jurisdiction="990100")


def everything() -> Effects:
    refused = Rejected(id="r1", at=NOON, origin="test", code="empty", reason="no text", jurisdiction="990100")
    return Effects(
        messages=[message(Topic.REJECTED, "990100", "r1", refused)],
        posts=[post()],
        incidents=[incident()],
        changes=[StateRow("detect", "990100", "k", b"v"), SaveCase(case(), 0), AUDIT, delivery()],
    )


def visible(storage: Storage) -> list[bool]:
    return [
        bool(storage.log.read(Topic.REJECTED, 0, 1)),
        storage.index.post("p1") is not None,
        storage.index.incident("i1") is not None,
        bool(storage.store.state("detect", "990100")),
        storage.store.case("c1") is not None,
        bool(storage.store.audit("c1")),
        bool(storage.store.deliveries(None, None, 10)),
        storage.log.progress("understand", Topic.POSTS_RAW).position == 3,
    ]


def test_a_commit_makes_everything_visible_together_with_its_offset(storage: Storage) -> None:
    storage.commit(everything(), OFFSET)
    assert all(visible(storage))


def test_a_commit_that_conflicts_leaves_nothing_behind(storage: Storage) -> None:
    effects = everything() + Effects(changes=[SaveCase(case("c2"), expected=4)])
    with pytest.raises(Conflict):
        storage.commit(effects, OFFSET)
    assert not any(visible(storage))


def test_a_batch_committed_before_is_skipped_whole(storage: Storage) -> None:
    storage.commit(Effects(), OFFSET)
    storage.commit(everything(), OFFSET)
    assert visible(storage) == [False] * 7 + [True]


def test_a_case_is_saved_only_over_the_version_that_was_read(storage: Storage) -> None:
    storage.commit(Effects(changes=[SaveCase(case(), 0)]))
    storage.commit(Effects(changes=[SaveCase(case(version=2, level=1), 1)]))
    with pytest.raises(Conflict):
        storage.commit(Effects(changes=[SaveCase(case(version=2, level=4), 1)]))
    with pytest.raises(Conflict):
        storage.commit(Effects(changes=[SaveCase(case(), 0)]))
    stored = storage.store.case("c1")
    assert stored is not None
    assert stored.level == 1


def test_audit_rows_of_many_writers_at_once_make_chains_that_hold(storage: Storage) -> None:
    def write(n: int) -> None:
        rows = [
            AuditRow(id=f"{n}.{m}", object="o", at=NOON, who="w", action="a", jurisdiction=f"99010{m}") for m in (0, 1)
        ]
        storage.commit(Effects(changes=[*rows[:: 1 if n % 2 else -1], SaveCase(case(f"c{n}"), 0)]))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(24)))
    assert [(one.chain, one.rows, one.why) for one in walked(storage.store)] == [("990100", 24, ""), ("990101", 24, "")]


def test_removing_a_jurisdiction_leaves_the_others_whole(storage: Storage) -> None:
    storage.commit(everything())
    storage.commit(Effects(posts=[post("p2", "积水很深", jurisdiction="330106")]))
    storage.commit(Effects(changes=[RemoveJurisdiction("990100")]))
    assert visible(storage)[1:6] == [False] * 5
    assert [f.post.id for f in storage.index.posts(PostQuery(words="积水")).items] == ["p2"]
    assert storage.index.posts(PostQuery(words="路灯")).items == []


def test_retention_deletes_old_posts_with_all_that_is_derived_from_them_and_keeps_cases(storage: Storage) -> None:
    storage.commit(everything())
    storage.commit(Effects(posts=[post("old", "积水很深", minutes=-600)], incidents=[incident("i9", last_at=EARLIER)]))
    storage.retain(log_after=EARLIER, posts_after=NOON - timedelta(minutes=1), now=NOON)
    assert [f.post.id for f in storage.index.posts(PostQuery()).items] == ["p1"]
    assert storage.index.posts(PostQuery(words="积水")).items == []
    assert storage.index.incident("i9") is None
    assert storage.index.incident("i1") is not None
    assert storage.store.case("c1") is not None
    assert storage.index.figures(NOON - timedelta(hours=20), NOON, None).posts == 0
    assert storage.retain(log_after=EARLIER, posts_after=NOON - timedelta(minutes=1), now=NOON) == 0


def test_a_worker_that_was_overtaken_writes_nothing(storage: Storage) -> None:
    storage.commit(Effects(), Consumed("understand", Topic.POSTS_RAW, 5))
    with pytest.raises(Overtaken):
        storage.commit(everything(), Consumed("understand", Topic.POSTS_RAW, 9, after=3))
    assert visible(storage)[:7] == [False] * 7
    storage.commit(everything(), Consumed("understand", Topic.POSTS_RAW, 9, after=5))
    assert visible(storage)[:7] == [True] * 7

"""What every Storage promises of a commit: all or nothing, once."""

import pytest

from core.effects import Consumed, Effects, RemoveJurisdiction, SaveCase, StateRow, message
from core.errors import Conflict
from core.ports import PostQuery, Storage
from core.records import AuditRow, Rejected
from core.topics import Topic
from tests.records import NOON, case, delivery, incident, post

OFFSET = Consumed("understand", Topic.POSTS_RAW, 3)
AUDIT = AuditRow(id="a1", object="c1", at=NOON, who="system", action="opened")


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
        storage.log.committed("understand", Topic.POSTS_RAW) == 3,
    ]


def test_a_commit_makes_everything_visible_together_with_its_offset(storage: Storage) -> None:
    storage.commit(everything(), [OFFSET])
    assert all(visible(storage))


def test_a_commit_that_conflicts_leaves_nothing_behind(storage: Storage) -> None:
    effects = everything() + Effects(changes=[SaveCase(case("c2"), expected=4)])
    with pytest.raises(Conflict):
        storage.commit(effects, [OFFSET])
    assert not any(visible(storage))


def test_a_batch_committed_before_is_skipped_whole(storage: Storage) -> None:
    storage.commit(Effects(), [OFFSET])
    storage.commit(everything(), [OFFSET])
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


def test_removing_a_jurisdiction_leaves_the_others_whole(storage: Storage) -> None:
    storage.commit(everything())
    storage.commit(Effects(posts=[post("p2", "积水很深", jurisdiction="330106")]))
    storage.commit(Effects(changes=[RemoveJurisdiction("990100")]))
    assert visible(storage)[:6] == [False] * 6
    assert [f.post.id for f in storage.index.posts(PostQuery(words="积水")).items] == ["p2"]
    assert storage.index.posts(PostQuery(words="路灯")).items == []

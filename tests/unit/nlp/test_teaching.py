"""Corrections as people give and withdraw them, over a real storage."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from core.clock import random_id
from core.effects import Effects, Seen
from core.errors import Conflict, NotFound, Refused, RetryLater
from core.ports import CorrectionQuery, PostQuery
from core.storage.sqlite import open_storage
from nlp import teaching
from nlp.duplicates import fingerprints
from nlp.teaching import Teacher
from tests.records import NOON, post
from tests.unit.nlp.test_corrections import LAMP, NEARLY, OTHER


class Clock:
    def __init__(self):
        self.at = NOON

    def __call__(self):
        return self.at

    def on(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def storage(tmp_path):
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def teacher(storage, clock):
    return Teacher(storage, clock, random_id)


def seen_of(one, digest="d"):
    (print_,) = fingerprints([one.search]).tolist()
    return Seen(one.id, one.jurisdiction, one.at, digest, print_, one.group, one.revision)


def fill(storage, *posts):
    storage.commit(Effects(posts=list(posts), changes=[seen_of(p) for p in posts]))


def sentiment(storage, id_):
    return storage.index.post(id_).post.labels.sentiment.label


def test_a_correction_changes_the_post_its_near_duplicates_and_the_figures_at_once(storage, teacher):
    fill(storage, post("a", LAMP), post("b", NEARLY, 1), post("c", OTHER, 2), post("d", LAMP, jurisdiction="330106"))
    taught = teacher.correct("a", {"sentiment": "neutral", "domain": "交通运输"}, "wang", "只是询问")
    assert taught.alike == 1
    assert taught.post == storage.index.post("a")
    assert {id_: sentiment(storage, id_) for id_ in "abcd"} == dict(
        zip("abcd", ["neutral", "neutral", "negative", "negative"], strict=True)
    )
    assert storage.index.post("b").post.labels.told["sentiment"].near
    figures = storage.index.figures(NOON - timedelta(hours=1), NOON + timedelta(hours=1), "990100")
    assert (figures.posts, figures.negative) == (3, 1)
    assert {c.value: c.posts for c in figures.domains} == {"交通运输": 2, "城乡建设": 1}
    assert [f.post.id for f in storage.index.posts(PostQuery(sentiment="neutral")).items] == ["b", "a"]


def test_who_and_when_are_in_the_history_and_in_the_audit(storage, teacher, clock):
    fill(storage, post("a", LAMP))
    clock.on(minutes=5)
    teacher.correct("a", {"sentiment": "neutral"}, "wang", "只是询问")
    (one,) = storage.store.corrections(CorrectionQuery(post="a")).items
    assert (one.who, one.at, one.given.label, one.label, one.model) == ("wang", clock(), "negative", "neutral", "test")
    (row,) = storage.store.audit("a")
    assert (row.who, row.action, row.why) == ("wang", "label.corrected", "只是询问")
    assert row.detail == {"head": "sentiment", "from": "negative", "to": "neutral", "correction": one.id}
    assert LAMP not in str(row)


def test_the_same_again_changes_nothing(storage, teacher):
    fill(storage, post("a", LAMP), post("b", LAMP, 1))
    first = teacher.correct("a", {"sentiment": "neutral"}, "wang")
    for id_ in "ab":
        again = teacher.correct(id_, {"sentiment": "neutral"}, "li")
        assert again.corrections == first.corrections
    assert len(storage.store.corrections(CorrectionQuery()).items) == 1
    assert len(storage.store.audit("a")) == 1
    assert storage.index.post("a").post.revision == 1


def test_the_last_one_wins_and_a_withdrawal_brings_back_what_was_before(storage, teacher, clock):
    fill(storage, post("a", LAMP), post("b", NEARLY, 1))
    teacher.correct("a", {"sentiment": "neutral"}, "wang")
    clock.on(minutes=1)
    second = teacher.correct("a", {"sentiment": "positive"}, "li")
    assert (sentiment(storage, "a"), sentiment(storage, "b")) == ("positive", "positive")
    (held,) = second.corrections
    for _ in range(2):
        clock.on(minutes=1)
        taught = teacher.withdraw(held.id, "wang")
        assert [c.who for c in taught.corrections] == ["wang"]
        assert (sentiment(storage, "a"), sentiment(storage, "b")) == ("neutral", "neutral")
    teacher.withdraw(taught.corrections[0].id, "wang")
    assert replace(storage.index.post("a").post, revision=0) == post("a", LAMP)
    assert replace(storage.index.post("b").post, revision=0) == post("b", NEARLY, 1)
    history = storage.store.corrections(CorrectionQuery(post="a")).items
    assert [(c.who, c.withdrawn_by) for c in history] == [("li", "wang"), ("wang", "wang")]
    assert [r.action for r in storage.store.audit("a")] == ["label.corrected"] * 2 + ["label.withdrawn"] * 2


def test_what_cannot_be_said_is_refused(storage, teacher):
    fill(storage, post("a", LAMP))
    for wanted in ({"sentiment": "angry"}, {"mood": "negative"}, {}):
        with pytest.raises(Refused):
            teacher.correct("a", wanted, "wang")
    with pytest.raises(Refused):
        teacher.correct("a", {"sentiment": "neutral"}, "wang", "长" * 1001)
    with pytest.raises(NotFound):
        teacher.correct("none", {"sentiment": "neutral"}, "wang")
    with pytest.raises(NotFound):
        teacher.withdraw("none", "wang")
    assert storage.store.corrections(CorrectionQuery()).items == []


def test_a_post_that_is_seen_again_meanwhile_keeps_its_new_counts(storage, teacher, monkeypatch):
    """A stage has committed a newer form between our look and our commit."""
    fill(storage, post("a", LAMP))
    commit, late = storage.commit, []

    def overtaken(effects, consumed=None):
        if not late:
            late.append(True)
            newer = post("a", LAMP, likes=9, revision=1)
            commit(Effects(posts=[newer], changes=[seen_of(newer)]))
        return commit(effects, consumed)

    monkeypatch.setattr(storage, "commit", overtaken)
    teacher.correct("a", {"sentiment": "neutral"}, "wang")
    stored = storage.index.post("a").post
    assert (stored.likes, stored.revision, stored.labels.sentiment.label) == (9, 2, "neutral")


def test_an_index_that_is_behind_is_waited_for(storage, teacher):
    fill(storage, post("a", LAMP))
    storage.commit(Effects(changes=[seen_of(post("a", LAMP, revision=1))]))
    with pytest.raises(RetryLater):
        teacher.correct("a", {"sentiment": "neutral"}, "wang")
    assert storage.store.corrections(CorrectionQuery()).items == []


def test_a_conflict_that_does_not_end_is_told(storage, teacher, monkeypatch):
    def conflict(*_):
        raise Conflict("always")

    fill(storage, post("a", LAMP))
    monkeypatch.setattr(storage, "commit", conflict)
    with pytest.raises(Conflict):
        teacher.correct("a", {"sentiment": "neutral"}, "wang")


def test_the_rest_follows_by_the_chore_but_nothing_older_than_a_month(storage, teacher, clock, monkeypatch):
    monkeypatch.setattr(teaching, "AT_ONCE", 3)
    monkeypatch.setattr(teaching, "PAGE", 4)
    monkeypatch.setattr(teaching, "CHUNK", 2)
    copies = [post(f"c{n}", LAMP, -n) for n in range(12)]
    old = post("old", LAMP, at=NOON - timedelta(days=31))
    fill(storage, *copies, *(post(f"x{n}", OTHER, -n) for n in range(12)), old)
    assert teacher.correct("c0", {"sentiment": "neutral"}, "wang").alike == 2
    assert not teacher.spread(), "stages may still be writing what they read before"
    clock.on(seconds=6)
    assert teacher.spread()
    assert not teacher.spread()
    assert {sentiment(storage, p.id) for p in copies} == {"neutral"}
    assert sentiment(storage, "x3") == sentiment(storage, "old") == "negative"
    (one,) = storage.store.corrections(CorrectionQuery()).items
    teacher.withdraw(one.id, "wang")
    clock.on(seconds=6)
    assert teacher.spread()
    assert {sentiment(storage, p.id) for p in copies} == {"negative"}


def test_the_chore_mends_what_a_stage_wrote_without_knowing(storage, teacher, clock):
    fill(storage, post("a", LAMP))
    teacher.correct("a", {"sentiment": "neutral"}, "wang")
    fill(storage, post("a", LAMP, likes=3, revision=2), post("b", NEARLY, 1))
    clock.on(seconds=6)
    teacher.spread()
    assert (sentiment(storage, "a"), sentiment(storage, "b")) == ("neutral", "neutral")


def test_the_chore_waits_for_an_index_that_is_behind_but_not_for_ever(storage, teacher, clock):
    fill(storage, post("a", LAMP), post("b", NEARLY, 1))
    teacher.correct("a", {"sentiment": "neutral"}, "wang")
    storage.commit(Effects(changes=[seen_of(post("b", NEARLY, 1, revision=5))]))
    clock.on(seconds=6)
    assert not teacher.spread()
    assert len(storage.store.unspread(clock(), 9)) == 1
    clock.on(hours=2)
    teacher.spread()
    assert storage.store.unspread(clock(), 9) == []

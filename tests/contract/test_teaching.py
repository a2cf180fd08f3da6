"""A correction on every engine set: post, near-duplicate, figures and search change together, and back."""

from datetime import timedelta

from core.clock import random_id
from core.effects import Effects, Seen
from core.ports import CorrectionQuery, PostQuery, Storage
from core.records import AnalysedPost
from nlp.duplicates import fingerprints
from nlp.teaching import Teacher
from tests.records import NOON, post

LAMP = "滨江路的路灯坏了一个星期，晚上很不安全，希望有关部门尽快派人{}修"
POSTS = [
    post("a", LAMP.format("来")),
    post("b", LAMP.format("去"), 1),
    post("c", "云湾花园从昨天起停水，物业说不知道什么时候来水", 2),
]


def remembered(one: AnalysedPost) -> Seen:
    (mark,) = fingerprints([one.search]).tolist()
    return Seen(one.id, one.jurisdiction, one.at, "d", mark, one.group, one.revision)


def sentiments(storage: Storage) -> dict[str, str]:
    storage.index.catch_up()
    found = storage.index.posts(PostQuery()).items
    return {f.post.id: f.post.labels.sentiment.label for f in found}


def test_a_correction_reaches_what_says_the_same_and_its_withdrawal_too(storage: Storage) -> None:
    at = NOON + timedelta(minutes=9)
    storage.commit(Effects(posts=POSTS, changes=[remembered(p) for p in POSTS]))
    teacher = Teacher(storage, lambda: at, random_id)

    taught = teacher.correct("a", {"sentiment": "neutral"}, "wang")
    assert taught.alike == 1
    assert sentiments(storage) == {"a": "neutral", "b": "neutral", "c": "negative"}
    assert storage.index.figures(NOON, NOON + timedelta(hours=1), None).negative == 1
    assert len(storage.index.posts(PostQuery(sentiment="neutral")).items) == 2
    again = teacher.correct("a", {"sentiment": "neutral"}, "li")
    assert again.corrections == taught.corrections

    late = post("d", LAMP.format("快来"), 3)
    storage.commit(Effects(posts=[late], changes=[remembered(late)]))
    at += timedelta(seconds=6)
    assert teacher.spread()
    assert sentiments(storage)["d"] == "neutral"

    teacher.withdraw(taught.corrections[0].id, "wang")
    assert sentiments(storage) == dict.fromkeys("abcd", "negative")
    (history,) = storage.store.corrections(CorrectionQuery()).items
    assert (history.who, history.withdrawn_by) == ("wang", "wang")
    assert [row.action for row in storage.store.audit("a")] == ["label.corrected", "label.withdrawn"]

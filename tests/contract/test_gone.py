"""A post that its source does not have any more, on every engine set."""

from datetime import timedelta

from core.effects import Effects
from core.ports import PostQuery, Storage
from nlp.gone import mark_gone
from tests.contract.test_teaching import POSTS, remembered
from tests.records import NOON, post

LATER = NOON + timedelta(hours=6)


def test_it_says_so_and_stays(storage: Storage) -> None:
    storage.commit(Effects(posts=POSTS, changes=[remembered(p) for p in POSTS]))
    storage.index.catch_up()
    assert mark_gone(storage, ["a", "nobody-knows-it"], LATER) == 1
    storage.index.catch_up()
    found = {f.post.id: f.post for f in storage.index.posts(PostQuery()).items}
    assert {id_: one.gone_at for id_, one in found.items()} == {"a": LATER, "b": None, "c": None}
    assert (found["a"].text, found["a"].revision) == (POSTS[0].text, 1)
    assert storage.store.seen(["a"])["a"].revision == 1
    assert mark_gone(storage, ["a"], LATER + timedelta(hours=1)) == 0, "since when stays"


def test_one_whose_index_is_behind_is_left_for_the_next_look(storage: Storage) -> None:
    storage.commit(Effects(posts=POSTS[:1], changes=[remembered(POSTS[0])]))
    storage.commit(Effects(changes=[remembered(post("a", POSTS[0].text, revision=1))]))
    storage.index.catch_up()
    assert mark_gone(storage, ["a"], LATER) == 0

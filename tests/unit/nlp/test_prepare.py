"""Prepare: every post once, changes as revisions, copies in the group of the first, however the batches are cut."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.effects import Seen
from core.records import Post, RawPost
from nlp.admission import digest
from nlp.prepare import Prepared, Windows, prepare

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NOTICE = "桃溪街道通知：因供水管道抢修，明日桃溪路沿线小区停水，请居民提前储水"


class Remembered:
    """A store that keeps what stages ask it to."""

    def __init__(self) -> None:
        self.rows: dict[str, Seen] = {}

    def seen(self, ids: Sequence[str]) -> dict[str, Seen]:
        return {id_: self.rows[id_] for id_ in ids if id_ in self.rows}

    def seen_since(self, jurisdiction: str, since: datetime, limit: int) -> list[Seen]:
        rows = [row for row in self.rows.values() if row.jurisdiction == jurisdiction and row.at >= since]
        return sorted(rows, key=lambda row: (row.at, row.id))[-limit:]

    def commit(self, prepared: Prepared) -> None:
        self.rows |= {row.id: row for row in prepared.seen}


def raw(id_: str, text: str = NOTICE, likes: int = 0, minute: int = 0, jurisdiction: str = "990100") -> RawPost:
    at = AT + timedelta(minutes=minute)
    return RawPost(
        id=id_, source="forum", platform="forum", at=at, seen_at=at, jurisdiction=jurisdiction, text=text, likes=likes
    )


def run(batches: Sequence[Sequence[RawPost]]) -> list[Post]:
    memory, windows, posts = Remembered(), Windows(size=64), []
    for batch in batches:
        prepared = prepare(batch, memory, windows)
        memory.commit(prepared)
        posts += [*prepared.posts, *prepared.revised]
    return sorted(posts, key=lambda post: (post.id, post.revision))


def test_a_post_gets_its_language_search_copy_and_group() -> None:
    post = prepare([replace(raw("a", "路燈壞了三天沒人修"), title="ＡＢ")], Remembered(), Windows()).posts[0]
    assert (post.lang, post.search, post.group, post.revision) == ("zh-Hant", "ab 路灯坏了三天没人修", "a", 0)
    assert post.text == "路燈壞了三天沒人修"
    assert not post.is_copy


def test_a_copy_joins_the_group_of_the_first_within_its_jurisdiction() -> None:
    batch = [raw("a"), raw("b", f"//@桃溪发布:{NOTICE}", minute=1), raw("c", jurisdiction="990200")]
    assert [(post.id, post.group) for post in run([batch])] == [("a", "a"), ("b", "a"), ("c", "c")]


def test_the_same_again_is_dropped_and_counted() -> None:
    memory, windows = Remembered(), Windows()
    memory.commit(prepare([raw("a")], memory, windows))
    again = prepare([raw("a"), raw("a")], memory, windows)
    assert (again.posts, again.revised, again.seen, again.repeated) == ([], [], [], 2)


def test_a_change_is_a_revision_that_keeps_its_group() -> None:
    memory, windows = Remembered(), Windows()
    memory.commit(prepare([raw("first"), raw("copy")], memory, windows))
    prepared = prepare([raw("copy", likes=9)], memory, windows)
    assert prepared.posts == []
    assert [(post.id, post.revision, post.group, post.likes) for post in prepared.revised] == [("copy", 1, "first", 9)]
    assert prepared.seen[0].digest == digest(raw("copy", likes=9))


def test_an_id_that_comes_twice_in_one_batch_is_one_post_and_its_revision() -> None:
    prepared = prepare([raw("a"), raw("a", likes=1), raw("a", likes=1)], Remembered(), Windows())
    assert [post.revision for post in prepared.posts] == [0]
    assert [post.revision for post in prepared.revised] == [1]
    assert prepared.repeated == 1


def test_after_a_failed_commit_the_same_batch_gives_the_same_answer() -> None:
    memory, windows = Remembered(), Windows()
    memory.commit(prepare([raw("old")], memory, windows))
    batch = [raw("new", "路灯坏了三天还没有人来修理，晚上走路很危险"), raw("copy", minute=2)]
    lost = prepare(batch, memory, windows)
    windows.forget()
    assert prepare(batch, memory, windows) == lost


def test_an_empty_batch_gives_nothing() -> None:
    assert prepare([], Remembered(), Windows()) == Prepared()


texts = st.sampled_from([NOTICE, NOTICE + "快看", "路灯坏了", "路灯坏了三天还没有人来修理，晚上走路很危险", "路燈壞了"])
stream = st.lists(st.builds(raw, st.sampled_from("abcdef"), texts, st.integers(0, 2)), max_size=12)


@given(stream, st.lists(st.integers(0, 12), max_size=3))
def test_the_answer_does_not_depend_on_how_batches_are_cut(posts: list[RawPost], cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(posts)]
    batches = [posts[start:end] for start, end in pairwise(bounds)]
    assert run(batches) == run([posts])

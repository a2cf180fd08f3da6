"""Prepare: every post once, changes as revisions, copies in the group of the first, however the batches are cut."""

import tracemalloc
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


def run(batches: Sequence[Sequence[RawPost]], most: int = 1000) -> list[Post]:
    memory, windows, posts = Remembered(), Windows(size=64, most=most), []
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


spread = st.lists(
    st.tuples(texts, st.integers(0, 2 * 60), st.sampled_from(["990100", "990200", "990300"])), max_size=30
)


@given(spread, st.lists(st.integers(0, 30), max_size=6), st.integers(0, 5))
def test_windows_that_are_closed_and_rebuilt_give_the_groups_of_those_that_stay(
    drawn: list[tuple[str, int, str]], cuts: list[int], most: int
) -> None:
    """Posts come in the order of their times, over less than the 72 hours of a window."""
    minute, posts = 0, []
    for number, (text, later, jurisdiction) in enumerate(drawn):
        minute += later
        posts.append(raw(f"p{number:02}", text, minute=minute, jurisdiction=jurisdiction))
    bounds = [0, *sorted(cuts), len(posts)]
    batches = [posts[start:end] for start, end in pairwise(bounds)]
    assert run(batches, most=most) == run(batches)


def test_a_rebuilt_window_counts_its_hours_from_the_copies_that_it_finds() -> None:
    """As after a restart: of the group it knows the copy of the second day, of which one that stayed open took no note."""
    posts = [raw("first"), raw("copy", minute=30 * 60), raw("late", minute=80 * 60)]
    batches = [[posts[0]], [posts[1]], [raw("elsewhere", minute=31 * 60, jurisdiction="990200")], [posts[2]]]
    assert {post.id: post.group for post in run(batches)}["late"] == "late"
    assert {post.id: post.group for post in run(batches, most=0)}["late"] == "first"


def test_windows_hold_no_more_than_is_allowed_and_the_one_in_use() -> None:
    memory, windows = Remembered(), Windows(most=20)
    for number in range(100):
        batch = [raw(f"p{number}-{n}", f"{n}号路灯坏了", jurisdiction=f"99{number:04}") for n in range(9)]
        memory.commit(prepare(batch, memory, windows))
        windows.close_unused()
        assert windows.held <= 20
    memory.commit(prepare([raw(f"p{n}", f"{n}号路灯坏了") for n in range(30)], memory, windows))
    windows.close_unused()
    assert windows.held == 30


def test_many_jurisdictions_of_few_posts_take_little_memory() -> None:
    windows, memory = Windows(), Remembered()
    prepare([raw("first")], memory, windows)
    tracemalloc.start()
    prepare([raw(f"p{n}", jurisdiction=f"99{n:04}") for n in range(200)], memory, windows)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 200 * 10_000

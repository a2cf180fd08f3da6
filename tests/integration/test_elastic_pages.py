"""Pages on a real Elasticsearch: one point in time from the second page on, given back at the end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.effects import Effects
from core.ports import FoundPost, PostPage, PostQuery
from core.storage.elastic.pages import Place
from tests.records import NOON, post
from tests.servers.distributed import Distributed

NUMBER = 12


@pytest.fixture
def made(addresses: list[str]) -> Iterator[Distributed]:
    """Posts of two months, from m00 to m11, newest last."""
    made = Distributed(*addresses, partitions=1)
    made.storage.commit(Effects(posts=[post(f"m{n:02d}", at=NOON + timedelta(days=5 * n)) for n in range(NUMBER)]))
    yield made
    made.close()


def page(made: Distributed, cursor: str | None = None, **query: object) -> PostPage:
    asked = PostQuery(limit=4, cursor=cursor, **query)  # type: ignore[arg-type]  # the caller names fields of PostQuery
    return made.storage.index.posts(asked)


def ids(found: list[FoundPost]) -> list[str]:
    return [f.post.id for f in found]


def contexts(made: Distributed) -> int:
    """Searches that the server keeps open; only ours run on it."""
    nodes = made.cluster.client.nodes.stats(metric="indices", index_metric="search")["nodes"]
    return sum(int(node["indices"]["search"]["open_contexts"]) for node in nodes.values())


def moment(cursor: str | None) -> str:
    place = Place.parse(cursor or "")
    assert place is not None
    return place.moment


def test_a_first_page_opens_nothing_and_the_last_gives_back_what_the_second_opened(made: Distributed) -> None:
    before = contexts(made)
    first = page(made)
    assert contexts(made) == before
    second = page(made, first.cursor)
    assert contexts(made) == before + 2  # one for each month
    third = page(made, second.cursor)
    assert third.cursor is None
    assert contexts(made) == before
    assert ids([*first.items, *second.items, *third.items]) == [f"m{n:02d}" for n in reversed(range(NUMBER))]


def test_posts_revised_or_deleted_meanwhile_neither_shift_nor_double_what_is_paged(made: Distributed) -> None:
    first = page(made, words="路灯")
    second = page(made, first.cursor, words="路灯")
    made.storage.commit(
        Effects(
            posts=[
                post("m03", "别的事", revision=1, at=NOON + timedelta(days=15)),
                post("m09", "路灯又坏了", revision=1, at=NOON + timedelta(days=45)),
                post("new", "路灯也坏了", at=NOON + timedelta(days=60)),
                post("old", "路灯也坏了", at=NOON + timedelta(days=1)),
            ]
        )
    )
    made.cluster.client.delete(index=made.cluster.month(NOON), id="m01", refresh=True)
    third = page(made, second.cursor, words="路灯")
    assert ids(third.items) == ["m03", "m02", "m01", "m00"]
    assert third.cursor is None


def test_a_point_in_time_that_has_expired_is_done_without(made: Distributed) -> None:
    first = page(made)
    second = page(made, first.cursor)
    made.cluster.close_moment(moment(second.cursor))
    third = page(made, second.cursor)
    assert ids(third.items) == ["m03", "m02", "m01", "m00"]


def test_a_month_deleted_meanwhile_is_missing_and_no_error(made: Distributed) -> None:
    second = page(made, page(made).cursor)
    made.cluster.client.indices.delete(index=made.cluster.month(NOON))
    assert ids(page(made, second.cursor).items) == []


def test_a_point_in_time_that_nobody_gave_is_as_one_that_has_expired(made: Distributed) -> None:
    cursor = page(made, page(made).cursor).cursor
    given = moment(cursor)
    for forged in (given[: len(given) // 2], given.swapcase(), "AAAA", "_" * 400):
        place = Place.parse(cursor or "")
        assert place is not None
        assert len(page(made, str(place._replace(moment=forged))).items) == 4


def test_a_cursor_whose_point_in_time_was_damaged_is_not_ours(made: Distributed) -> None:
    cursor = page(made, page(made).cursor).cursor or ""
    for damaged in (cursor[1:], "x" + cursor, "~" + cursor, cursor.replace("~", "~~"), cursor.partition(".")[0]):
        assert page(made, damaged) == PostPage(items=[])

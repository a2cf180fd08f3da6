"""Counts at the end of a move what has arrived: by ids, but for messages, which are counted."""

from collections.abc import Iterable, Iterator, Mapping

from app.distributed import Connected
from app.migration.counted import Counted
from core.storage.elastic.arrival import incidents_arrived, members_arrived, posts_arrived
from core.storage.postgres.arrival import arrived
from core.storage.sqlite.export import STORE, Export
from core.topics import Topic

Pages = Iterable[tuple[int, int]]
"""Of each page: how much the directory holds, and how much of that is there."""


def count(source: Export, target: Connected, first: Mapping[Topic, int]) -> Iterator[Counted]:
    """Every part; `first` says behind which position the messages of each topic were moved."""
    for table in STORE:
        pages = ((len(rows), arrived(target.database, table, rows)) for rows in source.rows(table))
        yield _sum(table.name, pages)
    target.cluster.refresh()
    yield _sum("posts", _posts(source, target))
    yield _sum("posts in incidents", _members(source, target))
    yield _sum("incidents", _incidents(source, target))
    log = target.storage.log
    for topic, after in first.items():
        there = sum(log.end(topic, part) for part in range(log.partitions))
        yield Counted(f"messages of {topic.value}", source.count_messages(topic, after), there)


def _posts(source: Export, target: Connected) -> Pages:
    for page in source.posts():
        yield len(page.posts), posts_arrived(target.cluster, [post.id for post in page.posts])


def _members(source: Export, target: Connected) -> Pages:
    for page in source.posts():
        yield len(page.assigned), members_arrived(target.cluster, [one.post for one in page.assigned])


def _incidents(source: Export, target: Connected) -> Pages:
    for page in source.incidents():
        yield len(page), incidents_arrived(target.cluster, [one.id for one in page])


def _sum(part: str, pages: Pages) -> Counted:
    here = there = 0
    for held, came in pages:
        here, there = here + held, there + came
    return Counted(part, here, there)

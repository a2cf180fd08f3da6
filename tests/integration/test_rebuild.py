"""The index was lost: what the log holds makes it again, on real servers, from real posts that went through the stages."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from app.compose import Workshop
from app.reindexing import from_log
from core.codec import encode
from core.effects import Consumed, Effects, Message, RemoveJurisdiction
from core.ports import IncidentQuery, PostQuery
from core.records import Assignment, RawPost
from core.storage.elastic import ElasticWriter
from core.storage.elastic.indices import metas
from core.storage.postgres import rebuild
from core.topics import Topic
from nlp.admission import Admission, admit
from stream.topology import topology
from tests import real
from tests.records import NOON, incident, post
from tests.servers.distributed import Distributed, drop_indices

POSTS = 3_000
BATCH = 400
PARTITIONS = 2
CODES = ("330106", "330108", "110101")


@pytest.fixture
def made(addresses: list[str]) -> Iterator[Distributed]:
    made = Distributed(*addresses, partitions=PARTITIONS)
    yield made
    made.close()


def admitted(number: int) -> list[RawPost]:
    """Real posts of three jurisdictions; every seventh is seen again, with other counts."""
    found = []
    for n, item in enumerate(real.posts(number)):
        rules = Admission(jurisdiction=CODES[n % 3], salt="s", now=datetime.now(UTC), origin="test", source="real")
        found.append(admit(item, rules))
    return [*found, *(msgspec.structs.replace(raw, likes=raw.likes + 9) for raw in found[::7])]


def push(made: Distributed, raws: Sequence[RawPost]) -> None:
    made.log.append(
        [Message(topic=Topic.POSTS_RAW, key=raw.jurisdiction, id=raw.id, value=encode(raw)) for raw in raws]
    )


def work(made: Distributed) -> None:
    """Run the first two steps on all that waits, as a worker does."""
    for step in topology(Workshop(made.settings, made.storage), ["understand", "detect"]):
        for part in range(PARTITIONS):
            done = made.log.progress(step.name, step.reads, part).position
            while batch := made.log.read(step.reads, done, BATCH, part):
                consumed = Consumed(step.name, step.reads, batch[-1].position, done, part)
                made.storage.commit(step.run(batch, datetime.now(UTC)), consumed)
                done = consumed.position


def answers(made: Distributed) -> list[object]:
    """What people see: every post with its incident and copies, searches, filters, incidents and figures."""
    index = made.storage.index
    until = datetime.now(UTC) + timedelta(hours=2)
    asked = [
        PostQuery(limit=2 * POSTS),
        PostQuery(words="的 OR 了", fold=True, limit=POSTS),
        PostQuery(sentiment="negative", jurisdiction=CODES[1], limit=POSTS),
    ]
    incidents = index.incidents(IncidentQuery(limit=500)).items
    asked += [PostQuery(incident=one.id, limit=POSTS) for one in incidents[:5]]
    figures = [index.figures(until - timedelta(days=4), until, code) for code in (None, *CODES)]
    return [*(index.posts(query).items for query in asked), incidents, *figures]


def test_a_lost_index_answers_as_before_after_a_rebuild_and_a_second_one_changes_nothing(made: Distributed) -> None:
    push(made, admitted(POSTS))
    work(made)
    before = answers(made)
    everything, incidents = before[0], made.storage.index.incidents(IncidentQuery(limit=500)).items
    assert isinstance(everything, list)
    assert len(everything) == POSTS
    assert sum(found.incident is not None for found in everything) > 100
    assert sum(found.post.revision for found in everything) > 100
    assert len(incidents) > 3
    drop_indices(made.cluster)
    said = from_log(made.settings)
    assert "could not be read" not in said
    assert answers(made) == before
    from_log(made.settings)
    assert answers(made) == before


def test_workers_may_go_on_while_the_index_is_rebuilt(made: Distributed) -> None:
    raws = admitted(POSTS // 3)
    push(made, raws[: POSTS // 6])
    work(made)
    drop_indices(made.cluster)
    from_log(made.settings)  # makes the indices, as any start does
    made.cluster.client.indices.delete(index=list(metas(made.cluster)))
    push(made, raws[POSTS // 6 :])
    with ThreadPoolExecutor(1) as other:
        rebuilding = other.submit(from_log, made.settings)
        work(made)
        rebuilding.result()
    then = answers(made)
    drop_indices(made.cluster)
    from_log(made.settings)
    assert answers(made) == then


def nothing(_: int) -> None:
    """Nobody looks at the progress."""


def test_what_was_removed_with_its_jurisdiction_does_not_come_back_but_what_came_after_does(made: Distributed) -> None:
    def arrive(id_: str, minutes: float = 0, jurisdiction: str = "990100") -> None:
        one = post(id_, minutes=minutes, jurisdiction=jurisdiction)
        message = Message(topic=Topic.POSTS_ANALYSED, key=one.jurisdiction, id=id_, value=encode(one))
        told = incident(f"of-{id_}", jurisdiction=one.jurisdiction)
        told_message = Message(topic=Topic.INCIDENTS, key=told.jurisdiction, id=told.id, value=encode(told))
        member = Assignment(post=id_, incident=told.id, known_at=NOON)
        made.storage.commit(Effects(messages=[message, told_message], posts=[one], incidents=[told], assigned=[member]))

    arrive("stays", jurisdiction="330106")
    arrive("again")
    arrive("goes")
    made.storage.commit(Effects(posts=[post("goes", "改了", revision=1)]))
    made.storage.commit(Effects(changes=[RemoveJurisdiction("990100")]))
    arrive("again", minutes=1)
    drop_indices(made.cluster)
    from_log(made.settings)
    found = made.storage.index.posts(PostQuery()).items
    assert {(f.post.id, f.incident) for f in found} == {("stays", "of-stays"), ("again", "of-again")}
    assert {i.id for i in made.storage.index.incidents(IncidentQuery()).items} == {"of-stays", "of-again"}


def test_a_message_that_cannot_be_read_is_counted_and_the_rest_written(made: Distributed) -> None:
    good = post("good")
    values = [encode(good), b"{", b'{"v":1}', b"\xff"]
    made.log.append(
        [Message(topic=Topic.POSTS_ANALYSED, key="990100", id=str(n), value=v) for n, v in enumerate(values)]
    )
    done = rebuild(made.log, ElasticWriter(made.cluster), nothing)
    assert (done.posts, done.unreadable) == (1, 3)
    assert made.storage.index.post("good") is not None


def test_a_commit_larger_than_a_record_of_kafka_is_told_in_several(made: Distributed) -> None:
    many = [post(f"p{n}", "路灯坏了" * 900, revision=1) for n in range(120)]
    made.storage.commit(Effects(posts=many))
    assert made.storage.waiting() == (0, 0)
    drop_indices(made.cluster)
    from_log(made.settings)
    assert {f.post.id for f in made.storage.index.posts(PostQuery(limit=200)).items} == {one.id for one in many}


def test_what_a_message_tells_already_is_not_told_twice(made: Distributed) -> None:
    one = post()
    message = Message(topic=Topic.POSTS_ANALYSED, key=one.jurisdiction, id=one.id, value=encode(one))
    made.storage.commit(Effects(messages=[message], posts=[one]))
    assert sum(made.log.end(Topic.INDEX_CHANGES, part) for part in range(PARTITIONS)) == 0

"""What a commit owes to the log and to the index: rows of its own transaction, numbered so that a repeat can be told.

Messages of one partition of a topic are numbered without gap in the order of their commits: the row of `heads` stays
locked until its transaction ends, so number 6 cannot be given out while 5 may still be rolled back. A relay sends from
the lowest number on; when it dies, or two of them meet, the same numbers are sent again, and readers skip what is not
above the last number they handled.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from core.effects import Effects, Message
from core.partitions import partition_of
from core.records import AnalysedPost, Assignment, Incident
from core.storage import tables as t
from core.topics import Topic

Lane = tuple[Topic, int]
"""A partition of a topic."""


class Letter(msgspec.Struct, array_like=True, frozen=True):
    """A message as it waits: without what its row says already."""

    id: str
    key: str
    value: bytes


class IndexWork(msgspec.Struct, array_like=True, frozen=True):
    """What the index is owed by one commit."""

    posts: list[AnalysedPost] = []
    incidents: list[Incident] = []
    assigned: list[Assignment] = []
    remove: list[str] = []


class Parcel(msgspec.Struct, frozen=True):
    """Messages of one lane with consecutive numbers from `first` on."""

    topic: Topic
    partition: int
    first: int
    letters: list[Letter]


_pack = msgspec.msgpack.Encoder().encode
_letters = msgspec.msgpack.Decoder(list[Letter]).decode
_index_work = msgspec.msgpack.Decoder(IndexWork).decode


def owe_messages(connection: Connection, messages: Sequence[Message], partitions: int) -> list[Parcel]:
    """Number the messages and write them down. Do it last in a transaction: it holds the lanes until the end."""
    lanes: dict[Lane, list[Letter]] = defaultdict(list)
    for m in messages:
        lanes[m.topic, partition_of(m.key, partitions)].append(Letter(m.id, m.key, m.value))
    # Always in this order: two transactions never wait for each other.
    return [owe_letters(connection, lane, lanes[lane]) for lane in sorted(lanes)]


def owe_letters(connection: Connection, lane: Lane, letters: list[Letter]) -> Parcel:
    """Number messages of one lane and write them down."""
    last = _advance(connection, lane, len(letters))
    parcel = Parcel(*lane, last - len(letters) + 1, letters)
    if letters:
        connection.execute(insert(t.outgoing), _row(parcel))
    return parcel


def given_out(connection: Connection, partition: int) -> dict[str, int]:
    """The last number of each topic's partition."""
    h = t.heads.c
    rows = connection.execute(select(h.topic, h.sequence).where(h.partition == partition))
    return {row.topic: row.sequence for row in rows}


def _advance(connection: Connection, lane: Lane, by: int) -> int:
    h = t.heads
    row = {"topic": lane[0].value, "partition": lane[1], "sequence": by}
    statement = insert(h).on_conflict_do_update(
        index_elements=["topic", "partition"], set_={"sequence": h.c.sequence + by}
    )
    return int(connection.execute(statement.returning(h.c.sequence), row).scalar_one())


def _row(parcel: Parcel) -> dict[str, object]:
    lane = {"topic": parcel.topic.value, "partition": parcel.partition}
    return {**lane, "first": parcel.first, "body": _pack(parcel.letters)}


def messages_owed(connection: Connection, lanes: Iterable[Lane] | None, limit: int) -> list[Parcel]:
    """The lowest parcels of these lanes (None: of all), in order."""
    o = t.outgoing.c
    query = select(o.topic, o.partition, o.first, o.body).order_by(o.topic, o.partition, o.first).limit(limit)
    if lanes is not None:
        query = query.where(tuple_(o.topic, o.partition).in_([(topic.value, part) for topic, part in lanes]))
    return [Parcel(Topic(row.topic), row.partition, row.first, _letters(row.body)) for row in connection.execute(query)]


def fronts(connection: Connection) -> tuple[dict[Lane, int], int | None]:
    """The lowest number owed to each lane of the log, and to the index."""
    o, u = t.outgoing.c, t.unindexed.c
    rows = connection.execute(select(o.topic, o.partition, func.min(o.first)).group_by(o.topic, o.partition))
    lanes = {(Topic(topic), partition): first for topic, partition, first in rows}
    return lanes, connection.execute(select(func.min(u.seq))).scalar_one()


def messages_sent(connection: Connection, parcels: Sequence[Parcel]) -> None:
    """Forget parcels that the log holds."""
    o = t.outgoing.c
    for p in parcels:
        where = (o.topic == p.topic.value, o.partition == p.partition, o.first == p.first)
        connection.execute(delete(t.outgoing).where(*where))


def owe_index(connection: Connection, effects: Effects, remove: list[str]) -> tuple[int, IndexWork] | None:
    """Write down what the index is owed; its number grows with every commit of a partition."""
    if not (effects.posts or effects.incidents or effects.assigned or remove):
        return None
    work = IndexWork(effects.posts, effects.incidents, effects.assigned, remove)
    statement = insert(t.unindexed).returning(t.unindexed.c.seq)
    return int(connection.execute(statement, {"body": _pack(work)}).scalar_one()), work


def index_owed(connection: Connection, limit: int) -> list[tuple[int, IndexWork]]:
    """The oldest pieces of work, in order."""
    u = t.unindexed.c
    rows = connection.execute(select(u.seq, u.body).order_by(u.seq).limit(limit))
    return [(row.seq, _index_work(row.body)) for row in rows]


def index_done(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget work that the index has."""
    connection.execute(delete(t.unindexed).where(t.unindexed.c.seq.in_(numbers)))


def oldest_known(connection: Connection, before: datetime) -> None:
    """Forget posts seen before then."""
    connection.execute(delete(t.seen).where(t.seen.c.at < t.millis(before)))

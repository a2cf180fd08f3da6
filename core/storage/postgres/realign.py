"""After a restore: the Store's positions and numbers and a log of another age, brought together again.

A Store that is older than the log gave out numbers that it will give out again: readers would take the new messages for
repeats. A log that is older than the Store, or a new one, ends before what was handled: readers would wait for ever. Neither
is ever mended in silence; workers refuse to start, and a person runs `realign` while none runs.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.effects import Message
from core.ports import Log, Progress
from core.storage import tables as t
from core.storage.postgres import owed
from core.storage.postgres.database import Database
from core.storage.postgres.owed import Lane, Letter, Parcel
from core.storage.store import progress
from core.topics import Topic

CHUNK = 500
AHEAD = 10**9
"""How far the numbers of work for the index jump: no office commits so often between a backup and its use."""


def lanes_ahead(database: Database, log: Log) -> list[Lane]:
    """Partitions whose log holds numbers that this Store has not given out."""
    read = [topic for topic in Topic if topic is not Topic.INDEX_CHANGES]  # nobody goes by its numbers
    last = {(topic, part): _last_number(log, topic, part) for topic in read for part in range(log.partitions)}
    with database.write() as connection:  # after the log: what is committed meanwhile is no surprise
        given = _heads(connection)
    return [lane for lane, number in last.items() if number > given.get(lane, 0)]


def realign(database: Database, log: Log, consumers: Mapping[str, Topic]) -> list[str]:
    """Mend all that differs; what was done, a sentence each. No worker may run meanwhile.

    What the log holds of a time that the Store does not know is passed over: the stages make it again, with the same ids.
    """
    said = []
    with database.write() as connection:
        heads = _heads(connection)
        for consumer, topic in consumers.items():
            for part in range(log.partitions):
                done = progress(connection, consumer, topic, part)
                said += _realign(connection, log, (topic, part), heads.get((topic, part), 0), consumer, done)
        sequence = func.pg_get_serial_sequence(t.unindexed.name, "seq")
        connection.execute(select(func.setval(sequence, func.nextval(sequence) + AHEAD)))
    return said


def _realign(connection: Connection, log: Log, lane: Lane, head: int, consumer: str, done: Progress) -> list[str]:
    topic, part = lane
    name, end = f"{topic.value}/{part}", log.end(topic, part)
    if end < done.position:
        _move(connection, consumer, lane, end)
        return [f"{name}: the log ends at {end}, {consumer} had handled {done.position}: it goes on from the end"]
    if _last_number(log, topic, part) <= head:
        return []
    again = sum(_owe_again(connection, lane, known) for known in _known(log, lane, done, head))
    _move(connection, consumer, lane, end)
    return [f"{name}: {consumer} passes over what the log holds of a later time; {again} messages are sent again"]


def _known(log: Log, lane: Lane, done: Progress, head: int) -> Iterator[list[Message]]:
    """What waits for a reader and was given out by this Store, without repeats."""
    position, last = done.position, done.sequence
    while batch := log.read(lane[0], position, CHUNK, lane[1]):
        position = batch[-1].position
        fresh = []
        for message in batch:
            if last < message.sequence <= head:
                last = message.sequence
                fresh.append(message)
        if fresh:
            yield fresh


def _owe_again(connection: Connection, lane: Lane, messages: list[Message]) -> int:
    """Write them down as if they had not left yet, one parcel each: their numbers may have holes that others fill."""
    rows = [
        owed.row_of(Parcel(*lane, message.sequence, [Letter(message.id, message.key, message.value)]))
        for message in messages
    ]
    connection.execute(insert(t.outgoing).on_conflict_do_nothing(), rows)
    return len(rows)


def _move(connection: Connection, consumer: str, lane: Lane, position: int) -> None:
    o = t.offsets
    where = (o.c.consumer == consumer, o.c.topic == lane[0].value, o.c.partition == lane[1])
    row = {"consumer": consumer, "topic": lane[0].value, "partition": lane[1], "sequence": 0}
    connection.execute(insert(o).on_conflict_do_nothing(), {**row, "position": position})
    connection.execute(update(o).where(*where).values(position=position))


def _heads(connection: Connection) -> dict[Lane, int]:
    h = t.heads.c
    return {
        (Topic(topic), part): last for topic, part, last in connection.execute(select(h.topic, h.partition, h.sequence))
    }


def _last_number(log: Log, topic: Topic, partition: int) -> int:
    end = log.end(topic, partition)
    return max((message.sequence for message in log.read(topic, max(0, end - 1), 1, partition)), default=0)

"""After a restore: the Store's positions and numbers and a log of another age, brought together again.

A Store that is older than the log gave out numbers that it will give out again: readers would take the new messages for
repeats. A log that is older than the Store, or a new one, ends before what was handled: readers would wait for ever. Neither
is ever mended in silence; workers refuse to start, and a person runs `realign` while none runs.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, text

from core.ports import Log, Progress
from core.storage import tables as t
from core.storage.postgres import owed
from core.storage.postgres.database import Database
from core.storage.postgres.owed import Lane, Letter
from core.storage.rows import upsert
from core.storage.store import progress
from core.topics import Topic

MOST_PARCELS = 100_000
"""Of one lane that wait in PostgreSQL: a backup made while Kafka was away for hours."""
CHUNK = 500
TAIL = 200
AHEAD = 10**9
"""How far the numbers of work for the index jump: no office commits so often between a backup and its use."""


def lanes_ahead(database: Database, log: Log) -> list[Lane]:
    """Partitions whose log holds numbers that this Store has not given out."""
    last = {(topic, part): _last_number(log, topic, part) for topic in Topic for part in range(log.partitions)}
    with database.write() as connection:  # after the log: what is committed meanwhile is no surprise
        given = _heads(connection)
    return [lane for lane, number in last.items() if number > given.get(lane, 0)]


def lanes_cut(database: Database, log: Log, consumers: Mapping[str, Topic]) -> list[Lane]:
    """Partitions that end before what a consumer has handled of them: it is not the log that was read."""
    with database.write() as connection:  # before the log, which only grows
        handled = {
            (consumer, topic, part): progress(connection, consumer, topic, part).position
            for consumer, topic in consumers.items()
            for part in range(log.partitions)
        }
    return sorted({(topic, part) for (_, topic, part), position in handled.items() if log.end(topic, part) < position})


def realign(database: Database, log: Log, consumers: Mapping[str, Topic]) -> list[str]:
    """Mend all that differs; what was done, a sentence each. No worker may run meanwhile.

    What the log holds of a time that the Store does not know is passed over: the stages make it again, with the same ids.
    Each topic has one consumer, or none whose place is kept here.
    """
    said = []
    readers = {topic: consumer for consumer, topic in consumers.items()}
    with database.write() as connection:
        # Reading the log takes its time. Nobody commits meanwhile, not even who is no worker: a clock, a person.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("LOCK TABLE heads, outgoing IN EXCLUSIVE MODE"))
        heads = _heads(connection)
        for topic in Topic:
            for part in range(log.partitions):
                lane, head = (topic, part), heads.get((topic, part), 0)
                said += _realign(connection, log, lane, head, readers.get(topic))
        sequence = func.pg_get_serial_sequence(t.unindexed.name, "seq")
        connection.execute(select(func.setval(sequence, func.nextval(sequence) + AHEAD)))
    return said


def _realign(connection: Connection, log: Log, lane: Lane, head: int, consumer: str | None) -> list[str]:
    name, end, last = f"{lane[0].value}/{lane[1]}", log.end(*lane), _last_number(log, *lane)
    done = progress(connection, consumer, *lane) if consumer else Progress()
    if end < done.position:
        _move(connection, consumer or "", lane, Progress(position=end, sequence=done.sequence))
        return [f"{name}: the log ends at {end}, {consumer} had handled {done.position}: it goes on from the end"]
    if last <= head:
        return []
    if consumer is None:
        _advance_to(connection, lane, last)
        return [f"{name}: numbers go on after {last}"]
    letters = _waiting(connection, log, lane, head, done)
    connection.execute(delete(t.outgoing).where(*_of(t.outgoing, lane)))
    _advance_to(connection, lane, last)
    owed.owe_letters(connection, lane, letters)
    _move(connection, consumer, lane, Progress(position=end, sequence=last))
    return [
        f"{name}: {consumer} passes over what the log holds of a later time; {len(letters)} messages are sent again"
    ]


def _waiting(connection: Connection, log: Log, lane: Lane, head: int, done: Progress) -> list[Letter]:
    """What a reader has not handled and this Store has given out, be it on the log or not yet, in order."""
    found = {
        parcel.first + place: letter
        for parcel in owed.messages_owed(connection, [lane], MOST_PARCELS)
        for place, letter in enumerate(parcel.letters)
    }
    position = done.position
    while batch := log.read(lane[0], position, CHUNK, lane[1]):
        position = batch[-1].position
        found |= {m.sequence: Letter(m.id, m.key, m.value) for m in batch if done.sequence < m.sequence <= head}
    return [found[number] for number in sorted(found) if done.sequence < number <= head]


def _move(connection: Connection, consumer: str, lane: Lane, to: Progress) -> None:
    row = {"topic": lane[0].value, "partition": lane[1], "position": to.position, "sequence": to.sequence}
    upsert(connection, t.offsets, [{"consumer": consumer, **row}])


def _advance_to(connection: Connection, lane: Lane, number: int) -> None:
    upsert(connection, t.heads, [{"topic": lane[0].value, "partition": lane[1], "sequence": number}])


def _of(table: Table, lane: Lane) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.topic == lane[0].value, table.c.partition == lane[1]


def _heads(connection: Connection) -> dict[Lane, int]:
    h = t.heads.c
    rows = connection.execute(select(h.topic, h.partition, h.sequence))
    return {(Topic(topic), part): last for topic, part, last in rows}


def _last_number(log: Log, topic: Topic, partition: int) -> int:
    """The highest number at the end of a lane; the very last message may be a repeat."""
    end = log.end(topic, partition)
    return max((message.sequence for message in log.read(topic, max(0, end - TAIL), TAIL, partition)), default=0)

"""Moves an embedded data directory to the distributed set: everything, each thing once, also after a kill halfway.

First the Store's rows, then the index, last the messages that the steps had not handled: when the first of them is read,
all that the steps remember is there. What is done stands in the target itself, in rows of the stage `migrate`: rows and
documents are written by their keys, so a second time changes nothing; a message and how far the move has come are one
commit, so each is sent by the numbers of `core.storage.postgres.owed` and handled once.
"""

from typing import Protocol

from app.distributed import Connected
from app.migration.check import count
from app.migration.counted import Counted
from core.effects import Effects, StateRow
from core.errors import StorageError
from core.ports import IncidentQuery
from core.storage.elastic import ElasticWriter
from core.storage.postgres import arrival
from core.storage.sqlite.export import STORE, TOPICS, Export
from core.topics import Topic
from stream.topology import TOPOLOGY

STAGE = "migrate"
OWNER, DONE, BEGUN = "directory", "done", "begun"
FIRST_VERSION = 0
"""Of memberships that were moved: below the number of every commit, so what later ones say replaces them."""
KEPT = (Topic.CASES, Topic.REJECTED)
"""Topics that people read also when every step has handled them."""
READERS = {topic: step for step, topic in TOPOLOGY.items()}


class Shown(Protocol):
    """Shows how far a part has come."""

    def begin(self, part: str, total: int) -> None: ...

    def advance(self, number: int) -> None: ...


class Move:
    """One directory into one set. `owner` names the directory: only its own move may go on in a target that is not empty."""

    def __init__(self, source: Export, target: Connected, owner: str, shown: Shown) -> None:
        self._source = source
        self._target = target
        self._owner = owner
        self._shown = shown
        self._index = ElasticWriter(target.cluster)
        state = target.storage.store.state(STAGE, "")
        self._marks = {row.key: (row.value or b"").decode() for row in state}

    @property
    def done(self) -> bool:
        """Whether a former run came to its end: rows that have gone there since must not come back."""
        return self._marks.get(OWNER) == self._owner and DONE in self._marks

    def check_target(self) -> None:
        """Raises `StorageError` unless the target is empty or was begun by this very directory."""
        if OWNER in self._marks and self._marks[OWNER] == self._owner:
            return
        holds = arrival.occupied(self._target.database) or self._holds()
        if holds:
            raise StorageError(
                f"the distributed set is not empty ({holds}): a move goes into an empty one. Name another database in"
                " HUIYING_POSTGRES, another HUIYING_PREFIX, or empty these"
            )

    def run(self) -> list[Counted]:
        """Move everything; what was counted at the end. Raises `StorageError` when a server is away: run it again."""
        self._remember(OWNER, self._owner)
        self._move_store()
        self._move_index()
        self._move_log()
        counted = list(count(self._source, self._target, {topic: self._first(topic) for topic in TOPICS}))
        if not any(one.missing for one in counted):
            self._remember(DONE, "yes")
        return counted

    def _holds(self) -> str | None:
        """What of log and index is there already."""
        storage = self._target.storage
        for topic in Topic:
            if any(storage.log.end(topic, part) for part in range(storage.log.partitions)):
                return f"topic {self._target.brokers.topic(topic)}"
        storage.index.catch_up()
        if storage.index.newest(None) or storage.index.incidents(IncidentQuery(limit=1)).items:
            return f"index {self._target.cluster.posts} or {self._target.cluster.incidents}"
        return None

    def _remember(self, key: str, value: str) -> None:
        self._marks[key] = value
        self._target.storage.commit(Effects(changes=[_mark(key, value)]))

    def _move_store(self) -> None:
        for table in STORE:
            self._shown.begin(table.name, self._source.count(table))
            for rows in self._source.rows(table):
                arrival.bring(self._target.database, table, rows)
                self._shown.advance(len(rows))

    def _move_index(self) -> None:
        after = int(self._marks.get("posts", 0))
        self._shown.begin("posts", self._source.count_posts(after))
        for page in self._source.posts(after):
            self._index.write(page.posts, [], page.assigned, FIRST_VERSION)
            self._remember("posts", str(page.last))
            self._shown.advance(len(page.posts))
        self._shown.begin("incidents", self._source.count_incidents())
        for incidents in self._source.incidents():
            self._index.write([], incidents, [], FIRST_VERSION)
            self._shown.advance(len(incidents))

    def _move_log(self) -> None:
        for topic in TOPICS:
            handled = self._handled(topic)
            self._shown.begin(f"topic {topic.value}", self._source.count_messages(topic, self._first(topic)))
            if topic in KEPT:
                self._send(topic, 0, handled)
                self._begin_after(topic)
            self._send(topic, handled, None)
        self._sweep()

    def _handled(self, topic: Topic) -> int:
        return self._source.handled(READERS[topic], topic) if topic in READERS else 0

    def _first(self, topic: Topic) -> int:
        return 0 if topic in KEPT else self._handled(topic)

    def _send(self, topic: Topic, after: int, until: int | None) -> None:
        sent = int(self._marks.get(topic.value, 0))
        for page in self._source.messages(topic, max(after, sent), until):
            reached = str(page[-1].position)
            self._target.storage.commit(Effects(messages=page, changes=[_mark(topic.value, reached)]))
            self._shown.advance(len(page))

    def _begin_after(self, topic: Topic) -> None:
        """What the reader of a topic has handled lies on the log now: it begins behind it, before more is written."""
        key = f"{BEGUN} {topic.value}"
        if topic not in READERS or key in self._marks:
            return
        self._sweep()
        log = self._target.storage.log
        ends = {part: log.end(topic, part) for part in range(log.partitions)}
        arrival.begin_after(self._target.database, READERS[topic], topic, ends, _mark(key, "yes"))

    def _sweep(self) -> None:
        """Return when Kafka holds everything that was committed."""
        while any(self._target.storage.waiting()):
            self._target.storage.sweep()


def _mark(key: str, value: str) -> StateRow:
    return StateRow(STAGE, "", key, value.encode())

"""The index made anew from the log: posts, incidents, and what commits gave to the index besides.

Everything is written with the version that it had, so it may be written while workers run, and again. Numbers are not gone
by to tell repeats: after a restore (`realign`) some were given out twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import structlog

from core.codec import decode
from core.effects import Message
from core.ports import Log
from core.records import AnalysedPost, Assignment, Incident
from core.storage.postgres.relay import IndexWriter
from core.storage.postgres.unlogged import IndexChange
from core.topics import REGROUPING, Topic

log = structlog.get_logger()

BATCH = 500
REMOVAL = b'"removed":'
READING = (Topic.INDEX_CHANGES, Topic.POSTS_ANALYSED, Topic.INCIDENTS, Topic.INDEX_CHANGES)
"""The first time for removals alone: what they took is not written at all."""

T = TypeVar("T", AnalysedPost, Incident)
R = TypeVar("R", AnalysedPost, Incident, IndexChange)


@dataclass(slots=True)
class Rebuilt:
    """How much was written; `unreadable` messages were not, each with a line in the log."""

    posts: int = 0
    incidents: int = 0
    memberships: int = 0
    unreadable: int = 0


def rebuild(history: Log, index: IndexWriter, advance: Callable[[int], None]) -> Rebuilt:
    """Write all that the log holds now to the index; `advance` is told how many messages were read."""
    done = Rebuilt()
    for partition in range(history.partitions):
        _Partition(history, partition, index, advance, done).run()
    return done


def extent(history: Log) -> int:
    """How many messages `rebuild` reads, at most: those that the log's age has deleted are not told apart."""
    return sum(history.end(topic, partition) for topic in READING for partition in range(history.partitions))


@dataclass(slots=True)
class _Partition:
    """One partition of the three topics: a jurisdiction lives in the same one of each."""

    history: Log
    number: int
    index: IndexWriter
    advance: Callable[[int], None]
    done: Rebuilt
    removals: dict[str, IndexChange] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Posts that went with a jurisdiction: their memberships went too."""

    def run(self) -> None:
        removals, posts, incidents, changes = (self._batches(topic) for topic in READING)
        for batch in removals:
            self._note_removals(batch)
        for batch in posts:
            self._write(posts=self._kept([m for m in batch if not m.id.startswith(REGROUPING)], AnalysedPost))
        for batch in incidents:
            self._write(incidents=self._kept(batch, Incident))
        for batch in changes:
            for change in self._read(batch, IndexChange):
                self._repeat(change)

    def _batches(self, topic: Topic) -> Iterator[list[Message]]:
        """From the oldest message that is still there to the newest one now."""
        position, end = 0, self.history.end(topic, self.number)
        while position < end and (batch := self.history.read(topic, position, BATCH, self.number)):
            yield batch
            self.advance(batch[-1].position - position)
            position = batch[-1].position

    def _note_removals(self, batch: Sequence[Message]) -> None:
        for change in self._read([m for m in batch if REMOVAL in m.value], IndexChange):
            if change.removed:
                self.removals[change.removed] = change

    def _kept(self, batch: Sequence[Message], type_: type[T]) -> list[T]:
        """The records but for those of a jurisdiction that was removed later."""
        kept = []
        for message in batch:
            removal = self.removals.get(message.key)
            gone = removal and message.sequence <= removal.until.get(message.topic.value, 0)
            for record in self._read([message], type_):
                if gone:
                    self.gone.add(record.id)
                else:
                    kept.append(record)
        return kept

    def _repeat(self, change: IndexChange) -> None:
        """Write what a commit gave to the index besides, but for what was removed later."""
        older = {name for name, removal in self.removals.items() if change.version < removal.version}
        self.gone |= {post.id for post in change.posts if post.jurisdiction in older}
        self._write(
            posts=[post for post in change.posts if post.jurisdiction not in older],
            incidents=[one for one in change.incidents if one.jurisdiction not in older],
            assigned=[one for one in change.assigned if not (older and one.post in self.gone)],
            version=change.version,
        )

    def _write(
        self,
        posts: Sequence[AnalysedPost] = (),
        incidents: Sequence[Incident] = (),
        assigned: Sequence[Assignment] = (),
        version: int = 0,
    ) -> None:
        self.index.write(posts, incidents, assigned, version)
        self.done.posts += len(posts)
        self.done.incidents += len(incidents)
        self.done.memberships += len(assigned)

    def _read(self, batch: Sequence[Message], type_: type[R]) -> Iterator[R]:
        for message in batch:
            try:
                yield decode(message.value, type_)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self.done.unreadable += 1
                log.warning("unreadable", topic=message.topic.value, position=message.position, reason=str(error))

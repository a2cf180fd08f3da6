"""One partition as a worker owns it: how far it has come, and what of a batch is new.

The truth is the position in the Store. Kafka's own record of what a group has read only decides where reading begins; where
the two differ (a Store restored from a backup, messages deleted before they were read) nothing is passed over in silence.
"""

from collections.abc import Sequence

import structlog

from core.clock import Now, derived_id
from core.effects import Consumed, Effects, Message, message
from core.errors import ConfigurationError
from core.ports import Progress, Storage
from core.records import Rejected
from core.telemetry import Metrics
from core.topics import Topic
from stream.batches import handle
from stream.topology import Step

log = structlog.get_logger()


class Partition:
    """Handles batches of one partition, one after the other. Reads its position when it is made.

    Raises `ConfigurationError` when the log ends before that position: it is not the log that was read.
    """

    def __init__(self, step: Step, number: int, storage: Storage, now: Now, metrics: Metrics) -> None:
        self._step = step
        self._number = number
        self._storage = storage
        self._now = now
        self._metrics = metrics
        self._done = storage.log.progress(step.name, step.reads, number)
        end = storage.log.end(step.reads, number)
        if end < self._done.position:
            raise ConfigurationError(
                f"{step.reads.value}/{number} ends at {end}, but {step.name} has handled {self._done.position} messages of"
                " it: the log was replaced or restored. Stop all workers and run `huiying realign`"
            )

    def advance(self, batch: Sequence[Message], limit: int) -> bool:
        """Handle a piece: what the log holds before the batch, or the batch up to a hole in it; whether all of it is done.

        Call it again until it is. A piece is one commit, so that whoever calls can stop in between.
        """
        rest = [m for m in batch if m.position > self._done.position]
        if not rest:
            return True
        if rest[0].position > self._done.position + 1:
            self._fill(rest[0].position, limit)
            return False
        run = [m for n, m in enumerate(rest) if m.position == rest[0].position + n]
        self._take(run)
        return len(run) == len(rest)

    def read_on(self, limit: int) -> int:
        """Handle at most `limit` messages that the log holds after the last one handled; how many, 0 at its end."""
        found = self._storage.log.read(self._step.reads, self._done.position, limit, self._number)
        while found and not self.advance(found, limit):
            continue
        return len(found)

    def _take(self, batch: Sequence[Message]) -> None:
        fresh = _unhandled(batch, self._done)
        last = batch[-1].position
        told = self._gaps(fresh)

        def commit(part: Sequence[Message], effects: Effects) -> None:
            whole = len(part) == len(fresh)
            reached = max(self._done.sequence, *(m.sequence for m in part))
            self._commit(effects + Effects(messages=told), last if whole else part[-1].position, reached)
            told.clear()

        if fresh:
            handle(self._step, fresh, commit, self._now, self._metrics)
        if last > self._done.position:  # repeats only, or some at its end
            self._commit(Effects(), last, self._done.sequence)
        self._metrics.records.labels(self._step.name).inc(len(fresh))

    def _commit(self, effects: Effects, position: int, sequence: int) -> None:
        step = self._step
        consumed = Consumed(step.name, step.reads, position, self._done.position, self._number, sequence)
        if not self._storage.commit(effects, consumed):
            step.stage.forget()  # it was committed before: what the stage has just made of it counts twice
        self._done = Progress(position=position, sequence=sequence)

    def _fill(self, position: int, limit: int) -> None:
        """Handle what the log holds after the last message handled, before this position: a worker is never handed less."""
        found = self._storage.log.read(self._step.reads, self._done.position, limit, self._number)
        part = [m for m in found if m.position < position]
        first = part[0].position if part else position
        if first > self._done.position + 1:
            self._lost(first)
        if part:
            self._take(part)

    def _lost(self, first: int) -> None:
        """Say that messages were deleted before they were read. Who never read from here has missed nothing."""
        effects, number = Effects(), first - self._done.position - 1
        if self._done.position:
            why = "deleted before they were read: HUIYING_LOG_DAYS is too short for so long a standstill"
            effects = Effects(messages=[self._told(number, "deleted_unread", why)])
        self._commit(effects, first - 1, self._done.sequence)

    def _gaps(self, fresh: Sequence[Message]) -> list[Message]:
        """Say that numbers are missing: they are given out without a gap, so the log has lost what it had acknowledged."""
        before, missing = self._done.sequence, 0
        for number in (m.sequence for m in fresh if m.sequence):
            missing += number - before - 1 if before else 0
            before = number
        return (
            [self._told(missing, "lost_by_log", "acknowledged by the log, which has them no more")] if missing else []
        )

    def _told(self, number: int, code: str, why: str) -> Message:
        step, place = self._step.name, f"{self._step.reads.value}/{self._number}"
        log.error(code, stage=step, partition=self._number, records=number)
        self._metrics.rejected.labels(step, code).inc(number)
        rejected = Rejected(
            id=derived_id(code, step, place, str(self._done.position)),
            at=self._now(),
            origin=f"stage {step}",
            code=code,
            reason=f"{number} messages of {place} after {self._done.position} never reached {step}: {why}.",
        )
        return message(Topic.REJECTED, "", rejected.id, rejected)


def _unhandled(batch: Sequence[Message], done: Progress) -> list[Message]:
    """What is above the committed position, and was not sent twice (its number is above the last one handled)."""
    fresh: list[Message] = []
    last = done.sequence
    for one in batch:
        if one.position <= done.position or (one.sequence and one.sequence <= last):
            continue
        last = max(last, one.sequence)
        fresh.append(one)
    return fresh

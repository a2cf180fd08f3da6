"""Carries what commits owe to the log and to the index.

Who commits sends at once; what a dead process or a server that was away left behind is sent by `sweep`, which every
worker runs again and again. Nothing here needs a lock: sending twice is harmless (see `owed`), forgetting is by number.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import Protocol

import structlog

from core.errors import RetryLater, StorageError
from core.records import AnalysedPost, Assignment, Incident
from core.storage.postgres import owed
from core.storage.postgres.database import Database
from core.storage.postgres.owed import IndexWork, Lane, Parcel
from core.telemetry import INDEX, LOG, Metrics

log = structlog.get_logger()

PARCELS = 50
WORKS = 50
PAUSE_S = 3.0
"""After a failure the index is left alone for so long: a stage must not wait for a server that is away."""


class Sender(Protocol):
    """Writes parcels to the log: returns when it holds all of them, in order; raises `StorageError` otherwise."""

    def send(self, parcels: Sequence[Parcel]) -> None: ...


class IndexWriter(Protocol):
    """Writes to the index, by id and version: a repeat or an older version changes nothing."""

    def write(
        self,
        posts: Sequence[AnalysedPost],
        incidents: Sequence[Incident],
        assigned: Sequence[Assignment],
        version: int,
    ) -> None: ...

    def remove(self, jurisdiction: str) -> None: ...


class Relay:
    """One per process."""

    def __init__(self, database: Database, sender: Sender, index: IndexWriter, metrics: Metrics) -> None:
        self._database = database
        self._sender = sender
        self._index = index
        self._failures = {to: metrics.relay_failures.labels(to) for to in (LOG, INDEX)}
        self._index_rests_until = 0.0
        self._sweeping = threading.Lock()
        self._fronts: tuple[dict[Lane, int], int | None] = {}, None

    def settle(self, work: tuple[int, IndexWork] | None, lanes: Iterable[Lane]) -> None:
        """Send what a commit just owed: first to the index, so that whoever hears of an incident finds it there.

        Never raises for a server that is away: the commit holds, and `sweep` sends the rest.
        """
        if work is not None and monotonic() >= self._index_rests_until:
            # A removal must not overtake what older commits still owe: it goes with all of that, in order.
            self._quietly(INDEX, self._write_owed if work[1].remove else lambda: self._write([work]))
        lanes = set(lanes)
        if lanes:
            self._quietly(LOG, lambda: self._send(lanes))

    def sweep(self) -> bool:
        """Send everything owed; whether there was anything. Raises `StorageError` while a server is away."""
        with self._sweeping:
            with self._database.write() as connection:
                lanes, work = owed.fronts(connection)
            return self._pay(set(lanes), index=work is not None)

    def sweep_stale(self) -> bool:
        """Send of what is owed the part that was owed already when this was last called."""
        with self._sweeping:
            with self._database.write() as connection:
                lanes, work = owed.fronts(connection)
            stale = {lane for lane, first in lanes.items() if self._fronts[0].get(lane) == first}
            late = work is not None and work == self._fronts[1]
            self._fronts = lanes, work
            return self._pay(stale, index=late)

    def _pay(self, lanes: set[Lane], *, index: bool) -> bool:
        """Send what is owed to each of these lanes and to the index, each tried though another one fails; the first failure
        is raised then."""
        failures: list[StorageError | RetryLater] = []
        tries: list[Callable[[], bool]] = [partial(self._send, {lane}) for lane in sorted(lanes)]
        busy = False
        for pay in [*tries, *([self._write_owed] if index else [])]:
            try:
                busy |= pay()
            except (StorageError, RetryLater) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return busy

    def _quietly(self, to: str, send: Callable[[], object]) -> None:
        try:
            send()
        except (StorageError, RetryLater) as error:
            log.warning("relay_postponed", to=to, reason=str(error))
        except Exception:  # the commit holds: whoever made it must not believe otherwise
            log.exception("relay_failed", to=to)
        else:
            return
        if to == INDEX:
            self._index_rests_until = monotonic() + PAUSE_S

    @contextmanager
    def _counted(self, to: str) -> Iterator[None]:
        try:
            yield
        except (StorageError, RetryLater):
            self._failures[to].inc()
            raise

    def _send(self, lanes: set[Lane]) -> bool:
        busy = False
        while True:
            with self._database.write() as connection:
                parcels = owed.messages_owed(connection, lanes, PARCELS)
            if not parcels:
                return busy
            busy = True
            with self._counted(LOG):
                self._sender.send(parcels)
            with self._database.write() as connection:
                owed.messages_sent(connection, parcels)
            if len(parcels) < PARCELS:
                return busy

    def _write_owed(self) -> bool:
        busy = False
        while True:
            with self._database.write() as connection:
                works = owed.index_owed(connection, WORKS)
            if not works:
                return busy
            busy = True
            self._write(works)

    def _write(self, works: Sequence[tuple[int, IndexWork]]) -> None:
        with self._counted(INDEX):
            for number, work in works:
                for jurisdiction in work.remove:
                    self._index.remove(jurisdiction)
                self._index.write(work.posts, work.incidents, work.assigned, number)
        with self._database.write() as connection:
            owed.index_done(connection, [number for number, _ in works])

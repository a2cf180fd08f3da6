"""Deletes what the Store need not keep any more, inside the caller's transaction. SQLAlchemy Core, both engines."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.codec import decode
from core.records import Credential, DeliveryState, NoticeState
from core.storage import tables as t

CHUNK = 500
"""Rows of a kind deleted in one transaction: other writers wait for no longer than that takes."""


def forget(connection: Connection, before: datetime, now: datetime) -> int:
    """Delete corrections, settled notices and settled deliveries of before then, and credentials that are over.

    How many deliveries and credentials went, at most `CHUNK` of each.
    """
    _forget_corrections(connection, before)
    _forget_notices(connection, before)
    return _forget_deliveries(connection, before) + _forget_credentials(connection, now)


def _forget_corrections(connection: Connection, before: datetime) -> None:
    """Of posts published before then, texts and all; the audit says that they were."""
    connection.execute(delete(t.corrections).where(t.corrections.c.published < t.millis(before)))


def _forget_notices(connection: Connection, before: datetime) -> None:
    """The audit says what was told."""
    n = t.notices.c
    connection.execute(delete(t.notices).where(n.state != NoticeState.WAITING.value, n.at < t.millis(before)))


def _forget_deliveries(connection: Connection, before: datetime) -> int:
    """Those that were last due before then: one that was given up can be sent again for as long after its last attempt."""
    o = t.outbox.c
    settled = o.state.in_([DeliveryState.DONE.value, DeliveryState.DEAD.value])
    some = select(o.seq).where(settled, o.next_at < t.millis(before)).limit(CHUNK)
    return connection.execute(delete(t.outbox).where(o.seq.in_(some))).rowcount


def _forget_credentials(connection: Connection, now: datetime) -> int:
    c = t.credentials.c
    rows = connection.execute(select(c.hash, c.body)).all()
    over = [hash_ for hash_, body in rows if decode(body, Credential).is_over(now)]
    return connection.execute(delete(t.credentials).where(c.hash.in_(over[:CHUNK]))).rowcount

"""The Store on SQLAlchemy Core: what stages, people and the courier read, and the outbox's claims."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from core.audit import Head, Link
from core.codec import decode
from core.cursors import number
from core.effects import Seen, StateRow
from core.ports import CasePage, CaseQuery, Progress
from core.records import (
    AuditRow,
    Case,
    CaseState,
    Channel,
    Credential,
    Delivery,
    DeliveryState,
    Draft,
    FactCard,
    PolicyItem,
    User,
    Webhook,
)
from core.records.audit import AuditPage, AuditQuery
from core.storage import tables as t
from core.storage.crawling import CrawlingStore
from core.storage.office import OfficeStore
from core.storage.reading import IDS_PER_QUERY, bodies, seen_of
from core.storage.teaching import TeachingStore
from core.storage.writer import delivery_row
from core.topics import Topic

AUDIT_LOOKED_AT = 5_000
"""Rows of the audit that one page is chosen from: what is asked about them lies inside them."""


class SqlStore(TeachingStore, OfficeStore, CrawlingStore):
    """`core.ports.Store` over two ways to connect: `read` sees the last commit, `write` is a transaction of its own."""

    # --- stages

    def seen(self, ids: Sequence[str]) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        with self._read() as connection:
            for start in range(0, len(ids), IDS_PER_QUERY):
                query = select(t.seen).where(t.seen.c.id.in_(ids[start : start + IDS_PER_QUERY]))
                found.update((row.id, seen_of(row)) for row in connection.execute(query))
        return found

    def seen_since(self, jurisdiction: str, since: datetime, limit: int) -> list[Seen]:
        s = t.seen
        query = (
            select(s)
            .where(s.c.jurisdiction == jurisdiction, s.c.at >= t.millis(since))
            .order_by(s.c.at.desc(), s.c.id.desc())
            .limit(limit)
        )
        with self._read() as connection:
            return [seen_of(row) for row in connection.execute(query)][::-1]

    def state(self, stage: str, jurisdiction: str) -> list[StateRow]:
        s = t.stage_state
        query = select(s.c.key, s.c.value).where(s.c.stage == stage, s.c.jurisdiction == jurisdiction).order_by(s.c.key)
        with self._read() as connection:
            return [StateRow(stage, jurisdiction, key, value) for key, value in connection.execute(query)]

    # --- cases

    def case(self, id_: str) -> Case | None:
        return self._one(t.cases, t.cases.c.id == id_, Case)

    def cases(self, query: CaseQuery) -> CasePage:
        c = t.cases
        statement = select(c.c.level, c.c.opened_at, c.c.id, c.c.body)
        if query.jurisdiction:
            statement = statement.where(c.c.jurisdiction == query.jurisdiction)
        if query.state:
            statement = statement.where(c.c.state == query.state.value)
        if query.open:
            statement = statement.where(c.c.state != CaseState.CLOSED.value)
        if query.unit:
            statement = statement.where(c.c.unit == query.unit)
        if query.opened_since:
            statement = statement.where(c.c.opened_at >= t.millis(query.opened_since))
        if query.cursor:
            statement = statement.where(_after_case(query.cursor))
        statement = statement.order_by(c.c.level, c.c.opened_at.desc(), c.c.id).limit(query.limit + 1)
        with self._read() as connection:
            rows = connection.execute(statement).all()
        page = rows[: query.limit]
        more = len(rows) > query.limit
        cursor = f"{page[-1].level}.{page[-1].opened_at}.{page[-1].id}" if more else None
        return CasePage(items=[decode(row.body, Case) for row in page], cursor=cursor)

    def cases_of(self, incidents: Sequence[str]) -> dict[str, Case]:
        found: dict[str, Case] = {}
        with self._read() as connection:
            for start in range(0, len(incidents), IDS_PER_QUERY):
                some = incidents[start : start + IDS_PER_QUERY]
                query = select(t.cases.c.body).where(t.cases.c.incident.in_(some)).order_by(t.cases.c.opened_at)
                found.update((case.incident, case) for case in bodies(connection, query, Case))
        return found

    def drafts(self, case: str) -> list[Draft]:
        d = t.drafts
        return self._all(select(d.c.body).where(d.c.case_id == case).order_by(d.c.at.desc(), d.c.id), Draft)

    def draft(self, id_: str) -> Draft | None:
        return self._one(t.drafts, t.drafts.c.id == id_, Draft)

    def audit(self, object_: str) -> list[AuditRow]:
        return self._all(select(t.audit.c.body).where(t.audit.c.object == object_).order_by(t.audit.c.seq), AuditRow)

    def audit_rows(self, query: AuditQuery) -> AuditPage:
        a = t.audit.c
        statement = select(a.seq, a.body).order_by(a.seq.desc()).limit(AUDIT_LOOKED_AT)
        if query.object:
            statement = statement.where(a.object == query.object)
        if query.jurisdiction is not None:
            statement = statement.where(a.chain == query.jurisdiction)
        if query.cursor:
            statement = statement.where(a.seq < (number(query.cursor) or 0))
        found: list[AuditRow] = []
        with self._read() as connection:
            rows = connection.execute(statement).all()
        for seq, body in rows:
            row = decode(body, AuditRow)
            if query.wants(row):
                found.append(row)
            if len(found) == query.limit:
                return AuditPage(items=found, cursor=str(seq))
        return AuditPage(items=found, cursor=str(rows[-1].seq) if len(rows) == AUDIT_LOOKED_AT else None)

    def audit_heads(self) -> list[Head]:
        h = t.audit_heads
        with self._read() as connection:
            rows = connection.execute(select(h).order_by(h.c.chain))
            return [Head(chain=row.chain, number=row.number, hash=row.hash) for row in rows]

    def audit_links(self, chain: str, after: int, limit: int) -> list[Link]:
        a = t.audit.c
        query = (
            select(a.number, a.hash, a.id, a.object, a.body)
            .where(a.chain == chain, a.number > after)
            .order_by(a.number)
            .limit(limit)
        )
        with self._read() as connection:
            return [Link(**row) for row in connection.execute(query).mappings()]

    def unchained_audit(self) -> int:
        query = select(func.count()).select_from(t.audit).where(t.audit.c.chain.is_(None))
        with self._read() as connection:
            return int(connection.execute(query).scalar_one())

    def facts(self, jurisdiction: str) -> list[FactCard]:
        f = t.facts
        return self._all(select(f.c.body).where(f.c.jurisdiction == jurisdiction).order_by(f.c.id), FactCard)

    # --- policy

    def policy_items(self) -> list[PolicyItem]:
        p = t.policy_items.c
        newest: dict[tuple[str, str], PolicyItem] = {}
        for item in self._all(select(p.body).order_by(p.kind, p.id, p.version), PolicyItem):
            newest[item.kind, item.id] = item
        return list(newest.values())

    def policy_history(self, kind: str, id_: str) -> list[PolicyItem]:
        p = t.policy_items.c
        return self._all(select(p.body).where(p.kind == kind, p.id == id_).order_by(p.version.desc()), PolicyItem)

    def policy_changes(self) -> int:
        with self._read() as connection:
            return int(connection.execute(select(func.count()).select_from(t.policy_items)).scalar_one())

    # --- outbox

    def claim(self, now: datetime, lease_s: float, limit: int) -> list[Delivery]:
        o = t.outbox
        due = select(o.c.id).where(o.c.state == DeliveryState.PENDING.value, o.c.next_at <= t.millis(now))
        until = t.millis(now + timedelta(seconds=lease_s))
        claimed: list[Delivery] = []
        with self._write() as connection:
            some = due.order_by(o.c.next_at, o.c.seq).limit(limit).with_for_update(skip_locked=True)
            for id_ in connection.execute(some).scalars().all():
                # Conditional: where another courier moved next_at first, no row matches and it is his.
                take = update(o).where(o.c.id == id_, o.c.next_at <= t.millis(now)).values(next_at=until)
                body = connection.execute(take.returning(o.c.body)).scalar_one_or_none()
                if body is not None:
                    claimed.append(decode(body, Delivery))
        return claimed

    def oldest_due(self, now: datetime) -> datetime | None:
        o = t.outbox.c
        due = (o.state == DeliveryState.PENDING.value) & (o.next_at <= t.millis(now))
        with self._read() as connection:
            oldest = connection.execute(select(func.min(o.next_at)).where(due)).scalar_one()
        return None if oldest is None else t.from_millis(oldest)

    def settle(self, delivery: Delivery) -> None:
        row = delivery_row(delivery)
        with self._write() as connection:
            connection.execute(update(t.outbox).where(t.outbox.c.id == delivery.id).values(**row))

    def delivery(self, id_: str) -> Delivery | None:
        return self._one(t.outbox, t.outbox.c.id == id_, Delivery)

    def deliveries(self, target: str | None, state: DeliveryState | None, limit: int) -> list[Delivery]:
        o = t.outbox
        statement = select(o.c.body).order_by(o.c.seq.desc()).limit(limit)
        if target is not None:
            statement = statement.where(o.c.target == target)
        if state is not None:
            statement = statement.where(o.c.state == state.value)
        return self._all(statement, Delivery)

    def webhooks(self) -> list[Webhook]:
        return self._all(select(t.webhooks.c.body).order_by(t.webhooks.c.id), Webhook)

    def channels(self) -> list[Channel]:
        return self._all(select(t.channels.c.body).order_by(t.channels.c.id), Channel)

    # --- accounts

    def user(self, name: str) -> User | None:
        return self._one(t.users, t.users.c.name == name, User)

    def users(self) -> list[User]:
        return self._all(select(t.users.c.body).order_by(t.users.c.name), User)

    def credential(self, hash_: str) -> Credential | None:
        return self._one(t.credentials, t.credentials.c.hash == hash_, Credential)

    def credentials(self, kind: str) -> list[Credential]:
        c = t.credentials
        return self._all(select(c.c.body).where(c.c.kind == kind).order_by(c.c.hash), Credential)


def progress(connection: Connection, consumer: str, topic: Topic, partition: int) -> Progress:
    """How far a consumer has committed."""
    o = t.offsets.c
    query = select(o.position, o.sequence).where(
        o.consumer == consumer, o.topic == topic.value, o.partition == partition
    )
    row = connection.execute(query).one_or_none()
    return Progress() if row is None else Progress(position=row.position, sequence=row.sequence)


def _after_case(cursor: str) -> Any:
    """Rows that come after the cursor in (level, newest, id) order; a cursor that is not ours finds nothing."""
    c = t.cases.c
    first, _, rest = cursor.partition(".")
    second, _, id_ = rest.partition(".")
    level, opened = number(first), number(second)
    if level is None or opened is None:
        return c.id.is_(None)
    same_time = (c.opened_at == opened) & (c.id > id_)
    return (c.level > level) | ((c.level == level) & ((c.opened_at < opened) | same_time))

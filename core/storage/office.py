"""The part of the Store that holds who handles and who is told."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.codec import decode
from core.cursors import number
from core.effects import StateRow
from core.office import NoticePage, NoticeQuery, O
from core.records import Chain, FactCard, Member, Notice, NoticeState, Roster, Silence, Unit
from core.storage import tables as t
from core.storage.reading import IDS_PER_QUERY, SqlReader, bodies

KINDS: dict[type, str] = {Unit: "unit", Member: "member", Roster: "roster", Chain: "chain", Silence: "silence"}
"""What a row of the table `office` is called."""


class OfficeStore(SqlReader):
    """`core.office.Office`."""

    def kept(self, type_: type[O]) -> list[O]:
        o = t.office.c
        return self._all(select(o.body).where(o.kind == KINDS[type_]).order_by(o.id), type_)

    def kept_one(self, type_: type[O], id_: str) -> O | None:
        o = t.office.c
        return self._one(t.office, (o.kind == KINDS[type_]) & (o.id == id_), type_)

    def office_version(self) -> tuple[int, int]:
        o = t.office.c
        with self._read() as connection:
            row = connection.execute(select(func.count(), func.coalesce(func.sum(o.version), 0))).one()
        return int(row[0]), int(row[1])

    def fact(self, id_: str) -> FactCard | None:
        return self._one(t.facts, t.facts.c.id == id_, FactCard)

    def all_facts(self) -> list[FactCard]:
        return self._all(select(t.facts.c.body).order_by(t.facts.c.id), FactCard)

    def states(self, stage: str) -> list[StateRow]:
        s = t.stage_state.c
        query = select(s.jurisdiction, s.key, s.value).where(s.stage == stage).order_by(s.jurisdiction, s.key)
        with self._read() as connection:
            return [StateRow(stage, *row) for row in connection.execute(query)]

    def waiting(self, limit: int) -> list[Notice]:
        n = t.notices.c
        query = select(n.body).where(n.state == NoticeState.WAITING.value).order_by(n.at, n.id).limit(limit)
        return self._all(query, Notice)

    def notices(self, query: NoticeQuery) -> NoticePage:
        n = t.notices.c
        statement = select(n.at, n.id, n.body)
        if query.jurisdiction:
            statement = statement.where(n.jurisdiction == query.jurisdiction)
        if query.case:
            statement = statement.where(n.case_id == query.case)
        if query.state:
            statement = statement.where(n.state == query.state.value)
        if query.cursor:
            before, _, id_ = query.cursor.partition(".")
            at = number(before)
            after = n.id.is_(None) if at is None else (n.at < at) | ((n.at == at) & (n.id > id_))
            statement = statement.where(after)
        statement = statement.order_by(n.at.desc(), n.id).limit(query.limit + 1)
        with self._read() as connection:
            rows = connection.execute(statement).all()
        page = rows[: query.limit]
        cursor = f"{page[-1].at}.{page[-1].id}" if len(rows) > query.limit else None
        return NoticePage(items=[decode(row.body, Notice) for row in page], cursor=cursor)

    def notices_by_id(self, ids: Sequence[str]) -> list[Notice]:
        found: list[Notice] = []
        with self._read() as connection:
            for start in range(0, len(ids), IDS_PER_QUERY):
                some = ids[start : start + IDS_PER_QUERY]
                found += bodies(connection, select(t.notices.c.body).where(t.notices.c.id.in_(some)), Notice)
        return found

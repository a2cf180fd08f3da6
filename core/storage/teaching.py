"""The part of the Store that holds what people teach, and what was learnt from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from core.codec import decode
from core.cursors import number
from core.effects import IN_USE, Seen
from core.ports import CorrectionPage, CorrectionQuery
from core.records import Correction, ModelCard
from core.storage import tables as t
from core.storage.reading import SqlReader, seen_of


class TeachingStore(SqlReader):
    """`core.ports.Teaching`."""

    def correction(self, id_: str) -> Correction | None:
        return self._one(t.corrections, t.corrections.c.id == id_, Correction)

    def corrections(self, query: CorrectionQuery) -> CorrectionPage:
        c = t.corrections.c
        statement = select(c.at, c.id, c.body)
        if query.jurisdiction:
            statement = statement.where(c.jurisdiction == query.jurisdiction)
        if query.post:
            statement = statement.where(c.post == query.post)
        if query.active:
            statement = statement.where(c.withdrawn_at.is_(None))
        if query.cursor:
            statement = statement.where(_after(query.cursor))
        statement = statement.order_by(c.at.desc(), c.id).limit(query.limit + 1)
        with self._read() as connection:
            rows = connection.execute(statement).all()
        page = rows[: query.limit]
        cursor = f"{page[-1].at}.{page[-1].id}" if len(rows) > query.limit else None
        return CorrectionPage(items=[decode(row.body, Correction) for row in page], cursor=cursor)

    def standing_corrections(self, jurisdiction: str | None) -> list[Correction]:
        c = t.corrections.c
        statement = select(c.body).where(c.withdrawn_at.is_(None)).order_by(c.at, c.id)
        if jurisdiction is not None:
            statement = statement.where(c.jurisdiction == jurisdiction)
        return self._all(statement, Correction)

    def unspread(self, before: datetime, limit: int) -> list[Correction]:
        c = t.corrections.c
        statement = select(c.body).where(c.unspread < t.millis(before)).order_by(c.unspread, c.id).limit(limit)
        return self._all(statement, Correction)

    def seen_before(self, jurisdiction: str, before: tuple[datetime, str], since: datetime, limit: int) -> list[Seen]:
        s = t.seen.c
        at, id_ = t.millis(before[0]), before[1]
        where = (s.jurisdiction == jurisdiction, s.at >= t.millis(since), s.at <= at, (s.at < at) | (s.id < id_))
        query = select(t.seen).where(*where).order_by(s.at.desc(), s.id.desc()).limit(limit)
        with self._read() as connection:
            return [seen_of(row) for row in connection.execute(query)]

    def taught(self) -> str:
        c = t.corrections.c
        counted = select(func.count(), func.count(c.withdrawn_at), func.max(c.at), func.max(c.withdrawn_at))
        with self._read() as connection:
            row = connection.execute(counted.select_from(t.corrections)).one()
        return ".".join(map(str, (*row, self.model_in_use())))

    def models(self) -> list[ModelCard]:
        m = t.models.c
        return self._all(select(m.body).order_by(m.at.desc(), m.version), ModelCard)

    def model_in_use(self) -> str | None:
        s = t.stage_state.c
        stage, jurisdiction, key = IN_USE
        query = select(s.value).where(s.stage == stage, s.jurisdiction == jurisdiction, s.key == key)
        with self._read() as connection:
            value: bytes | None = connection.execute(query).scalar_one_or_none()
        return None if value is None else value.decode()

    def weights(self, version: str) -> bytes | None:
        query = select(t.models.c.weights).where(t.models.c.version == version)
        with self._read() as connection:
            found: bytes | None = connection.execute(query).scalar_one_or_none()
        return found


def _after(cursor: str) -> Any:
    """Rows that come after the cursor in (newest, id) order; a cursor that is not ours finds nothing."""
    c = t.corrections.c
    first, _, id_ = cursor.partition(".")
    at = number(first)
    if at is None:
        return c.id.is_(None)
    return (c.at < at) | ((c.at == at) & (c.id > id_))

"""The Index: search over posts, incidents by heat, and the board's figures from rollups."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from core.codec import decode
from core.cursors import number
from core.ports import BoardFigures, Bucket, Count, FoundPost, IncidentPage, IncidentQuery, PostPage, PostQuery
from core.records import AnalysedPost, Incident
from core.storage.highlights import Highlighter
from core.storage.reading import IDS_PER_QUERY, known_sentiments
from core.storage.sqlite.engine import Database
from core.storage.sqlite.index_writer import DIMENSIONS, HOUR_S, SEQUENCE_BITS, first_rowid
from core.storage.tables import millis
from core.storage.words import Phrase, wanted

TOP = 12
"""How many values of a dimension the board shows."""
ALL = -1
"""SQLite takes a negative limit as none."""

_FOUND = """p.rowid, p.body, p.incident, p.copies, p.interactions
    + coalesce((SELECT sum(c.interactions) FROM posts c WHERE c.grp = p.id AND c.copy = 1), 0)"""


class SqliteIndex:
    """`core.ports.Index`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def posts(self, query: PostQuery) -> PostPage:
        selected = _selected(query)
        if selected is None:
            return PostPage(items=[])
        source, params = selected
        sql = f"SELECT {_FOUND} FROM {source} ORDER BY {'f' if query.words.strip() else 'p'}.rowid DESC LIMIT ?"
        with self._database.read() as connection:
            rows = connection.exec_driver_sql(sql, (*params, query.limit + 1)).all()
        page = rows[: query.limit]
        highlighter = Highlighter(query.words)
        return PostPage(
            items=[_found(row, highlighter) for row in page],
            cursor=str(page[-1][0]) if len(rows) > query.limit else None,
        )

    def post(self, id_: str) -> FoundPost | None:
        with self._database.read() as connection:
            row = connection.exec_driver_sql(f"SELECT {_FOUND} FROM posts p WHERE p.id = ?", (id_,)).one_or_none()
        return None if row is None else _found(row, Highlighter(""))

    def posts_by_id(self, ids: Sequence[str]) -> list[AnalysedPost]:
        known: dict[str, bytes] = {}
        with self._database.read() as connection:
            for start in range(0, len(ids), IDS_PER_QUERY):
                some = ids[start : start + IDS_PER_QUERY]
                sql = f"SELECT id, body FROM posts WHERE id IN ({','.join('?' * len(some))})"
                known.update((row.id, row.body) for row in connection.exec_driver_sql(sql, tuple(some)))
        return [decode(known[id_], AnalysedPost) for id_ in ids if id_ in known]

    def first_of_sources(self, incident: str, limit: int) -> list[AnalysedPost]:
        # The plus keeps the planner from walking all posts by source: those of the incident are few.
        firsts = "SELECT min(rowid) FROM posts WHERE incident = ? GROUP BY +source ORDER BY 1 LIMIT ?"
        sql = f"SELECT body FROM posts WHERE rowid IN ({firsts}) ORDER BY rowid"
        with self._database.read() as connection:
            rows = connection.exec_driver_sql(sql, (incident, limit)).all()
        return [decode(row.body, AnalysedPost) for row in rows]

    def histogram(self, query: PostQuery) -> list[Bucket]:
        selected = _selected(msgspec.structs.replace(query, cursor=None))
        if selected is None:
            return []
        source, params = selected
        sql = f"SELECT (p.rowid >> {SEQUENCE_BITS}) / {HOUR_S}, p.sentiment, count(*) FROM {source} GROUP BY 1, 2"
        hours: dict[int, dict[str, int]] = {}
        with self._database.read() as connection:
            for hour, sentiment, posts in connection.exec_driver_sql(sql, tuple(params)):
                hours.setdefault(hour, {})[sentiment] = posts
        return [
            Bucket(
                at=datetime.fromtimestamp(hour * HOUR_S, UTC), posts=sum(counts.values()), **known_sentiments(counts)
            )
            for hour, counts in sorted(hours.items())
        ]

    def incidents(self, query: IncidentQuery) -> IncidentPage:
        order = "raised_at" if query.order == "newest" else "heat"
        conditions: list[str] = ["merged = 0"]
        params: list[Any] = []
        if query.jurisdiction:
            conditions.append("jurisdiction = ?")
            params.append(query.jurisdiction)
        if query.since:
            conditions.append("last_at >= ?")
            params.append(millis(query.since))
        after = _after_incident(query.cursor)
        if after is not None:
            conditions.append(f"({order} < ? OR ({order} = ? AND id > ?))")
            params.extend([after[0], after[0], after[1]])
        sql = f"SELECT {order}, id, body FROM incidents WHERE {' AND '.join(conditions)} ORDER BY {order} DESC, id LIMIT ?"
        with self._database.read() as connection:
            rows = connection.exec_driver_sql(sql, (*params, query.limit + 1)).all()
        page = rows[: query.limit]
        cursor = f"{page[-1][0]!r}.{page[-1][1]}" if len(rows) > query.limit else None
        return IncidentPage(items=[decode(row[2], Incident) for row in page], cursor=cursor)

    def incident(self, id_: str) -> Incident | None:
        with self._database.read() as connection:
            sql = "SELECT body FROM incidents WHERE id = ?"
            body = connection.exec_driver_sql(sql, (id_,)).scalar_one_or_none()
        return None if body is None else decode(body, Incident)

    def figures(self, since: datetime, until: datetime, jurisdiction: str | None) -> BoardFigures:
        span = _span(since, until)
        with self._database.read() as connection:
            hours = _hours(connection, span, jurisdiction)
            domains, places, sources = (_loudest(connection, span, jurisdiction, d, TOP) for d in (1, 2, 3))
        return BoardFigures(
            posts=sum(b.posts for b in hours),
            negative=sum(b.negative for b in hours),
            newest_at=self.newest(jurisdiction),
            hours=hours,
            domains=domains,
            places=places,
            sources=sources,
        )

    def hours(self, since: datetime, until: datetime, jurisdiction: str | None) -> list[Bucket]:
        with self._database.read() as connection:
            return _hours(connection, _span(since, until), jurisdiction)

    def within(self, since: datetime, until: datetime, jurisdiction: str | None, codes: Sequence[str]) -> list[Count]:
        told: dict[str, Count] = {}
        where, params = _rollup_where(_span(since, until), jurisdiction, 4)
        with self._database.read() as connection:
            for start in range(0, len(codes), IDS_PER_QUERY):
                some = codes[start : start + IDS_PER_QUERY]
                sql = (
                    f"SELECT value, sum(posts), sum(negative) FROM rollups WHERE {where}"
                    f" AND value IN ({','.join('?' * len(some))}) GROUP BY value"
                )
                rows = connection.exec_driver_sql(sql, (*params, *some))
                told.update((row[0], Count(value=row[0], posts=row[1], negative=row[2])) for row in rows)
        return [told.get(code, Count(value=code, posts=0)) for code in codes]

    def sources(self, since: datetime, until: datetime, jurisdiction: str | None) -> list[Count]:
        with self._database.read() as connection:
            return _loudest(connection, _span(since, until), jurisdiction, 3, ALL)

    def newest(self, jurisdiction: str | None) -> datetime | None:
        where, params = ("WHERE jurisdiction = ?", (jurisdiction,)) if jurisdiction else ("", ())
        with self._database.read() as connection:
            rowid = connection.exec_driver_sql(f"SELECT max(rowid) FROM posts {where}", params).scalar_one()
        return None if rowid is None else datetime.fromtimestamp(rowid >> SEQUENCE_BITS, UTC)

    def catch_up(self) -> None:
        """Nothing is ever late here."""


def match_expression(words: str) -> str | None:
    """The query as FTS5 reads it, all of it quoted; None when it asks for nothing that can be looked up."""
    asked = wanted(words)
    if asked is None:
        return None
    expression = " AND ".join("(" + " OR ".join(map(_quoted, group)) + ")" for group in asked.groups)
    return f"({expression}) NOT ({' OR '.join(map(_quoted, asked.unwanted))})" if asked.unwanted else expression


def _quoted(phrase: Phrase) -> str:
    return '"' + " ".join(phrase.tokens) + '"' + ("*" if phrase.prefix else "")


def _selected(query: PostQuery) -> tuple[str, list[Any]] | None:
    """What a search selects from, with its conditions and their values; None when its words ask for nothing."""
    tables, conditions, params = _conditions(query)
    if query.words.strip():
        expression = match_expression(query.words)
        if expression is None:
            return None
        tables.insert(0, "post_text f CROSS JOIN")
        conditions[:0] = ["post_text MATCH ?", "p.rowid = f.rowid"]
        params.insert(0, expression)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"{' '.join(tables)}{where}", params


def _conditions(query: PostQuery) -> tuple[list[str], list[str], list[Any]]:
    """Tables, conditions and bound values of everything in a query but its words."""
    tables, conditions, params = ["posts p"], [], []
    equal = ("jurisdiction", "source", "platform", "sentiment", "domain", "incident", "lang")
    for column in equal:
        value = getattr(query, column)
        if value is not None:
            conditions.append(f"p.{column} = ?")
            params.append(value)
    bounds = [("p.rowid >= ?", query.since), ("p.rowid < ?", query.until)]
    for condition, at in bounds:
        if at is not None:
            conditions.append(condition)
            params.append(first_rowid(int(at.timestamp())))
    if query.cursor is not None:
        conditions.append("p.rowid < ?")
        params.append(number(query.cursor) or 0)
    if query.place is not None:
        # Codes are hierarchical: a district's posts include those that name its streets.
        conditions.append("EXISTS (SELECT 1 FROM post_places x WHERE x.post = p.rowid AND x.code >= ? AND x.code < ?)")
        params.extend([query.place, query.place + ":"])
    if query.fold:
        conditions.append("p.copy = 0")
    return tables, conditions, params


def _found(row: Any, highlighter: Highlighter) -> FoundPost:
    _, body, incident, copies, interactions = row
    post = decode(body, AnalysedPost)
    return FoundPost(
        post=post, incident=incident, copies=copies, interactions=interactions, highlights=highlighter.of(post)
    )


def _after_incident(cursor: str | None) -> tuple[float, str] | None:
    """The (value, id) after which the page begins; a cursor that is not ours is the end."""
    if cursor is None:
        return None
    value, _, id_ = cursor.rpartition(".")
    try:
        return float(value), id_
    except ValueError:
        return float("-inf"), ""


def _span(since: datetime, until: datetime) -> tuple[int, int]:
    """The whole hours that begin in [since, until), counted since 1970."""
    return -(-int(since.timestamp()) // HOUR_S), -(-int(until.timestamp()) // HOUR_S)


def _hours(connection: Connection, span: tuple[int, int], jurisdiction: str | None) -> list[Bucket]:
    where, params = _rollup_where(span, jurisdiction, 0)
    sql = (
        f"SELECT hour, sum(posts), sum(negative), sum(neutral), sum(positive) FROM rollups WHERE {where} GROUP BY hour"
    )
    rows = {row[0]: row for row in connection.exec_driver_sql(sql, params)}
    empty = (0, 0, 0, 0)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    buckets = []
    for hour in range(*span):
        posts, negative, neutral, positive = rows[hour][1:] if hour in rows else empty
        at = epoch + timedelta(hours=hour)
        buckets.append(Bucket(at=at, posts=posts, negative=negative, neutral=neutral, positive=positive))
    return buckets


def _loudest(
    connection: Connection, span: tuple[int, int], jurisdiction: str | None, dimension: int, most: int
) -> list[Count]:
    where, params = _rollup_where(span, jurisdiction, dimension)
    sql = (
        f"SELECT value, sum(posts) AS n, sum(negative) FROM rollups WHERE {where} GROUP BY value HAVING n > 0"
        " ORDER BY n DESC, value LIMIT ?"
    )
    rows = connection.exec_driver_sql(sql, (*params, most))
    return [Count(value=value, posts=posts, negative=negative) for value, posts, negative in rows]


def _rollup_where(span: tuple[int, int], jurisdiction: str | None, dimension: int) -> tuple[str, tuple[Any, ...]]:
    assert 0 <= dimension < len(DIMENSIONS)  # noqa: S101  # a programming error, not input
    where, params = "hour >= ? AND hour < ? AND dimension = ?", [*span, dimension]
    if jurisdiction:
        return f"{where} AND jurisdiction = ?", (*params, jurisdiction)
    return where, tuple(params)

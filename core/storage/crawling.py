"""The part of the Store that crawlers share: leases on sources, what is known of them, and what they brought."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace
from sqlalchemy import Connection, Select, and_, case, delete, func, select, text, update

from core.codec import decode, encode
from core.effects import AskCrawl, RemoveSource, RestHost, SaveCookie, Visited
from core.errors import Conflict
from core.leases import Leased
from core.records import Crawl, Rank, Revisit, Sample, Source, VisitRecord
from core.storage import tables as t
from core.storage.reading import SqlReader
from core.storage.rows import insert, upsert

VISITS_KEPT = timedelta(days=30)
RANKS_KEPT = timedelta(days=30)
MOST_REVISITS = 500
"""Things of one source that wait for another look; of more, those due last are dropped."""
MOST_OF_A_HOST = 8
"""Sources of one host that are leased at once; the host's others come later."""
ONE_AT_A_TIME = 0x4855_4959
"""Key of PostgreSQL's advisory lock under which leases are taken, renewed and ended; SQLite has one writer anyway."""


def host_of(url: str) -> str:
    """The host (and port) that a source is asked from, as politeness counts it."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


class CrawlingStore(SqlReader):
    """`core.ports.Sources`."""

    def source(self, id_: str) -> Source | None:
        return self._one(t.sources, t.sources.c.id == id_, Source)

    def sources(self) -> list[Source]:
        return self._all(select(t.sources.c.body).order_by(t.sources.c.id), Source)

    def crawl(self, id_: str) -> Crawl | None:
        with self._read() as connection:
            row = connection.execute(select(t.crawls).where(t.crawls.c.source == id_)).one_or_none()
        return None if row is None else _crawl_of(row)

    def crawls(self) -> list[Crawl]:
        with self._read() as connection:
            return [_crawl_of(row) for row in connection.execute(select(t.crawls).order_by(t.crawls.c.source))]

    def lease(self, holder: str, now: datetime, lease_s: float, limit: int, only: Sequence[str] = ()) -> list[Leased]:
        c, at = t.crawls.c, t.millis(now)
        until = t.millis(now + timedelta(seconds=lease_s))
        with self._write() as connection:
            _one_at_a_time(connection)
            chosen = [str(one) for one in connection.execute(_free(at, limit, only)).scalars()]
            if not chosen:
                return []
            take = update(t.crawls).where(c.source.in_(chosen)).values(holder=holder, leased_until=until)
            connection.execute(take)
            both = select(t.crawls, t.sources.c.body.label("source_body")).join(
                t.sources, t.sources.c.id == t.crawls.c.source
            )
            rows = connection.execute(both.where(c.source.in_(chosen)).order_by(c.next_at, c.source)).all()
            cookies, revisits = _cookies(connection, chosen), _due(connection, chosen, now)
            return [
                Leased(
                    source=decode(row.source_body, Source),
                    crawl=_crawl_of(row),
                    revisits=revisits.get(row.source, [])[:MOST_REVISITS],
                    cookie=cookies.get(row.source),
                )
                for row in rows
            ]

    def renew(self, holder: str, sources: Sequence[str], now: datetime, lease_s: float) -> None:
        c = t.crawls.c
        until = t.millis(now + timedelta(seconds=lease_s))
        with self._write() as connection:
            _one_at_a_time(connection)
            mine = (c.holder == holder, c.source.in_(sources))
            connection.execute(update(t.crawls).where(*mine).values(leased_until=until))

    def release(self, holder: str, sources: Sequence[str]) -> None:
        c = t.crawls.c
        with self._write() as connection:
            mine = (c.holder == holder, c.source.in_(sources))
            connection.execute(update(t.crawls).where(*mine).values(holder="", leased_until=0))

    def visits(self, source: str, limit: int) -> list[VisitRecord]:
        v = t.visits.c
        return self._all(select(v.body).where(v.source == source).order_by(v.at.desc()).limit(limit), VisitRecord)

    def revisits(self, source: str) -> list[Revisit]:
        r = t.revisits.c
        return self._all(select(r.body).where(r.source == source).order_by(r.due_at, r.key), Revisit)

    def sample(self, source: str) -> Sample | None:
        return self._one(t.source_samples, t.source_samples.c.source == source, Sample)

    def cookie(self, source: str) -> bytes | None:
        query = select(t.source_cookies.c.sealed).where(t.source_cookies.c.source == source)
        with self._read() as connection:
            sealed: bytes | None = connection.execute(query).scalar_one_or_none()
        return sealed

    def with_cookies(self) -> set[str]:
        with self._read() as connection:
            return set(connection.execute(select(t.source_cookies.c.source)).scalars())

    def ranks(self, since: datetime, sources: Sequence[str]) -> list[Rank]:
        r = t.ranks.c
        query = select(r.body).where(r.source.in_(sources), r.at >= t.millis(since)).order_by(r.at, r.source, r.topic)
        return self._all(query, Rank)


def _free(at: int, limit: int, only: Sequence[str]) -> Select[tuple[str]]:
    """Sources that may be taken, longest waiting first, but few of each host: the others shall have their turn."""
    c = t.crawls.c
    busy = select(c.host).where(c.leased_until > at)
    wanted = c.source.in_(only) if only else and_(c.active == 1, c.next_at <= at)
    place = func.row_number().over(partition_by=c.host, order_by=(c.next_at, c.source)).label("place")
    ready = select(c.source, c.next_at, place).where(wanted, c.host.not_in(busy)).subquery()
    most = len(only) or MOST_OF_A_HOST
    return select(ready.c.source).where(ready.c.place <= most).order_by(ready.c.next_at, ready.c.source).limit(limit)


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})


def _crawl_of(row: Any) -> Crawl:
    return replace(decode(row.body, Crawl), next_at=t.from_millis(row.next_at) if row.next_at else None)


def _cookies(connection: Connection, sources: Sequence[str]) -> dict[str, bytes]:
    c = t.source_cookies.c
    return {
        row.source: row.sealed for row in connection.execute(select(c.source, c.sealed).where(c.source.in_(sources)))
    }


def _due(connection: Connection, sources: Sequence[str], now: datetime) -> dict[str, list[Revisit]]:
    """What is to be looked at again, the longest due first."""
    r = t.revisits.c
    query = select(r.source, r.body).where(r.source.in_(sources), r.due_at <= t.millis(now)).order_by(r.due_at)
    due: dict[str, list[Revisit]] = {}
    for row in connection.execute(query):
        due.setdefault(row.source, []).append(decode(row.body, Revisit))
    return due


# --- changes -----------------------------------------------------------------------------------------------------------


def save_sources(connection: Connection, group: Sequence[Source]) -> None:
    """What people say of sources; a new one is due at once."""
    upsert(connection, t.sources, [{"id": s.id, "jurisdiction": s.jurisdiction, "body": encode(s)} for s in group])
    statement = insert(connection, t.crawls)
    said = {"host": statement.excluded.host, "active": statement.excluded.active}
    rows = [
        {
            "source": s.id,
            "host": host_of(s.url),
            "active": int(s.enabled),
            "next_at": 0,
            "holder": "",
            "leased_until": 0,
            "body": encode(Crawl(source=s.id)),
        }
        for s in group
    ]
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=said), rows)


def save_visits(connection: Connection, group: Sequence[Visited]) -> None:
    """What visits gave. Raises `Conflict` when a lease was lost: another process is at that source."""
    _one_at_a_time(connection)  # a renewal that locks the same rows in another order would wait for us, and we for it
    for visited in group:
        _give_back(connection, visited)
        _save_revisits(connection, visited)
        if visited.ranks:
            _save_ranks(connection, visited.ranks, visited.visit.at)
    rows = [{"source": v.crawl.source, "at": t.millis(v.visit.at), "body": encode(v.visit)} for v in group]
    upsert(connection, t.visits, rows)
    sources = [visited.crawl.source for visited in group]
    old = t.millis(min(visited.visit.at for visited in group) - VISITS_KEPT)
    connection.execute(delete(t.visits).where(t.visits.c.source.in_(sources), t.visits.c.at < old))
    samples = [{"source": v.crawl.source, "body": encode(v.sample)} for v in group if v.sample is not None]
    if samples:
        upsert(connection, t.source_samples, samples)
    _bring_forward(connection, {v.crawl.source: v.revisit_from for v in group if v.revisit_from is not None})


def _give_back(connection: Connection, visited: Visited) -> None:
    c, crawl = t.crawls.c, visited.crawl
    where = (c.source == crawl.source, c.holder == visited.holder)
    values = {
        "next_at": t.millis(crawl.next_at) if crawl.next_at else 0,
        "leased_until": t.millis(visited.free_at),
        "holder": "",  # nobody's any more: a renewal that comes late must not keep its host from others
        "body": encode(crawl),
    }
    if connection.execute(update(t.crawls).where(*where).values(**values)).rowcount != 1:
        raise Conflict(f"the lease of source {crawl.source} was lost")


def _bring_forward(connection: Connection, soonest: Mapping[str, datetime]) -> None:
    """Sources where something waits for another look are due for that, from those moments on."""
    c, r = t.crawls.c, t.revisits.c
    waiting = select(r.source, func.min(r.due_at)).where(r.source.in_(list(soonest))).group_by(r.source)
    for source, due in connection.execute(waiting).all():
        at = max(due, t.millis(soonest[source]))
        connection.execute(update(t.crawls).where(c.source == source, c.next_at > at).values(next_at=at))


def _save_revisits(connection: Connection, visited: Visited) -> None:
    r, source = t.revisits.c, visited.crawl.source
    if visited.done:
        connection.execute(delete(t.revisits).where(r.source == source, r.key.in_(visited.done)))
    rows = [
        {"source": v.source, "key": v.key, "due_at": t.millis(v.due_at), "body": encode(v)} for v in visited.revisits
    ]
    if rows:
        upsert(connection, t.revisits, rows)
        last = select(r.key).where(r.source == source).order_by(r.due_at, r.key).offset(MOST_REVISITS)
        if connection.dialect.name == "sqlite":
            last = last.limit(-1)
        beyond = connection.execute(last).scalars().all()
        if beyond:
            connection.execute(delete(t.revisits).where(r.source == source, r.key.in_(beyond)))


def _save_ranks(connection: Connection, ranks: Iterable[Rank], now: datetime) -> None:
    rows = {(r.source, r.topic, r.at): r for r in ranks}.values()
    upsert(
        connection,
        t.ranks,
        [{"source": r.source, "topic": r.topic, "at": t.millis(r.at), "body": encode(r)} for r in rows],
    )
    named = {r.source for r in rows}
    old = t.millis(now - RANKS_KEPT)
    connection.execute(delete(t.ranks).where(t.ranks.c.source.in_(named), t.ranks.c.at < old))


def rest_hosts(connection: Connection, group: Sequence[RestHost]) -> None:
    """Hosts that asked for a pause get it from all their sources."""
    c = t.crawls.c
    for one in group:
        until = t.millis(one.until)
        later = case((c.next_at < until, until), else_=c.next_at)
        connection.execute(update(t.crawls).where(c.host == one.host).values(next_at=later))


def ask_crawls(connection: Connection, group: Sequence[AskCrawl]) -> None:
    """What people ask of crawlers, between two visits or during one (whose end then wins)."""
    c = t.crawls.c
    for ask in group:
        row = connection.execute(select(t.crawls).where(c.source == ask.source).with_for_update()).one_or_none()
        if row is None:
            continue
        crawl = Crawl(source=ask.source) if ask.forget else decode(row.body, Crawl)
        if ask.backfill_since is not None:
            crawl = replace(crawl, backfill_since=ask.backfill_since, backfill_at=None)
        values: dict[str, Any] = {"body": encode(crawl)}
        if ask.soon:
            values["next_at"] = 0
        connection.execute(update(t.crawls).where(c.source == ask.source).values(**values))


def save_cookies(connection: Connection, group: Sequence[SaveCookie]) -> None:
    """Logins that people lend, and take back."""
    for one in group:
        if one.sealed is None:
            connection.execute(delete(t.source_cookies).where(t.source_cookies.c.source == one.source))
        else:
            upsert(connection, t.source_cookies, [{"source": one.source, "sealed": one.sealed}])


def remove_sources(connection: Connection, group: Sequence[RemoveSource]) -> None:
    """All that is known of sources."""
    forget_crawls(connection, [one.source for one in group])
    connection.execute(delete(t.sources).where(t.sources.c.id.in_([one.source for one in group])))


def forget_crawls(connection: Connection, sources: Sequence[str]) -> None:
    """What crawlers know of sources."""
    for table in (t.crawls, t.visits, t.revisits, t.source_samples, t.source_cookies, t.ranks):
        connection.execute(delete(table).where(table.c.source.in_(sources)))


def sources_of(connection: Connection, jurisdictions: Sequence[str]) -> list[str]:
    """The sources of jurisdictions."""
    query = select(t.sources.c.id).where(t.sources.c.jurisdiction.in_(jurisdictions))
    return list(connection.execute(query).scalars())

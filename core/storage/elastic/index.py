"""The Index: search over posts, incidents by heat, and the board's figures by aggregations."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from msgspec import convert

from core.ports import BoardFigures, Bucket, Count, FoundPost, IncidentPage, IncidentQuery, PostPage, PostQuery
from core.records import AnalysedPost, Incident
from core.storage.elastic import queries
from core.storage.elastic.cluster import Cluster
from core.storage.elastic.pages import Hit, Place, read_page
from core.storage.highlights import Highlighter
from core.storage.reading import known_sentiments

HOUR_S = 3600
MOST_MEMBERS = 10_000
"""Posts of an incident among which a search looks: those known last; for the first of its sources, those known first."""
BODY = ["body"]
IDS_A_QUERY = 500
DIVISIONS_A_QUERY = 200


class ElasticIndex:
    """`core.ports.Index`. Pages go by the last item's own values, and from the second on are of one point in time.

    Within one second posts come by id, not by arrival as in SQLite.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def posts(self, query: PostQuery) -> PostPage:
        members = self._members(query.incident) if query.incident is not None else None
        asked = queries.posts_filter(query, members)
        after = Place.parse(query.cursor) if query.cursor is not None else None
        if asked is None or (query.cursor is not None and after is None):
            return PostPage(items=[])
        body = {"query": asked, "sort": queries.NEWEST_FIRST, "source": BODY}
        page, cursor = read_page(self._cluster, body, query.limit, after)
        return PostPage(items=self._found(page, query.words), cursor=cursor)

    def histogram(self, query: PostQuery) -> list[Bucket]:
        members = self._members(query.incident) if query.incident is not None else None
        asked = queries.posts_filter(query, members)
        if asked is None:
            return []
        answer = self._cluster.search(self._cluster.posts, query=asked, size=0, aggs={"hours": queries.by_hour(HOUR_S)})
        return [_bucket(b) for b in answer.get("aggregations", {}).get("hours", {}).get("buckets", [])]

    def post(self, id_: str) -> FoundPost | None:
        hits = self._hits(self._cluster.posts, query={"term": {"id": id_}}, size=1, source=BODY)
        return self._found(hits)[0] if hits else None

    def posts_by_id(self, ids: Sequence[str]) -> list[AnalysedPost]:
        known: dict[str, AnalysedPost] = {}
        for start in range(0, len(ids), IDS_A_QUERY):
            some = list(ids[start : start + IDS_A_QUERY])
            hits = self._hits(self._cluster.posts, query={"terms": {"id": some}}, size=len(some), source=BODY)
            known.update((one.id, one) for one in map(_post, hits))
        return [known[id_] for id_ in ids if id_ in known]

    def first_of_sources(self, incident: str, limit: int) -> list[AnalysedPost]:
        query = {"terms": {"id": self._members(incident, "asc")}}
        aggs = {"sources": queries.first_of_sources(limit)}
        answer = self._cluster.search(self._cluster.posts, query=query, size=0, aggs=aggs)
        buckets = answer.get("aggregations", {}).get("sources", {}).get("buckets", [])
        firsts = [_post(bucket["first"]["hits"]["hits"][0]) for bucket in buckets]
        return sorted(firsts, key=lambda post: (post.at, post.id))

    def incidents(self, query: IncidentQuery) -> IncidentPage:
        order = "raised" if query.order == "newest" else "heat"
        after = _after_incident(query.cursor)
        if query.cursor is not None and after is None:
            return IncidentPage(items=[])
        more = {"search_after": after} if after else {}
        hits = self._hits(
            self._cluster.incidents,
            query=queries.incidents_filter(query),
            sort=[{order: "desc"}, {"id": "asc"}],
            size=query.limit + 1,
            source=BODY,
            **more,
        )
        page = hits[: query.limit]
        cursor = "{!r}.{}".format(*page[-1]["sort"]) if len(hits) > query.limit else None
        return IncidentPage(items=[_incident(hit) for hit in page], cursor=cursor)

    def incident(self, id_: str) -> Incident | None:
        c = self._cluster
        with c.said_plainly():
            found = c.client.mget(index=c.incidents, ids=[id_], source=BODY)["docs"][0]
        return _incident(found) if found.get("found") else None

    def figures(self, since: datetime, until: datetime, jurisdiction: str | None) -> BoardFigures:
        first, end = (_whole_hour(at) for at in (since, until))
        told = self._counted(first, end, jurisdiction, queries.figures(HOUR_S))
        hours = _hours(told.get("hours", {}).get("buckets", []), first, end)
        return BoardFigures(
            posts=sum(b.posts for b in hours),
            negative=sum(b.negative for b in hours),
            newest_at=self.newest(jurisdiction),
            hours=hours,
            domains=_counts(told.get("domains")),
            places=_counts(told.get("places")),
            sources=_counts(told.get("sources")),
        )

    def hours(self, since: datetime, until: datetime, jurisdiction: str | None) -> list[Bucket]:
        first, end = (_whole_hour(at) for at in (since, until))
        told = self._counted(first, end, jurisdiction, {"hours": queries.by_hour(HOUR_S)})
        return _hours(told.get("hours", {}).get("buckets", []), first, end)

    def within(self, since: datetime, until: datetime, jurisdiction: str | None, codes: Sequence[str]) -> list[Count]:
        first, end = (_whole_hour(at) for at in (since, until))
        found: dict[str, Hit] = {}
        for start in range(0, len(codes), DIVISIONS_A_QUERY):
            some = codes[start : start + DIVISIONS_A_QUERY]
            told = self._counted(first, end, jurisdiction, {"within": queries.within(some)})
            found.update(told.get("within", {}).get("buckets", {}))
        counts = ((code, found.get(code)) for code in codes)
        return [
            Count(value=code, posts=b["doc_count"], negative=b["negative"]["doc_count"])
            if b
            else Count(value=code, posts=0)
            for code, b in counts
        ]

    def sources(self, since: datetime, until: datetime, jurisdiction: str | None) -> list[Count]:
        first, end = (_whole_hour(at) for at in (since, until))
        return _counts(self._counted(first, end, jurisdiction, {"sources": queries.sources()}).get("sources"))

    def newest(self, jurisdiction: str | None) -> datetime | None:
        query = {"bool": {"filter": _of(jurisdiction)}}
        hits = self._hits(self._cluster.posts, query=query, sort=queries.NEWEST_FIRST, size=1, source=False)
        return datetime.fromtimestamp(int(hits[0]["sort"][0]) / 1000, UTC) if hits else None

    def catch_up(self) -> None:
        self._cluster.refresh()

    def _counted(self, first: datetime, end: datetime, jurisdiction: str | None, aggs: queries.Clause) -> Hit:
        filters = [queries.between("at", first, end), *_of(jurisdiction)]
        answer = self._cluster.search(self._cluster.posts, query={"bool": {"filter": filters}}, size=0, aggs=aggs)
        told: Hit = answer.get("aggregations", {})
        return told

    def _hits(self, index: str, **body: Any) -> list[Hit]:
        hits: list[Hit] = self._cluster.search(index, **body)["hits"]["hits"]
        return hits

    def _members(self, incident: str, order: str = "desc") -> list[str]:
        query = {"term": {"incident": incident}}
        sort = [{"known": order}]
        hits = self._hits(self._cluster.members, query=query, sort=sort, size=MOST_MEMBERS, source=False)
        return [hit["_id"] for hit in hits]

    def _found(self, hits: Sequence[Hit], words: str = "") -> list[FoundPost]:
        posts = [_post(hit) for hit in hits]
        if not posts:
            return []
        ids = [p.id for p in posts]
        incidents, alike = self._incidents_of(ids), self._alike(ids)
        marked = Highlighter(words).of
        found = ((p, *alike.get(p.id, (1, p.interactions))) for p in posts)
        return [
            FoundPost(
                post=p, incident=incidents.get(p.id), copies=copies, interactions=interactions, highlights=marked(p)
            )
            for p, copies, interactions in found
        ]

    def _incidents_of(self, posts: Sequence[str]) -> dict[str, str | None]:
        c = self._cluster
        with c.said_plainly():
            docs = c.client.mget(index=c.members, ids=posts, source=["incident"])["docs"]
        return {doc["_id"]: doc["_source"]["incident"] for doc in docs if doc.get("found")}

    def _alike(self, posts: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many posts say the same and what people did with them, for those that were the first to say it."""
        interactions = {"interactions": {"sum": {"field": "interactions"}}}
        by_group = {"groups": {"terms": {"field": "group", "size": len(posts)}, "aggs": interactions}}
        query = {"bool": {"filter": [{"terms": {"group": list(posts)}}]}}
        answer = self._cluster.search(self._cluster.posts, query=query, size=0, aggs=by_group)
        groups = answer["aggregations"]["groups"]["buckets"]
        return {b["key"]: (b["doc_count"], int(b["interactions"]["value"])) for b in groups}


def _of(jurisdiction: str | None) -> list[queries.Clause]:
    return [{"term": {"jurisdiction": jurisdiction}}] if jurisdiction else []


def _post(hit: Hit) -> AnalysedPost:
    return convert(hit["_source"]["body"], AnalysedPost)


def _incident(hit: Hit) -> Incident:
    return convert(hit["_source"]["body"], Incident)


def _after_incident(cursor: str | None) -> list[float | str] | None:
    value, dot, id_ = (cursor or "").rpartition(".")
    try:
        return [float(value), id_] if dot and isfinite(float(value)) else None
    except ValueError:
        return None


def _whole_hour(at: datetime) -> datetime:
    return datetime.fromtimestamp(-(-int(at.timestamp()) // HOUR_S) * HOUR_S, UTC)


def _bucket(told: Hit) -> Bucket:
    counts = {s["key"]: s["doc_count"] for s in told["sentiments"]["buckets"]}
    at = datetime.fromtimestamp(told["key"] / 1000, UTC)
    return Bucket(at=at, posts=told["doc_count"], **known_sentiments(counts))


def _hours(buckets: Iterable[Hit], first: datetime, end: datetime) -> list[Bucket]:
    told = {bucket.at: bucket for bucket in map(_bucket, buckets)}
    hours = []
    while first < end:
        hours.append(told.get(first) or Bucket(at=first, posts=0))
        first += timedelta(seconds=HOUR_S)
    return hours


def _counts(told: Hit | None) -> list[Count]:
    buckets = told["buckets"] if told else []
    return [Count(value=b["key"], posts=b["doc_count"], negative=b["negative"]["doc_count"]) for b in buckets]

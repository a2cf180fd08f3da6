"""Writes to Elasticsearch by id and external version: a repeat or an older version changes nothing.

A post's version is its revision, an incident's its own, a membership's the number of the commit that gave it. Which
incident a post belongs to is a document of its own: it changes without the post, and comes from another stage.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from core.errors import StorageError
from core.records import AnalysedPost, Assignment, Incident
from core.storage.elastic.cluster import Cluster
from core.storage.elastic.documents import (
    incident_document,
    index_operation,
    line,
    member_document,
    post_document,
    versioned,
)
from core.storage.elastic.queries import between

log = structlog.get_logger()

CHUNK_BYTES = 4 * 1024 * 1024
PAGE = 1_000


class ElasticWriter:
    """`core.storage.postgres.relay.IndexWriter`, and the retention of what it wrote."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def write(
        self,
        posts: Sequence[AnalysedPost],
        incidents: Sequence[Incident],
        assigned: Sequence[Assignment],
        version: int,
    ) -> None:
        self.bulk(self._operations(posts, incidents, assigned, version))

    def remove(self, jurisdiction: str) -> None:
        c = self._cluster
        self._cluster.refresh()
        for index in (c.posts, c.incidents):
            self._delete(index, {"term": {"jurisdiction": jurisdiction}}, also=c.members)

    def forget(self, before: datetime, keep: set[str]) -> int:
        """Delete months that ended before then, and incidents without a case and memberships that are older."""
        c = self._cluster
        month = before.replace(day=1, hour=0, minute=0, second=0)
        with c.said_plainly():
            months = c.client.indices.get_alias(index=f"{c.posts}-*", allow_no_indices=True)
            over = sorted(name for name in months if name < c.month(before))
            for name in over:
                c.client.indices.delete(index=name, ignore_unavailable=True)
        self._cluster.refresh()
        kept = {"ids": {"values": sorted(keep)}}
        old = {"bool": {"filter": [between("last", None, before)], "must_not": [kept]}}
        gone = self._delete(c.incidents, old) + self._delete(c.members, between("known", None, month))
        return len(over) + gone

    def _operations(
        self,
        posts: Iterable[AnalysedPost],
        incidents: Iterable[Incident],
        assigned: Iterable[Assignment],
        version: int,
    ) -> Iterator[bytes]:
        for post in posts:
            yield index_operation(self._cluster.month(post.at), post.id, post.revision + 1, post_document(post))
        for incident in incidents:
            yield index_operation(self._cluster.incidents, incident.id, incident.version, incident_document(incident))
        for one in assigned:
            yield index_operation(self._cluster.members, one.post, version, member_document(one))

    def bulk(self, operations: Iterable[bytes]) -> None:
        """Send operations, each with its lines, in requests of a few megabytes."""
        chunk, size = [], 0
        for operation in operations:
            chunk.append(operation)
            size += len(operation)
            if size > CHUNK_BYTES:
                self._send(chunk)
                chunk, size = [], 0
        self._send(chunk)

    def _send(self, chunk: Sequence[bytes]) -> None:
        if not chunk:
            return
        with self._cluster.said_plainly():
            answer = self._cluster.client.bulk(
                operations=b"".join(chunk),  # type: ignore[arg-type]  # lines that are written already
                filter_path="errors,items.*.status,items.*.error",
            )
        if answer.body.get("errors"):
            for item in answer.body["items"]:
                self._look_at(next(iter(item.values())))

    def _look_at(self, item: Mapping[str, Any]) -> None:
        """Raises for a server in trouble. A document that it will never take stands in the log, which has it still.

        A cluster that has as many shards as it may answers as if the document of a new month were wrong.
        """
        status, error = item.get("status", 200), item.get("error", {})
        nothing_to_delete, newer_there = status == 404 and not error, status == 409
        if status < 400 or nothing_to_delete or newer_there:
            return
        reason = f"{error.get('type')}: {error.get('reason')}"[:200]
        if status == 400 and error.get("type") != "validation_exception":
            log.error("index_refused", reason=reason)
            return
        raise StorageError(f"Elasticsearch at {self._cluster.where}: {status} {reason}")

    def _delete(self, index: str, query: Mapping[str, Any], also: str = "") -> int:
        """Delete by id what a query finds, and what `also` holds of those ids; how many.

        The server's own delete-by-query is a module.
        """
        gone = 0
        while True:
            found = self._cluster.search(index, query=query, size=PAGE, source=False, version=True)["hits"]["hits"]
            if not found:
                return gone
            self.bulk(_deletions(found, also))
            self._cluster.refresh()
            gone += len(found)


def _deletions(found: Iterable[Mapping[str, Any]], also: str) -> Iterator[bytes]:
    for hit in found:
        yield line({"delete": {"_index": hit["_index"], "_id": hit["_id"], **versioned(hit["_version"])}}) + b"\n"
        if also:
            yield line({"delete": {"_index": also, "_id": hit["_id"]}}) + b"\n"

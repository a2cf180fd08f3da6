"""From the indices of the schema before to those of this program, while the program before goes on writing to its own.

The server numbers the operations of an index, so what is newer than the last look is asked for by number: the first look
copies everything, the ones after it little. How far it came is kept with the new indices; a second run goes on from there.
Documents are made anew from the whole records in them, with their versions, so new workers may write meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import convert

from core.errors import ConfigurationError
from core.records import AnalysedPost, Incident
from core.storage.elastic.cluster import Cluster
from core.storage.elastic.documents import (
    incident_document,
    index_operation,
    member_document,
    membership,
    post_document,
)
from core.storage.elastic.indices import FILLING, checkpoints, make_indices, metas, note, older
from core.storage.elastic.writer import ElasticWriter

PAGE = 1_000
LITTLE = 1_000
"""A look that finds less was the last: what a running worker writes meanwhile has no end."""

Advance = Callable[[int], None]
Hit = Mapping[str, Any]


def reindex(cluster: Cluster, advance: Advance) -> int:
    """Copy what is newer than the last run; how many documents. `advance` is told of each page.

    Raises `ConfigurationError` when there is nothing older to copy from.
    """
    before = older(cluster)
    if not before:
        raise ConfigurationError(f"there are no indices {cluster.prefix}* of an older schema: nothing to copy")
    if cluster.incidents not in metas(cluster):
        make_indices(cluster)
        note(cluster, {FILLING: True})
    copying = _Copying(cluster.at(before[0]), cluster, advance)
    copied = found = copying.look()
    while found >= LITTLE:
        found = copying.look()
        copied += found
    copying.keep()
    cluster.refresh()
    return copied


def drop_older(cluster: Cluster) -> list[str]:
    """Delete the indices of all older schemas; their names. Raises `ConfigurationError` while ours are not whole."""
    meta = metas(cluster).get(cluster.incidents)
    if meta is None or FILLING in meta:
        raise ConfigurationError("run `huiying reindex` to its end first: the new indices are not whole")
    gone = []
    for schema in older(cluster):
        there = cluster.at(schema)
        names = sorted(metas(there))
        with cluster.said_plainly():
            cluster.client.indices.delete(index=names)
            for template in (there.posts, there.incidents, there.members):
                cluster.client.options(ignore_status=404).indices.delete_index_template(name=template)
        gone += names
    return gone


class _Copying:
    """From one schema's indices to another's; `_reached` is the last operation copied, by the identity of an index."""

    def __init__(self, source: Cluster, target: Cluster, advance: Advance) -> None:
        self._source, self._target, self._advance = source, target, advance
        self._writer = ElasticWriter(target)
        meta = metas(target)[target.incidents]
        self._reached: dict[str, int] = dict(meta.get("copied", {}))

    def look(self) -> int:
        """Copy what is newer than the last look; how many documents."""
        copied = 0
        ends = list(checkpoints(self._source))
        self._source.refresh()
        for index, identity, end in ends:
            for hits in self._pages(index, self._reached.get(identity, -1), end):
                self._writer.bulk(self._anew(index, hit) for hit in hits)
                copied += len(hits)
                self._advance(len(hits))
            self._reached[identity] = end
        return copied

    def keep(self) -> None:
        """Remember how far it came; the new indices are whole now."""
        note(self._target, {"copied": self._reached})

    def _pages(self, index: str, reached: int, end: int) -> Iterator[Sequence[Hit]]:
        while reached < end:
            newer = {"range": {"_seq_no": {"gt": reached, "lte": end}}}
            hits = self._source.search(index, query=newer, sort=[{"_seq_no": "asc"}], size=PAGE, version=True)
            page: list[Hit] = hits["hits"]["hits"]
            if not page:
                return
            yield page
            reached = page[-1]["sort"][0]

    def _anew(self, index: str, hit: Hit) -> bytes:
        target, source, version = self._target, hit["_source"], hit["_version"]
        if index == self._source.members:
            one = membership(source)
            return index_operation(target.members, one.post, version, member_document(one))
        if index == self._source.incidents:
            incident = convert(source["body"], Incident)
            return index_operation(target.incidents, incident.id, version, incident_document(incident))
        post = convert(source["body"], AnalysedPost)
        return index_operation(target.month(post.at), post.id, version, post_document(post))

"""Pages of a search over posts: the first as cheap as can be, the others of one point in time.

The board asks for first pages all day, so those open nothing. Who asks for a second page gets a point in time of the
server: posts revised or deleted meanwhile stay as they were until the last page. It travels in the cursor, and it is the
server's to give and to lose; a page without it goes on from the same values.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any, NamedTuple

from core.cursors import number
from core.storage.elastic.cluster import Cluster

Hit = Mapping[str, Any]

LONGEST = 3_500
"""Characters of a point in time as a cursor carries it (24 months: 1 028); a longer one would not fit a request line."""
LARGEST = 64 * 1024
MARK = "~"


class Place(NamedTuple):
    """Where a page begins: after the post of that millisecond and id, in that point in time or (empty) in none."""

    at: int
    id: str
    moment: str = ""

    @classmethod
    def parse(cls, cursor: str) -> "Place | None":
        """The place that a cursor names; None for one that is not ours."""
        packed, mark, rest = cursor.partition(MARK) if MARK in cursor.partition(".")[0] else ("", "", cursor)
        at, dot, id_ = rest.partition(".")
        value, moment = number(at), _unpacked(packed) if mark else ""
        return Place(value, id_, moment) if dot and value is not None and moment is not None else None

    def __str__(self) -> str:
        packed = _packed(self.moment) if self.moment else ""
        return f"{packed}{MARK}{self.at}.{self.id}" if packed else f"{self.at}.{self.id}"


def read_page(
    cluster: Cluster, body: Mapping[str, Any], limit: int, after: Place | None
) -> tuple[list[Hit], str | None]:
    """At most `limit` hits after a place, and the cursor of the next page, None at the end; sorted by (at, id)."""
    hits, moment = _hits(cluster, {**body, "size": limit + 1}, after)
    if len(hits) > limit:
        at, id_ = hits[limit - 1]["sort"][:2]
        return hits[:limit], str(Place(at, id_, moment))
    if moment:
        cluster.close_moment(moment)
    return hits, None


def _hits(cluster: Cluster, body: Mapping[str, Any], after: Place | None) -> tuple[list[Hit], str]:
    if after is None:
        return _plain(cluster, body), ""
    body = {**body, "search_after": [after.at, after.id]}
    moment = after.moment or cluster.open_moment(cluster.posts)
    answer = cluster.search_moment(moment, **body) if moment else None
    if answer is None:
        return _plain(cluster, body), ""
    kept = answer["pit_id"]
    if len(_packed(kept)) > LONGEST:
        cluster.close_moment(kept)
        kept = ""
    return answer["hits"]["hits"], kept


def _plain(cluster: Cluster, body: Mapping[str, Any]) -> list[Hit]:
    hits: list[Hit] = cluster.search(cluster.posts, **body)["hits"]["hits"]
    return hits


def _packed(moment: str) -> str:
    """A quarter of what the server gives: it repeats names of indices and nodes, encoded already."""
    raw = urlsafe_b64decode(moment + "=" * (-len(moment) % 4))
    return urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


def _unpacked(packed: str) -> str | None:
    """None for what `_packed` did not make: the checksum tells."""
    reader = zlib.decompressobj()
    try:
        raw = reader.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), LARGEST)
    except (NotBase64, ValueError, zlib.error):
        return None
    return urlsafe_b64encode(raw).decode() if raw and reader.eof else None

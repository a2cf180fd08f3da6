"""Whether documents have arrived: by their ids, after a refresh."""

from collections.abc import Sequence

from core.storage.elastic.cluster import Cluster


def posts_arrived(cluster: Cluster, ids: Sequence[str]) -> int:
    """How many of these posts the index holds."""
    return _held(cluster, cluster.posts, "id", ids)


def incidents_arrived(cluster: Cluster, ids: Sequence[str]) -> int:
    """How many of these incidents the index holds."""
    return _held(cluster, cluster.incidents, "id", ids)


def members_arrived(cluster: Cluster, posts: Sequence[str]) -> int:
    """Of how many of these posts the index knows the incident."""
    return _held(cluster, cluster.members, "post", posts)


def _held(cluster: Cluster, index: str, field: str, ids: Sequence[str]) -> int:
    number = {"number": {"value_count": {"field": field}}}
    answer = cluster.search(index, query={"terms": {field: list(ids)}}, size=0, aggs=number)
    return int(answer.get("aggregations", {}).get("number", {}).get("value", 0))

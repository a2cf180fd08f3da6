"""The indices of this program's schema: made from templates when missing, checked when there."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import ApiError

from core.errors import ConfigurationError
from core.storage.elastic import mappings
from core.storage.elastic.cluster import Cluster

FILLING = "filling"
"""In the `_meta` of the incidents while `huiying reindex` copies for the first time."""


def prepare_indices(cluster: Cluster) -> None:
    """Make templates and indices that are missing.

    Raises `ConfigurationError` when only those of an older schema are there, or those of ours are not whole.
    """
    _check(cluster)
    make_indices(cluster)


def check_indices(cluster: Cluster) -> None:
    """Raise `ConfigurationError` when an index is missing or not as it should be; makes nothing."""
    _check(cluster)
    if cluster.schema not in schemas(cluster):
        raise ConfigurationError(f"index {cluster.incidents} is missing: the first process that starts makes it")


def _check(cluster: Cluster) -> None:
    if cluster.schema not in schemas(cluster) and older(cluster):
        raise ConfigurationError(
            f"the indices {cluster.prefix}* have schema {older(cluster)[0]}, this program needs {cluster.schema}:"
            " run `huiying reindex`"
        )
    for name, meta in metas(cluster).items():
        if "schema" not in meta:
            raise ConfigurationError(
                f"index {name} was not made by Huiying: delete it, then run `huiying reindex --from-log`"
            )
        if FILLING in meta:
            raise ConfigurationError(f"{name} is not whole: run `huiying reindex` to its end")


def make_indices(cluster: Cluster) -> None:
    """Templates, then what is missing. An index that a running worker writes to after it was lost is made from them."""
    settings = mappings.settings(cluster.replicas)
    aliases: dict[str, Any] = {cluster.posts: {}}
    parts: list[tuple[str, str, Mapping[str, Any]]] = [
        (cluster.posts, f"{cluster.posts}-*", {"mappings": mappings.POSTS, "aliases": aliases}),
        (cluster.incidents, cluster.incidents, {"mappings": mappings.INCIDENTS}),
        (cluster.members, cluster.members, {"mappings": mappings.MEMBERS}),
    ]
    with cluster.said_plainly():
        for name, pattern, template in parts:
            cluster.client.indices.put_index_template(
                name=name, index_patterns=[pattern], priority=500, template={"settings": settings, **template}
            )
        for name in (cluster.incidents, cluster.members):
            if not cluster.client.indices.exists(index=name):
                _create(cluster, name)


def _create(cluster: Cluster, name: str) -> None:
    try:
        cluster.client.indices.create(index=name)
    except ApiError as error:
        if error.error != "resource_already_exists_exception":  # another process was faster
            raise


def schemas(cluster: Cluster) -> list[int]:
    """The schemas of which there are indices, newest first."""
    with cluster.said_plainly():
        there = cluster.client.indices.get_alias(index=f"{cluster.prefix}incidents-v*", allow_no_indices=True)
    found = (re.fullmatch(r"incidents-v(\d+)", name.removeprefix(cluster.prefix)) for name in there)
    return sorted((int(match[1]) for match in found if match), reverse=True)


def older(cluster: Cluster) -> list[int]:
    """The schemas before the cluster's of which there are indices, newest first."""
    return [schema for schema in schemas(cluster) if schema < cluster.schema]


def metas(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """Every index of the cluster's schema, with its `_meta`."""
    with cluster.said_plainly():
        there = cluster.client.indices.get_mapping(
            index=cluster.patterns, ignore_unavailable=True, allow_no_indices=True
        )
    return {name: dict(told["mappings"].get("_meta", {})) for name, told in there.items()}


def note(cluster: Cluster, meta: Mapping[str, Any]) -> None:
    """Keep something with the incidents of the cluster's schema."""
    with cluster.said_plainly():
        cluster.client.indices.put_mapping(index=cluster.incidents, meta={**mappings.META, **meta})


def checkpoints(cluster: Cluster) -> Iterator[tuple[str, str, int]]:
    """Name, identity and last operation of every index; all up to it can be found after a refresh that follows."""
    names = sorted(metas(cluster))
    if not names:
        return
    with cluster.said_plainly():
        told = cluster.client.indices.stats(index=names, level="shards", metric="docs")["indices"]
    for name in names:
        (copies,) = told[name]["shards"].values()  # every index of ours is one shard
        primary = next(copy for copy in copies if copy["routing"]["primary"])
        yield name, told[name]["uuid"], primary["seq_no"]["global_checkpoint"]

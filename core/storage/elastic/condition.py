"""How Elasticsearch is: what a person asks when searches or writes fail."""

from msgspec import Struct

from core.storage.elastic.cluster import Cluster

SETTLING = "2s"
"""An index that was just made has no shard yet."""
TIMED_OUT = 408
BLOCKS = "index.blocks."


class Health(Struct, frozen=True):
    """Of our indices: `green`, `yellow` (copies are missing) or `red` (data is); how many shards have no node."""

    colour: str
    nodes: int
    unassigned: int


def health(cluster: Cluster) -> Health:
    """What the cluster says of our indices; raises `StorageError` when it does not answer."""
    ours = f"{cluster.posts}*,{cluster.incidents}*,{cluster.members}*"  # wildcards may match nothing: not made yet
    with cluster.said_plainly():
        client = cluster.client.options(ignore_status=TIMED_OUT)
        told = client.cluster.health(index=ours, wait_for_status="green", timeout=SETTLING)
    return Health(told["status"], told["number_of_nodes"], told["unassigned_shards"])


def blocked(cluster: Cluster) -> dict[str, list[str]]:
    """The indices that refuse writes, each with the blocks that are set on it (`read_only_allow_delete`: a full disk)."""
    with cluster.said_plainly():
        told = cluster.client.indices.get_settings(
            index=cluster.patterns,
            name=f"{BLOCKS}*",
            flat_settings=True,
            ignore_unavailable=True,
            allow_no_indices=True,
        )
    found = {
        index: [name.removeprefix(BLOCKS) for name, value in described["settings"].items() if value == "true"]
        for index, described in told.items()
    }
    return {index: blocks for index, blocks in sorted(found.items()) if blocks}

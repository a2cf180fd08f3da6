"""How Kafka is: what a person asks when nothing comes through."""

from core.storage.kafka.topics import Brokers, administering
from core.topics import Topic

NOBODY = -1
"""The leader of a partition whose brokers are all away."""


def broker_count(brokers: Brokers) -> int:
    """How many brokers there are now; raises `StorageError` when none answers."""
    with administering(brokers) as admin:
        return len(admin.describe_cluster()["brokers"])


def out_of_sync(brokers: Brokers) -> list[str]:
    """Our partitions, as `topic/number`, that lack a leader or whose copies are not all up to date."""
    with administering(brokers) as admin:
        topics = admin.describe_topics([brokers.topic(topic) for topic in Topic])
    return sorted(
        f"{topic['name']}/{part['partition_index']}"
        for topic in topics
        for part in topic["partitions"]
        if part["leader_id"] == NOBODY or len(part["isr_nodes"]) < len(part["replica_nodes"])
    )

"""Topics on a real Kafka: made as declared, and refused with what to do when they are otherwise."""

from dataclasses import replace
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from core.errors import ConfigurationError
from core.storage.kafka import Brokers, prepare_topics
from core.topics import Topic
from tests.servers.names import unique

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def brokers(kafka_servers: str) -> Brokers:
    return Brokers(kafka_servers, partitions=3, keep_ms=DAY_MS, prefix=f"{unique()}.")


def test_topics_are_made_once_as_declared(brokers: Brokers) -> None:
    prepare_topics(brokers)
    prepare_topics(brokers)
    admin = KafkaAdminClient(**brokers.options())
    described = admin.describe_topics([brokers.topic(topic) for topic in Topic])
    admin.close()
    assert {topic["name"]: len(topic["partitions"]) for topic in described} == {brokers.topic(t): 3 for t in Topic}


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"partitions": 4}, "has 3 partitions, HUIYING_KAFKA_PARTITIONS says 4"),
        ({"keep_ms": 2 * DAY_MS}, f"retention.ms={DAY_MS}, this program needs {2 * DAY_MS} .HUIYING_LOG_DAYS."),
    ],
)
def test_other_settings_than_the_topics_have_are_an_error_that_names_both(
    brokers: Brokers, other: dict[str, Any], named: str
) -> None:
    prepare_topics(brokers)
    with pytest.raises(ConfigurationError, match=named):
        prepare_topics(replace(brokers, **other))


def test_a_topic_that_somebody_compacts_is_refused(brokers: Brokers) -> None:
    admin = KafkaAdminClient(**brokers.options())
    made = NewTopic(brokers.topic(Topic.CASES), 3, 1, topic_configs={"cleanup.policy": "compact"})
    admin.create_topics([made])
    admin.close()
    with pytest.raises(
        ConfigurationError, match=r"cases has cleanup.policy=compact.*--add-config cleanup.policy=delete"
    ):
        prepare_topics(brokers)

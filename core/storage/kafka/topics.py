"""Where the brokers are, and the topics as we need them: made when missing, checked when there."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from kafka.admin import ConfigResource, KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAlreadyExistsError

from core.errors import ConfigurationError, StorageError
from core.storage.kafka.security import UNSECURED, Security, obstacle
from core.topics import Topic

PREFIX = "huiying."
BOOTSTRAP_MS = 8_000
SETTLE_S = 15.0
MAX_RECORD = 1_048_576
"""Bytes of one record; a masked post is at most a tenth of that."""


@dataclass(frozen=True, slots=True)
class Brokers:
    """How to reach Kafka and what to make there."""

    servers: str
    partitions: int = 8
    replication: int = 1
    keep_ms: int = 7 * 24 * 3600 * 1000
    prefix: str = PREFIX
    security: Security = UNSECURED

    def topic(self, topic: Topic) -> str:
        """The name on the broker."""
        return self.prefix + topic.value

    def options(self) -> dict[str, Any]:
        """What every client of kafka-python is made with."""
        return {
            "bootstrap_servers": self.servers.split(","),
            "bootstrap_timeout_ms": BOOTSTRAP_MS,
            **self.security.options(),
        }


@contextmanager
def said_plainly(brokers: Brokers) -> Iterator[None]:
    """Errors of Kafka as ours."""
    try:
        yield
    except KafkaError as error:
        unreached = isinstance(error, KafkaTimeoutError) and "bootstrap" in str(error)
        why = obstacle(brokers.servers, brokers.security) if unreached else f"{type(error).__name__}: {error}"
        raise StorageError(f"Kafka at {brokers.servers}: {why}"[:300]) from error


@contextmanager
def administering(brokers: Brokers) -> Iterator[KafkaAdminClient]:
    """A client for questions about the brokers themselves, closed at the end."""
    with said_plainly(brokers), closing(KafkaAdminClient(**brokers.options())) as admin:
        yield admin


def prepare_topics(brokers: Brokers) -> None:
    """Make the topics that are missing; raises `ConfigurationError` when one is not as the settings say."""
    with administering(brokers) as admin:
        for topic in _missing(admin, brokers):
            _create(admin, brokers, topic)
        _check(admin, brokers)


def check_topics(brokers: Brokers) -> None:
    """Raise `ConfigurationError` when a topic is missing or not as the settings say; makes nothing."""
    with administering(brokers) as admin:
        missing = [brokers.topic(topic) for topic in _missing(admin, brokers)]
        if missing:
            raise ConfigurationError(f"{', '.join(missing)} missing: the first process that starts makes the topics")
        _check(admin, brokers)


def working(brokers: Brokers, groups: Sequence[str]) -> list[str]:
    """Which of these consumer groups have members now."""
    with administering(brokers) as admin:
        described = _described(admin, list(groups))
    return [group for group, facts in described.items() if facts.get("members")]


def _missing(admin: KafkaAdminClient, brokers: Brokers) -> list[Topic]:
    there = set(admin.list_topics())
    return [topic for topic in Topic if brokers.topic(topic) not in there]


def _described(admin: KafkaAdminClient, groups: list[str]) -> dict[str, Any]:
    """A new cluster makes its book of groups when it is first asked for one, and says so with an error."""
    give_up = monotonic() + SETTLE_S
    while True:
        try:
            found: dict[str, Any] = admin.describe_groups(groups)
        except KafkaError as error:
            if not error.retriable or monotonic() > give_up:
                raise
            sleep(0.2)
        else:
            return found


def _wanted(brokers: Brokers) -> dict[str, str]:
    """What each topic is made with. No compaction: every message counts, and keys are jurisdictions."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(brokers.keep_ms),
        "max.message.bytes": str(MAX_RECORD),
        "min.insync.replicas": "2" if brokers.replication > 2 else "1",  # two in-sync copies where there are three
    }


def _create(admin: KafkaAdminClient, brokers: Brokers, topic: Topic) -> None:
    new = NewTopic(brokers.topic(topic), brokers.partitions, brokers.replication, topic_configs=_wanted(brokers))
    try:
        admin.create_topics([new])
    except TopicAlreadyExistsError:
        return  # another process was faster


def _check(admin: KafkaAdminClient, brokers: Brokers) -> None:
    for name, number in _partitions(admin, brokers).items():
        if number != brokers.partitions:
            raise ConfigurationError(
                f"topic {name} has {number} partitions, HUIYING_KAFKA_PARTITIONS says {brokers.partitions}:"
                " set it to what is there"
            )
    wanted = _wanted(brokers)
    for name, there in _configs(admin, brokers).items():
        for key, value in wanted.items():
            if there.get(key) != value:
                raise ConfigurationError(
                    f"topic {name} has {key}={there.get(key)}, this program needs {value}{_SET_BY.get(key, '')}: change it"
                    f" (kafka-configs.sh --alter --entity-type topics --entity-name {name} --add-config {key}={value})"
                )


_SET_BY = {"retention.ms": " (HUIYING_LOG_DAYS)", "min.insync.replicas": " (HUIYING_KAFKA_REPLICATION)"}


def _configs(admin: KafkaAdminClient, brokers: Brokers) -> dict[str, dict[str, str]]:
    keys = dict.fromkeys(_wanted(brokers))
    asked = [ConfigResource("TOPIC", brokers.topic(topic), keys) for topic in Topic]
    described = admin.describe_configs(asked, config_filter="all")["topic"]
    return {name: {key: facts["value"] for key, facts in configs.items()} for name, configs in described.items()}


def _partitions(admin: KafkaAdminClient, brokers: Brokers) -> dict[str, int]:
    """How many partitions each topic has; a topic just made has none until the brokers have heard of it."""
    give_up = monotonic() + SETTLE_S
    while True:
        described = admin.describe_topics([brokers.topic(topic) for topic in Topic])
        found = {topic["name"]: len(topic["partitions"]) for topic in described}
        if all(found.values()) or monotonic() > give_up:
            return found
        sleep(0.1)

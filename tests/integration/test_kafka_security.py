"""Clients of both kinds on a real Kafka that demands TLS and a user; errors that say which setting is wrong."""

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.effects import Message
from core.errors import ConfigurationError, StorageError
from core.ports import Progress
from core.storage.kafka import Brokers, KafkaLog, Producer, Security, prepare_topics
from core.storage.kafka.security import obstacle
from core.topics import Topic
from stream.distributed import Agent
from stream.topology import Step
from tests.integration.distributed import Collect, tools
from tests.servers.certificates import certificates
from tests.servers.distributed import Distributed
from tests.servers.names import unique
from tests.servers.process import free_ports
from tests.servers.secured_kafka import SCRAM, USER, SecuredKafka

MECHANISMS = [*SCRAM, "PLAIN"]
LONG_S = 60
leaves_sockets = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def secured() -> Iterator[SecuredKafka]:
    with SecuredKafka() as kafka:
        yield kafka


def brokers(secured: SecuredKafka, mechanism: str = MECHANISMS[0]) -> Brokers:
    return Brokers(secured.servers, partitions=1, prefix=f"{unique()}.", security=secured.security(mechanism))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_what_is_written_is_read_again(secured: SecuredKafka, mechanism: str) -> None:
    ours = brokers(secured, mechanism)
    prepare_topics(ours)
    log = KafkaLog(ours, Producer(ours), lambda *_: Progress())
    log.append([Message(topic=Topic.POSTS_RAW, key="990100", id="m1", value=b"x")])
    assert [m.id for m in log.read(Topic.POSTS_RAW, 0, 10)] == ["m1"]
    log.close()


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_an_agent_of_faust_reads(
    secured: SecuredKafka, mechanism: str, addresses: list[str], tmp_path: Path
) -> None:
    _, postgres, elasticsearch = addresses
    security = secured.security(mechanism)
    made = Distributed(
        secured.servers,
        postgres,
        elasticsearch,
        partitions=1,
        kafka_protocol=security.protocol,
        kafka_mechanism=mechanism,
        kafka_user=security.user,
        kafka_password=security.password,
        kafka_ca=security.ca,
    )
    made.log.append([Message(topic=Topic.POSTS_RAW, key="990100", id="m1", value=b"x")])
    stage = Collect()
    agent = Agent(Step("collect", Topic.POSTS_RAW, stage), tools(made, tmp_path))
    await agent.start()
    async with asyncio.timeout(LONG_S):
        while not stage.seen:  # noqa: ASYNC110  # the stage runs in a thread
            await asyncio.sleep(0.05)
    await agent.stop()
    made.close()
    assert stage.seen == ["m1"]


def refusal(ours: Brokers) -> str:
    """What the start says, on one line and without the password."""
    with pytest.raises(StorageError) as caught:
        prepare_topics(ours)
    said = str(caught.value)
    del caught
    gc.collect()  # kafka-python leaves the sockets of its attempts open
    assert "\n" not in said
    assert ours.security.password not in said or not ours.security.password
    return said


@leaves_sockets
@pytest.mark.parametrize("mechanism", [SCRAM[0], "PLAIN"])
def test_a_wrong_password_names_its_setting(secured: SecuredKafka, mechanism: str) -> None:
    ours = replace(brokers(secured), security=secured.security(mechanism, password="not-the-password"))
    assert "HUIYING_KAFKA_PASSWORD" in refusal(ours)


@leaves_sockets
def test_a_certificate_of_an_authority_that_is_not_trusted_names_its_setting(
    secured: SecuredKafka, tmp_path: Path
) -> None:
    strange = replace(secured.security(), ca=certificates(tmp_path).ca)
    assert "HUIYING_KAFKA_CA" in refusal(replace(brokers(secured), security=strange))


def test_a_server_that_is_not_there_or_speaks_no_tls_is_told_from_one_that_refuses(
    secured: SecuredKafka, kafka_servers: str
) -> None:
    (free,) = free_ports(1)
    assert "does not answer" in obstacle(f"127.0.0.1:{free}", secured.security())
    assert "HUIYING_KAFKA_PROTOCOL" in obstacle(kafka_servers, secured.security())


@leaves_sockets
def test_a_client_without_security_is_told_to_look_at_the_protocol(secured: SecuredKafka) -> None:
    assert "HUIYING_KAFKA_PROTOCOL" in refusal(replace(brokers(secured), security=Security()))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"protocol": "SASL_SSL"}, "HUIYING_KAFKA_USER"),
        ({"protocol": "SASL_SSL", "user": USER}, "HUIYING_KAFKA_PASSWORD"),
        ({"user": USER}, "HUIYING_KAFKA_PROTOCOL"),
        ({"ca": Path("ca.crt")}, "HUIYING_KAFKA_CA"),
        ({"protocol": "SSL", "ca": Path("nowhere.crt")}, "HUIYING_KAFKA_CA"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(given: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Security(**given)  # type: ignore[arg-type]  # fields of Security


def test_a_password_does_not_show_itself() -> None:
    assert "hunter2" not in repr(Brokers("k:9092", security=Security("SASL_PLAINTEXT", user="u", password="hunter2")))

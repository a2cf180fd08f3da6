"""`huiying doctor` of the distributed set, on real servers that are well, away, hanging or wrong."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.doctor.distributed import checks
from app.doctor.examine import Finding, examine
from core.clock import utc_now
from core.effects import Effects, Message
from core.settings import Settings
from core.storage import tables as t
from core.topics import Topic
from tests.e2e.product import environment, huiying
from tests.records import delivery
from tests.servers.distributed import Distributed, settings_of
from tests.servers.names import unique

PARTITIONS = 2
SERVERS = ("kafka", "postgres", "elasticsearch")
SECRET = "hemlig"
"""Must appear nowhere."""
INDEX_BLOCK = "index.blocks.read_only_allow_delete"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts connections (the kernel does) and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


def found(settings: Settings, *names: str, ahead: timedelta = timedelta()) -> dict[str, Finding]:
    """What the checks of these names find, all if none is named; this machine's clock may be so much ahead."""

    def now() -> datetime:
        return utc_now() + ahead

    return dict(examine([check for check in checks(settings, now) if not names or check.name in names]))


def wrong(findings: dict[str, Finding]) -> set[str]:
    return {name for name, finding in findings.items() if not finding.good}


def owe_and_send(servers: Distributed, *ids: str) -> None:
    told = [Message(topic=Topic.INCIDENTS, key="33", id=id_, value=b"{}") for id_ in ids]
    servers.storage.commit(Effects(messages=told))


def variables(settings: Settings) -> dict[str, str]:
    """These settings as a process gets them."""
    return environment(
        HUIYING_RUNNER="distributed",
        HUIYING_KAFKA=settings.kafka,
        HUIYING_KAFKA_PARTITIONS=str(settings.kafka_partitions),
        HUIYING_POSTGRES=settings.postgres.get_secret_value(),
        HUIYING_ELASTICSEARCH=settings.elasticsearch,
        HUIYING_ELASTICSEARCH_REPLICAS="0",
        HUIYING_PREFIX=settings.prefix,
        HUIYING_SALT=SECRET,
    )


def test_a_set_that_is_well_is_found_well(servers: Distributed) -> None:
    owe_and_send(servers, "i1", "i2")
    findings = found(servers.settings)
    unwell = {name: findings[name].said for name in wrong(findings) - {"board"}}  # built only for the browser's tests
    assert unwell == {}
    assert findings["kafka"].said.startswith("1 brokers")
    assert findings["lag"].said == "understand 0, detect 0, decide 2, draft 0"
    assert findings["owed"].said == "log 0, index 0"
    assert findings["elasticsearch"].said.startswith("green, 1 nodes")


def test_nothing_is_made_by_looking(addresses: list[str], servers: Distributed) -> None:
    settings = settings_of(*addresses, partitions=PARTITIONS, prefix=unique())
    findings = found(settings, "kafka", "topics", "elasticsearch", "indices")
    assert wrong(findings) == {"topics", "indices"}
    assert "the first process that starts makes" in findings["topics"].said
    assert found(settings, "topics")["topics"] == findings["topics"]


@pytest.mark.parametrize("away", SERVERS)
@pytest.mark.parametrize("how", ["closed", "silent"])
def test_a_server_that_is_away_is_named_in_time_and_the_others_are_looked_at(
    servers: Distributed, silent: int, away: str, how: str
) -> None:
    port = silent if how == "silent" else 1
    address = {
        "kafka": f"127.0.0.1:{port}",
        "postgres": f"postgresql://huiying:{SECRET}@127.0.0.1:{port}/huiying",
        "elasticsearch": f"http://huiying:{SECRET}@127.0.0.1:{port}",
    }[away]
    env = variables(servers.settings) | {f"HUIYING_{away.upper()}": address}
    done = huiying("doctor", "--only", ",".join((*SERVERS, "offsets", "indices", "models")), env=env)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.returncode == 1, done.stderr
    assert "127.0.0.1" in lines[f"WRONG {away}"]
    assert {f"ok    {name}" for name in (*SERVERS, "models") if name != away} <= set(lines)
    if away == "elasticsearch":
        assert lines["WRONG indices"] == "not known while elasticsearch is wrong"
    else:
        assert lines["WRONG offsets"] == f"not known while {away} is wrong"
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_other_partitions_than_the_settings_say_are_told_with_what_to_set(servers: Distributed) -> None:
    other = servers.settings.model_copy(update={"kafka_partitions": PARTITIONS + 1})
    findings = found(other, "kafka", "topics", "offsets")
    assert wrong(findings) == {"topics", "offsets"}
    assert f"has {PARTITIONS} partitions, HUIYING_KAFKA_PARTITIONS says {PARTITIONS + 1}" in findings["topics"].said


def test_an_index_that_refuses_writes_is_named_with_the_reason(servers: Distributed) -> None:
    indices = servers.cluster.client.indices
    indices.put_settings(index=servers.cluster.incidents, settings={INDEX_BLOCK: True})
    full = found(servers.settings, "blocks")["blocks"]
    indices.put_settings(index=servers.cluster.incidents, settings={INDEX_BLOCK: None, "index.blocks.write": True})
    set_by_hand = found(servers.settings, "blocks")["blocks"]
    indices.put_settings(index=servers.cluster.incidents, settings={"index.blocks.write": None})
    assert not full.good
    assert f"{servers.cluster.incidents} (read_only_allow_delete): the disk is nearly full" in full.said
    assert not set_by_hand.good
    assert "(write): somebody set it" in set_by_hand.said
    assert found(servers.settings, "blocks")["blocks"].good


def test_copies_without_a_node_are_told_with_what_to_do(servers: Distributed) -> None:
    servers.cluster.client.indices.put_settings(index=servers.cluster.members, settings={"index.number_of_replicas": 1})
    finding = found(servers.settings, "elasticsearch")["elasticsearch"]
    assert not finding.good
    assert "yellow, 1 nodes" in finding.said
    assert "1 copies of shards have no node: bring the missing one back" in finding.said


def test_an_index_that_somebody_else_made_is_told(servers: Distributed) -> None:
    servers.cluster.client.indices.put_mapping(index=servers.cluster.members, meta={})
    finding = found(servers.settings, "indices")["indices"]
    assert not finding.good
    assert "was not made by Huiying" in finding.said


def test_indices_that_are_missing_are_told(servers: Distributed) -> None:
    servers.cluster.client.indices.delete(index=servers.cluster.incidents)
    finding = found(servers.settings, "indices")["indices"]
    assert not finding.good
    assert "is missing: the first process that starts makes it" in finding.said


def test_a_log_of_a_later_time_than_the_store_is_told(servers: Distributed) -> None:
    owe_and_send(servers, "i1", "i2")
    with servers.database.write() as connection:
        connection.execute(update(t.heads).values(sequence=1))  # as a restored backup has it
    finding = found(servers.settings, "offsets")["offsets"]
    assert not finding.good
    assert "incidents/" in finding.said
    assert "run `huiying realign`" in finding.said


def test_a_store_that_has_read_beyond_the_end_of_the_log_is_told(servers: Distributed) -> None:
    read = {"consumer": "decide", "topic": Topic.INCIDENTS.value, "partition": 1, "position": 7, "sequence": 7}
    with servers.database.write() as connection:
        connection.execute(t.offsets.insert(), read)
    finding = found(servers.settings, "offsets")["offsets"]
    assert not finding.good
    assert finding.said.startswith("incidents/1 end before what was handled")
    assert "run `huiying realign`" in finding.said


def test_what_waits_too_long_is_told_with_who_should_do_it(
    servers: Distributed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers.relay, "settle", lambda work, lanes: None)
    owe_and_send(servers, "i1")
    servers.storage.commit(Effects(changes=[delivery("a", next_at=utc_now())]))
    assert wrong(found(servers.settings, "owed", "outbox")) == set()
    later = found(servers.settings, "owed", "outbox", ahead=timedelta(minutes=10))
    assert wrong(later) == {"owed", "outbox"}
    assert later["owed"].said.startswith("log 1 since 2")
    assert "huiying worker deliver" in later["outbox"].said


def test_a_stage_that_is_far_behind_is_told(servers: Distributed) -> None:
    owe_and_send(servers, *(f"i{n}" for n in range(100)))
    finding = found(servers.settings.model_copy(update={"max_backlog": 100}), "lag")["lag"]
    assert not finding.good
    assert "decide 100, draft 0: start more of `huiying worker decide`" in finding.said


def test_a_clock_that_is_half_a_minute_off_is_told(servers: Distributed) -> None:
    assert found(servers.settings, "clock", ahead=timedelta(seconds=20))["clock"].good
    for ahead in (timedelta(seconds=40), timedelta(seconds=-40)):
        finding = found(servers.settings, "clock", ahead=ahead)["clock"]
        assert not finding.good
        assert "NTP" in finding.said


def test_a_salt_that_nobody_set_is_told(servers: Distributed) -> None:
    finding = found(servers.settings.model_copy(update={"salt": Settings().salt}), "secrets")["secrets"]
    assert not finding.good
    assert "HUIYING_SALT" in finding.said


def test_a_check_that_does_not_exist_is_refused_with_those_that_do(servers: Distributed) -> None:
    done = huiying("doctor", "--only", "kafkaa", env=variables(servers.settings))
    assert done.returncode == 2
    assert "'kafkaa' is none of settings, secrets, kafka, topics" in done.stderr

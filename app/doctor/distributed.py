"""The distributed set: its servers one by one, then what lies between them. Looks only, and makes nothing."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from app.distributed import brokers_of, cluster_of, log_of
from app.doctor import program
from app.doctor.examine import Check, Finding
from app.engines import salt_of
from core.clock import Now
from core.ports import lag
from core.settings import SECRETS_DIR, Settings
from core.storage.elastic import blocked, check_indices, health
from core.storage.kafka import KafkaLog, Producer, broker_count, check_topics, out_of_sync
from core.storage.postgres import Database, debts, lanes_ahead, lanes_cut
from core.storage.store import SqlStore
from stream.topology import TOPOLOGY

CLOCKS_APART = timedelta(seconds=30)
OWED_LONG = timedelta(minutes=1)
"""Workers sweep every two seconds: what is older is not merely on its way."""
DUE_LONG = timedelta(minutes=5)
"""Longer than a courier's lease."""
REALIGN = "stop all workers and run `huiying realign`"
NAMED = 3
"""So many of a list are named; the rest is counted."""

KAFKA = ("kafka", "topics")
BETWEEN = (*KAFKA, "postgres")


def checks(settings: Settings, now: Now) -> list[Check]:
    """Each server before what needs it. What the tables should be is to be checked right after `postgres`."""
    return [
        Check("settings", partial(_settings, settings)),
        Check("secrets", partial(_secrets, settings)),
        Check("kafka", partial(_kafka, settings)),
        Check("topics", partial(_topics, settings), ("kafka",)),
        Check("replicas", partial(_replicas, settings), KAFKA),
        Check("postgres", partial(_postgres, settings)),
        Check("clock", partial(_clock, settings, now), ("postgres",)),
        Check("owed", partial(_owed, settings, now), ("postgres",)),
        Check("outbox", partial(_outbox, settings, now), ("postgres",)),
        Check("offsets", partial(_offsets, settings), BETWEEN),
        Check("lag", partial(_lag, settings), BETWEEN),
        Check("elasticsearch", partial(_elasticsearch, settings)),
        Check("indices", partial(_indices, settings), ("elasticsearch",)),
        Check("blocks", partial(_blocks, settings), ("elasticsearch",)),
        *program.checks(settings),
    ]


def _settings(settings: Settings) -> Finding:
    return Finding(True, f"distributed, names begin with {settings.prefix}, jurisdiction {settings.jurisdiction}")


def _secrets(settings: Settings) -> Finding:
    folder = os.environ.get(SECRETS_DIR)
    if folder and not Path(folder).is_dir():
        return Finding(False, f"{SECRETS_DIR} names {folder}, which is no folder: make it with `huiying secrets`")
    salt_of(settings)
    return Finding(True, f"read from {folder or 'the environment'}")


# --- Kafka


def _kafka(settings: Settings) -> Finding:
    return Finding(True, f"{broker_count(brokers_of(settings))} brokers behind {settings.kafka}")


def _topics(settings: Settings) -> Finding:
    check_topics(brokers_of(settings))
    return Finding(True, f"as declared, {settings.kafka_partitions} partitions each")


def _replicas(settings: Settings) -> Finding:
    short = out_of_sync(brokers_of(settings))
    if short:
        return Finding(False, f"{_some(short)} lack copies: look at the brokers (is one down, is a disk full?)")
    return Finding(True, "all in sync")


# --- PostgreSQL


def _postgres(settings: Settings) -> Finding:
    with _store(settings) as database, database.write() as connection:
        version = connection.execute(select(func.current_setting("server_version"))).scalar_one()
    return Finding(True, f"{version} at {database.where}")


def _clock(settings: Settings, now: Now) -> Finding:
    with _store(settings) as database, database.write() as connection:
        before = now()
        there = connection.execute(select(func.clock_timestamp())).scalar_one()
        apart = max(before - there, there - now(), timedelta())
    said = f"{apart.total_seconds():.0f} s between PostgreSQL's clock and this machine's"
    return Finding(True, said) if apart <= CLOCKS_APART else Finding(False, f"{said}: set both by NTP")


def _owed(settings: Settings, now: Now) -> Finding:
    with _store(settings) as database, database.write() as connection:
        there = dict(zip(("log", "index"), debts(connection), strict=True))
    said = ", ".join(f"{to} {debt.rows}{_since(debt.since)}" for to, debt in there.items())
    if all(debt.since is None or now() - debt.since <= OWED_LONG for debt in there.values()):
        return Finding(True, said)
    return Finding(False, f"{said}: workers send it when Kafka and Elasticsearch answer; is one running?")


def _outbox(settings: Settings, now: Now) -> Finding:
    with _store(settings) as database:
        since = SqlStore(database.write, database.write).oldest_due(now())
    if since is None:
        return Finding(True, "nothing is due")
    said = f"the oldest delivery is due{_since(since)}"
    if now() - since <= DUE_LONG:
        return Finding(True, said)
    return Finding(False, f"{said}: is `huiying worker deliver` running?")


# --- between Kafka and PostgreSQL


def _offsets(settings: Settings) -> Finding:
    with _log(settings) as (log, database):
        cut = [f"{topic.value}/{part}" for topic, part in lanes_cut(database, log, TOPOLOGY)]
        ahead = [f"{topic.value}/{part}" for topic, part in lanes_ahead(database, log)]
    if cut:
        return Finding(False, f"{_some(cut)} end before what was handled (Kafka is new or restored): {REALIGN}")
    if ahead:
        return Finding(False, f"{_some(ahead)} are of a later time than PostgreSQL, which was restored: {REALIGN}")
    return Finding(True, "Kafka and PostgreSQL agree")


def _lag(settings: Settings) -> Finding:
    with _log(settings) as (log, _):
        waiting = {stage: lag(log, stage, topic) for stage, topic in TOPOLOGY.items()}
    said = ", ".join(f"{stage} {number}" for stage, number in waiting.items())
    late = [stage for stage, number in waiting.items() if number >= settings.max_backlog]
    if late:
        return Finding(False, f"{said}: start more of `huiying worker {late[0]}`, or see why it does not go on")
    return Finding(True, said)


# --- Elasticsearch


def _elasticsearch(settings: Settings) -> Finding:
    with closing(cluster_of(settings)) as cluster:
        found = health(cluster)
    said = f"{found.colour}, {found.nodes} nodes at {cluster.where}"
    return Finding(found.colour == "green", said + COLOURS[found.colour].format(found.unassigned))


COLOURS = {
    "green": "",
    "yellow": ": {} copies of shards have no node: bring the missing one back, or add one",
    "red": ": {} shards are missing, searches show a part: bring their node back, or restore a snapshot",
}


def _indices(settings: Settings) -> Finding:
    with closing(cluster_of(settings)) as cluster:
        check_indices(cluster)
    return Finding(True, "of this program's schema")


def _blocks(settings: Settings) -> Finding:
    with closing(cluster_of(settings)) as cluster:
        found = blocked(cluster)
    if not found:
        return Finding(True, "none")
    said = _some([f"{index} ({', '.join(blocks)})" for index, blocks in found.items()])
    if any("read_only_allow_delete" in block for blocks in found.values() for block in blocks):
        return Finding(False, f"{said}: the disk is nearly full; free some, and Elasticsearch lifts it by itself")
    return Finding(False, f"{said}: somebody set it; lift it (PUT INDEX/_settings, null)")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _since(at: datetime | None) -> str:
    return "" if at is None else f" since {at:%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def _store(settings: Settings) -> Iterator[Database]:
    with closing(Database(settings.postgres.get_secret_value())) as database:
        yield database


@contextmanager
def _log(settings: Settings) -> Iterator[tuple[KafkaLog, Database]]:
    with ExitStack() as stack:
        database = stack.enter_context(_store(settings))
        brokers = brokers_of(settings)
        log = stack.enter_context(closing(log_of(brokers, Producer(brokers), database)))
        yield log, database

"""What is done to a running set. Each is a plain function; its name seeds its chance."""

import signal
from collections.abc import Callable

import psutil

from core.effects import Message
from core.topics import Topic
from stream.topology import TOPOLOGY
from tests.chaos.ordeal import PARTITIONS, Ordeal
from tests.servers.process import Server

HANG_S = 13.0
"""Longer than the session timeout: the group gives the partitions away."""
AWAY_S = 60.0
SKEW_S = 300.0
NO_ROOM = 4096
"""Bytes that a file may have; those of a broker at work have more."""


def nothing(_: Ordeal) -> None:
    """The measure of the others."""


def killed(times: int) -> Callable[[Ordeal], None]:
    """kill -9 of a random worker so many times, each started again at once."""

    def kill_random_workers(ordeal: Ordeal) -> None:
        for _ in range(times):
            ordeal.wait(ordeal.chance.uniform(0.5, 1.5) * ordeal.seconds / times)
            name = ordeal.victim()
            ordeal.composed.kill(name)
            ordeal.composed.start(name)
            ordeal.notes["killed"] += 1

    return kill_random_workers


def come_and_go(ordeal: Ordeal) -> None:
    """Two and three workers of a stage, joining and leaving politely."""
    for name in ("understand", "detect", "understand", "detect"):
        ordeal.composed.start(name)
        ordeal.wait(ordeal.seconds / 10)
        ordeal.composed.stop(name)
        ordeal.notes["left"] += 1
        ordeal.wait(ordeal.seconds / 10)


def hang(ordeal: Ordeal) -> None:
    """Workers that stop in their tracks past the session timeout, and come back."""
    for name in ("understand", "detect", "decide", "draft", "deliver"):
        process = ordeal.composed.running(name)[0]
        process.send_signal(signal.SIGSTOP)
        ordeal.wait(HANG_S)
        process.send_signal(signal.SIGCONT)
        ordeal.notes["hung"] += 1
        ordeal.wait(2)


def kafka_away(ordeal: Ordeal) -> None:
    """kill -9 of the broker, back after a minute."""
    _away(ordeal, ordeal.servers.kafka, AWAY_S)


def elasticsearch_away(ordeal: Ordeal) -> None:
    """kill -9 of the node, back after a minute."""
    _away(ordeal, ordeal.servers.elasticsearch, AWAY_S)


def postgres_restarted(ordeal: Ordeal) -> None:
    """kill -9 of all its processes, three times."""
    for _ in range(3):
        _away(ordeal, ordeal.servers.postgres, 1.0)


def disk_full(ordeal: Ordeal) -> None:
    """No file of the broker may grow any more, which it takes as it takes a full disk: it gives up. Space again after 20 s."""
    ordeal.wait(ordeal.seconds / 4)
    kafka = ordeal.servers.kafka
    psutil.Process(kafka.pid).rlimit(psutil.RLIMIT_FSIZE, (NO_ROOM, NO_ROOM))
    for _ in range(60):
        if not kafka.running:
            break
        ordeal.wait(1)
    assert not kafka.running, "nothing was written: the fault tested nothing"
    ordeal.notes["the broker gave up"] += 1
    ordeal.wait(20)
    kafka.start()


def poison(ordeal: Ordeal) -> None:
    """A record that is none, in every partition of every topic."""
    ordeal.wait(ordeal.seconds / 3)
    for topic in Topic:
        # Keys that reach all partitions; `sequence` 0, as nobody numbered them.
        keys = [str(n) for n in range(8 * PARTITIONS)]
        ordeal.made.storage.log.append(
            [Message(topic=topic, key=key, id=f"poison-{key}", value=b"\xffpoison") for key in keys]
        )
        ordeal.poison += len(keys) if topic in TOPOLOGY.values() else 0
        ordeal.notes["poison records"] += len(keys)


def clocks_differ(ordeal: Ordeal) -> None:
    """One worker of each stage is five minutes early, another five minutes late."""
    for name in ("understand", "detect", "decide", "draft", "deliver"):
        for skew in (SKEW_S, -SKEW_S):
            ordeal.composed.start(name, skew)
        ordeal.composed.stop(name, first=True)
        ordeal.notes["wrong clocks"] += 2


def everything_at_once(ordeal: Ordeal) -> None:
    """The short set: a little of everything, on top of each other."""
    poison(ordeal)
    killed(4)(ordeal)
    process = ordeal.composed.running("detect")[0]
    process.send_signal(signal.SIGSTOP)
    for server in (ordeal.servers.elasticsearch, ordeal.servers.kafka):
        _away(ordeal, server, 3.0)
    process.send_signal(signal.SIGCONT)
    ordeal.notes["hung"] += 1
    ordeal.composed.start("understand", SKEW_S)
    _away(ordeal, ordeal.servers.postgres, 1.0)
    ordeal.composed.stop("understand", first=True)


def _away(ordeal: Ordeal, server: Server, seconds: float) -> None:
    ordeal.wait(ordeal.seconds / 6)
    server.kill()
    ordeal.wait(seconds)
    server.start()
    ordeal.notes[f"{server.kind} away"] += 1

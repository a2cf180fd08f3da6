"""Apache Kafka: one KRaft node that is broker and controller."""

import subprocess
import warnings
from pathlib import Path
from typing import ClassVar

from tests.servers.java import JAVA, classpath, jars
from tests.servers.process import Server, Unavailable, free_ports, listens

with warnings.catch_warnings():
    # kafka-python 3.0 reads its schemas by a function that Python 3.11 calls deprecated and 3.13 does not.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

COORDINATES = "org.apache.kafka:kafka_2.13:4.1.0+org.slf4j:slf4j-simple:1.7.36"
CLUSTER = "aHVpeWluZy10ZXN0cy0wMA"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


class Kafka(Server):
    """`bootstrap` is "127.0.0.1:PORT". Topics are not created by themselves."""

    kind: ClassVar[str] = "kafka"
    variable: ClassVar[str] = "HUIYING_TEST_KAFKA"

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return self.given or f"127.0.0.1:{self._port}"

    def prepare(self) -> None:
        """Write the properties and format the log directory."""
        self._port, controller = free_ports(2)
        self._jars = jars(COORDINATES, self.variable)
        text = PROPERTIES.format(broker=self._port, controller=controller, data=self.home / "data")
        self._properties.write_text(text, encoding="utf-8")
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._properties)]
        made = subprocess.run(self._java(*tool), capture_output=True, text=True, timeout=60, check=False)
        if made.returncode != 0:
            raise Unavailable(f"kafka could not format its directory:\n{made.stdout}{made.stderr}")

    def command(self) -> list[str]:
        """Half a gigabyte of heap is ample for tests."""
        return self._java("kafka.Kafka", str(self._properties))

    def ready(self) -> bool:
        """Whether the broker has registered: it listens some seconds before that."""
        if not listens(self._port):
            return False
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=2000)
        except KafkaError:
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except KafkaError:
            return False
        finally:
            admin.close()

    @property
    def _properties(self) -> Path:
        return self.home / "server.properties"

    def _java(self, *arguments: str) -> list[str]:
        options = ["-Xmx512m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
        return [JAVA, *options, "-cp", classpath(self._jars), *arguments]

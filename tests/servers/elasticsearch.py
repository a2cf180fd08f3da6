"""Elasticsearch: the server core from Maven Central (no scripts, no `GET /`, no analysers beyond the core's)."""

import sys
from typing import ClassVar

import httpx

from tests.servers.java import jars
from tests.servers.process import Server, free_ports

VERSION = "9.5.3"
COORDINATES = f"org.elasticsearch:elasticsearch:{VERSION}+org.elasticsearch.plugin:transport-netty4:{VERSION}"
DESCRIPTOR = f"""\
name=transport-netty4
description=Netty
version={VERSION}
elasticsearch.version={VERSION}
java.version=21
classname=org.elasticsearch.transport.netty4.Netty4Plugin
"""


class Elasticsearch(Server):
    """`url` is "http://127.0.0.1:PORT", without security. Do not call `info()`: that is a module of its own."""

    kind: ClassVar[str] = "elasticsearch"
    variable: ClassVar[str] = "HUIYING_TEST_ELASTICSEARCH"

    @property
    def url(self) -> str:
        """The address for clients."""
        return self.given or f"http://127.0.0.1:{self._port}"

    def prepare(self) -> None:
        """Lay out a home as the distribution has it; the wire is a module with a class loader of its own."""
        self._port, self._transport = free_ports(2)
        module = self.home / "modules" / "transport-netty4"
        for folder in (module, *(self.home / name for name in ("config", "plugins", "logs", "data", "lib"))):
            folder.mkdir(parents=True)
        for jar in jars(COORDINATES, self.variable):
            of_module = jar.name.startswith(("transport-netty4-", "netty-"))
            (module / jar.name if of_module else self.home / "lib" / jar.name).symlink_to(jar)
        (self.home / "config" / "elasticsearch.yml").touch()
        (module / "plugin-descriptor.properties").write_text(DESCRIPTOR, encoding="utf-8")

    def command(self) -> list[str]:
        """The JVM runs in a Python process: the jars hold the node, not its launcher."""
        module = "tests.servers.elasticsearch_node"
        return [sys.executable, "-m", module, str(self.home), str(self._port), str(self._transport)]

    def ready(self) -> bool:
        """Whether the node has elected itself and recovered its indices."""
        try:
            health = httpx.get(f"{self.url}/_cluster/health", timeout=5)
        except httpx.TransportError:
            return False
        return health.status_code == 200 and health.json()["status"] != "red"

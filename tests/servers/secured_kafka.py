"""Kafka whose clients must speak TLS and say who they are, by any of three mechanisms."""

from typing import Any, ClassVar

from core.storage.kafka import Security
from tests.servers.certificates import Certificates, certificates
from tests.servers.kafka import PROPERTIES, Kafka
from tests.servers.process import free_ports

USER, PASSWORD = "huiying", "a-secret-of-tests"
SCRAM = ("SCRAM-SHA-512", "SCRAM-SHA-256")
MODULES = "org.apache.kafka.common.security"
LISTENER = "listener.name.secured"

SECURED = f"""
listeners=SECURED://127.0.0.1:{{port}},INSIDE://127.0.0.1:{{inside}},CONTROLLER://127.0.0.1:{{controller}}
advertised.listeners=SECURED://127.0.0.1:{{port}},INSIDE://127.0.0.1:{{inside}}
listener.security.protocol.map=SECURED:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN
{LISTENER}.ssl.keystore.type=PEM
{LISTENER}.ssl.keystore.location={{keys}}
{LISTENER}.scram-sha-512.sasl.jaas.config={MODULES}.scram.ScramLoginModule required;
{LISTENER}.scram-sha-256.sasl.jaas.config={MODULES}.scram.ScramLoginModule required;
{LISTENER}.plain.sasl.jaas.config={MODULES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";
"""
REPLACED = ("listeners=", "advertised.listeners=", "listener.security.protocol.map=")


class SecuredKafka(Kafka):
    """`servers` is "127.0.0.1:PORT", SASL_SSL; `security` is what a client of it needs."""

    variable: ClassVar[str] = "HUIYING_TEST_SECURED_KAFKA"
    tls: Certificates

    def security(self, mechanism: str = SCRAM[0], password: str = PASSWORD) -> Security:
        """Of a client that proves itself so."""
        return Security("SASL_SSL", mechanism, USER, password, self.tls.ca)

    def properties(self, controller: int) -> str:
        self.tls = certificates(self.home)
        (inside,) = free_ports(1)
        kept = [line for line in PROPERTIES.splitlines() if not line.startswith(REPLACED)]
        places = {"controller": controller, "inside": inside, "keys": self.tls.server, "data": self.home / "data"}
        return ("\n".join(kept) + SECURED).format(port=self._port, **places)

    def users(self) -> list[str]:
        made = [["--add-scram", f"{name}=[name={USER},password={PASSWORD}]"] for name in SCRAM]
        return [part for option in made for part in option]

    def client_options(self) -> dict[str, Any]:
        return self.security().options()

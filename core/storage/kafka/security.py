"""How clients prove who they are to Kafka, and how it does to them: one place for kafka-python here and Faust in `stream`."""

import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import ConfigurationError

TLS = ("SSL", "SASL_SSL")
SASL = ("SASL_PLAINTEXT", "SASL_SSL")


@dataclass(frozen=True, slots=True)
class Security:
    """Raises `ConfigurationError` for settings that contradict each other: none of them is ignored in silence."""

    protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None

    def __post_init__(self) -> None:
        if self.named and not (self.user and self.password):
            missing = "HUIYING_KAFKA_PASSWORD" if self.user else "HUIYING_KAFKA_USER"
            raise ConfigurationError(f"{missing}: HUIYING_KAFKA_PROTOCOL={self.protocol} needs it")
        if not self.named and (self.user or self.password):
            raise ConfigurationError(f"HUIYING_KAFKA_PROTOCOL={self.protocol} takes no user: set it to SASL_SSL")
        if not self.encrypted and self.ca:
            raise ConfigurationError(f"HUIYING_KAFKA_CA: HUIYING_KAFKA_PROTOCOL={self.protocol} is not encrypted")
        self.context()

    @property
    def named(self) -> bool:
        """Whether a client says who it is."""
        return self.protocol in SASL

    @property
    def encrypted(self) -> bool:
        """Whether the connection is TLS."""
        return self.protocol in TLS

    def context(self) -> ssl.SSLContext | None:
        """Trusts `ca`, without one what the system trusts; checks the host's name. None when nothing is encrypted."""
        if not self.encrypted:
            return None
        try:
            return ssl.create_default_context(cafile=self.ca)
        except OSError as error:  # a file that is not there, or holds no certificate
            raise ConfigurationError(f"HUIYING_KAFKA_CA: {self.ca} holds no certificate that can be read") from error

    def options(self) -> dict[str, Any]:
        """What every client of kafka-python is made with."""
        chosen: dict[str, Any] = {"security_protocol": self.protocol, "ssl_context": self.context()}
        if self.named:
            chosen |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return chosen


UNSECURED = Security()
"""Whoever reaches the brokers may read and write."""


PROBE_S = 2.0


def obstacle(servers: str, security: Security) -> str:
    """Why no client gets through to the first of these servers, as far as a connection of our own tells.

    kafka-python tries again until its time is over, whatever the reason, and tells only that it is.
    """
    host, _, port = servers.partition(",")[0].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=PROBE_S) as connection:
            context = security.context()
            if context is not None:
                context.wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        return f"HUIYING_KAFKA_CA: its certificate is not trusted ({error.verify_message})"
    except ssl.SSLError:
        return f"HUIYING_KAFKA_PROTOCOL={security.protocol}: it does not speak TLS"
    except (OSError, ValueError) as error:
        return f"it does not answer ({error})"
    if security.named:
        return "it may refuse HUIYING_KAFKA_USER, HUIYING_KAFKA_PASSWORD or HUIYING_KAFKA_MECHANISM"
    return f"it may want something else than HUIYING_KAFKA_PROTOCOL={security.protocol}"

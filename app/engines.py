"""Opens the three ports as the settings say: one data directory, or the servers of the distributed set."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from alerts.notices.tokens import key_of
from app.salt import kept_salt
from core.errors import ConfigurationError
from core.ports import Storage
from core.settings import Settings
from core.storage.sqlite import open_storage

SALT_FILE = "salt"


@contextmanager
def opened(settings: Settings) -> Iterator[Storage]:
    """The storage of this deployment, closed at the end."""
    if settings.runner == "distributed":
        with distributed_part("app.distributed").connected(settings) as connected:
            yield connected.storage
        return
    storage = open_storage(settings.data_dir)
    try:
        yield storage
    finally:
        storage.close()


def distributed_part(module: str) -> Any:
    """A module of ours that needs the clients of Kafka, Elasticsearch and PostgreSQL: an extra of the distribution."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"HUIYING_RUNNER=distributed needs {error.name}: pip install 'huiying[distributed]'"
        ) from error


def salt_of(settings: Settings) -> str:
    """The setting; on one machine else a secret made on the first start and kept in the data directory."""
    given = settings.salt.get_secret_value()
    if given:
        return given
    if settings.runner == "distributed":
        raise ConfigurationError("HUIYING_SALT: set the same secret for all processes (e.g. `openssl rand -hex 32`)")
    return kept_salt(settings.data_dir / SALT_FILE)


def link_key(settings: Settings) -> bytes:
    """What signs the links of messages; empty (no such links) for a worker of the distributed set without the secret."""
    if settings.runner == "distributed" and not settings.salt.get_secret_value():
        return b""
    return key_of(salt_of(settings))

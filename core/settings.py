"""The settings: read once, in `app`, from the environment (prefix `HUIYING_`) and a `huiying.env` file.

Everything has a default that suits one office on one machine. `huiying.env.example` explains each; a test keeps the two
in step. Code below `app` receives the values it needs, never this object.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigurationError

PREFIX = "HUIYING_"
SECRETS_DIR = "HUIYING_SECRETS_DIR"
"""A folder with one file for each secret, `huiying_postgres` for HUIYING_POSTGRES: as compose and Kubernetes mount them."""
FOREIGN = ("HUIYING_TEST_", SECRETS_DIR)
"""Variables that are not settings: of the test suite, and where secrets lie."""


HIDDEN = "***"
_CREDENTIALS = re.compile(r"//[^/@\s]*@")


class Settings(BaseSettings):
    """All settings, immutable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file="huiying.env", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8400, ge=0, le=65535)
    public_url: str = ""
    jurisdiction: str = Field(default="000000", pattern=r"^\d{2,12}$")
    time_zone: str = "Asia/Shanghai"
    policy_dir: Path | None = None
    idle_minutes: int = Field(default=15, ge=0, le=720)
    salt: SecretStr = SecretStr("")

    runner: Literal["embedded", "distributed"] = "embedded"
    prefix: str = Field(default="huiying", pattern=r"^[a-z][a-z0-9]*$")
    kafka: str = "localhost:9092"
    kafka_partitions: int = Field(default=8, ge=1, le=1000)
    kafka_replication: int = Field(default=1, ge=1)
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_ca: Path | None = None
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    postgres: SecretStr = SecretStr("postgresql://huiying@localhost/huiying")
    elasticsearch: str = "http://localhost:9200"
    elasticsearch_key: SecretStr = SecretStr("")
    elasticsearch_ca: Path | None = None
    elasticsearch_replicas: int = Field(default=1, ge=0)

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"

    encoder: str = "shipped"
    encoder_wait: float = Field(default=0.25, gt=0, le=60)

    false_incidents_a_day: float = Field(default=0.5, gt=0, le=1000)

    batch: int = Field(default=400, ge=1, le=5000)
    max_backlog: int = Field(default=20_000, ge=100)
    log_days: int = Field(default=7, ge=1)
    retention_days: int = Field(default=730, ge=1)

    contact: str = "https://github.com/huiying/huiying"
    allow_inward: tuple[IPv4Network | IPv6Network, ...] = ()

    phraser_url: str = ""
    phraser_model: str = ""
    phraser_key: SecretStr = SecretStr("")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of screens, texts and working days."""
        return ZoneInfo(self.time_zone)


class SettingInForce(NamedTuple):
    """A setting by the variable that sets it. Of a secret only whether there is one; nothing after a name and password."""

    name: str
    value: str
    usual: str
    secret: bool


def shown_settings(settings: Settings) -> list[SettingInForce]:
    """All settings, as they are shown to administrators."""
    return [
        SettingInForce(
            name=PREFIX + name.upper(),
            value=_shown(getattr(settings, name)),
            usual=_shown(known.default),
            secret=isinstance(known.default, SecretStr),
        )
        for name, known in Settings.model_fields.items()
    ]


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return HIDDEN if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return "" if value is None else _CREDENTIALS.sub(f"//{HIDDEN}@", str(value))


def load_settings(environ: Mapping[str, str], **given: Any) -> Settings:
    """The settings of this process; `given` (command line options) win. Raises `ConfigurationError` naming the setting."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in environ:
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOREIGN):
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigurationError(f"{name} is not a setting of Huiying{hint}")
    try:
        secrets: dict[str, Any] = {"_secrets_dir": environ.get(SECRETS_DIR) or None}
        return Settings(**secrets, **{k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors(include_input=False)
        ]
        raise ConfigurationError("; ".join(lines)) from error

"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.errors import ConfigurationError
from core.settings import Settings, load_settings
from core.telemetry import configure_logging

Command = Callable[..., Any]


def data_dir(command: Command) -> Command:
    """`--data-dir`: where everything is kept."""
    kind = click.Path(file_okay=False, path_type=Path)
    return click.option("--data-dir", type=kind, help="Where everything is kept (default: ./data).")(command)


def settings(**given: object) -> Settings:
    """The settings of this process, options first."""
    return load_settings(os.environ, **given)


def distributed_settings(**given: object) -> Settings:
    """The same for a command of the distributed set only; sets up its log."""
    chosen = settings(**given)
    configure_logging(chosen.log_level, chosen.log_format)
    if chosen.runner != "distributed":
        raise ConfigurationError(
            "this is for HUIYING_RUNNER=distributed; on one machine `huiying serve` does everything"
        )
    return chosen

"""Options that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.settings import Settings, load_settings

Command = Callable[..., Any]


def data_dir(command: Command) -> Command:
    """`--data-dir`: where everything is kept."""
    kind = click.Path(file_okay=False, path_type=Path)
    return click.option("--data-dir", type=kind, help="Where everything is kept (default: ./data).")(command)


def settings(**given: object) -> Settings:
    """The settings of this process, options first."""
    return load_settings(os.environ, **given)

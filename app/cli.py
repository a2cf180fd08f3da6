"""The command line: one module per command, imported when it is called (a label should not wait for a web server)."""

import sys
from importlib import import_module
from importlib.metadata import version

import click

from core.errors import HuiyingError

COMMANDS = {
    "serve": "serve",
    "api": "worker",
    "worker": "worker",
    "realign": "realign",
    "reindex": "reindex",
    "secrets": "secret_files",
    "upgrade": "upgrade",
    "migrate": "migrate",
    "import": "files",
    "crawl": "crawl",
    "source": "source",
    "label": "label",
    "learn": "learn",
    "cluster": "label",
    "token": "accounts",
    "invite": "accounts",
    "user": "accounts",
    "audit": "audit",
    "report": "report",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "backup",
}
"""Every command and the module of `app.commands` that holds it."""


class Commands(click.Group):
    """Finds a command by importing its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"app.commands.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name if cmd_name != "import" else "import_")
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("huiying"))
def cli() -> None:
    """Huiying 回应: hear what the public says, warn early, answer well."""


def main() -> None:
    """Entry point: an error of ours is one line for a person, not a traceback."""
    try:
        cli()
    except HuiyingError as error:
        click.echo(f"huiying: {error}", err=True)
        sys.exit(2)

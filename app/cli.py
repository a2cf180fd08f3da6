"""The command line: one module per command."""

import sys
from importlib.metadata import version

import click

from app.commands import accounts, backup, crawl, doctor, files, label, serve
from core.errors import HuiyingError

COMMANDS = (
    serve.serve,
    files.import_,
    crawl.crawl,
    label.label,
    label.cluster,
    accounts.token,
    accounts.invite,
    doctor.doctor,
    backup.backup,
    backup.restore,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("huiying"))
def cli() -> None:
    """Huiying 回应: hear what the public says, warn early, answer well."""


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Entry point: an error of ours is one line for a person, not a traceback."""
    try:
        cli()
    except HuiyingError as error:
        click.echo(f"huiying: {error}", err=True)
        sys.exit(2)

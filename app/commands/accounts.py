"""`huiying token create` and `huiying invite`: credentials from the command line."""

from datetime import timedelta
from pathlib import Path

import click

from api.auth import INVITE_TTL, issue
from app.engines import opened
from app.options import data_dir, settings
from core.clock import utc_now
from core.effects import Effects
from core.records import Role

ROLES = click.Choice([role.value for role in Role])


@click.group()
def token() -> None:
    """API tokens for machines."""


@token.command()
@data_dir
@click.option("--role", type=ROLES, required=True, help="What the token may do.")
@click.option("--name", default="token", show_default=True, help="Who will use it; it stands in the audit.")
@click.option("--days", type=click.IntRange(1), help="Valid so many days (default: until revoked).")
def create(data_dir: Path | None, role: str, name: str, days: int | None) -> None:
    """Make a token; it is printed once, alone on the last line."""
    secret = _save(data_dir, "token", name, Role(role), timedelta(days=days) if days else None)
    click.echo("Keep it safe: it is not shown again. 请妥善保存，仅显示一次。", err=True)
    click.echo(secret)


@click.command()
@data_dir
@click.option("--role", type=ROLES, required=True, help="What the new person may do.")
def invite(data_dir: Path | None, role: str) -> None:
    """Make a one-time link with which a person chooses a name and a password."""
    chosen = settings(data_dir=data_dir)
    secret = _save(data_dir, "invite", "invite", Role(role), INVITE_TTL)
    click.echo(setup_link(chosen.public_url or f"http://{chosen.host}:{chosen.port}", secret))


def setup_link(address: str, code: str) -> str:
    """The board's page where a one-time link is used; the code is in the fragment, so no server logs it."""
    return f"{address}/#/setup?code={code}"


def _save(data_dir: Path | None, kind: str, name: str, role: Role, ttl: timedelta | None) -> str:
    secret, credential = issue(kind, name, role, utc_now(), ttl)
    with opened(settings(data_dir=data_dir)) as storage:
        storage.commit(Effects(changes=[credential]))
    return secret

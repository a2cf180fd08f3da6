"""`huiying token create`, `huiying invite` and `huiying user`: credentials and people from the command line."""

from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from alerts.rulebook import RuleBook
from api.auth import INVITE_TTL, issue
from api.people import change_person, row_of, setup_link, with_role
from app.engines import opened
from app.judgement import load_policies
from app.options import data_dir, settings
from core.clock import random_id, utc_now
from core.effects import Effects
from core.ports import Storage
from core.records import Role
from core.settings import Settings

ROLES = click.Choice([role.value for role in Role])
UNIT = click.option("--unit", help="The unit it belongs to (default: the whole office).")


@click.group()
def token() -> None:
    """API tokens for machines."""


@token.command()
@data_dir
@click.option("--role", type=ROLES, required=True, help="What the token may do.")
@click.option("--name", default="token", show_default=True, help="Who will use it; it stands in the audit.")
@click.option("--days", type=click.IntRange(1), help="Valid so many days (default: until revoked).")
@UNIT
def create(data_dir: Path | None, role: str, name: str, days: int | None, unit: str | None) -> None:
    """Make a token; it is printed once, alone on the last line."""
    ttl = timedelta(days=days) if days else None
    secret = _save(settings(data_dir=data_dir), "token", name, Role(role), ttl, unit)
    click.echo("Keep it safe: it is not shown again. 请妥善保存，仅显示一次。", err=True)
    click.echo(secret)


@click.command()
@data_dir
@click.option("--role", type=ROLES, required=True, help="What the new person may do.")
@UNIT
def invite(data_dir: Path | None, role: str, unit: str | None) -> None:
    """Make a one-time link with which a person chooses a name and a password."""
    chosen = settings(data_dir=data_dir)
    secret = _save(chosen, "invite", "invite", Role(role), INVITE_TTL, unit)
    click.echo(setup_link(chosen.public_url or f"http://{chosen.host}:{chosen.port}", secret))


@click.group()
def user() -> None:
    """People who may log in."""


@user.command("list")
@data_dir
def list_(data_dir: Path | None) -> None:
    """Who may log in, with role and unit."""
    table = Table("name", "role", "unit", "")
    with opened(settings(data_dir=data_dir)) as storage:
        for one in storage.store.users():
            table.add_row(one.name, one.role, one.unit or "-", "disabled" if one.disabled else "")
    Console().print(table)


@user.command()
@click.argument("name")
@data_dir
@click.option("--role", type=ROLES, help="Another role.")
@click.option("--unit", help="Another unit; empty: the whole office.")
@click.option("--disable/--enable", "disabled", default=None, help="Whether the person may log in.")
@click.option("--why", default="", help="Stands in the audit.")
def change(
    name: str,
    data_dir: Path | None,
    role: str | None,
    unit: str | None,
    *,
    disabled: bool | None,
    why: str,
) -> None:
    """Change what NAME may do; who is logged in by that name is logged out."""
    chosen = settings(data_dir=data_dir)
    with opened(chosen) as storage:
        found = storage.store.user(name)
        if found is None:
            raise click.ClickException(f"there is nobody called {name}")
        _need_unit(chosen, storage, unit)
        after = with_role(found, Role(role) if role else None, unit, disabled=disabled)
        row = row_of(after, "user.changed", "command line", why, utc_now(), random_id())
        change_person(storage, found, after, row)
    click.echo(f"{after.name}: {after.role}, {after.unit or 'whole office'}{', disabled' if after.disabled else ''}")


def _save(chosen: Settings, kind: str, name: str, role: Role, ttl: timedelta | None, unit: str | None) -> str:
    secret, credential = issue(kind, name, role, utc_now(), ttl, unit)
    with opened(chosen) as storage:
        _need_unit(chosen, storage, unit)
        storage.commit(Effects(changes=[credential]))
    return secret


def _need_unit(chosen: Settings, storage: Storage, unit: str | None) -> None:
    known = {one.id for one in RuleBook(load_policies(chosen), storage.store).current().units} if unit else set()
    if unit and unit not in known:
        raise click.ClickException(f"there is no unit {unit}; there are {', '.join(sorted(known))}")

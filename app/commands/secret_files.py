"""`huiying secrets`: makes the secrets of a deployment once, as files that every process reads."""

import secrets as random
from pathlib import Path

import click

from app.salt import kept_salt

PASSWORD_BYTES = 24
MODE = 0o444
"""PostgreSQL's own user reads its password too; the folder is mounted into our containers only."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--postgres", "host", default="localhost", show_default=True, help="Host of PostgreSQL.")
def secrets(folder: Path, host: str) -> None:
    """Make what is missing in FOLDER (HUIYING_SECRETS_DIR): salt, PostgreSQL's password and address. Never replaces one."""
    folder.mkdir(parents=True, exist_ok=True)
    kept_salt(folder / "huiying_salt")
    password = folder / "postgres_password"
    if not password.exists():
        _write(password, random.token_urlsafe(PASSWORD_BYTES))
    address = folder / "huiying_postgres"
    if not address.exists():
        _write(address, f"postgresql://huiying:{password.read_text(encoding='ascii')}@{host}:5432/huiying")
    click.echo(f"{folder}: {', '.join(sorted(file.name for file in folder.iterdir()))}", err=True)


def _write(file: Path, secret: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(secret, encoding="ascii")
    fresh.chmod(MODE)
    fresh.rename(file)

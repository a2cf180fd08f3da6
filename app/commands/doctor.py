"""`huiying doctor`: checks what a working office needs, and says what to do where something is missing."""

import logging
from collections.abc import Sequence
from pathlib import Path

import click

from app.doctor import embedded
from app.doctor.examine import Check, Finding, examine
from app.engines import distributed_part
from app.options import data_dir, settings
from core.clock import utc_now
from core.errors import HuiyingError
from core.settings import Settings


@click.command()
@data_dir
@click.option("--only", help="Names of checks, with commas: look at nothing else.")
def doctor(data_dir: Path | None, only: str | None) -> None:
    """Check what this office needs, on one machine or on its servers; exit status 1 when something is wrong."""
    logging.disable()  # a client that cannot connect logs it again and again: a check says it once
    try:
        checks = _checks(settings(data_dir=data_dir))
    except HuiyingError as error:
        _tell("settings", Finding(False, str(error)))
        raise SystemExit(1) from error
    good = [_tell(name, finding) for name, finding in examine(_chosen(checks, only))]
    raise SystemExit(0 if all(good) else 1)


def _checks(chosen: Settings) -> list[Check]:
    if chosen.runner == "embedded":
        return embedded.checks(chosen)
    found: list[Check] = distributed_part("app.doctor.distributed").checks(chosen, utc_now)
    return found


def _chosen(checks: Sequence[Check], only: str | None) -> Sequence[Check]:
    if only is None:
        return checks
    known = [check.name for check in checks]
    wanted = [name.strip() for name in only.split(",")]
    for name in wanted:
        if name not in known:
            raise click.BadParameter(f"{name!r} is none of {', '.join(known)}", param_hint="--only")
    return [check for check in checks if check.name in wanted]


def _tell(name: str, finding: Finding) -> bool:
    click.echo(f"{'ok   ' if finding.good else 'WRONG'} {name}: {finding.said}")
    return finding.good

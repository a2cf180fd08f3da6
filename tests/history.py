"""Histories that this program does not have yet: copies of ours with one more revision."""

import shutil
from pathlib import Path

from core.storage.migrations import HISTORY, History, Revision

OURS = Path(__file__).resolve().parents[1] / "core" / "storage" / "migrations"

SCRIPT = """
import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = "{before}"


def upgrade() -> None:
    {what}
"""
EXPANDS = 'op.add_column("cases", sa.Column("mood", sa.String))'
CONTRACTS = 'op.drop_column("cases", "mood")'
FAILS = EXPANDS + "; op.execute('this is not SQL')"


def later(folder: Path, what: str, *, since: int, base: History = HISTORY) -> History:
    """`base` and a revision that does `what`, in a new folder under `folder`."""
    head = Revision(base.head.number + 1, since)
    scripts = folder / f"history-{head}"
    shutil.copytree(OURS if base is HISTORY else base.scripts, scripts)
    script = SCRIPT.format(name=head, before=base.head, what=what)
    (scripts / "versions" / f"r{head.number:04}.py").write_text(script, encoding="utf-8")
    return History(str(scripts), head)

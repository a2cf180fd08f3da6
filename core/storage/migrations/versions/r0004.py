"""People: units, rosters and chains that an office edits, notices, and versions of drafts and fact cards. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0004_since_0001"
down_revision = "0003_since_0001"

Text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables and both columns."""
    op.create_table(
        "office",
        sa.Column("kind", Text, primary_key=True),
        sa.Column("id", Text, primary_key=True),
        sa.Column("jurisdiction", Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_office_jurisdiction", "office", ["jurisdiction"])
    op.create_table(
        "notices",
        sa.Column("id", Text, primary_key=True),
        sa.Column("jurisdiction", Text, nullable=False),
        sa.Column("case_id", Text),
        sa.Column("state", Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_notices_jurisdiction", "notices", ["jurisdiction"])
    op.create_index("ix_notices_case_id", "notices", ["case_id"])
    op.create_index("notices_by_state", "notices", ["state", "at"])
    for table in ("drafts", "facts"):
        op.add_column(table, sa.Column("version", sa.Integer, nullable=False, server_default="1"))

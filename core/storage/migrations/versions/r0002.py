"""What people teach: corrections of labels, and models learnt from them. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0002_since_0001"
down_revision = "0001_since_0001"

Text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "corrections",
        sa.Column("id", Text, primary_key=True),
        sa.Column("jurisdiction", Text, nullable=False),
        sa.Column("post", Text, nullable=False),
        sa.Column("head", Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
        sa.Column("unspread", sa.BigInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_corrections_post", "corrections", ["post"])
    op.create_index("ix_corrections_unspread", "corrections", ["unspread"])
    op.create_index("corrections_by_time", "corrections", ["jurisdiction", "at"])
    op.create_table(
        "models",
        sa.Column("version", Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("weights", sa.LargeBinary, nullable=False),
    )

"""The audit becomes chains of hashes; the policy's items with their versions. Only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0005_since_0001"
down_revision = "0004_since_0001"

Text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the columns and both tables; rows that are there stay outside the chains."""
    for column in (sa.Column("chain", Text), sa.Column("number", sa.BigInteger), sa.Column("hash", Text)):
        op.add_column("audit", column)
    op.create_index("audit_by_chain", "audit", ["chain", "number"], unique=True)
    op.create_table(
        "audit_heads",
        sa.Column("chain", Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", Text, nullable=False),
    )
    op.create_table(
        "policy_items",
        sa.Column("kind", Text, primary_key=True),
        sa.Column("id", Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("jurisdiction", Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )

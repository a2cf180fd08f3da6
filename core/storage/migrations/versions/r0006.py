"""Crawling that many processes share: what they know of sources, apart from what people say of them. Only adds."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006_since_0001"
down_revision = "0005_since_0001"

Text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; every source that is there is due at once."""
    op.create_table(
        "crawls",
        sa.Column("source", Text, primary_key=True),
        sa.Column("host", Text, nullable=False),
        sa.Column("active", sa.SmallInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("holder", Text, nullable=False),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
        body(),
    )
    op.create_index("ix_crawls_host", "crawls", ["host"])
    op.create_index("crawls_due", "crawls", ["active", "next_at"])
    op.create_table(
        "visits",
        sa.Column("source", Text, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        body(),
    )
    op.create_table(
        "revisits",
        sa.Column("source", Text, primary_key=True),
        sa.Column("key", Text, primary_key=True),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        body(),
    )
    op.create_table("source_samples", sa.Column("source", Text, primary_key=True), body())
    sealed = sa.Column("sealed", sa.LargeBinary, nullable=False)
    op.create_table("source_cookies", sa.Column("source", Text, primary_key=True), sealed)
    op.create_table(
        "ranks",
        sa.Column("source", Text, primary_key=True),
        sa.Column("topic", Text, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        body(),
    )
    op.create_index("ranks_by_time", "ranks", ["source", "at"])
    adopt()


def adopt() -> None:
    """Rows for the sources of earlier releases."""
    connection = op.get_bind()
    for id_, stored in connection.execute(sa.text("SELECT id, body FROM sources")).all():
        source = json.loads(stored)
        row = {
            "source": id_,
            "host": str(source["url"]).partition("://")[2].partition("/")[0].lower(),
            "active": int(source.get("enabled", True)),
            "body": json.dumps({"source": id_}).encode(),
        }
        insert = "INSERT INTO crawls VALUES (:source, :host, :active, 0, '', 0, :body)"
        connection.execute(sa.text(insert), row)


def body() -> sa.Column[bytes]:
    """The whole record as our codec writes it."""
    return sa.Column("body", sa.LargeBinary, nullable=False)

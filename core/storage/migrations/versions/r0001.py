"""The tables of the first release. The Store's on both engines; on each engine what only that one needs.

Text of a revision never changes after its release: it repeats what `core.storage.tables` says today.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001_since_0001"
down_revision = None

Text = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make everything."""
    stages()
    cases()
    outbox()
    office()
    if op.get_bind().dialect.name == "postgresql":
        relayed()
    else:
        log()
        index()


def stages() -> None:
    """Offsets, and what stages remember."""
    op.create_table(
        "offsets",
        sa.Column("consumer", Text, primary_key=True),
        sa.Column("topic", Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "seen",
        sa.Column("id", Text, primary_key=True),
        sa.Column("jurisdiction", Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("digest", Text, nullable=False),
        sa.Column("fingerprint", sa.BigInteger, nullable=False),
        sa.Column("grp", Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_index("seen_by_time", "seen", ["jurisdiction", "at"])
    op.create_table(
        "stage_state",
        sa.Column("stage", Text, primary_key=True),
        sa.Column("jurisdiction", Text, primary_key=True),
        sa.Column("key", Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def cases() -> None:
    """Cases with their drafts and audit."""
    op.create_table(
        "cases",
        sa.Column("id", Text, primary_key=True),
        sa.Column("incident", Text, nullable=False),
        sa.Column("jurisdiction", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("unit", Text),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        body(),
    )
    op.create_index("ix_cases_incident", "cases", ["incident"])
    op.create_index("cases_by_level", "cases", ["jurisdiction", "level", "opened_at"])
    op.create_table(
        "drafts",
        sa.Column("id", Text, primary_key=True),
        sa.Column("case_id", Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        body(),
    )
    op.create_index("ix_drafts_case_id", "drafts", ["case_id"])
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", Text, nullable=False, unique=True),
        sa.Column("object", Text, nullable=False),
        body(),
    )
    op.create_index("ix_audit_object", "audit", ["object"])


def outbox() -> None:
    """Deliveries and whom they go to."""
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", Text, nullable=False, unique=True),
        sa.Column("target", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        body(),
    )
    op.create_index("ix_outbox_target", "outbox", ["target"])
    op.create_index("outbox_due", "outbox", ["state", "next_at"])
    for name in ("webhooks", "channels"):
        op.create_table(name, sa.Column("id", Text, primary_key=True), body())


def office() -> None:
    """People, fact cards, and sources."""
    jurisdiction = sa.Column("jurisdiction", Text, nullable=False)
    op.create_table("facts", sa.Column("id", Text, primary_key=True), jurisdiction, body())
    op.create_index("ix_facts_jurisdiction", "facts", ["jurisdiction"])
    op.create_table(
        "sources",
        sa.Column("id", Text, primary_key=True),
        sa.Column("jurisdiction", Text, nullable=False),
        body(),
    )
    op.create_table(
        "users",
        sa.Column("id", Text, primary_key=True),
        sa.Column("name", Text, nullable=False, unique=True),
        body(),
    )
    op.create_table(
        "credentials",
        sa.Column("hash", Text, primary_key=True),
        sa.Column("kind", Text, nullable=False),
        body(),
    )
    op.create_index("ix_credentials_kind", "credentials", ["kind"])


def body() -> sa.Column[bytes]:
    """The whole record as our codec writes it."""
    return sa.Column("body", sa.LargeBinary, nullable=False)


def relayed() -> None:
    """What commits owe to a log and an index that are servers of their own."""
    op.create_table(
        "heads",
        sa.Column("topic", Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outgoing",
        sa.Column("topic", Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        written_at(),
        body(),
    )
    op.create_table("unindexed", sa.Column("seq", sa.BigInteger, sa.Identity(), primary_key=True), written_at(), body())


def written_at() -> sa.Column[int]:
    """Milliseconds since 1970 by the server's clock."""
    now = sa.text("(extract(epoch from now()) * 1000)::bigint")
    return sa.Column("at", sa.BigInteger, nullable=False, server_default=now)


def log() -> None:
    """A table for each topic: position = rowid, a unique id so that a repeated append is harmless."""
    for topic in ("posts_raw", "posts_analysed", "incidents", "cases", "rejected"):
        op.execute(
            f"""CREATE TABLE log_{topic} (
                position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
                value BLOB NOT NULL, written_at INTEGER NOT NULL DEFAULT (unixepoch()))"""
        )


def index() -> None:
    """Posts and incidents as the board searches them."""
    op.execute(
        """CREATE TABLE posts (
            rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, jurisdiction TEXT NOT NULL, source TEXT NOT NULL,
            platform TEXT NOT NULL, sentiment TEXT NOT NULL, domain TEXT NOT NULL, lang TEXT NOT NULL, grp TEXT NOT NULL,
            copy INTEGER NOT NULL, copies INTEGER NOT NULL DEFAULT 1, incident TEXT, body BLOB NOT NULL)"""
    )
    for column in ("jurisdiction", "source", "domain"):
        op.execute(f"CREATE INDEX posts_by_{column} ON posts ({column})")
    op.execute("CREATE INDEX posts_by_incident ON posts (incident) WHERE incident IS NOT NULL")
    op.execute(
        "CREATE TABLE post_places (code TEXT NOT NULL, post INTEGER NOT NULL, PRIMARY KEY (code, post)) WITHOUT ROWID"
    )
    op.execute(
        "CREATE VIRTUAL TABLE post_text USING fts5 (grams, content = '', tokenize = 'unicode61 remove_diacritics 0')"
    )
    op.execute(
        """CREATE TABLE incidents (
            id TEXT PRIMARY KEY, jurisdiction TEXT NOT NULL, heat REAL NOT NULL, raised_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL, merged INTEGER NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL)"""
    )
    op.execute("CREATE INDEX incidents_by_heat ON incidents (merged, heat DESC, id)")
    op.execute("CREATE INDEX incidents_by_time ON incidents (merged, raised_at DESC, id)")
    op.execute(
        """CREATE TABLE rollups (
            hour INTEGER NOT NULL, jurisdiction TEXT NOT NULL, dimension INTEGER NOT NULL, value TEXT NOT NULL,
            posts INTEGER NOT NULL, negative INTEGER NOT NULL, neutral INTEGER NOT NULL, positive INTEGER NOT NULL,
            PRIMARY KEY (hour, jurisdiction, dimension, value)) WITHOUT ROWID"""
    )

"""The Store's tables, the same on SQLite and PostgreSQL.

An object is one row: the columns that are searched by, and `body`, the whole record as our codec writes it. Times are
integer milliseconds since 1970 (UTC).
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, text
from sqlalchemy import String as AnyString

String = AnyString().with_variant(AnyString(collation="C"), "postgresql")
"""Ids and codes: ordered by their bytes on both engines, whatever the language of the server."""

metadata = MetaData()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(at: datetime) -> int:
    """Milliseconds since 1970 of an aware time."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_millis(value: int) -> datetime:
    """The aware UTC time of milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=value)


offsets = Table(
    "offsets",
    metadata,
    Column("consumer", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("id", String, primary_key=True),
    Column("jurisdiction", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("fingerprint", BigInteger, nullable=False),
    Column("grp", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("seen_by_time", "jurisdiction", "at"),
)

stage_state = Table(
    "stage_state",
    metadata,
    Column("stage", String, primary_key=True),
    Column("jurisdiction", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", String, nullable=False, index=True),
    Column("jurisdiction", String, nullable=False),
    Column("state", String, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("unit", String),
    Column("opened_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("cases_by_level", "jurisdiction", "level", "opened_at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("case_id", String, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("body", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("object", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("chain", String),
    Column("number", BigInteger),
    Column("hash", String),
    Index("audit_by_chain", "chain", "number", unique=True),
)
"""`chain`, `number`, `hash`: see `core.audit`; absent in rows that an earlier release wrote."""

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("chain", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)

policy_items = Table(
    "policy_items",
    metadata,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("jurisdiction", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What people changed of the policy: every version of every item, the newest is the one that holds."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("target", String, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("outbox_due", "state", "next_at"),
)

facts = Table(
    "facts",
    metadata,
    Column("id", String, primary_key=True),
    Column("jurisdiction", String, nullable=False, index=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("body", LargeBinary, nullable=False),
)

office = Table(
    "office",
    metadata,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("jurisdiction", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Units, members, rosters, chains and silences: few, small, edited by people."""

notices = Table(
    "notices",
    metadata,
    Column("id", String, primary_key=True),
    Column("jurisdiction", String, nullable=False, index=True),
    Column("case_id", String, index=True),
    Column("state", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("notices_by_state", "state", "at"),
)

webhooks = Table(
    "webhooks", metadata, Column("id", String, primary_key=True), Column("body", LargeBinary, nullable=False)
)

channels = Table(
    "channels", metadata, Column("id", String, primary_key=True), Column("body", LargeBinary, nullable=False)
)

sources = Table(
    "sources",
    metadata,
    Column("id", String, primary_key=True),
    Column("jurisdiction", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

crawls = Table(
    "crawls",
    metadata,
    Column("source", String, primary_key=True),
    Column("host", String, nullable=False, index=True),
    Column("active", SmallInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    Column("leased_until", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("crawls_due", "active", "next_at"),
)
"""One row for each source, written by crawlers as `sources` is by people, so that neither overwrites the other.
`next_at` 0: at once. `leased_until` also keeps a host to itself for a while after a visit, whoever made it."""

visits = Table(
    "visits",
    metadata,
    Column("source", String, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

revisits = Table(
    "revisits",
    metadata,
    Column("source", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("due_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

source_samples = Table(
    "source_samples",
    metadata,
    Column("source", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

source_cookies = Table(
    "source_cookies",
    metadata,
    Column("source", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

ranks = Table(
    "ranks",
    metadata,
    Column("source", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Index("ranks_by_time", "source", "at"),
)

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

credentials = Table(
    "credentials",
    metadata,
    Column("hash", String, primary_key=True),
    Column("kind", String, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", String, primary_key=True),
    Column("jurisdiction", String, nullable=False),
    Column("post", String, nullable=False, index=True),
    Column("head", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("withdrawn_at", BigInteger),
    Column("unspread", BigInteger, index=True),
    Column("body", LargeBinary, nullable=False),
    Index("corrections_by_time", "jurisdiction", "at"),
)
"""`unspread`: when it last changed, until all posts alike have it."""

models = Table(
    "models",
    metadata,
    Column("version", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("weights", LargeBinary, nullable=False),
)

relayed = MetaData()
"""Only where log and index are servers of their own: what a commit still owes them. Written in the commit's transaction,
deleted when the server has it, so what is owed survives whoever was to send it."""


def _written_at() -> Column[int]:
    """When the commit began, by the server's clock: one clock for all processes, however wrong their own are."""
    return Column("at", BigInteger, nullable=False, server_default=text("(extract(epoch from now()) * 1000)::bigint"))


heads = Table(
    "heads",
    relayed,
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

outgoing = Table(
    "outgoing",
    relayed,
    Column("topic", String, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    _written_at(),
    Column("body", LargeBinary, nullable=False),
)

unindexed = Table(
    "unindexed",
    relayed,
    Column("seq", BigInteger, Identity(), primary_key=True),
    _written_at(),
    Column("body", LargeBinary, nullable=False),
)

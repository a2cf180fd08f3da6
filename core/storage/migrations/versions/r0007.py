"""What people did with a post, to sum it over its near-duplicates. Only adds, only on SQLite."""

from alembic import op

revision = "0007_since_0001"
down_revision = "0006_since_0001"

COUNTS = """
UPDATE posts SET interactions = (
    SELECT coalesce(said ->> 'likes', 0) + coalesce(said ->> 'comments', 0) + coalesce(said ->> 'shares', 0)
    FROM (SELECT CAST(body AS TEXT) AS said))
"""


def upgrade() -> None:
    """Count what is there."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE posts ADD COLUMN interactions INTEGER NOT NULL DEFAULT 0")
        op.execute(COUNTS)
        op.execute("CREATE INDEX posts_by_group ON posts (grp, copy, interactions) WHERE copy = 1")

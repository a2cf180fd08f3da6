"""Posts an hour by division, whatever inside it they name: what the board's map counts. Only adds rows, only on SQLite."""

from alembic import op

revision = "0003_since_0001"
down_revision = "0002_since_0001"

COUNTS = """
INSERT INTO rollups
SELECT (post >> 24) / 3600, jurisdiction, 4, within, count(*),
       sum(sentiment = 'negative'), sum(sentiment = 'neutral'), sum(sentiment = 'positive')
FROM (SELECT DISTINCT x.post, p.jurisdiction, p.sentiment, substr(x.code, 1, digits) AS within
      FROM post_places x JOIN posts p ON p.rowid = x.post
      JOIN (SELECT 2 AS digits UNION SELECT 4 UNION SELECT 6 UNION SELECT 9 UNION SELECT 12) ON digits <= length(x.code))
GROUP BY 1, 2, 4
"""


def upgrade() -> None:
    """Count what is there."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(COUNTS)

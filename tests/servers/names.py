"""Names that no other test has."""

from uuid import uuid4


def unique(prefix: str = "t") -> str:
    """A prefix of topics, groups and indices."""
    return f"{prefix}{uuid4().hex[:10]}"

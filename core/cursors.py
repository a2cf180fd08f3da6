"""Numbers inside cursors: they come back from callers, who may send anything."""

LONGEST = 18
"""Digits that always fit the 64-bit integers of SQLite and PostgreSQL."""


def number(text: str) -> int | None:
    """The number that plain ASCII digits write, None for everything else (`int` alone would take `٣`, and fail on `²`)."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None

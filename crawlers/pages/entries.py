"""An entry of a feed, before it becomes an item."""

from collections.abc import Sequence

from msgspec import Struct

MOST_ENTRIES = 1000
"""Entries read from one answer; feeds hold their newest entries first, and few hold more than a hundred."""


class Entry(Struct, frozen=True, kw_only=True):
    """One entry. `key` is the publisher's id or the best stand-in; `at` is the time as the publisher wrote it, or empty."""

    key: str
    url: str | None = None
    title: str = ""
    html: str = ""
    text: str = ""
    author: str = ""
    at: str = ""
    tags: tuple[str, ...] = ()


class Feed(Struct, frozen=True, kw_only=True):
    """The entries of one answer; `damage` says in a sentence what was wrong with a feed that could still be read."""

    entries: Sequence[Entry] = ()
    damage: str = ""

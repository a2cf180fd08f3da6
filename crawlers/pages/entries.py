"""What an answer holds, before it becomes items."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

MOST_ENTRIES = 1000
"""Entries read from one answer; feeds hold their newest entries first, and few hold more than a hundred."""


class Entry(Struct, frozen=True, kw_only=True):
    """One entry. `key` is the publisher's id or the best stand-in; `at` is the time as the publisher wrote it, or empty.

    Counts are as written, empty where the publisher shows none; so is `author_since`, when the author's account was opened.
    `reply_to` and `root` are keys of the same source.
    """

    key: str
    url: str | None = None
    title: str = ""
    html: str = ""
    text: str = ""
    author: str = ""
    author_since: str = ""
    at: str = ""
    tags: tuple[str, ...] = ()
    likes: str = ""
    comments: str = ""
    shares: str = ""
    reply_to: str = ""
    root: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


class Feed(Struct, frozen=True, kw_only=True):
    """The entries of one answer; `damage` says in a sentence what was wrong with a feed that could still be read."""

    entries: Sequence[Entry] = ()
    damage: str = ""

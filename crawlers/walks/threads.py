"""What a thread held when it was looked at: replies that a later look no longer finds are gone."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from core.records import Revisit
from crawlers.pages.entries import Entry

REPLIES, MISSED = "replies", "missed"
"""Keys of a revisit's data: what the thread held, and what of that (or the thread itself) was not there any more."""
MOST_REPLIES = 300
"""Replies of a thread that are remembered: the first ones."""
FOUND_AGAIN = "found_again"
"""Field of a post that was gone and is back: by it the post differs from what is in the log already."""


def _keys(data: Mapping[str, str], name: str) -> list[str]:
    return data[name].split("\n") if data.get(name) else []


def _kept(data: Mapping[str, str], replies: Sequence[str], missed: Sequence[str]) -> dict[str, str]:
    held = {REPLIES: "\n".join(replies[:MOST_REPLIES]), MISSED: "\n".join(missed[:MOST_REPLIES])}
    base = {name: value for name, value in data.items() if name not in held}
    return base | {name: value for name, value in held.items() if value}


def missed_by(revisit: Revisit | None) -> set[str]:
    """Keys that an earlier look did not find."""
    return set(_keys(revisit.data, MISSED)) if revisit else set()


def welcomed(entries: Sequence[Entry], missed: set[str], when: str) -> list[Entry]:
    """The entries; those that were missed say that they were found again."""
    return [replace(e, extra={**e.extra, FOUND_AGAIN: when}) if e.key in missed else e for e in entries]


def compared(
    before: Revisit | None, key: str, found: Sequence[str], data: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """All of a thread was read: the data of its next look, and the keys that are gone.

    `key` is the thread's own, `found` are the keys of its replies, `data` is what the next look must know beside them.
    """
    known = [*_keys(before.data, REPLIES), *_keys(before.data, MISSED)] if before else []
    there = {key, *found}
    gone = [one for one in dict.fromkeys(known) if one not in there]
    return _kept(data, list(dict.fromkeys(found)), gone), gone


def vanished(before: Revisit, key: str) -> tuple[dict[str, str], list[str]]:
    """The thread itself is gone, and its replies with it: the data of its next look, and their keys."""
    gone = list(dict.fromkeys([key, *_keys(before.data, REPLIES), *_keys(before.data, MISSED)]))
    return _kept(before.data, [], gone), gone

"""From an entry to an item of the push API."""

from datetime import datetime

from core.clock import derived_id
from core.records import Source
from crawlers.pages.entries import Entry
from crawlers.results import Item
from nlp.admission import EARLIEST, EXTRA_VALUE_LIMIT, LINE_LIMIT, TEXT_LIMIT
from nlp.counts import parse_count
from nlp.times import parse_time

COUNTS = ("likes", "comments", "shares")


def item_id(key: str) -> str:
    """The id of the item that an entry with this key becomes."""
    return key if len(key) <= LINE_LIMIT else derived_id(key)


def push_item(source: Source, platform: str, entry: Entry, now: datetime) -> Item:
    """The entry in the format of the push API; what it does not say is left out.

    A time that cannot be read is passed on as it is, so that admission refuses it with its reason. The time as written
    stays in `extra`. A count that is none (`转发`, `…`) is left out: unknown is not nought. So is the day of an account that
    cannot be: a post is not refused for it.
    """
    moment, since = parse_time(entry.at, now), parse_time(entry.author_since, now)
    said = {
        "id": item_id(entry.key),
        "source": source.id,
        "platform": platform,
        "jurisdiction": source.jurisdiction,
        "url": entry.url,
        "at": moment.isoformat() if moment else entry.at,
        "author": entry.author[:LINE_LIMIT],
        "author_since": since.isoformat() if since and EARLIEST <= since <= now else "",
        "title": entry.title[:LINE_LIMIT],
        "text": entry.text[:TEXT_LIMIT],
        "html": "" if entry.text else entry.html,
        "reply_to": item_id(entry.reply_to),
        "root": item_id(entry.root),
    }
    item: dict[str, object] = {key: value for key, value in said.items() if value}
    for name in COUNTS:
        count = parse_count(getattr(entry, name))
        if count is not None:
            item[name] = count
    extra = {"at_as_written": entry.at, "tags": " ".join(entry.tags), "source_name": source.name, **entry.extra}
    item["extra"] = {key: value[:EXTRA_VALUE_LIMIT] for key, value in extra.items() if value}
    return item

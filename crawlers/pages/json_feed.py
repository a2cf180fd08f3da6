"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import msgspec
from msgspec import Struct

from core.clock import derived_id
from core.errors import Refused
from crawlers.pages.encoding import page_text
from crawlers.pages.entries import MOST_ENTRIES, Entry, Feed
from crawlers.pages.feeds import web_address

_Text = str | int | float | None


class _Author(Struct):
    name: str | None = None


class _Item(Struct):
    """Ids "should" be strings; numbers occur, and readers must take them (1.1, "Items")."""

    id: _Text = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    author: _Author | None = None
    authors: list[_Author] | None = None
    tags: list[str] | None = None


class _Document(Struct):
    version: str
    items: list[msgspec.Raw]


def looks_like_json(body: bytes, content_type: str) -> bool:
    """Whether to read the answer as JSON: by its Content-Type, or because it begins like an object."""
    return "json" in content_type.lower() or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_json_feed(body: bytes, content_type: str, url: str) -> Feed:
    """The entries of a JSON Feed found at `url`; `Refused` (`parse_error`) when it is none.

    Items that break the format are left out and counted in `damage`.
    """
    try:
        document = msgspec.json.decode(page_text(body, content_type), type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused("parse_error", f"The answer is no JSON Feed: {error}.") from error
    if "jsonfeed.org/version/" not in document.version:
        raise Refused("parse_error", "The answer is JSON, but no JSON Feed.")
    entries, broken = [], 0
    for raw in document.items[:MOST_ENTRIES]:
        try:
            entries.append(_entry(msgspec.json.decode(raw, type=_Item), url))
        except msgspec.ValidationError:
            broken += 1
    return Feed(entries=entries, damage=f"{broken} items break the format" if broken else "")


def _entry(item: _Item, base: str) -> Entry:
    link = item.url or item.external_url or ""
    at = item.date_published or item.date_modified or ""
    authors = item.authors or ([item.author] if item.author else [])
    text = item.content_text or ("" if item.content_html else item.summary) or ""
    return Entry(
        key=_key(item.id) or link or derived_id(item.title or "", at, text),
        url=web_address(link, base),
        title=item.title or "",
        html=item.content_html or "",
        text=text,
        author=next((a.name for a in authors if a.name), ""),
        at=at,
        tags=tuple(item.tags or ()),
    )


def _key(id_: _Text) -> str:
    return "" if id_ is None else str(id_)

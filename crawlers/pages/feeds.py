"""RSS and Atom by feedparser, which is slow, forgiving, and cleans the HTML it returns."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from core.clock import derived_id
from core.errors import Refused
from crawlers.pages.encoding import page_text
from crawlers.pages.entries import MOST_ENTRIES, Entry, Feed

_TIMES = ("published", "updated", "created")


def read_feed(body: bytes, content_type: str, url: str) -> Feed:
    """The entries of an RSS or Atom document found at `url`; `Refused` (`parse_error`) when it is none."""
    # A file object, never the bytes themselves: feedparser would open a string that looks like a path or an address.
    document = feedparser.parse(
        BytesIO(_without_declaration(page_text(body, content_type)).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
    )
    damage = str(document.get("bozo_exception", "")) if document.get("bozo") else ""
    entries = [_entry(found) for found in document.get("entries", ())[:MOST_ENTRIES]]
    if not entries and (damage or not document.get("version")):
        raise Refused("parse_error", f"The answer is no feed: {damage or 'no RSS or Atom in it'}.")
    return Feed(entries=entries, damage=damage)


def _without_declaration(text: str) -> str:
    """The declared encoding was true of the bytes, not of the text."""
    text = text.lstrip()
    return text.partition("?>")[2] if text.startswith("<?xml") else text


def _entry(found: Mapping[str, Any]) -> Entry:
    link = str(found.get("link") or "")
    title = str(found.get("title") or "")
    at = next((str(found[name]) for name in _TIMES if found.get(name)), "")
    return Entry(
        key=str(found.get("id") or "") or link or derived_id(title, at),
        url=web_address(link),
        title=title,
        html=_content(found),
        author=str(found.get("author") or ""),
        at=at,
        tags=tuple(str(tag["term"]) for tag in found.get("tags", ()) if tag.get("term")),
    )


def _content(found: Mapping[str, Any]) -> str:
    """The longest of what the entry says: some feeds put the whole text into the summary, some a teaser."""
    parts = [str(found.get("summary") or ""), *(str(part.get("value") or "") for part in found.get("content", ()))]
    return max(parts, key=len)


def web_address(link: str, base: str = "") -> str | None:
    """`link`, seen from the page `base`, if a browser may be sent there (http or https with a host), else None."""
    try:
        address = urljoin(base, link) if link else ""
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.netloc else None

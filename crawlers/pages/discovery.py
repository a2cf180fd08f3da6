"""The feed that a web page names as its own (`<link rel="alternate">`, HTML Standard 4.6.7.3)."""

from parsel import Selector

from crawlers.pages.encoding import page_text
from crawlers.pages.feeds import web_address

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


def feed_address(body: bytes, content_type: str, url: str) -> str | None:
    """Address of the first feed that the HTML page at `url` names; None when it names none or is no HTML."""
    if "html" not in content_type.lower() and b"<html" not in body[:2000].lower():
        return None
    page = Selector(page_text(body, content_type), type="html")
    for link in page.xpath("//link[contains(concat(' ', @rel, ' '), ' alternate ')][@href]"):
        if link.attrib.get("type", "").strip().lower() in _TYPES:
            return web_address(link.attrib["href"].strip(), url)
    return None

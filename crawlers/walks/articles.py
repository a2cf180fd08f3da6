"""Pages that are read without rules: sites by their sitemap (sitemaps.org), and feeds that show only teasers."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from lxml import etree
from msgspec.structs import replace

from core.clock import derived_id
from core.errors import Refused
from core.records import Ending
from crawlers.pages.article import Article, read_article
from crawlers.pages.attachments import attachment_text
from crawlers.pages.entries import Entry
from crawlers.pages.feeds import web_address
from crawlers.pages.signs import trouble_of
from crawlers.walks.feed import FeedWalk
from crawlers.walks.memory import Known
from crawlers.walks.steps import Answer, Ask, Step, Task, Trouble
from crawlers.walks.threads import FOUND_AGAIN
from crawlers.walks.unlisted import UNLISTED, Unlisted

MOST_SITEMAPS = 5
MOST_PAGES = 5_000
"""Pages of sitemaps that are remembered, the newest; older ones are not read."""
KNOWN_AS = "known_as"
"""By what a page is known in its sitemap, among the values of the request for it."""
MOST_UNPACKED = 50 * 1024 * 1024
"""The protocol's own limit for a sitemap."""


class Articles:
    """Reads pages of articles and the files that hang on them; an entry is whole when its files came, or did not."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Entry, int]] = {}

    def ask(self, url: str, values: Mapping[str, str]) -> Ask:
        """A request for an article's page; `values` are what is known of it: `key`, `title`, `at`."""
        return Ask(url=url, role="article", values=values, optional=True)

    def read(self, answer: Answer, known: Entry | None = None) -> Step:
        """The entry (what is `known` of it wins), or requests for its files."""
        article = read_article(answer.body, answer.content_type, answer.url)
        if not article.text and not (known and (known.text or known.html)):
            raise trouble_of(answer.body, answer.content_type, answer.url) or Trouble(
                Ending.DRIFT, f"No main text was found at {answer.url}."
            )
        entry = _entry(article, answer, known or Entry(key=answer.ask.values.get("key") or answer.url))
        if not article.attachments:
            return Step(entries=[entry])
        self._waiting[entry.key] = (entry, len(article.attachments))
        ask = Ask(url=answer.url, role="attachment", values={"key": entry.key}, optional=True)
        return Step(asks=[replace(ask, url=file) for file in article.attachments])

    def read_file(self, answer: Answer) -> Step:
        """The entry when this was its last file."""
        try:
            words = attachment_text(answer.body)
        except Refused as refusal:
            return self._one_less(answer.ask.values["key"], f"\n[附件 {answer.url.rpartition('/')[2]}：{refusal}]")
        return self._one_less(answer.ask.values["key"], f"\n【附件】\n{words}" if words else "")

    def failed(self, ask: Ask) -> Step:
        """A file that did not come holds nothing back."""
        return self._one_less(ask.values["key"], "") if ask.role == "attachment" else Step()

    def _one_less(self, key: str, words: str) -> Step:
        entry, left = self._waiting.pop(key)
        entry = replace(entry, text=entry.text + words)
        if left == 1:
            return Step(entries=[entry])
        self._waiting[key] = (entry, left - 1)
        return Step()


def _entry(article: Article, answer: Answer, known: Entry) -> Entry:
    said = answer.ask.values
    extra = {name: said[name] for name in (FOUND_AGAIN,) if name in said}
    if article.author:
        extra["published_by"] = article.author
    return replace(
        known,
        url=known.url or web_address(answer.url),
        title=known.title or said.get("title") or article.title,
        text=known.text or ("" if known.html else article.text),
        at=known.at or said.get("at") or article.at,
        author=known.author or article.author,
        extra={**known.extra, **extra},
    )


class SitemapWalk:
    """The sitemap, sitemaps that it names, and the pages that are new or changed by their `lastmod`.

    A page that its sitemap has no more is looked for, and gone when it is not there.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._known = Known(task.crawl.state, MOST_PAGES)
        self._articles = Articles()
        self._unlisted = Unlisted(self._known)
        self._sitemaps = 1

    def first(self) -> Sequence[Ask]:
        return [Ask(url=self._task.source.url, conditional=True)]

    def read(self, answer: Answer) -> Step:
        ask = answer.ask
        if UNLISTED in ask.values:
            gone = answer.status != 200
            return self._unlisted.gone(ask, ask.url) if gone else self._unlisted.found(ask)
        if ask.role == "article":
            return self._articles.read(answer)
        if ask.role == "attachment":
            return self._articles.read_file(answer)
        kind, rows = _sitemap(answer)
        if kind == "sitemapindex":
            rows.sort(key=lambda row: row.get("lastmod", ""), reverse=True)
            more = rows[: MOST_SITEMAPS - self._sitemaps + 1]
            self._sitemaps += len(more)
            return Step(asks=[Ask(url=row["loc"], conditional=True) for row in more if "loc" in row])
        place = (
            f"{derived_id(ask.url)[:8]}:"  # a page belongs to its sitemap: another one that did not change is not read
        )
        there = [row.get("loc", "") for row in rows]
        looks = self._unlisted.looks(place, there, lambda url: Ask(url=url, role="article"), whole=bool(there))
        return Step(asks=[*self._fresh(place, rows), *looks], found=len(rows))

    def _fresh(self, place: str, rows: list[dict[str, str]]) -> list[Ask]:
        prefix = self._task.source.options.get("prefix", "")
        listed = [row for row in rows if row.get("loc", "").startswith(prefix) and web_address(row.get("loc", ""))]
        listed.sort(key=lambda row: row.get("lastmod", "") or row.get("publication_date", ""), reverse=True)
        asks = []
        for row in listed:
            key = place + row["loc"]
            returned = self._known.returned(key)
            if self._known.has_room(key) and self._known.changed(key, row.get("lastmod", "")):
                again = {FOUND_AGAIN: self._task.now.isoformat()} if returned else {}
                values = {"key": row["loc"], "title": row.get("title", ""), "at": row.get("publication_date", "")}
                asks.append(self._articles.ask(row["loc"], {**values, **again, KNOWN_AS: key}))
        return asks

    def failed(self, ask: Ask) -> Step:
        if KNOWN_AS in ask.values:
            self._known.forget(ask.values[KNOWN_AS])
        return self._articles.failed(ask)

    def state(self) -> dict[str, str]:
        return self._known.state()

    def backfilled(self) -> tuple[datetime | None, bool]:
        """A sitemap has everything: visits bring as many pages as they may until all are there."""
        return None, True


def _sitemap(answer: Answer) -> tuple[str, list[dict[str, str]]]:
    """The kind of the document (`urlset` or `sitemapindex`) and its rows."""
    body = answer.body
    if body[:2] == b"\x1f\x8b":
        body = _unpacked(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    kind = "" if root is None else etree.QName(root).localname
    if root is None or kind not in ("urlset", "sitemapindex"):
        found = trouble_of(answer.body, answer.content_type, answer.url)
        raise found or Trouble(Ending.PARSE_ERROR, "The answer is no sitemap.")
    rows = []
    for child in root:
        parts = child.iter(etree.Element)
        rows.append({etree.QName(e).localname: (e.text or "").strip() for e in parts if (e.text or "").strip()})
    return kind, rows


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(body, MOST_UNPACKED)
    except zlib.error as error:
        raise Trouble(Ending.PARSE_ERROR, "The sitemap cannot be unpacked.") from error
    if unpacker.unconsumed_tail:
        raise Trouble(Ending.TOO_LARGE, "The sitemap unpacks to more than 50 MiB.")
    return text


class FullFeedWalk(FeedWalk):
    """A feed whose entries are teasers: the page of each new one is read."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self._known = Known(task.crawl.state)
        self._articles = Articles()

    def read(self, answer: Answer) -> Step:
        if answer.ask.role == "article":
            return self._articles.read(answer)
        if answer.ask.role == "attachment":
            return self._articles.read_file(answer)
        step = super().read(answer)
        fresh = [e for e in step.entries if self._known.changed(e.key, e.title, e.html, e.text, e.at)]
        asks = [self._articles.ask(e.url, {"key": e.key, "title": e.title, "at": e.at}) for e in fresh if e.url]
        whole = [e for e in fresh if not e.url]
        return replace(step, entries=whole, asks=[*step.asks, *asks])

    def failed(self, ask: Ask) -> Step:
        if ask.role == "article":
            self._known.forget(ask.values["key"])
        return self._articles.failed(ask)

    def state(self) -> dict[str, str]:
        return super().state() | self._known.state()

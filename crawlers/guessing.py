"""What an address seems to be: feeds that the page names, software that is known by its marks, addresses of known sites."""

import re
from urllib.parse import urljoin, urlsplit

from msgspec import Struct
from parsel import Selector

from core.errors import Refused
from core.records import Ending, Guess
from crawlers.pages.encoding import page_text
from crawlers.pages.feeds import read_feed
from crawlers.pages.json_feed import looks_like_json, read_json_feed
from crawlers.pages.signs import trouble_of
from crawlers.trial import Fetcher, TrialFailure
from crawlers.walks.registry import shipped
from crawlers.walks.steps import Answer, Ask

_FEEDS = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
MARKS_IN = 100_000
"""Letters of a page in which marks are looked for."""
SITEMAPS = ("/sitemap.xml", "/wp-sitemap.xml")


class Guesses(Struct, frozen=True, kw_only=True):
    """What there is, the surest first."""

    items: list[Guess]
    ending: Ending
    detail: str = ""


async def guess(url: str, fetcher: Fetcher) -> Guesses:
    """One look at the address, and one for a sitemap where nothing else was found."""
    by_address = _by_address(url)
    try:
        answer = await fetcher.get(Ask(url=url), {})
    except TrialFailure as failure:
        return Guesses(items=by_address, ending=failure.ending, detail=str(failure))
    found = by_address + (_feed(answer) or _page(answer))
    if not found:
        found = await _sitemap(answer.url, fetcher)
    instead = None if found else trouble_of(answer.body, answer.content_type, answer.url)
    found.sort(key=lambda one: -one.sure)
    if answer.status != 200 and not found:
        return Guesses(items=[], ending=Ending.HTTP_ERROR, detail=f"The server answered {answer.status}.")
    ending = instead.ending if instead else Ending.OK
    return Guesses(items=found, ending=ending, detail=str(instead or ""))


def _by_address(url: str) -> list[Guess]:
    """Sites whose address says what they are."""
    return [
        Guess(kind=rules.kind, url=url, name=rules.name.get("zh-Hans", rules.kind), sure=0.95, why=rules.known_url)
        for rules in shipped().values()
        if rules.known_url and re.search(rules.known_url, url)
    ]


def _feed(answer: Answer) -> list[Guess]:
    read = read_json_feed if looks_like_json(answer.body, answer.content_type) else read_feed
    try:
        feed = read(answer.body, answer.content_type, answer.url)
    except Refused:
        return []
    name = _title(answer)
    return [Guess(kind="feed", url=answer.url, name=name, sure=1.0, why=f"feed, {len(feed.entries)} entries")]


def _page(answer: Answer) -> list[Guess]:
    text = page_text(answer.body, answer.content_type)[: 4 * MARKS_IN]
    page = Selector(text=text or " ", type="html")
    found = [
        Guess(
            kind="feed",
            url=urljoin(answer.url, link.attrib["href"].strip()),
            name=link.attrib.get("title") or _title(answer),
            sure=0.9,
            why=link.attrib["type"],
        )
        for link in page.xpath("//link[contains(concat(' ', @rel, ' '), ' alternate ')][@href]")
        if link.attrib.get("type", "").strip().lower() in _FEEDS
    ]
    return found + _software(answer, text[:MARKS_IN], page)


def _software(answer: Answer, text: str, page: Selector) -> list[Guess]:
    generator = " ".join(page.xpath("//meta[translate(@name,'GENRATO','genrato')='generator']/@content").getall())
    found = []
    for rules in shipped().values():
        marks = [mark for mark in rules.known_by if re.search(mark, text) or re.search(mark, generator)]
        if marks:
            sure = min(0.7 + 0.1 * len(marks), 0.95)
            found.append(
                Guess(
                    kind=rules.kind, url=_address(rules.kind, answer.url), name=_title(answer), sure=sure, why=marks[0]
                )
            )
    return found


def _address(kind: str, url: str) -> str:
    """Kinds that are asked through an interface want the root of the site."""
    rules = shipped()[kind]
    return "{0.scheme}://{0.netloc}".format(urlsplit(url)) if "{base}" in rules.listing.url else url


def _title(answer: Answer) -> str:
    text = page_text(answer.body, answer.content_type)[:20_000]
    hit = re.search(r"<title[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,80})", text, re.IGNORECASE)
    return hit[1].strip() if hit else urlsplit(answer.url).netloc


async def _sitemap(url: str, fetcher: Fetcher) -> list[Guess]:
    for path in SITEMAPS:
        try:
            answer = await fetcher.get(Ask(url=urljoin(url, path)), {})
        except TrialFailure:
            continue
        if answer.status == 200 and re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)", answer.body[:2000]):
            return [Guess(kind="sitemap", url=answer.url, name=urlsplit(url).netloc, sure=0.6, why=path)]
    return []

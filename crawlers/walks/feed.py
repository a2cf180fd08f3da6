"""Feeds: RSS, Atom, JSON Feed, or a page that names its feed."""

from collections.abc import Sequence
from datetime import datetime

from core.errors import Refused
from core.records import Ending
from crawlers.pages.discovery import feed_address
from crawlers.pages.entries import Feed
from crawlers.pages.feeds import read_feed
from crawlers.pages.json_feed import looks_like_json, read_json_feed
from crawlers.pages.signs import trouble_of
from crawlers.walks.steps import Answer, Ask, Step, Task, Trouble

DISCOVERED = "feed_url"
"""Key of the state for the feed that the page at the source's address named."""


class FeedWalk:
    """One conditional request, at most one step from a page to the feed it names."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._discovered = task.crawl.state.get(DISCOVERED, "")

    def first(self) -> Sequence[Ask]:
        return [Ask(url=self._discovered or self._task.source.url, conditional=True)]

    def read(self, answer: Answer) -> Step:
        if answer.ask.role == "list" and (found := feed_address(answer.body, answer.content_type, answer.url)):
            self._discovered = found
            return Step(asks=[Ask(url=found, role="named", conditional=True)])
        feed = _feed(answer)
        return Step(entries=feed.entries, found=len(feed.entries), detail=feed.damage)

    def failed(self, ask: Ask) -> Step:
        return Step()

    def state(self) -> dict[str, str]:
        return {DISCOVERED: self._discovered} if self._discovered else {}

    def backfilled(self) -> tuple[datetime | None, bool]:
        """A feed shows what it shows: a back-fill is over at once."""
        return None, True


def _feed(answer: Answer) -> Feed:
    read = read_json_feed if looks_like_json(answer.body, answer.content_type) else read_feed
    try:
        return read(answer.body, answer.content_type, answer.url)
    except Refused as refusal:
        found = trouble_of(answer.body, answer.content_type, answer.url)
        raise found or Trouble(Ending.PARSE_ERROR, str(refusal)) from refusal

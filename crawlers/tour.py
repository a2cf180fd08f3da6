"""One visit to one source, whoever makes its requests: what to send, what an answer meant, and how it all ended."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from core.clock import Now
from core.errors import Refused
from core.leases import Leased
from core.records import Ending, Rank, Revisit, Sample
from crawlers.items import item_id, push_item
from crawlers.pages.encoding import page_text
from crawlers.pages.signs import trouble_of
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.walks.feed import DISCOVERED
from crawlers.walks.memory import Validators
from crawlers.walks.registry import platform_of, walk_of
from crawlers.walks.steps import Answer, Ask, Step, Task, Trouble, Walk
from nlp.masking import mask

FORBIDDEN = frozenset({403, 451})
GONE = frozenset({404, 410})
SAMPLE_LETTERS = 8_000
FILE = "attachment"
"""The role of a request for a file: its page is a post without it."""
MANY = 3
"""When so many pages of things failed and none was read, the visit did not go well, though its list did."""
NOT_OURS = (Ending.LOGIN, Ending.CAPTCHA, Ending.BLOCKED)


class Tour:
    """Begin it, make its requests, give it every answer or its loss; when none is open, ask for the result.

    `open` counts requests and writes that are under way: who makes them keeps it.
    """

    def __init__(self, leased: Leased, cookie: str, now: Now, most_pages: int = 40) -> None:
        self.source, self.crawl, self.cookie = leased.source, leased.crawl, cookie
        self.open = 0
        self.written = WriteReport()
        self._now, self._begun, self._most = now, now(), most_pages
        self._task = Task(
            source=leased.source, crawl=leased.crawl, now=self._begun, revisits=leased.revisits, cookie=cookie
        )
        self._walk: Walk | None = None
        self._validators = Validators(leased.crawl.state)
        self._session: dict[str, str] = {}
        self._asked = self._unchanged = self._items = self._status = 0
        self._found: int | None = None
        self._missing: Counter[str] = Counter()
        self._revisits: dict[str, Revisit] = {}
        self._done: list[str] = []
        self._gone: list[str] = []
        self._ranks: list[Rank] = []
        self._details: list[str] = []
        self._optional: Counter[Ending] = Counter()
        self._failure: CrawlResult | None = None
        self._sample: Answer | None = None
        self._owing = False
        self.robots = "overridden" if leased.source.assessment.robots == "override" else ""

    @property
    def failed(self) -> bool:
        """Whether it has ended badly; what is still under way does not matter any more."""
        return self._failure is not None

    def begin(self) -> list[Ask]:
        """The first requests."""
        try:
            self._walk = walk_of(self._task)
            return self._admitted(self._walk.first())
        except Refused as refusal:
            self.fail(Ending.BAD_RULES, str(refusal))
            return []

    def headers(self, ask: Ask) -> dict[str, str]:
        """What a request carries beside who we are."""
        headers = {**ask.headers, **self._validators.headers(ask)}
        if ask.session and self._session:
            pairs = [f"{name}={value}" for name, value in self._session.items()]
            headers["Cookie"] = "; ".join([*([headers["Cookie"]] if "Cookie" in headers else []), *pairs])
        return headers

    def take(self, answer: Answer) -> tuple[list[Item], list[Ask]]:
        """What an answer brought, and what is asked next."""
        self._status = answer.status
        if answer.ask.session:
            self._keep_cookies(answer)
        if self._validators.unchanged(answer):
            self._unchanged += 1
            return [], []
        read_as_gone = answer.status in GONE and answer.ask.may_be_gone
        if answer.status in GONE and answer.ask.optional and not read_as_gone:
            self._details.append(f"{answer.url} is gone ({answer.status}).")
            return self._stepped(self._walked.failed(answer.ask)) if answer.ask.role == FILE else ([], [])
        if answer.status != 200 and not read_as_gone:
            return self._refused(answer)
        if answer.ask.role == "list" or self._sample is None:
            self._sample = answer
        try:
            step = self._walked.read(answer)
        except Trouble as trouble:
            if trouble.ending is Ending.EMPTY and answer.ask.role == "list":
                step = Step(found=0, detail=str(trouble))
            else:
                return self.lose(answer.ask, trouble.ending, str(trouble))
        self._validators.note(answer)
        if answer.ask.optional:
            self._optional[Ending.OK] += 1
        return self._stepped(step)

    def lose(
        self, ask: Ask, ending: Ending, detail: str, status: int = 0, retry_after_s: float | None = None
    ) -> tuple[list[Item], list[Ask]]:
        """There was no answer, or none that could be read."""
        if not ask.optional or ending in NOT_OURS or ending in (Ending.ASKED_TO_WAIT, Ending.UNFINISHED):
            self.fail(ending, detail, status, retry_after_s)
            return [], []
        self._optional[ending] += 1
        self._owing = self._owing or ask.role != FILE
        self._details.append(detail)
        return self._stepped(self._walked.failed(ask))

    def fail(self, ending: Ending, detail: str, status: int = 0, retry_after_s: float | None = None) -> None:
        """The visit did not go well; the first reason counts, and the state stays.

        But a feed that was discovered is forgotten: next time the page is asked again where its feed is.
        """
        if self._failure is None:
            state = {} if DISCOVERED in self.crawl.state else self.crawl.state
            self._failure = self._result(ending, state, detail[:300], status or self._status, retry_after_s)

    def result(self) -> CrawlResult:
        """How it ended."""
        if self._failure is None and self._optional[Ending.OK] == 0 and sum(self._optional.values()) >= MANY:
            ending = self._optional.most_common(1)[0][0]
            self.fail(ending, self._details[-1])
        if self._failure is not None:
            return self._with_what_came(self._failure)
        # What is owed hangs on a list that must be read again, changed or not.
        validators = {} if self._owing else self._validators.state()
        state = validators | self._walked.state()
        detail = "; ".join(dict.fromkeys(self._details))[:300]
        return self._with_what_came(self._result(self._ending(), state, detail, self._status, None))

    # --- inside

    @property
    def _walked(self) -> Walk:
        if self._walk is None:
            raise RuntimeError("the tour has not begun")
        return self._walk

    def _stepped(self, step: Step) -> tuple[list[Item], list[Ask]]:
        if step.found is not None:
            self._found = (self._found or 0) + step.found
        self._missing.update(step.missing)
        self._revisits |= {one.key: one for one in step.revisits}
        self._done += step.done
        self._gone += map(item_id, step.gone)
        self._ranks += step.ranks
        if step.detail:
            self._details.append(step.detail)
        platform = platform_of(self.source)
        items = [push_item(self.source, platform, entry, self._now()) for entry in step.entries]
        self._items += len(items)
        return items, self._admitted(step.asks)

    def _admitted(self, asks: Sequence[Ask]) -> list[Ask]:
        """As many as one visit may make; the others are forgotten, so that the next visit asks for them."""
        left = max(self._most - self._asked, 0)
        for ask in asks[left:]:
            self._owing = True
            self._stepped(self._walked.failed(ask))
        self._asked += min(left, len(asks))
        return list(asks[:left])

    def _refused(self, answer: Answer) -> tuple[list[Item], list[Ask]]:
        ending = Ending.LOGIN if answer.status == 401 else Ending.HTTP_ERROR
        if answer.status in FORBIDDEN:
            shown = trouble_of(answer.body, answer.content_type, answer.url)
            ending = shown.ending if shown else Ending.BLOCKED
        self._sample = answer
        return self.lose(answer.ask, ending, f"The server answered {answer.status}.", answer.status)

    def _keep_cookies(self, answer: Answer) -> None:
        for line in answer.headers.get("set-cookie", "").split("\n"):
            name, equals, value = line.partition(";")[0].strip().partition("=")
            if equals:
                self._session[name] = value

    def _ending(self) -> Ending:
        if self._items:
            return Ending.OK
        if self._found == 0 and not self._unchanged:
            return Ending.EMPTY
        return Ending.NOT_MODIFIED

    def _result(
        self, ending: Ending, state: dict[str, str], detail: str, status: int, retry_after_s: float | None
    ) -> CrawlResult:
        return CrawlResult(
            source=self.source.id, ending=ending, state=state, status=status, detail=detail, retry_after_s=retry_after_s
        )

    def _with_what_came(self, result: CrawlResult) -> CrawlResult:
        """Items of a visit that failed were written all the same, and so were their revisits."""
        at, over = self._walk.backfilled() if self._walk else (None, False)
        return CrawlResult(
            source=result.source,
            ending=result.ending,
            state=result.state,
            status=result.status,
            detail=result.detail,
            retry_after_s=result.retry_after_s,
            found=self._found if result.ending.went_well else None,
            items=self._items,
            written=self.written,
            requests=self._asked,
            unchanged=self._unchanged,
            took_s=(self._now() - self._begun) / timedelta(seconds=1),
            robots=self.robots or ("forbidden" if result.ending is Ending.ROBOTS else "allowed"),
            missing=dict(self._missing),
            revisits=tuple(self._revisits.values()),
            done=tuple(self._done) if result.ending.went_well else (),
            gone=tuple(dict.fromkeys(self._gone)) if result.ending.went_well else (),
            ranks=tuple(self._ranks),
            sample=self._masked_sample(),
            backfill_at=at,
            backfill_over=over and result.ending.went_well,
        )

    def _masked_sample(self) -> Sample | None:
        answer = self._sample
        if answer is None:
            return None
        shown = mask(page_text(answer.body[: 4 * SAMPLE_LETTERS], answer.content_type)[:SAMPLE_LETTERS]).text
        return Sample(
            source=self.source.id,
            at=self._begun,
            url=answer.url,
            status=answer.status,
            content_type=answer.content_type[:200],
            text=shown,
        )

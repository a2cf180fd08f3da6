"""A source tried before it is added: a few requests by httpx, with the same manners, and nothing is stored."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from urllib.parse import urljoin, urlsplit

import httpx
from msgspec import Struct
from protego import Protego

from core.addresses import Networks, PinnedTransport, check_url
from core.clock import Now
from core.errors import HuiyingError, Refused, RetryLater
from core.leases import Leased
from core.records import Ending, TrialPage
from crawlers.results import CrawlResult, Item
from crawlers.retry_after import retry_after
from crawlers.settings import Identity, Limits
from crawlers.tour import Tour
from crawlers.walks.steps import Answer, Ask

MOST_REQUESTS = 5
LONGEST_S = 45.0
DELAY_S = 1.0
REDIRECTS = (301, 302, 303, 307, 308)
ROBOTS_BYTES = 512 * 1024


class Trial(Struct, frozen=True, kw_only=True):
    """What a visit would give now."""

    result: CrawlResult
    items: list[Item]
    pages: list[TrialPage]
    took_s: float


class TrialFailure(HuiyingError):
    """A request brought no answer; `ending` says why."""

    def __init__(self, ending: Ending, message: str, status: int = 0, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.ending, self.status, self.retry_after_s = ending, status, retry_after_s


class Fetcher:
    """Gets pages politely: who we are, robots.txt, no inward address, limits of size, time and redirects."""

    def __init__(self, identity: Identity, limits: Limits, allow: Networks, now: Now) -> None:
        self._identity, self._limits, self._now = identity, limits, now
        self._client = httpx.AsyncClient(
            transport=PinnedTransport(allow),
            headers={"User-Agent": identity.user_agent, "Accept-Language": "zh-CN, zh;q=0.9, en;q=0.5"},
            timeout=limits.timeout_s,
            trust_env=False,
        )
        self._robots: dict[str, Protego | None] = {}

    async def close(self) -> None:
        """End all connections."""
        await self._client.aclose()

    async def get(self, ask: Ask, headers: dict[str, str], *, obey: bool = True) -> Answer:
        """The answer. Raises `TrialFailure`."""
        url, method, form = ask.url, ask.method, dict(ask.form)
        for _ in range(self._limits.max_redirects + 1):
            if obey and not await self._allowed(url):
                raise TrialFailure(Ending.ROBOTS, f"robots.txt of {urlsplit(url).netloc} forbids it.")
            answer = await self._once(ask, url, (method, form, headers), self._limits.max_bytes)
            location = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not location:
                return self._unless_asked_to_wait(answer)
            onward = urljoin(url, location)
            if urlsplit(onward).netloc != urlsplit(url).netloc:
                headers = {name: value for name, value in headers.items() if name != "Cookie"}
            url, method, form = onward, "GET", {}
        raise TrialFailure(Ending.HTTP_ERROR, "The server redirects again and again.")

    def _unless_asked_to_wait(self, answer: Answer) -> Answer:
        asked = answer.headers.get("retry-after", "")
        if answer.status in (429, 432) or (answer.status == 503 and asked):
            ending = Ending.BLOCKED if answer.status == 432 else Ending.ASKED_TO_WAIT
            pause = retry_after(asked, self._now())
            raise TrialFailure(ending, f"The server answered {answer.status}.", answer.status, pause)
        return answer

    async def _allowed(self, url: str) -> bool:
        parts = urlsplit(url)
        if parts.netloc not in self._robots:
            self._robots[parts.netloc] = await self._read_robots(f"{parts.scheme}://{parts.netloc}/robots.txt")
        rules = self._robots[parts.netloc]
        return rules is None or bool(rules.can_fetch(url, self._identity.product))

    async def _read_robots(self, url: str) -> Protego | None:
        """RFC 9309: 4xx means that all is allowed, 5xx or no answer that nothing is."""
        try:
            answer = await self._once(Ask(url=url), url, ("GET", {}, {}), ROBOTS_BYTES)
        except TrialFailure as failure:
            if failure.ending in (Ending.INWARD_ADDRESS, Ending.BAD_ADDRESS, Ending.DNS):
                raise
            return Protego.parse("User-agent: *\nDisallow: /")
        if answer.status >= 500:
            return Protego.parse("User-agent: *\nDisallow: /")
        return Protego.parse(answer.body.decode("utf-8", "replace")) if answer.status == 200 else None

    async def _once(self, ask: Ask, url: str, how: tuple[str, dict[str, str], dict[str, str]], most: int) -> Answer:
        method, form, headers = how
        try:
            check_url(url)
            request = self._client.build_request(method, url, data=form or None, headers=headers)
            async with asyncio.timeout(self._limits.timeout_s):
                return await self._read(ask, request, most)
        except Refused as refusal:
            ending = Ending.INWARD_ADDRESS if refusal.code == "inward_address" else Ending.BAD_ADDRESS
            raise TrialFailure(ending, str(refusal)) from refusal
        except RetryLater as unresolved:
            raise TrialFailure(Ending.DNS, str(unresolved)) from unresolved
        except (TimeoutError, httpx.TimeoutException) as error:
            raise TrialFailure(Ending.TIMEOUT, f"No answer within {self._limits.timeout_s:.0f} s.") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise TrialFailure(Ending.BAD_ADDRESS, "This is no web address.") from error
        except httpx.HTTPError as error:
            tls = "SSL" in str(error) or "certificate" in str(error)
            raise TrialFailure(Ending.TLS if tls else Ending.CONNECTION, str(error)[:200]) from error

    async def _read(self, ask: Ask, request: httpx.Request, most: int) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > most:
                    raise TrialFailure(Ending.TOO_LARGE, f"The answer is larger than {most} bytes.")
        finally:
            await response.aclose()
        headers = {name.lower(): "\n".join(response.headers.get_list(name)) for name in response.headers}
        return Answer(ask=ask, url=str(request.url), status=response.status_code, body=bytes(body), headers=headers)


async def try_source(leased: Leased, cookie: str, fetcher: Fetcher, now: Now) -> Trial:
    """Walk the source for a few requests."""
    begun = monotonic()
    tour = Tour(leased, cookie, now, MOST_REQUESTS)
    waiting = tour.begin()
    items: list[Item] = []
    pages: list[TrialPage] = []
    while waiting and not tour.failed and monotonic() - begun < LONGEST_S:
        ask = waiting.pop(0)
        if pages:
            await asyncio.sleep(DELAY_S)
        came, more = await _step(tour, ask, fetcher, pages)
        items += came
        waiting += more
    return Trial(result=tour.result(), items=items, pages=pages, took_s=monotonic() - begun)


async def _step(tour: Tour, ask: Ask, fetcher: Fetcher, pages: list[TrialPage]) -> tuple[Sequence[Item], list[Ask]]:
    obey = tour.source.assessment.robots != "override"
    try:
        answer = await fetcher.get(ask, tour.headers(ask), obey=obey)
    except TrialFailure as failure:
        pages.append(TrialPage(url=ask.url, status=failure.status, bytes=0, items=0, note=str(failure)))
        return tour.lose(ask, failure.ending, str(failure), failure.status, failure.retry_after_s)
    items, more = await asyncio.to_thread(tour.take, answer)
    pages.append(TrialPage(url=answer.url, status=answer.status, bytes=len(answer.body), items=len(items)))
    return items, more

"""What the API asks of collecting, which is another folder's: `app` passes it in. And the views of sources."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Protocol

from msgspec import Meta as Limits
from msgspec import Struct, field

from api.views import Code
from core.records import Crawl, Ending, Guess, Sample, Source, TrialPage, VisitRecord

Words = dict[str, str]


class OptionView(Struct, frozen=True, kw_only=True):
    """An option that a kind of source takes; `example` may be offered to the person."""

    name: str
    said: Words
    required: bool = False
    example: str = ""


class SourceKind(Struct, frozen=True, kw_only=True):
    """A kind of source. `tier` 1: open standards, no login; 2: with the user's own cookie; 3: bridges.

    `login` says whether a cookie is `none`, `optional` or `required`; `example` is the form of an address.
    """

    id: str
    name: Words
    tier: int
    family: str
    example: str
    login: str = "none"
    interval_s: int = 600
    options: list[OptionView] = field(default_factory=list)


class SourceKinds(Struct, frozen=True, kw_only=True):
    """All kinds."""

    items: list[SourceKind]


class GuessList(Struct, frozen=True, kw_only=True):
    """What an address seems to be, the surest first; empty when only rules written for it would do."""

    items: list[Guess]
    ending: Ending
    detail: str = ""
    said: Words = field(default_factory=dict)


class FoundItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item as a trial found it: masked, nothing is stored. `at` None: the time could not be read."""

    id: str
    title: str = ""
    text: str = ""
    url: str | None = None
    at: datetime | None = None
    at_as_written: str = ""
    has_author: bool = False
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    reply_to: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


class TrialView(Struct, frozen=True, kw_only=True):
    """What a visit would find now. `missing` counts items without a field that the kind usually has."""

    ending: Ending
    said: Words
    detail: str
    took_s: float
    pages: list[TrialPage]
    items: list[FoundItem]
    missing: dict[str, int] = field(default_factory=dict)


class Collecting(Protocol):
    """What `app` composes from `crawlers`."""

    def kinds(self) -> list[SourceKind]: ...

    def check(self, source: Source) -> None:
        """Raises `Refused` where the kind is unknown, or its options or rules do not fit; the message names the line."""
        ...

    async def guess(self, url: str) -> GuessList: ...

    async def trial(self, source: Source, cookie: str) -> TrialView: ...

    def seal(self, cookie: str) -> bytes: ...

    def unseal(self, sealed: bytes) -> str: ...


class SourceBody(Struct, kw_only=True):
    """A source to collect from. `kind` absent: it is guessed, and what is surest is taken. `basis`, `approved_by` and the
    others go into the assessment record; `robots` `override` needs `robots_reason`.
    """

    url: str
    kind: str = ""
    name: str = ""
    jurisdiction: Code | None = None
    interval_s: int | None = None
    longest_s: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    basis: str = ""
    rate: str = ""
    contact: str = ""
    robots: str = "obey"
    robots_reason: str = ""
    approved_by: str = ""


class SourceEdit(Struct, kw_only=True):
    """What a person changes of a source; absent fields stay."""

    name: str | None = None
    jurisdiction: Code | None = None
    interval_s: int | None = None
    longest_s: int | None = None
    options: dict[str, str] | None = None
    basis: str | None = None
    rate: str | None = None
    contact: str | None = None
    robots: str | None = None
    robots_reason: str | None = None
    approved_by: str | None = None


class TrialBody(Struct, kw_only=True):
    """What to try; `kind` absent: it is guessed."""

    url: str
    kind: str = ""
    options: dict[str, str] = field(default_factory=dict)
    cookie: str = ""


class UrlBody(Struct, kw_only=True):
    """An address."""

    url: str


class WhyBody(Struct, kw_only=True):
    """Why."""

    why: str = ""


class BackfillBody(Struct, kw_only=True):
    """How far back to collect."""

    since: datetime


class CookieBody(Struct, kw_only=True):
    """The Cookie header of a person's own login at the site."""

    cookie: Annotated[str, Limits(min_length=1, max_length=8_000)]


class CollectedSource(Struct, frozen=True, kw_only=True):
    """A source, what crawlers know of it, and its state in words. `cookie`: a login is stored (it is never shown)."""

    source: Source
    crawl: Crawl
    said: Words
    cookie: bool = False
    waiting: int = 0


class SourceList(Struct, frozen=True, kw_only=True):
    """All sources; `blind` counts those where posts may be missed."""

    items: list[CollectedSource]
    blind: int = 0


class VisitList(Struct, frozen=True, kw_only=True):
    """Visits, newest first."""

    items: list[VisitRecord]


class SampleView(Struct, frozen=True, kw_only=True):
    """The last raw answer, masked."""

    sample: Sample | None


class ImportedView(Struct, frozen=True, kw_only=True):
    """What an OPML file brought: `added` and `known` addresses, `refused` ones with the reason."""

    added: list[str]
    known: list[str]
    refused: dict[str, str]


class HotPoint(Struct, frozen=True, kw_only=True):
    """A rank at a time."""

    at: datetime
    rank: int
    heat: int | None = None


class HotTopic(Struct, frozen=True, kw_only=True):
    """A topic with its series on each list (by source id); `best` is its best rank now, `climbed` the most ranks that it
    rose on a list within the hour, negative when it fell.
    """

    title: str
    best: int
    lists: int
    climbed: int
    first_at: datetime
    series: dict[str, list[HotPoint]]
    url: str | None = None


class HotView(Struct, frozen=True, kw_only=True):
    """Topics of hot lists, those on most lists first."""

    items: list[HotTopic]


def blind_spots(sources: Sequence[Source], crawls: dict[str, Crawl]) -> list[tuple[Source, Crawl]]:
    """Enabled sources where posts may be missed, longest first."""
    pairs = [(s, crawls[s.id]) for s in sources if s.enabled and s.id in crawls and crawls[s.id].health.blind]
    return sorted(pairs, key=lambda pair: (pair[1].health_since or pair[0].created_at, pair[0].id))

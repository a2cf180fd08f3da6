"""The words between a walk and who makes its requests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from core.errors import Refused
from core.records import Crawl, Ending, Rank, Revisit, Source
from crawlers.pages.entries import Entry


class Ask(Struct, frozen=True, kw_only=True):
    """A request that a walk wants made.

    `role` is the walk's own word for what the answer will be. `conditional`: the answer may be left out when it has not
    changed. `optional`: without an answer the visit still went well (one thread of many). `may_be_gone`: 404 and 410 are
    answers, the thing is not there any more. `values` come back with it.
    """

    url: str
    role: str = "list"
    method: str = "GET"
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    conditional: bool = False
    optional: bool = False
    may_be_gone: bool = False
    session: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """What came back. `url` is where it came from in the end; header names are lower case."""

    ask: Ask
    url: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The Content-Type header."""
        return self.headers.get("content-type", "")


class Step(Struct, frozen=True, kw_only=True):
    """What an answer meant. `found` counts what the page listed, None where it lists nothing.

    `missing` counts rows without a field that they should have. `done` are keys of revisits that are over,
    `gone` keys of posts that the source does not have any more.
    """

    entries: Sequence[Entry] = ()
    asks: Sequence[Ask] = ()
    found: int | None = None
    missing: Mapping[str, int] = field(default_factory=dict)
    revisits: Sequence[Revisit] = ()
    done: Sequence[str] = ()
    gone: Sequence[str] = ()
    ranks: Sequence[Rank] = ()
    detail: str = ""


class Trouble(Refused):
    """An answer that is not what the walk expected: `ending` says how the visit ends."""

    def __init__(self, ending: Ending, message: str) -> None:
        super().__init__(ending.value, message)
        self.ending = ending


class Task(Struct, frozen=True, kw_only=True):
    """What a walk begins with. `most_pages` bounds the requests of one visit."""

    source: Source
    crawl: Crawl
    now: datetime
    revisits: Sequence[Revisit] = ()
    cookie: str = ""
    most_pages: int = 40


class Walk(Protocol):
    """One visit to one source. `first` once, then `read` for every answer, in any order, then `state` if all went well."""

    def first(self) -> Sequence[Ask]: ...

    def read(self, answer: Answer) -> Step:
        """Raises `Trouble` where the answer is not what it should be."""
        ...

    def failed(self, ask: Ask) -> Step:
        """An optional answer did not come, or was not what it should be; what there is without it."""
        ...

    def state(self) -> dict[str, str]:
        """What the next visit needs to know."""
        ...

    def backfilled(self) -> tuple[datetime | None, bool]:
        """How far a back-fill came, and whether it is over."""
        ...


REVISIT_AFTER_S = (3_600, 6 * 3_600, 24 * 3_600, 72 * 3_600)
"""When something open is looked at again, counted from when it was found."""

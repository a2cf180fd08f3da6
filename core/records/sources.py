"""Where posts are collected from, what people say of it, and what the crawlers know of it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field


class Assessment(Struct, frozen=True, kw_only=True):
    """The impact assessment of a source (网络数据安全管理条例 art. 18): why we may, how we behave, who said so.

    `robots` is `obey`, or `override` with a reason and a name: for a bridge of one's own, or a site that agreed.
    """

    basis: str = ""
    rate: str = ""
    identity: str = ""
    contact: str = ""
    robots: str = "obey"
    robots_reason: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None


class Source(Struct, frozen=True, kw_only=True):
    """A place to collect from, as people set it. What crawlers know of it is its `Crawl`.

    `interval_s` and `longest_s` bound the pace from both sides. `options` are the kind's own (`rules`: the YAML text).
    `disabled_reason` is a person's, when `enabled` is False.
    """

    id: str
    kind: str
    url: str
    name: str
    jurisdiction: str
    created_at: datetime
    interval_s: int = 600
    longest_s: int = 21_600
    enabled: bool = True
    disabled_reason: str = ""
    options: dict[str, str] = field(default_factory=dict)
    assessment: Assessment = Assessment()


class Health(StrEnum):
    """How a source is. `new`, `ok` and `quiet` are well; in every other state the office may be blind there."""

    NEW = "new"
    OK = "ok"
    QUIET = "quiet"
    SILENT = "silent"
    FEWER = "fewer"
    DRIFT = "drift"
    LOGIN = "login"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    FAILING = "failing"

    @property
    def blind(self) -> bool:
        """Whether posts may be missed."""
        return self not in (Health.NEW, Health.OK, Health.QUIET)


class Ending(StrEnum):
    """How a visit to a source ended."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"
    DRIFT = "drift"
    LOGIN = "login"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    ASKED_TO_WAIT = "asked_to_wait"
    ROBOTS = "robots"
    HTTP_ERROR = "http_error"
    PARSE_ERROR = "parse_error"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    DNS = "dns"
    TLS = "tls"
    CONNECTION = "connection"
    INWARD_ADDRESS = "inward_address"
    BAD_ADDRESS = "bad_address"
    BAD_RULES = "bad_rules"
    UNFINISHED = "unfinished"

    @property
    def went_well(self) -> bool:
        """Whether the source answered as it should."""
        return self in (Ending.OK, Ending.NOT_MODIFIED, Ending.EMPTY)


class Crawl(Struct, frozen=True, kw_only=True):
    """What the crawlers know of a source.

    `state` is what the next visit needs (validators, watermarks). `pace_s` is the present interval. `ending` is how the
    last visit ended and `detail` a sentence. `health_since` is when the health last changed. `usual` is the median of
    items that a visit which found something found, `recent` the items of the last visits. `failures` count in a row.
    `backfill_since` is how far back a back-fill shall reach, `backfill_at` where it stands (the oldest time reached).
    """

    source: str
    state: dict[str, str] = field(default_factory=dict)
    pace_s: float = 0.0
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    last_items: int = 0
    last_new: int = 0
    ending: Ending | None = None
    detail: str = ""
    status: int = 0
    health: Health = Health.NEW
    health_since: datetime | None = None
    failures: int = 0
    usual: float = 0.0
    recent: tuple[int, ...] = ()
    robots: str = ""
    backfill_since: datetime | None = None
    backfill_at: datetime | None = None


class VisitRecord(Struct, frozen=True, kw_only=True):
    """One visit that was made: how it ended and what it brought. `requests` and `unchanged` (304) count answers."""

    source: str
    at: datetime
    ending: Ending
    status: int = 0
    items: int = 0
    new: int = 0
    duplicate: int = 0
    rejected: int = 0
    requests: int = 0
    unchanged: int = 0
    took_s: float = 0.0
    detail: str = ""


class Revisit(Struct, frozen=True, kw_only=True):
    """Something open (a thread, an unanswered message) to look at again; `step` counts the looks that were had."""

    source: str
    key: str
    due_at: datetime
    found_at: datetime
    url: str = ""
    step: int = 0
    data: dict[str, str] = field(default_factory=dict)


class Sample(Struct, frozen=True, kw_only=True):
    """The last raw answer of a source, masked and cut, for whoever repairs its rules."""

    source: str
    at: datetime
    url: str
    status: int
    content_type: str
    text: str


class Guess(Struct, frozen=True, kw_only=True):
    """A way to collect from an address: `sure` from 0 to 1, `why` is what gave it away."""

    kind: str
    url: str
    name: str
    sure: float
    why: str
    options: dict[str, str] = field(default_factory=dict)


class TrialPage(Struct, frozen=True, kw_only=True):
    """A page that a trial asked for; `status` 0: there was no answer, `note` says why."""

    url: str
    status: int
    bytes: int
    items: int
    note: str = ""


class Rank(Struct, frozen=True, kw_only=True):
    """Where a topic stood on a hot list at a time; `rank` from 1, `heat` in the list's own unit, None where it has none."""

    source: str
    topic: str
    at: datetime
    rank: int
    title: str
    heat: int | None = None
    url: str | None = None

"""What the board holds its figures against: the usual, the week before, the duties kept, and what is not heard.

It changes slowly and costs more than the figures themselves, so screens ask for it once a minute and share an answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alerts.absence import same_hours
from alerts.punctuality import Duty, UnitDuty, by_unit, duty
from alerts.searching import Span, gathered
from api.coverage import WEEKS, SourceView, fails, sources_heard
from api.parts import Parts
from api.views import Totals
from core.ports import Bucket, CaseQuery, Index, PostQuery
from core.records import Case, CaseState, Crawl, Source
from nlp.keyness import KeyTerm, key_terms
from nlp.rhythm import UsualHour, span_of, usual

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
DUTY_SPAN = timedelta(days=30)
CASES_PER_PAGE = 500
MOST_CASES = 5_000
"""Cases whose clocks are counted: the gravest come first, so what a very busy month leaves out is of the lowest level."""
TEXTS = 1_500
"""Posts that are read for words, now and before each."""
SLICES = 28
TERMS = 24


class TermSample(Struct, frozen=True, kw_only=True):
    """The leading words, and how many posts were read for them: the newest of equal parts of the time."""

    terms: list[KeyTerm]
    posts: int
    before: int


class Changes(Struct, frozen=True, kw_only=True):
    """What became of cases since a day ago. `level` is the gravest of those that were open then, None when none was."""

    opened: int
    closed: int
    level: int | None
    open: int


class Division(Struct, frozen=True, kw_only=True):
    """A part of the jurisdiction: posts that name something in it, over the span and over the week. 0 of the week: deaf."""

    code: str
    name: str
    posts: int
    negative: int
    week: int


class BoardContext(Struct, frozen=True, kw_only=True):
    """`usual` has one entry for each hour of the board's figures; `week_ago` is None where nothing was collected then."""

    at: datetime
    jurisdiction: str | None
    hours: int
    usual: list[UsualHour]
    week_ago: Totals | None
    since_yesterday: Changes
    words: TermSample
    duty_days: int
    duty: Duty
    units: list[UnitDuty]
    area: str
    divisions: list[Division]
    sources: list[SourceView]


def make(parts: Parts, area: str, jurisdiction: str | None, hours: int) -> BoardContext:
    """The context of the `hours` up to now, of a jurisdiction or all; `area` is the division whose parts the map shows."""
    now, index = parts.now(), parts.storage.index
    until = now.replace(minute=0, second=0, microsecond=0) + HOUR
    since = until - hours * HOUR
    series = index.hours(until - span_of(hours), until, jurisdiction)
    ago = index.hours(since - WEEK, until - WEEK, jurisdiction)
    cases = _cases(parts, now, jurisdiction)
    return BoardContext(
        at=now,
        jurisdiction=jurisdiction,
        hours=hours,
        usual=usual(series, hours),
        week_ago=_totals(ago),
        since_yesterday=_changes(cases, now),
        words=_words(index, since, until, jurisdiction),
        duty_days=DUTY_SPAN.days,
        duty=duty(cases, now),
        units=by_unit(cases, now),
        area=area,
        divisions=_divisions(parts, area, (since, until), jurisdiction),
        sources=_sources(parts, (since, until), jurisdiction),
    )


def _sources(parts: Parts, shown: Span, jurisdiction: str | None) -> list[SourceView]:
    """Every source over the span; what is missing is looked for in the last week of it at most."""
    now, index = parts.now(), parts.storage.index
    hours = shown[1] - shown[0]
    spans = same_hours(now, min(hours, WEEK), WEEKS)

    def told(span: Span) -> dict[str, int]:
        return {c.value: c.posts for c in index.sources(*span, jurisdiction)}

    weeks = [told(span) for span in spans]
    times = hours / min(hours, WEEK) / WEEKS
    usual = {id_: times * sum(w.get(id_, 0) for w in weeks[1:]) for id_ in {id_ for week in weeks for id_ in week}}
    collected = _collected(parts, jurisdiction)
    visited = gathered(crawl for source, crawl in collected if not fails(source, crawl, now)).ends
    for week, counts in zip(weeks, _up_to(visited, spans, told), strict=True):
        week.update(counts)
    return sources_heard(now, index.sources(*shown, jurisdiction), usual, weeks, collected, parts.false_a_day)


def _up_to(
    visited: Mapping[str, datetime], spans: Sequence[Span], told: Callable[[Span], dict[str, int]]
) -> list[dict[str, int]]:
    """In each span the posts of those sources that were not visited since its end, up to the hour of that visit."""
    (_, end), *_ = spans
    late = {source: end - at for source, at in visited.items() if at < end}
    found: list[dict[str, int]] = [{} for _ in spans]
    for by in set(late.values()):
        for counts, (since, until) in zip(found, spans, strict=True):
            posts = told((since, max(since, until - by)))
            counts.update((source, posts.get(source, 0)) for source, lag in late.items() if lag == by)
    return found


def _collected(parts: Parts, jurisdiction: str | None) -> list[tuple[Source, Crawl]]:
    store = parts.storage.store
    crawls = {crawl.source: crawl for crawl in store.crawls()}
    return [(s, crawls[s.id]) for s in store.sources() if jurisdiction in (None, s.jurisdiction) and s.id in crawls]


def _totals(hours: list[Bucket]) -> Totals | None:
    posts = sum(b.posts for b in hours)
    return Totals(posts=posts, negative=sum(b.negative for b in hours)) if posts else None


def duty_of(parts: Parts, span: timedelta) -> Duty:
    """The duties of all cases that were opened within a span."""
    return duty(_cases(parts, parts.now(), None, span), parts.now())


def _cases(parts: Parts, now: datetime, jurisdiction: str | None, span: timedelta = DUTY_SPAN) -> list[Case]:
    found: list[Case] = []
    cursor: str | None = None
    while len(found) < MOST_CASES:
        query = CaseQuery(jurisdiction=jurisdiction, opened_since=now - span, cursor=cursor, limit=CASES_PER_PAGE)
        page = parts.storage.store.cases(query)
        found.extend(page.items)
        cursor = page.cursor
        if cursor is None:
            break
    return found


def _changes(cases: list[Case], now: datetime) -> Changes:
    """A case that is closed was closed when it last changed."""
    closed = {c.id for c in cases if c.state is CaseState.CLOSED and c.updated_at >= now - DAY}
    then = [c for c in cases if c.opened_at < now - DAY and (c.state is not CaseState.CLOSED or c.id in closed)]
    return Changes(
        opened=sum(c.opened_at >= now - DAY for c in cases),
        closed=len(closed),
        level=min((c.level for c in then), default=None),
        open=len(then),
    )


def _words(index: Index, since: datetime, until: datetime, jurisdiction: str | None) -> TermSample:
    now = list(_texts(index, since, until, jurisdiction))
    before = list(_texts(index, since - WEEK, since, jurisdiction))
    return TermSample(terms=key_terms(now, before, TERMS), posts=len(now), before=len(before))


def _texts(index: Index, since: datetime, until: datetime, jurisdiction: str | None) -> Iterator[str]:
    """The newest of every slice of the span: a burst does not drown the other hours."""
    step = (until - since) / SLICES
    for n in range(SLICES):
        start, end = since + n * step, since + (n + 1) * step
        query = PostQuery(jurisdiction=jurisdiction, since=start, until=end, fold=True, limit=TEXTS // SLICES)
        yield from (found.post.search for found in index.posts(query).items)


def _divisions(parts: Parts, area: str, span: Span, jurisdiction: str | None) -> list[Division]:
    inside = divisions_of(parts.places, area)
    codes = [code for code, _ in inside]
    now = parts.storage.index.within(*span, jurisdiction, codes)
    week = parts.storage.index.within(span[1] - WEEK, span[1], jurisdiction, codes)
    return [
        Division(code=code, name=name, posts=n.posts, negative=n.negative, week=w.posts)
        for (code, name), n, w in zip(inside, now, week, strict=True)
    ]


def divisions_of(places: dict[str, str], area: str) -> list[tuple[str, str]]:
    """Code and name of what lies directly in `area` by code; 330100 and 330000 may be in the list as 3301 and 33."""
    home = area
    for zeros in ("0000", "00"):
        if len(area) == len("330106") and area.endswith(zeros) and area not in places:
            home = area.removesuffix(zeros)
            break
    inside = sorted(code for code in places if code.startswith(home) and len(code) > len(home) and code != area)
    length = min(map(len, inside), default=0)
    return [(code, places[code]) for code in inside if len(code) == length]


def area_of(jurisdiction: str | None, held: list[str]) -> str:
    """The division to map: the one asked for, or the first that holds posts."""
    return jurisdiction or (held[0] if held else "")

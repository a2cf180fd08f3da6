"""Reports on a span: 快报, 日报, 周报, 月报."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.reports.ground import (
    Ground,
    case_link,
    cases_link,
    cell,
    clock_status,
    incident_link,
    number,
    posts_link,
    table_section,
)
from alerts.reports.words import percent
from core.ports import BoardFigures, Bucket, CaseQuery, Count, IncidentQuery
from core.records import Case, CaseState, Clock, Incident
from core.records.reports import Bar, Line, Piece, ReportChart, Section

MOST_INCIDENTS = 10
MOST_CASES = 5_000
MOST_COUNTS = 8
MOST_BARS = 62
"""More columns than these are drawn by the day."""
GRAVE = 2


@dataclass(frozen=True, slots=True)
class Find:
    """Links to the posts of a report's span and jurisdiction."""

    since: datetime
    until: datetime
    jurisdiction: str | None

    def __call__(self, **filters: str) -> str:
        return posts_link(self.since, self.until, jurisdiction=self.jurisdiction or "", **filters)

    def before(self, earlier: datetime) -> str:
        """Those of the span before, which began then."""
        return posts_link(earlier, self.since, jurisdiction=self.jurisdiction or "")


def overview(ground: Ground, jurisdiction: str | None, since: datetime, until: datetime) -> tuple[Section, ...]:
    """The sections of a report on a span."""
    figures = ground.index.figures(since, until, jurisdiction)
    before = ground.index.figures(since - (until - since), since, jurisdiction)
    cases = ground.store.cases(CaseQuery(jurisdiction=jurisdiction, limit=MOST_CASES)).items
    heard = ground.index.incidents(IncidentQuery(jurisdiction=jurisdiction, since=since, limit=MOST_INCIDENTS)).items
    incidents = [incident for incident in heard if incident.first_at < until]
    found = Find(since, until, jurisdiction)
    parts = [
        Section(
            name="overview",
            title=ground.words.text("section.overview"),
            lines=(
                _posts(ground, figures, before, found, since - (until - since)),
                _cases(ground, cases, since, until),
                _kept(ground, cases, since, until),
            ),
            machine=True,
        ),
        Section(
            name="volume",
            title=ground.words.text("section.volume"),
            chart=volume_chart(ground, figures.hours, since, until),
        ),
        _incidents(ground, incidents, {one.incident: one for one in cases}),
        _clocks(ground, cases, until),
        _counts(ground, "domains", "domain", figures.domains, found),
        _counts(ground, "places", "place", figures.places, found),
        _units(ground, cases, since, until),
        _counts(ground, "sources", "source", figures.sources, found),
    ]
    return tuple(part for part in parts if part.lines or part.chart or (part.table and part.table.rows))


def _posts(ground: Ground, figures: BoardFigures, before: BoardFigures, found: Find, earlier: datetime) -> Line:
    words = ground.words
    said = words(
        "overview.posts",
        posts=number(figures.posts, found()),
        negative=number(figures.negative, found(sentiment="negative")),
        share=percent(figures.negative, figures.posts),
    )
    gap = Piece(text=" ") if words.lang == "en" else Piece(text="")
    if not before.posts:
        return (*said, gap, *words("overview.first"))
    change = figures.posts - before.posts
    key = "overview.more" if change > 0 else "overview.fewer" if change < 0 else "overview.same"
    then = number(before.posts, found.before(earlier))
    told = {"before": then} if not change else {"before": then, "change": percent(abs(change), before.posts)}
    return (*said, gap, *words(key, **told))


def _cases(ground: Ground, cases: Sequence[Case], since: datetime, until: datetime) -> Line:
    still = [one for one in cases if one.state is not CaseState.CLOSED and one.opened_at < until]
    closed = [one for one in cases if one.state is CaseState.CLOSED and since <= one.updated_at < until]
    return ground.words(
        "overview.cases",
        opened=number(sum(since <= one.opened_at < until for one in cases), cases_link("open")),
        closed=number(len(closed), cases_link("closed")),
        until=ground.time(until),
        open=number(len(still), cases_link("open")),
        grave=number(sum(one.level <= GRAVE for one in still), cases_link("open")),
    )


def _due(cases: Iterable[Case], since: datetime, until: datetime) -> list[Clock]:
    return [c for one in cases for c in one.clocks if c.due_at is not None and since <= c.due_at < until]


def _is_kept(clock: Clock) -> bool:
    return clock.stopped_at is not None and clock.due_at is not None and clock.stopped_at <= clock.due_at


def _kept(ground: Ground, cases: Sequence[Case], since: datetime, until: datetime) -> Line:
    due = _due(cases, since, until)
    if not due:
        return ground.words("overview.noClocks")
    kept = sum(map(_is_kept, due))
    late = number(len(due) - kept, cases_link("due"))
    return ground.words("overview.clocks", due=number(len(due)), kept=number(kept), late=late)


def volume_chart(ground: Ground, hours: Sequence[Bucket], since: datetime, until: datetime) -> ReportChart:
    """Columns by the hour, by the day when there are too many."""
    by_day = (until - since) > timedelta(hours=MOST_BARS)
    bars = _days(ground, hours) if by_day else [_bar(ground, bucket) for bucket in hours]
    words = ground.words
    total, negative = sum(bar.posts for bar in bars), sum(bar.negative for bar in bars)
    peak = max(bars, key=lambda bar: bar.posts, default=None)
    sentence = words.text("chart.none")
    if peak is not None and peak.posts:
        sentence = words.text(
            "chart.sentence", peak=peak.label, posts=f"{peak.posts:,}", share=percent(negative, total)
        )
    return ReportChart(
        sentence=sentence, bars=tuple(bars), series=(words.text("chart.all"), words.text("chart.negative"))
    )


def _bar(ground: Ground, bucket: Bucket) -> Bar:
    return Bar(label=ground.time(bucket.at), posts=bucket.posts, negative=bucket.negative)


def _days(ground: Ground, hours: Sequence[Bucket]) -> list[Bar]:
    days: dict[str, list[Bucket]] = {}
    for bucket in hours:
        days.setdefault(bucket.at.astimezone(ground.zone).strftime("%m-%d"), []).append(bucket)
    return [
        Bar(label=day, posts=sum(b.posts for b in some), negative=sum(b.negative for b in some))
        for day, some in days.items()
    ]


def _incidents(ground: Ground, incidents: Sequence[Incident], cases: dict[str, Case]) -> Section:
    columns = ("level", "incident", "place", "posts", "negative", "state", "unit")
    rows = []
    for one in incidents:
        case = cases.get(one.id)
        rows.append(
            (
                cell(ground.level(case.level) if case else ""),
                cell(one.title, case_link(case) if case else incident_link(one.id)),
                cell("、".join(place.name for place in one.places[:2])),
                (number(one.copies, posts_link(incident=one.id)),),
                cell(percent(one.sentiment.get("negative", 0), sum(one.sentiment.values()))),
                cell(ground.words.code("state", case.state.value if case else "none")),
                cell(ground.unit(case.unit) if case else ""),
            )
        )
    return table_section(ground, "incidents", columns, rows, (3, 4))


def _clocks(ground: Ground, cases: Sequence[Case], now: datetime) -> Section:
    """What is still running or over, the first due first."""
    standing = [
        (clock.due_at, one, clock, status)
        for one in cases
        if one.state is not CaseState.CLOSED
        for clock in one.clocks
        if (status := clock_status(clock, now)) in ("running", "over", "paused") and clock.due_at is not None
    ]
    standing.sort(key=lambda row: (row[0], row[1].id))
    rows = [
        (
            cell(one.title, case_link(one)),
            cell(clock.name),
            cell(ground.time(due)),
            cell(ground.words.code("clock", status)),
            cell(ground.unit(one.unit)),
        )
        for due, one, clock, status in standing[:MOST_INCIDENTS]
    ]
    return table_section(ground, "clocks", ("case", "clock", "due", "status", "unit"), rows, ())


def _counts(ground: Ground, name: str, filter_: str, counts: Sequence[Count], found: Find) -> Section:
    def shown(value: str) -> str:
        return ground.words.code("domain", value) if filter_ == "domain" else ground.place(value)

    rows = [
        (
            cell(shown(one.value)),
            (number(one.posts, found(**{filter_: one.value})),),
            cell(percent(one.negative, one.posts)),
        )
        for one in counts[:MOST_COUNTS]
    ]
    return table_section(ground, name, (filter_, "posts", "negative"), rows, (1, 2))


def _units(ground: Ground, cases: Sequence[Case], since: datetime, until: datetime) -> Section:
    by_unit: dict[str, list[Case]] = {}
    for one in cases:
        if one.unit and one.opened_at < until and (one.state is not CaseState.CLOSED or one.updated_at >= since):
            by_unit.setdefault(one.unit, []).append(one)
    rows = []
    for unit, own in sorted(by_unit.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        due = _due(own, since, until)
        kept = sum(map(_is_kept, due))
        cases_of_unit = number(len(own), f"{cases_link('open')}&unit={unit}")
        answered = sum(one.answered_at is not None for one in own)
        rows.append((cell(ground.unit(unit)), (cases_of_unit,), cell(answered), cell(kept), cell(len(due) - kept)))
    return table_section(
        ground, "units", ("unit", "cases", "answered", "kept", "late"), rows[:MOST_COUNTS], (1, 2, 3, 4)
    )

"""Everything about one answer: its times, what was said around it, what it changed, what it left open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alerts.evaluation.curves import HOUR, Point, Span, around, curve
from alerts.evaluation.interrupted import MOST_AFTER, MOST_BEFORE, Effect, effect
from alerts.evaluation.questions import Asked, AskedAbout, questions
from core.records import AnalysedPost, AuditRow, Case


class ClockKept(Struct, frozen=True, kw_only=True):
    """A clock of the case: its limit, the hours that counted against it (pauses left out), and whether it was kept.

    `kept` is null while it still runs; `hours` runs on meanwhile.
    """

    kind: str
    name: str
    limit: str
    source: str
    due_at: datetime | None
    hours: float
    kept: bool | None


class Report(Struct, frozen=True, kw_only=True):
    """The evaluation of a case. Before an answer there are only the curve, the questions and the clocks.

    `hours_to_answer` is from each beginning (`first_post`, `opened`, `acknowledged`) to the first answer. `effects` are of
    the posts, the negative ones, the rumours and the heat.
    """

    case: str
    answered_at: datetime | None
    hours_to_answer: dict[str, float]
    clocks: list[ClockKept]
    curve: list[Point]
    before: Span | None
    after: Span | None
    effects: list[Effect]
    questions: list[AskedAbout]
    posts: int


def report(
    case: Case, posts: Sequence[AnalysedPost], audit: Sequence[AuditRow], kinds: Sequence[Asked], now: datetime
) -> Report:
    """The evaluation of a case; of several answers the first counts for time, the last for effect."""
    answered = case.answered_at
    until = now if answered is None else min(now, answered + (MOST_AFTER + 1) * HOUR)
    points = curve(posts, until)
    sides = around(points, answered) if answered is not None else (None, None)
    return Report(
        case=case.id,
        answered_at=answered,
        hours_to_answer=_times(case, posts, audit),
        clocks=[_kept(case, number, now) for number in range(len(case.clocks))],
        curve=points,
        before=sides[0],
        after=sides[1],
        effects=_effects(points, answered) if answered is not None else [],
        questions=questions(posts, case.answer or "", kinds),
        posts=len(posts),
    )


def summary(found: Report) -> dict[str, str | int | float]:
    """What a case keeps of it."""
    kept: dict[str, str | int | float] = {
        "questions": len(found.questions),
        "questions_touched": sum(question.touched for question in found.questions),
    }
    for side, span in (("before", found.before), ("after", found.after)):
        if span is not None:
            kept[f"posts_an_hour_{side}"] = span.posts_an_hour
            for name in ("negative_share", "rumour_share"):
                share = getattr(span, name)
                if share is not None:
                    kept[f"{name}_{side}"] = share
    volume = next((one for one in found.effects if one.measure == "posts" and one.ratio is not None), None)
    if volume is not None and volume.ratio is not None and volume.low is not None and volume.high is not None:
        kept |= {"effect": volume.ratio, "effect_low": volume.low, "effect_high": volume.high}
    return kept


def _effects(points: Sequence[Point], answered_at: datetime) -> list[Effect]:
    hour = answered_at.replace(minute=0, second=0, microsecond=0)
    before = [point for point in points if point.at < hour][-MOST_BEFORE:]
    after = [point for point in points if point.at > hour]
    return [
        effect(measure, [getattr(p, measure) for p in before], [getattr(p, measure) for p in after])
        for measure in ("posts", "negative", "rumours", "heat")
    ]


def _times(case: Case, posts: Sequence[AnalysedPost], audit: Sequence[AuditRow]) -> dict[str, float]:
    answer = next((row.at for row in audit if row.action == "case.answered"), case.answered_at)
    if answer is None:
        return {}
    begins = {
        "first_post": min((post.at for post in posts), default=None),
        "opened": case.opened_at,
        "acknowledged": next((row.at for row in audit if row.action == "case.acknowledged"), None),
    }
    return {name: round((answer - at) / HOUR, 2) for name, at in begins.items() if at is not None}


def _kept(case: Case, number: int, now: datetime) -> ClockKept:
    clock = case.clocks[number]
    end = clock.stopped_at or now
    still = sum(((p.until or end) - p.since for p in clock.pauses), timedelta())
    over = clock.breached or (clock.due_at is not None and end > clock.due_at)
    running = clock.stopped_at is None and not over
    return ClockKept(
        kind=clock.kind,
        name=clock.name,
        limit=clock.limit,
        source=clock.source,
        due_at=clock.due_at,
        hours=round(max(end - clock.started_at - still, timedelta()) / HOUR, 2),
        kept=None if running else not over,
    )

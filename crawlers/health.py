"""How a source is after a visit, and when it is visited next. Pure: the caller passes the time and keeps the records."""

from datetime import datetime, timedelta
from statistics import median

from msgspec.structs import replace

from core.records import Crawl, Ending, Health, Source
from crawlers.results import CrawlResult

LONGEST_S = 86_400.0
SHORTEST_S = 30.0
FASTER, SLOWER = 0.5, 1.25
"""What a visit with news does to the pace, and one without."""
CATCHES_UP = 0.05
"""Share of the pace that a visit which began or ended late gives back, so that visits keep their beat."""
ENOUGH = 4
"""Visits that must have found something before fewer items mean anything."""
FEWER_SHARE = 0.3
USUAL_AT_LEAST = 5
REMEMBERED = 30
FAILURES_TO_ALERT = 3
BREAKER_S = {Ending.BLOCKED: 1_800.0, Ending.CAPTCHA: 1_800.0, Ending.LOGIN: 21_600.0, Ending.ROBOTS: 21_600.0}
"""Who refuses us is not asked again for so long at least: trying on would only prove them right."""

_AT_ONCE = {
    Ending.DRIFT: Health.DRIFT,
    Ending.PARSE_ERROR: Health.DRIFT,
    Ending.LOGIN: Health.LOGIN,
    Ending.CAPTCHA: Health.BLOCKED,
    Ending.BLOCKED: Health.BLOCKED,
    Ending.ROBOTS: Health.ROBOTS,
    Ending.INWARD_ADDRESS: Health.FAILING,
    Ending.BAD_ADDRESS: Health.FAILING,
    Ending.BAD_RULES: Health.FAILING,
}
"""Endings that mean something at their first time; others may be a moment's weakness of the network."""


def after(source: Source, crawl: Crawl, result: CrawlResult, now: datetime) -> Crawl:
    """What is known of the source after this visit.

    With news the pace doubles, without it slows by a quarter, between the source's shortest and longest interval. A visit
    that was late brings the next one forward by as much, by a twentieth of the pace at most. After the n-th failure in a row
    the pause is the interval times 2**n, at most a day, but never shorter than the server's Retry-After, nor than the breaker
    of who refuses us. A revisit that is due earlier is never a reason to go faster than the shortest interval.
    """
    known = (
        _after_good(source, crawl, result, now) if result.ending.went_well else _after_bad(source, crawl, result, now)
    )
    health = _health(known, result)
    since = crawl.health_since if health is crawl.health else now
    return replace(
        known,
        last_at=now,
        ending=result.ending,
        detail=result.detail,
        status=result.status,
        health=health,
        health_since=since,
        robots=result.robots or crawl.robots,
    )


def _after_good(source: Source, crawl: Crawl, result: CrawlResult, now: datetime) -> Crawl:
    pace = _pace(source, crawl, result)
    late = max((now - crawl.next_at).total_seconds(), 0.0) if crawl.next_at else 0.0
    recent = crawl.recent if result.found is None else (*crawl.recent, result.found)[-REMEMBERED:]
    fed = [count for count in crawl.recent if count]
    over = result.backfill_over or crawl.backfill_since is None
    return replace(
        crawl,
        state=result.state,
        pace_s=pace,
        next_at=now + timedelta(seconds=(pace if over else _shortest(source)) - min(late, pace * CATCHES_UP)),
        last_ok_at=now,
        last_new_at=now if result.written.accepted else crawl.last_new_at,
        last_items=result.items,
        last_new=result.written.accepted,
        failures=0,
        recent=recent,
        usual=float(median(fed)) if len(fed) >= ENOUGH else 0.0,
        backfill_since=None if over else crawl.backfill_since,
        backfill_at=result.backfill_at or crawl.backfill_at,
    )


def _after_bad(source: Source, crawl: Crawl, result: CrawlResult, now: datetime) -> Crawl:
    failures = crawl.failures + 1
    doubled = min(_shortest(source) * 2.0 ** min(failures, 32), LONGEST_S)
    pause = max(doubled, BREAKER_S.get(result.ending, 0.0), result.retry_after_s or 0.0)
    if result.ending is Ending.UNFINISHED:
        failures, pause = crawl.failures, _shortest(source)
    return replace(
        crawl,
        state=result.state,
        next_at=now + timedelta(seconds=pause),
        last_items=0,
        last_new=result.written.accepted,
        failures=failures,
    )


def _pace(source: Source, crawl: Crawl, result: CrawlResult) -> float:
    shortest = _shortest(source)
    pace = (crawl.pace_s or shortest) * (FASTER if result.written.accepted else SLOWER)
    return min(max(pace, shortest), max(float(source.longest_s), shortest), LONGEST_S)


def _shortest(source: Source) -> float:
    return min(max(float(source.interval_s), SHORTEST_S), LONGEST_S)


def _health(known: Crawl, result: CrawlResult) -> Health:
    if result.ending in (Ending.UNFINISHED, Ending.ASKED_TO_WAIT) and known.failures < FAILURES_TO_ALERT:
        return known.health
    if not result.ending.went_well:
        at_once = _AT_ONCE.get(result.ending)
        patient = known.health if known.failures < FAILURES_TO_ALERT else Health.FAILING
        return at_once or patient
    if result.found is None:  # nothing was read anew: what was noticed stands until something is
        stands = known.health in (Health.SILENT, Health.FEWER)
        return known.health if stands else Health.QUIET
    if known.usual and result.found == 0:
        return Health.SILENT
    if known.usual >= USUAL_AT_LEAST and result.found < FEWER_SHARE * known.usual:
        return Health.FEWER
    return Health.OK if result.found else Health.QUIET

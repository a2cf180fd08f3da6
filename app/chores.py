"""What runs beside the steps, whichever runner drives them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache

import httpx

from alerts.delivery import OUTCOMES, Courier, PersonSender, WebhookSender, deliver_due
from alerts.notices.clerk import Clerk
from alerts.notices.watch import switched_off
from alerts.reports.maker import Maker
from alerts.watch import tick
from app.engines import link_key
from app.judgement import load_notice_plan
from app.listening import listen
from app.reporting import make_due, office_plans
from core.addresses import PinnedTransport
from core.clock import Now, random_id
from core.effects import Effects
from core.ports import CaseQuery, Storage
from core.settings import Settings
from core.telemetry import UNKNOWN, Metrics
from nlp.teaching import Teacher
from stream.chores import Chore
from stream.stages import Decide

DELIVER_EVERY_S = 0.3
TICK_EVERY_S = 10.0
TELL_EVERY_S = 1.0
LISTEN_EVERY_S = 30.0
MEASURE_EVERY_S = 5.0
RETAIN_EVERY_S = 3600.0
SPREAD_EVERY_S = 5.0
REPORT_EVERY_S = 60.0
TICK_CASES = 10_000
"""More open cases than an office can have; the rest would be looked at when these are closed."""

Work = Callable[[], Awaitable[bool]]


def office_chores(
    settings: Settings, storage: Storage, decide: Decide, maker: Callable[[], Maker], metrics: Metrics, now: Now
) -> list[Chore]:
    """Deliveries, clocks of open cases, signals, retention, corrections for all posts alike, reports, and how old things are.

    Several processes may do them side by side.
    """
    return [
        Chore("deliver", DELIVER_EVERY_S, _deliver(settings, storage, metrics, now)),
        Chore("retention", RETAIN_EVERY_S, _retain(settings, storage, now)),
        Chore("clocks", TICK_EVERY_S, _tick(settings, storage, decide, now)),
        Chore("notices", TELL_EVERY_S, _tell(settings, storage, decide, now)),
        Chore("signals", LISTEN_EVERY_S, _listen(settings, storage, decide, now)),
        Chore("teaching", SPREAD_EVERY_S, _spread(storage, now)),
        Chore("reports", REPORT_EVERY_S, _report(settings, storage, maker, now)),
        Chore("figures", MEASURE_EVERY_S, _measure(storage, metrics, now)),
    ]


def _deliver(settings: Settings, storage: Storage, metrics: Metrics, now: Now) -> Work:
    """Empties the outbox; a webhook whose receiver is gone is saved as disabled."""
    for outcome in OUTCOMES.values():
        metrics.deliveries.labels(outcome)
    chance = random.SystemRandom().random
    client = httpx.AsyncClient(transport=PinnedTransport(settings.allow_inward))
    people = PersonSender(chance, allow=settings.allow_inward, client=client)
    courier = Courier(WebhookSender(client, chance), people)

    async def deliver() -> bool:
        done = await deliver_due(storage.store, courier, now)
        if done.webhooks:
            told = [switched_off(webhook, settings.jurisdiction, now()) for webhook in done.webhooks]
            await asyncio.to_thread(storage.commit, Effects(changes=[*done.webhooks, *told]))
        for outcome, number in done.outcomes.items():
            metrics.deliveries.labels(outcome).inc(number)
        return done.settled > 0

    return deliver


def _measure(storage: Storage, metrics: Metrics, now: Now) -> Work:
    """Shows what no count can: how old the oldest due delivery is, and when the newest post was published."""

    def look() -> None:
        at = now()
        due = storage.store.oldest_due(at)
        metrics.outbox_age.set(0 if due is None else (at - due).total_seconds())
        newest = storage.index.newest(None)
        metrics.newest_post.set(UNKNOWN if newest is None else newest.timestamp())

    async def run() -> bool:
        await asyncio.to_thread(look)
        return False

    return run


def _clerk(settings: Settings, storage: Storage, decide: Decide) -> Clerk:
    plan, key = load_notice_plan(settings), link_key(settings)
    return Clerk(storage.store, decide.policy, plan, settings.zone, decide.link, key)


def _tell(settings: Settings, storage: Storage, decide: Decide, now: Now) -> Work:
    """Makes messages of the notices that are due."""
    clerk = cache(lambda: _clerk(settings, storage, decide))

    def look() -> bool:
        effects = clerk().tell(now())
        return bool(effects) and storage.commit(effects)

    async def run() -> bool:
        return await asyncio.to_thread(look)

    return run


def _tick(settings: Settings, storage: Storage, decide: Decide, now: Now) -> Work:
    """Looks at what time does to open cases, and at who has not acknowledged."""
    clerk = cache(lambda: _clerk(settings, storage, decide))

    def look() -> None:
        cases = storage.store.cases(CaseQuery(open=True, limit=TICK_CASES)).items
        at, receivers = now(), decide.receivers()
        timed = tick(cases, decide.policy, receivers, at, storage.index.incident)
        effects = timed + clerk().watch(cases, receivers, at)
        if effects:
            storage.commit(effects)

    async def run() -> bool:
        await asyncio.to_thread(look)
        return False

    return run


def _listen(settings: Settings, storage: Storage, decide: Decide, now: Now) -> Work:
    """Listens for the policy's signals."""

    async def run() -> bool:
        return await asyncio.to_thread(listen, storage, decide, now(), settings.false_incidents_a_day)

    return run


def _spread(storage: Storage, now: Now) -> Work:
    """Brings what people corrected to the posts that were too many, or too new, to get it at once."""
    teacher = Teacher(storage, now, random_id)

    async def spread() -> bool:
        return await asyncio.to_thread(teacher.spread)

    return spread


def _retain(settings: Settings, storage: Storage, now: Now) -> Work:
    """Deletes what is older than the office may keep."""

    async def retain() -> bool:
        at = now()
        log_after, posts_after = at - timedelta(days=settings.log_days), at - timedelta(days=settings.retention_days)
        return await asyncio.to_thread(storage.retain, log_after, posts_after, at) > 0

    return retain


def _report(settings: Settings, storage: Storage, maker: Callable[[], Maker], now: Now) -> Work:
    """Makes the reports that are due."""
    plans = office_plans(settings)

    async def report() -> bool:
        return await asyncio.to_thread(make_due, settings, storage, maker, plans, now)

    return report

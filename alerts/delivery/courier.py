"""Claims due deliveries, sends them side by side and settles each as soon as it is known."""

import asyncio
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import structlog

from alerts.delivery.people import PersonSender
from alerts.delivery.retry import CEILINGS_S, dead, failed
from alerts.delivery.webhooks import Outcome, WebhookSender
from core.clock import Now
from core.ports import Outbox
from core.records import Channel, Delivery, DeliveryState, Webhook

log = structlog.get_logger()

AT_ONCE = 16
LEASE_S = 120.0
"""Longer than the worst batch: four rounds of sixteen at ten seconds each."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """Those who may be sent to, by id."""

    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)


OUTCOMES = {DeliveryState.DONE: "delivered", DeliveryState.PENDING: "postponed", DeliveryState.DEAD: "given_up"}
"""What an attempt came to, by the state that it leaves a delivery in."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: how many came to each of `OUTCOMES`, and webhooks to save because their receiver is gone."""

    outcomes: Counter[str] = field(default_factory=Counter)
    webhooks: tuple[Webhook, ...] = ()

    @property
    def settled(self) -> int:
        """How many deliveries were attempted."""
        return self.outcomes.total()


class Courier:
    """Chooses the sender of a delivery; knows nothing of storage."""

    def __init__(self, webhooks: WebhookSender, people: PersonSender) -> None:
        self._webhooks = webhooks
        self._people = people

    async def send(self, delivery: Delivery, receivers: Receivers, now: datetime) -> Outcome:
        """One attempt and its outcome; a receiver that was removed or switched off makes the delivery dead."""
        if delivery.kind == "webhook":
            webhook = receivers.webhooks.get(delivery.target)
            if webhook is None or not webhook.enabled:
                return Outcome(dead(delivery, "no_receiver"))
            return await self._webhooks.send(delivery, webhook, now)
        channel = receivers.channels.get(delivery.target)
        if channel is None or not channel.enabled:
            return Outcome(dead(delivery, "no_receiver"))
        return Outcome(await self._people.send(delivery, channel, now))


async def deliver_due(outbox: Outbox, courier: Courier, now: Now, limit: int = 64) -> Round:
    """Send what is due, at most sixteen at once; the caller saves the webhooks that the round returns.

    The outbox may block, so it is asked in worker threads. One that cannot settle a delivery holds up no other: the first
    error is raised when all are through, and what was not settled comes back after its lease. Nothing that a receiver does is
    raised: it would end the office, again after every lease.
    """
    claimed = await asyncio.to_thread(outbox.claim, now(), LEASE_S, limit)
    if not claimed:
        return Round()
    receivers = await asyncio.to_thread(_receivers, outbox)
    places = asyncio.Semaphore(AT_ONCE)

    outcomes: Counter[str] = Counter()

    async def one(delivery: Delivery) -> Webhook | None:
        async with places:
            outcome = await _attempted(courier, delivery, receivers, now())
        _tell(outcome.delivery)
        await asyncio.to_thread(outbox.settle, outcome.delivery)
        outcomes[OUTCOMES[outcome.delivery.state]] += 1
        if outcome.webhook is not None or outcome.delivery.attempts <= len(CEILINGS_S):
            return outcome.webhook
        return await asyncio.to_thread(_given_up, outbox, receivers.webhooks.get(delivery.target), delivery)

    results = await asyncio.gather(*map(one, claimed), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    gone = {result.id: result for result in results if isinstance(result, Webhook)}
    return Round(outcomes, tuple(gone.values()))


async def _attempted(courier: Courier, delivery: Delivery, receivers: Receivers, now: datetime) -> Outcome:
    """One attempt and its outcome; a fault of ours is one that failed, tried again after the longest wait."""
    try:
        return await courier.send(delivery, receivers, now)
    except Exception as error:  # noqa: BLE001  # what a receiver answers must not end the process
        # the place alone: what an error says may hold an address or what people wrote
        place = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{place.filename}:{place.lineno}"
        log.error("delivery_broke", delivery=delivery.id, kind=delivery.kind, error=type(error).__name__, at=at)  # noqa: TRY400
        return Outcome(failed(delivery, "internal", now, lambda: 1.0))


def _receivers(outbox: Outbox) -> Receivers:
    return Receivers({hook.id: hook for hook in outbox.webhooks()}, {way.id: way for way in outbox.channels()})


def _given_up(outbox: Outbox, webhook: Webhook | None, delivery: Delivery) -> Webhook | None:
    """The webhook disabled, when nothing at all arrived while this delivery was tried for days; None when something did.

    None of one that is disabled already: people were told, and whoever removed it meant it.
    """
    if webhook is None or not webhook.enabled:
        return None
    arrived = outbox.deliveries(webhook.id, DeliveryState.DONE, 1)
    if arrived and arrived[0].delivered_at and arrived[0].delivered_at >= delivery.created_at:
        return None
    return msgspec.structs.replace(webhook, enabled=False, disabled_reason="failing")


def _tell(delivery: Delivery) -> None:
    """Log an attempt: ids and codes only, as addresses hold secrets and bodies what people wrote."""
    write = log.warning if delivery.state is DeliveryState.DEAD else log.info
    write(
        "delivery_attempted",
        delivery=delivery.id,
        kind=delivery.kind,
        state=delivery.state.value,
        status=delivery.last_status,
        attempts=delivery.attempts,
    )

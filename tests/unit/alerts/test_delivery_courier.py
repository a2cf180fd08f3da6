import asyncio
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import structlog
from msgspec.structs import replace

from alerts.delivery.courier import Courier, Round, deliver_due
from alerts.delivery.people import PersonSender
from alerts.delivery.retry import CEILINGS_S
from alerts.delivery.webhooks import Outcome, WebhookSender, new_secret
from core.errors import StorageError
from core.records import Channel, Delivery, DeliveryState, Webhook

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Box:
    def __init__(self, targets: list[str]) -> None:
        self.due = [
            Delivery(id=t, kind="webhook", target=t, event="e", body="{}", created_at=NOW, next_at=NOW) for t in targets
        ]
        self.settled: list[Delivery] = []
        self.threads: set[int] = set()
        self.broken: set[str] = set()
        self.arrived: list[Delivery] = []
        self.disabled = ""

    def claim(self, now: datetime, lease_s: float, limit: int) -> list[Delivery]:
        self.threads.add(threading.get_ident())
        return self.due[:limit]

    def settle(self, delivery: Delivery) -> None:
        self.threads.add(threading.get_ident())
        if delivery.id in self.broken:
            raise StorageError("full")
        self.settled.append(delivery)

    def webhooks(self) -> list[Webhook]:
        self.threads.add(threading.get_ident())
        names = ("slow", "quick", "gone")
        on = {"enabled": not self.disabled, "disabled_reason": self.disabled}
        return [Webhook(id=n, url=f"http://{n}/", secrets=(new_secret(),), created_at=NOW, **on) for n in names]

    def channels(self) -> list[Channel]:
        return []

    def deliveries(self, target: str | None, state: DeliveryState | None, limit: int) -> list[Delivery]:
        return [one for one in self.arrived if one.target == target][:limit]


async def receive(request: httpx.Request) -> httpx.Response:
    if request.url.host == "slow":
        await asyncio.sleep(5)
    return httpx.Response(410 if request.url.host == "gone" else 200, stream=httpx.ByteStream(b""))


def deliver(box: Box, attempt_s: float = 5.0) -> Round:
    async def go() -> Round:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
            courier = Courier(WebhookSender(client, lambda: 0.5, attempt_s), PersonSender(lambda: 0.5))
            done = await deliver_due(box, courier, lambda: NOW)
            assert done.settled == len(box.due)
            return done

    return asyncio.run(go())


def test_a_slow_receiver_holds_nobody_up_and_a_gone_one_is_handed_back():
    box = Box(["slow", "quick", "gone", "removed"])
    done = deliver(box, 0.2)
    assert [hook.id for hook in done.webhooks] == ["gone"]
    assert done.outcomes == {"delivered": 1, "postponed": 1, "given_up": 2}
    assert box.settled[-1].id == "slow"
    states = {one.id: one.state for one in box.settled}
    assert states["quick"] is DeliveryState.DONE
    assert states["slow"] is DeliveryState.PENDING
    assert states["gone"] is states["removed"] is DeliveryState.DEAD


def test_the_outbox_never_blocks_the_event_loop():
    box = Box(["quick", "gone"])
    deliver(box)
    assert box.threads
    assert threading.get_ident() not in box.threads


def test_an_outcome_that_cannot_be_written_holds_up_no_other_and_is_raised_at_last():
    box = Box(["gone", "quick", "removed"])
    box.broken = {"gone"}
    with pytest.raises(StorageError, match="full"):
        deliver(box)
    assert {one.id for one in box.settled} == {"quick", "removed"}


class Broken(WebhookSender):
    """Has a fault of ours that what one receiver answers lays bare."""

    async def send(self, delivery: Delivery, webhook: Webhook, now: datetime) -> Outcome:
        if webhook.id == "slow":
            raise TypeError(f"unhashable type, sent to {webhook.url}")
        return await super().send(delivery, webhook, now)


def test_a_fault_of_ours_costs_one_attempt_and_is_logged_by_its_place():
    box = Box(["slow", "quick"])

    async def go() -> Round:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
            courier = Courier(Broken(client, lambda: 0.5), PersonSender(lambda: 0.5))
            return await deliver_due(box, courier, lambda: NOW)

    with structlog.testing.capture_logs() as logs:
        assert asyncio.run(go()).outcomes == {"delivered": 1, "postponed": 1}
    (broke,) = [one for one in box.settled if one.id == "slow"]
    assert (broke.attempts, broke.last_status, broke.next_at) == (1, "internal", NOW + timedelta(seconds=CEILINGS_S[0]))
    (said,) = [one for one in logs if one["event"] == "delivery_broke"]
    assert (said["delivery"], said["error"]) == ("slow", "TypeError")
    assert "test_delivery_courier.py:" in said["at"]
    assert "http://" not in repr(logs)


def test_attempts_are_logged_by_ids_and_codes_only():
    box = Box(["gone"])
    with structlog.testing.capture_logs() as logs:
        deliver(box)
    assert logs == [
        {
            "event": "delivery_attempted",
            "log_level": "warning",
            "delivery": "gone",
            "kind": "webhook",
            "state": "dead",
            "status": "410",
            "attempts": 1,
        }
    ]


def last_try(box: Box) -> None:
    box.due = [replace(one, attempts=len(CEILINGS_S)) for one in box.due]


def test_a_receiver_to_which_nothing_arrived_for_days_is_disabled():
    box = Box(["slow"])
    last_try(box)
    (hook,) = deliver(box, 0.2).webhooks
    assert (hook.id, hook.enabled, hook.disabled_reason) == ("slow", False, "failing")


def test_a_receiver_that_took_others_meanwhile_is_not_disabled():
    box = Box(["slow"])
    last_try(box)
    box.arrived = [replace(box.due[0], id="another", state=DeliveryState.DONE, delivered_at=NOW)]
    assert deliver(box, 0.2).webhooks == ()
    box.arrived = [replace(box.arrived[0], delivered_at=NOW - timedelta(days=1))]
    assert deliver(box, 0.2).webhooks != ()


@pytest.mark.parametrize("reason", ["failing", "removed"])
def test_a_receiver_that_is_disabled_already_is_sent_nothing_and_not_disabled_once_more(reason: str):
    box = Box(["quick"])
    last_try(box)
    box.disabled = reason
    assert deliver(box).webhooks == ()
    assert [(one.state, one.last_status) for one in box.settled] == [(DeliveryState.DEAD, "no_receiver")]


def test_nothing_due_asks_for_no_receivers():
    box = Box([])
    assert deliver(box) == Round()
    assert len(box.threads) == 1

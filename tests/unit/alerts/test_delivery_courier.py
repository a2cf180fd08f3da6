import asyncio
from datetime import UTC, datetime

import httpx

from alerts.delivery.courier import Courier, deliver_due
from alerts.delivery.people import PersonSender
from alerts.delivery.webhooks import WebhookSender, new_secret
from core.records import Channel, Delivery, DeliveryState, Webhook

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Box:
    def __init__(self, targets: list[str]) -> None:
        self.due = [
            Delivery(id=t, kind="webhook", target=t, event="e", body="{}", created_at=NOW, next_at=NOW) for t in targets
        ]
        self.settled: list[Delivery] = []

    def claim(self, now: datetime, lease_s: float, limit: int) -> list[Delivery]:
        return self.due[:limit]

    def settle(self, delivery: Delivery) -> None:
        self.settled.append(delivery)

    def webhooks(self) -> list[Webhook]:
        names = ("slow", "quick", "gone")
        return [Webhook(id=n, url=f"http://{n}/", secrets=(new_secret(),), created_at=NOW) for n in names]

    def channels(self) -> list[Channel]:
        return []


async def receive(request: httpx.Request) -> httpx.Response:
    if request.url.host == "slow":
        await asyncio.sleep(5)
    return httpx.Response(410 if request.url.host == "gone" else 200, stream=httpx.ByteStream(b""))


def test_a_slow_receiver_holds_nobody_up_and_a_gone_one_is_handed_back():
    box = Box(["slow", "quick", "gone", "removed"])

    async def go() -> tuple[str, ...]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
            courier = Courier(WebhookSender(client, lambda: 0.5, 0.2), PersonSender(lambda: 0.5))
            done = await deliver_due(box, courier, lambda: NOW)
            assert done.settled == 4
            return tuple(hook.id for hook in done.webhooks)

    assert asyncio.run(go()) == ("gone",)
    assert box.settled[-1].id == "slow"
    states = {one.id: one.state for one in box.settled}
    assert states["quick"] is DeliveryState.DONE
    assert states["slow"] is DeliveryState.PENDING
    assert states["gone"] is states["removed"] is DeliveryState.DEAD

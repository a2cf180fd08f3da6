"""A storm of updates over real storage: few messages, every delivery completed, none doubled."""

import asyncio
import os
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from alerts.decide import decide
from alerts.delivery import Courier, PersonSender, WebhookSender, deliver_due, new_secret
from alerts.notices import Receivers, load_plan
from alerts.notices.clerk import Clerk
from alerts.policy import default_policy
from core.effects import Effects
from core.records import Channel, Delivery, DeliveryState, Webhook
from core.storage.sqlite import SqliteStorage, open_storage
from tests.records import NOON, incident

INCIDENTS = int(os.environ.get("HUIYING_TEST_STORM", "100"))
"""`make storm` takes 500."""
UPDATES = 20 * INCIDENTS
HOOK = Webhook(id="w", url="https://receiver.example/", secrets=(new_secret(),), created_at=NOON)
GROUP = Channel(id="g", name="值班群", url="wecombot://KEY")


class Receiver:
    """Fails thirty times of a hundred: errors, hangs, redirects, garbage, broken connections. Remembers what it took."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.taken: Counter[str] = Counter()
        self.asked = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        id_ = request.headers.get("webhook-id") or request.content.decode()
        trouble = self.chance.random()
        if trouble < 0.10:
            return httpx.Response(500, stream=httpx.ByteStream(b"\xff garbage"))
        if trouble < 0.16:
            return httpx.Response(302, headers={"location": "http://10.0.0.1/"}, stream=httpx.ByteStream(b""))
        if trouble < 0.22:
            raise httpx.ReadTimeout("it hangs")
        if trouble < 0.28:
            raise httpx.RemoteProtocolError("garbage")
        if trouble < 0.30:
            return httpx.Response(429, headers={"retry-after": "9" * 400}, stream=httpx.ByteStream(b""))
        self.taken[id_] += 1
        return httpx.Response(200, stream=httpx.ByteStream(b'{"errcode": 0}'))


def updates(storage: SqliteStorage) -> None:
    """Ten thousand updates of five hundred incidents, as they come in batches."""
    policy, receivers = default_policy(), Receivers((HOOK,), (GROUP,))
    for start in range(0, UPDATES, INCIDENTS):
        found = []
        for n in range(start, start + INCIDENTS):
            version = n // INCIDENTS + 2
            heat = 30.0 * 1.2**version
            found.append(
                incident(f"i{n % INCIDENTS}", version=version, posts=20 * version, burst=9.0, heat=heat, milestone=True)
            )
        known = storage.store.cases_of([i.id for i in found])
        storage.commit(decide(found, known, policy, receivers, NOON + timedelta(seconds=start * 60 / UPDATES)))


def empty(storage: SqliteStorage, receiver: Receiver) -> int:
    """Send until nothing is pending, in the clock's time; the rounds that it took."""
    rounds = 0

    def now() -> datetime:
        return NOON + timedelta(minutes=2, hours=rounds)

    async def go() -> int:
        nonlocal rounds
        async with httpx.AsyncClient(transport=httpx.MockTransport(receiver)) as client:
            people = PersonSender(lambda: 0.5, client=client)
            courier = Courier(WebhookSender(client, lambda: 0.5), people)
            while storage.store.deliveries(None, DeliveryState.PENDING, 1):
                while (await deliver_due(storage.store, courier, now, limit=500)).settled:
                    pass
                rounds += 1
                assert rounds < 24 * 14
        return rounds

    return asyncio.run(go())


def test_a_storm_makes_few_messages_and_every_delivery_completes_once(tmp_path: Path):
    storage = open_storage(tmp_path / "data")
    storage.commit(Effects(changes=[HOOK, GROUP]))
    updates(storage)
    clerk = Clerk(
        storage.store, default_policy(), load_plan(), ZoneInfo("Asia/Shanghai"), "https://board.example", b"k"
    )
    for seconds in range(0, 900, 15):
        storage.commit(clerk.tell(NOON + timedelta(seconds=seconds)))
    messages: list[Delivery] = storage.store.deliveries("g", None, 100_000)
    cases = len(storage.store.cases_of([f"i{n}" for n in range(INCIDENTS)]))
    assert cases == INCIDENTS
    levels = Counter(case.level for case in storage.store.cases_of([f"i{n}" for n in range(INCIDENTS)]).values())
    alone = sum(levels[level] for level in (1, 2)) * 2  # told by themselves: that they opened, and that they rose
    together = 900 // 300 + 2  # steps of the ordinary route's interval
    assert 0 < len(messages) <= alone + together * 2
    receiver = Receiver()
    empty(storage, receiver)
    every = storage.store.deliveries(None, None, 100_000)
    assert {d.state for d in every} == {DeliveryState.DONE}
    hooked = [d.id for d in every if d.kind == "webhook"]
    assert len(hooked) == len(set(hooked)) >= INCIDENTS
    assert {receiver.taken[id_] for id_ in hooked} == {1}, "none is doubled, none is lost"
    assert receiver.asked > len(every) * 1.2
    storage.close()

"""One ordeal: the composed set under load, a fault, and a count by id of what came of it."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from core.codec import readable
from core.records import Delivery, DeliveryState, Rejected
from core.topics import Topic
from tests.chaos.receiver import Receiver
from tests.chaos.servers import Servers
from tests.chaos.world import SALT
from tests.e2e.answers import drain, everything
from tests.e2e.composed import Composed
from tests.servers.distributed import Distributed, empty

PARTITIONS = 8
PUSHED = 40
DRAINED_S = 240
WORKERS = ("understand", "detect", "decide", "draft", "deliver")


@dataclass(slots=True)
class Ordeal:
    """What a fault may do, and what is noted of it. `seconds` is for how long posts are pushed."""

    servers: Servers
    composed: Composed
    made: Distributed
    chance: Random
    seconds: float
    poison: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    pushing: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> None:
        """Let time pass; who died is started again, as compose would."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            self.notes["restarted by itself"] += self.composed.revive()
            time.sleep(0.25)

    def victim(self) -> str:
        """A service, each as likely as it has processes."""
        return self.chance.choice([name for name in WORKERS for _ in self.composed.running(name)])


Fault = Callable[[Ordeal], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an ordeal went; it raises instead when something was lost or doubled."""

    posts: int
    incidents: int
    cases: int
    audit_rows: int
    deliveries: int
    repeats: int
    took_s: float
    notes: dict[str, int]


def undergo(
    fault: Fault, servers: Servers, home: Path, items: list[dict[str, Any]], expected: dict[str, Any], seconds: float
) -> Outcome:
    """Push the posts while the fault happens; then compare with what an untouched set finds."""
    empty(servers.postgres.uri)
    composed = Composed(home, servers.addresses, HUIYING_SALT=SALT)
    began = time.monotonic()
    with Receiver() as receiver, composed:
        composed.start("detect")
        made = Distributed(*servers.addresses, partitions=PARTITIONS, prefix=composed.prefix)
        ordeal = Ordeal(servers, composed, made, Random(fault.__name__), seconds)
        with composed.client("admin") as http:
            http.post("/api/v1/webhooks", json={"url": receiver.url}).raise_for_status()
            feeder = threading.Thread(target=_push, args=(http, items, ordeal))
            feeder.start()
            fault(ordeal)
            while feeder.is_alive():
                ordeal.wait(0.5)
        drain(made.storage, DRAINED_S, lambda: ordeal.wait(0))
        _delivered(made, ordeal)
        made.storage.index.catch_up()
        found = everything(made.storage)
        outcome = _count(made, found, receiver, ordeal, time.monotonic() - began)
        made.close()
    for name, value in expected.items():
        assert found[name] == value, name
    return outcome


def _push(http: httpx.Client, items: list[dict[str, Any]], ordeal: Ordeal) -> None:
    """As an integrator does: a batch at a time, again until it is taken."""
    batches = [items[start : start + PUSHED] for start in range(0, len(items), PUSHED)]
    pace = ordeal.seconds / len(batches)
    for batch in batches:
        due = time.monotonic() + pace
        while not _taken(http, batch):
            ordeal.notes["pushes tried again"] += 1
            time.sleep(0.5)
        time.sleep(max(0.0, due - time.monotonic()))


def _taken(http: httpx.Client, batch: list[dict[str, Any]]) -> bool:
    try:
        answer = http.post("/api/v1/posts", json=batch)
    except httpx.TransportError:
        return False
    assert answer.status_code in (200, 429, 503), answer.text
    return answer.status_code == 200


def _delivered(made: Distributed, ordeal: Ordeal) -> list[Delivery]:
    """All deliveries, at a moment at which none is on its way. What the clock makes due (an escalation) goes on meanwhile."""
    give_up = time.monotonic() + DRAINED_S
    while True:
        found = made.storage.store.deliveries(None, None, 100_000)
        waiting = [d for d in found if d.state is DeliveryState.PENDING]
        if not waiting:
            return found
        assert time.monotonic() < give_up, f"not delivered: {waiting[0].event} {waiting[0].last_status}"
        ordeal.wait(0.5)


def _count(made: Distributed, found: dict[str, Any], receiver: Receiver, ordeal: Ordeal, took_s: float) -> Outcome:
    received = set(receiver.events)
    deliveries = _delivered(made, ordeal)
    known = {d.id for d in deliveries}
    assert received <= known, f"received and not known: {[receiver.events[id_] for id_ in received - known]}"
    lost = [d for d in deliveries if d.id not in receiver.events]
    assert not lost, f"held to be delivered and never received: {lost}"
    assert {d.state for d in deliveries} == {DeliveryState.DONE}
    said = Counter(_what(event) for id_, event in dict(receiver.events).items() if id_ in known)
    twice = [event for event in receiver.events.values() if said[_what(event)] > 1]
    assert not twice, f"one change of a case told under two ids: {twice}"
    rejected = [r.code for r in _rejected(made)]
    assert rejected == ["stage_failed"] * ordeal.poison, rejected
    return Outcome(
        posts=len(found["posts"]),
        incidents=len(found["incidents"]),
        cases=len(found["cases"]),
        audit_rows=sum(_audited(made, id_) for id_, *_ in found["cases"]),
        deliveries=len(deliveries),
        repeats=receiver.times.total() - len(receiver.times),
        took_s=took_s,
        notes={name: number for name, number in sorted(ordeal.notes.items()) if number},
    )


def _what(event: dict[str, Any]) -> tuple[str, str, int, str]:
    """What an event tells. The steps of an escalation change nothing in the case: each says whom it was to reach, and when.

    Two of them come at one time from a worker whose clock is early.
    """
    case, step = event["data"]["case"], event["type"] in {"case.escalated", "duty.nobody"}
    return event["type"], case["id"], case["version"], f"{event['timestamp']} {event['data']['why']}" if step else ""


def _audited(made: Distributed, case: str) -> int:
    """Every version of a case has exactly one row, and every draft one."""
    rows = made.storage.store.audit(case)
    there = made.storage.store.case(case)
    assert there is not None
    assert sorted(row.detail["version"] for row in rows if "version" in row.detail) == list(range(1, there.version + 1))
    drafts = [row.detail["draft"] for row in rows if "draft" in row.detail]
    assert sorted(drafts) == sorted(draft.id for draft in made.storage.store.drafts(case))
    return len(rows)


def _rejected(made: Distributed) -> list[Rejected]:
    """As a reader sees it who skips what was sent twice, and what is no record."""
    by_number = {
        (part, m.sequence): readable(m.value, Rejected)
        for part in range(PARTITIONS)
        for m in made.log.read(Topic.REJECTED, 0, 10_000, part)
    }
    return [r for r in by_number.values() if r is not None]

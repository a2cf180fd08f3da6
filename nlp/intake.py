"""The edge: everything that comes in, by whatever way, goes through here and gets an answer per item.

Crawlers, the push API, imports and the sample all call `Intake.receive`. What is accepted is on the log, durably, masked;
what is refused lies in `rejected` with its reason.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import Struct

from core.clock import Now
from core.effects import Message, message
from core.errors import Refused
from core.ports import Log, StageState
from core.records import RawPost
from core.telemetry import EDGE, Metrics
from core.topics import Topic
from nlp.admission import Admission, admit, digest, raw_message, rejected

ANSWERS = ("accepted", "duplicate", "rejected")
"""What an item may hear."""


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to one item: `accepted`, `duplicate` (already here, unchanged) or `rejected` with its reason."""

    index: int
    status: str
    id: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """Admits items to the log. `backlog` says how many posts wait to be understood, `limit` how many may."""

    log: Log
    memory: StageState
    admission: Admission
    now: Now
    metrics: Metrics
    backlog: Callable[[], int]
    limit: int

    def full(self) -> bool:
        """Whether new items should be refused for now (429, or a pause of the crawler)."""
        return self.backlog() >= self.limit

    def receive(self, items: Sequence[object], origin: str, jurisdiction: str | None = None) -> list[Receipt]:
        """One receipt per item, in order; returns when everything accepted is durable."""
        now = self.now()
        rules = replace(self.admission, now=now, origin=origin)
        if jurisdiction is not None:
            rules = replace(rules, jurisdiction=jurisdiction)
        receipts: dict[int, Receipt] = {}
        posts: dict[int, RawPost] = {}
        refusals: list[Message] = []
        for index, item in enumerate(items):
            try:
                posts[index] = admit(item, rules)
            except Refused as refusal:
                receipts[index] = Receipt(index=index, status="rejected", code=refusal.code, reason=str(refusal))
                refusals.append(self._refusal(item, refusal, origin, now))
        receipts |= self._append(posts)
        self.log.append(refusals)
        self._count(receipts.values())
        return [receipts[index] for index in range(len(items))]

    def refuse(self, item: object, refusal: Refused, origin: str) -> None:
        """Record what was refused before it became an item (a broken row of a file)."""
        self.log.append([self._refusal(item, refusal, origin, self.now())])

    def _refusal(self, item: object, refusal: Refused, origin: str, now: datetime) -> Message:
        record = rejected(item, refusal, origin, now, self.admission.jurisdiction)
        self.metrics.rejected.labels(EDGE, refusal.code).inc()
        return message(Topic.REJECTED, record.jurisdiction, record.id, record)

    def _append(self, posts: dict[int, RawPost]) -> dict[int, Receipt]:
        """The log knows what lies on it; what was trimmed from it is remembered as seen."""
        known = self.memory.seen([p.id for p in posts.values()])
        new = {i: p for i, p in posts.items() if p.id not in known or known[p.id].digest != digest(p)}
        messages = [raw_message(p, known[p.id].revision + 1 if p.id in known else 0) for p in new.values()]
        positions = dict(zip(new, self.log.append(messages), strict=True))
        return {
            index: Receipt(
                index=index, id=post.id, status="accepted" if positions.get(index) is not None else "duplicate"
            )
            for index, post in posts.items()
        }

    def _count(self, receipts: Iterable[Receipt]) -> None:
        for receipt in receipts:
            self.metrics.received.labels(receipt.status).inc()

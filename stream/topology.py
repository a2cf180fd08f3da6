"""The whole pipeline, written once.

    posts.raw ─> understand ─> posts.analysed ─> detect ─> incidents ─> decide ─> cases ─> draft
                 (prepare, analyse)                                       └─> outbox ─> deliver

Each step reads one topic and answers a batch with `Effects`. Runners differ in how they read, commit and wake; they know
no step by name.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.effects import Effects, Message
from core.ports import Log, lag
from core.topics import Topic
from stream.stages import Decide, Detect, Draft, Stage, Understand


@dataclass(frozen=True, slots=True)
class Step:
    """A named consumer of one topic. `name` is also its offset's name: changing it would read the topic anew."""

    name: str
    reads: Topic
    stage: Stage

    def run(self, batch: Sequence[Message], now: datetime) -> Effects:
        """What the batch changes."""
        return self.stage(batch, now)


class Stages(Protocol):
    """Makes the stages; each is asked for only by a process that runs it, for some hold models of many megabytes."""

    @property
    def understand(self) -> Understand: ...

    @property
    def detect(self) -> Detect: ...

    @property
    def decide(self) -> Decide: ...

    @property
    def draft(self) -> Draft: ...


TOPOLOGY = {
    "understand": Topic.POSTS_RAW,
    "detect": Topic.POSTS_ANALYSED,
    "decide": Topic.INCIDENTS,
    "draft": Topic.CASES,
}
"""Every step and the topic that it reads, in the order in which a post meets them."""


def waiting(log: Log) -> int:
    """How many posts wait to be understood, whichever process does it."""
    return lag(log, "understand", Topic.POSTS_RAW)


def topology(stages: Stages, names: Collection[str] = TOPOLOGY) -> tuple[Step, ...]:
    """The steps of these names."""
    return tuple(Step(name, topic, getattr(stages, name)) for name, topic in TOPOLOGY.items() if name in names)

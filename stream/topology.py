"""The whole pipeline, written once.

    posts.raw ─> understand ─> posts.analysed ─> detect ─> incidents ─> decide ─> cases ─> draft
                 (prepare, analyse)                                       └─> outbox ─> deliver

Each step reads one topic and answers a batch with `Effects`. Runners differ in how they read, commit and wake; they know
no step by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.effects import Effects, Message
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


def topology(understand: Understand, detect: Detect, decide: Decide, draft: Draft) -> tuple[Step, ...]:
    """The steps, in the order in which a post meets them."""
    return (
        Step("understand", Topic.POSTS_RAW, understand),
        Step("detect", Topic.POSTS_ANALYSED, detect),
        Step("decide", Topic.INCIDENTS, decide),
        Step("draft", Topic.CASES, draft),
    )

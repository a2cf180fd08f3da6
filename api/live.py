"""Server-sent events from the log: what a screen missed while it was away is read from where it stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import islice

from msgspec.json import encode as to_json
from sse_starlette import ServerSentEvent

from api import positions
from api.positions import Positions
from api.reach import EVERYWHERE, Reach
from core.codec import readable
from core.effects import Message
from core.ports import FoundPost, Log
from core.records import AnalysedPost, CaseEvent, Incident
from core.topics import REGROUPING, Topic

POLL_S = 0.3
POLLS_PER_CHECK = 10
"""Whoever logs out, or whose token is revoked, hears nothing after so many."""
BATCH = 500
POSTS_SHOWN = 5
TOPICS = (Topic.POSTS_ANALYSED, Topic.INCIDENTS, Topic.CASES)

Told = dict[tuple[Topic, int], int]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a screen stands in each topic; its text form is the id of every event."""

    posts: Positions
    incidents: Positions
    cases: Positions

    def __str__(self) -> str:
        return "-".join(map(positions.show, (self.posts, self.incidents, self.cases)))

    @classmethod
    def parse(cls, text: str | None, partitions: int) -> "Position | None":
        """The position of an event id, None when it is not one of ours."""
        parts = [positions.parse(part, partitions) for part in (text or "").split("-")]
        return cls(*(p for p in parts if p is not None)) if len(parts) == len(TOPICS) and None not in parts else None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who listens: for as long as `allowed` says so, to what is within `reach` of one jurisdiction (None: of all)."""

    allowed: Callable[[], bool]
    reach: Reach = EVERYWHERE
    jurisdiction: str | None = None


def end(log: Log) -> Position:
    """Where the log ends now."""
    return Position(*(positions.end(log, topic) for topic in TOPICS))


def read(
    log: Log, at: Position, audience: Audience, told: Told | None = None
) -> tuple[Position, list[ServerSentEvent]]:
    """The events after a position, and where they end. Of several versions of an incident only the last is told.

    `told` remembers the last number of each partition, so that what a relay sent twice is told once.
    """
    batches = [
        positions.read(log, t, a, BATCH) for t, a in zip(TOPICS, (at.posts, at.incidents, at.cases), strict=True)
    ]
    to = Position(*map(positions.advanced, (at.posts, at.incidents, at.cases), batches))
    posts, incidents, cases = ([m for m in batch if _is_new(m, told)] for batch in batches)
    posts = [m for m in posts if not m.id.startswith(REGROUPING)]
    mine = [[m for m in batch if audience.jurisdiction in (None, m.key)] for batch in (posts, incidents, cases)]
    events: list[ServerSentEvent] = []
    if mine[0]:
        shown = (readable(m.value, AnalysedPost) for m in reversed(mine[0]))
        newest = [
            FoundPost(post=post, interactions=post.interactions) for post in islice(filter(None, shown), POSTS_SHOWN)
        ]
        events.append(_event("posts", {"count": len(mine[0]), "newest": newest}, to))
    latest = {m.id.partition(":")[0]: m for m in mine[1]}
    incidents_told = [readable(m.value, Incident) for m in latest.values()]
    cases_told = [readable(m.value, CaseEvent) for m in mine[2]]
    events.extend(_event("incident", one, to) for one in incidents_told if one is not None)
    events.extend(_event("case", one, to) for one in cases_told if one is not None and audience.reach.sees(one.case))
    return to, events


def _is_new(message: Message, told: Told | None) -> bool:
    if told is None or not message.sequence:
        return True
    place = (message.topic, message.partition)
    if message.sequence <= told.get(place, 0):
        return False
    told[place] = message.sequence
    return True


def _event(name: str, data: object, to: Position) -> ServerSentEvent:
    return ServerSentEvent(to_json(data).decode(), event=name, id=str(to))


def begin(log: Log, at: Position | None) -> Position:
    """Where a screen begins: at the end when it does not know, and no later (a backup may have been restored since)."""
    last = end(log)
    if at is None:
        return last
    return Position(
        *(
            tuple(map(min, a, b))
            for a, b in ((at.posts, last.posts), (at.incidents, last.incidents), (at.cases, last.cases))
        )
    )


async def follow(log: Log, at: Position | None, audience: Audience) -> AsyncIterator[ServerSentEvent]:
    """Events from `at` on (from now when None), for as long as the screen listens and is allowed to."""
    position = await asyncio.to_thread(begin, log, at)
    told: Told = {}
    yield ServerSentEvent("{}", event="hello", id=str(position))
    while await asyncio.to_thread(audience.allowed):
        for _ in range(POLLS_PER_CHECK):
            position, events = await asyncio.to_thread(read, log, position, audience, told)
            for event in events:
                yield event
            await asyncio.sleep(POLL_S)

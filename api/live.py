"""Server-sent events from the log: what a screen missed while it was away is read from where it stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from msgspec.json import encode as to_json
from sse_starlette import ServerSentEvent

from core.codec import decode
from core.cursors import number
from core.effects import Message
from core.ports import FoundPost, Log
from core.records import AnalysedPost, CaseEvent, Incident
from core.topics import Topic

POLL_S = 0.3
POLLS_PER_CHECK = 10
"""Whoever logs out, or whose token is revoked, hears nothing after so many."""
BATCH = 500
POSTS_SHOWN = 5
TOPICS = (Topic.POSTS_ANALYSED, Topic.INCIDENTS, Topic.CASES)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a screen stands in each topic; its text form is the id of every event."""

    posts: int
    incidents: int
    cases: int

    def __str__(self) -> str:
        return f"{self.posts}-{self.incidents}-{self.cases}"

    @classmethod
    def parse(cls, text: str | None) -> "Position | None":
        """The position of an event id, None when it is not one of ours."""
        numbers = [n for part in (text or "").split("-") if (n := number(part)) is not None]
        if len(numbers) != len(TOPICS) or text != "-".join(map(str, numbers)):
            return None
        return cls(*numbers)


def end(log: Log) -> Position:
    """Where the log ends now."""
    return Position(*(log.end(topic) for topic in TOPICS))


def read(log: Log, at: Position, jurisdiction: str | None) -> tuple[Position, list[ServerSentEvent]]:
    """The events after a position, and where they end. Of several versions of an incident only the last is told."""
    posts = log.read(Topic.POSTS_ANALYSED, at.posts, BATCH)
    incidents = log.read(Topic.INCIDENTS, at.incidents, BATCH)
    cases = log.read(Topic.CASES, at.cases, BATCH)
    to = Position(_last(posts, at.posts), _last(incidents, at.incidents), _last(cases, at.cases))
    mine = [[m for m in batch if jurisdiction in (None, m.key)] for batch in (posts, incidents, cases)]
    events: list[ServerSentEvent] = []
    if mine[0]:
        newest = [FoundPost(post=decode(m.value, AnalysedPost)) for m in mine[0][: -POSTS_SHOWN - 1 : -1]]
        events.append(_event("posts", {"count": len(mine[0]), "newest": newest}, to))
    latest = {m.id.partition(":")[0]: m for m in mine[1]}
    events.extend(_event("incident", decode(m.value, Incident), to) for m in latest.values())
    events.extend(_event("case", decode(m.value, CaseEvent), to) for m in mine[2])
    return to, events


def _last(batch: list[Message], before: int) -> int:
    return batch[-1].position if batch else before


def _event(name: str, data: object, to: Position) -> ServerSentEvent:
    return ServerSentEvent(to_json(data).decode(), event=name, id=str(to))


def begin(log: Log, at: Position | None) -> Position:
    """Where a screen begins: at the end when it does not know, and no later (a backup may have been restored since)."""
    last = end(log)
    if at is None:
        return last
    return Position(min(at.posts, last.posts), min(at.incidents, last.incidents), min(at.cases, last.cases))


async def follow(
    log: Log, at: Position | None, jurisdiction: str | None, allowed: Callable[[], bool]
) -> AsyncIterator[ServerSentEvent]:
    """Events from `at` on (from now when None), for as long as the screen listens and is `allowed` to."""
    position = await asyncio.to_thread(begin, log, at)
    yield ServerSentEvent("{}", event="hello", id=str(position))
    while await asyncio.to_thread(allowed):
        for _ in range(POLLS_PER_CHECK):
            position, events = await asyncio.to_thread(read, log, position, jurisdiction)
            for event in events:
                yield event
            await asyncio.sleep(POLL_S)

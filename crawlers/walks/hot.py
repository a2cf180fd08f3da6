"""Hot lists: what tells that a topic moved, and its place in the series."""

from bisect import bisect_left
from collections.abc import Sequence

from core.clock import derived_id
from core.records import Rank
from crawlers.pages.feeds import web_address
from crawlers.rules.pages import Row
from crawlers.walks.steps import Task
from nlp.counts import parse_count

BANDS = (3, 10, 20, 50)
"""Last ranks of the bands of a hot list; between two of them a topic moves, within one it flickers."""


def standing(row: Row, place: int) -> str:
    """What tells that a topic moved: its band and the size of its heat, for heat flickers with every look."""
    rank, heat = parse_count(row.get("rank", "")) or place, parse_count(row.get("heat", "")) or 0
    return f"{row.get('title')} {bisect_left(BANDS, rank)} {heat.bit_length()}"


def ranks(rows: Sequence[Row], task: Task) -> list[Rank]:
    """What the list shows now. A topic has the same key on every list."""
    return [
        Rank(
            source=task.source.id,
            topic=derived_id("topic", "".join(row.get("title", "").strip("#").split()).lower()),
            at=task.now,
            rank=parse_count(row.get("rank", "")) or number,
            title=row.get("title", ""),
            heat=parse_count(row.get("heat", "")),
            url=web_address(row.get("url", ""), task.source.url),
        )
        for number, row in enumerate(rows, 1)
    ]

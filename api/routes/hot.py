"""What is on the hot lists, and how it moves."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.collecting import HotPoint, HotTopic, HotView
from api.requests import PartsOf
from api.wire import Json, answers
from core.records import Rank

router = APIRouter(prefix="/api/v1/hot", tags=["sources"])
MOST_TOPICS = 100
HOUR = timedelta(hours=1)


@router.get("", summary="Topics of the hot lists", **answers(HotView, "With rank and heat over time, by list."))
def hot(parts: PartsOf, hours: Annotated[int, Query(ge=1, le=24 * 7, description="The span.")] = 6) -> Json:
    store, now = parts.storage.store, parts.now()
    lists = [source.id for source in store.sources()]
    topics = topics_of(store.ranks(now - timedelta(hours=hours), lists), now)
    return Json(HotView(items=topics[:MOST_TOPICS]))


def topics_of(ranks: list[Rank], now: datetime) -> list[HotTopic]:
    """Topics by their words, over all lists: those on most lists first, then by best rank."""
    by_topic: defaultdict[str, list[Rank]] = defaultdict(list)
    for rank in ranks:
        by_topic[rank.topic].append(rank)
    topics = [_topic(series, now) for series in by_topic.values()]
    return sorted(topics, key=lambda t: (-t.lists, t.best, t.title))


def _topic(ranks: list[Rank], now: datetime) -> HotTopic:
    series: defaultdict[str, list[Rank]] = defaultdict(list)
    for rank in ranks:
        series[rank.source].append(rank)
    return HotTopic(
        title=ranks[-1].title,
        best=min(one[-1].rank for one in series.values()),
        lists=len(series),
        climbed=max((_climb(one, now) for one in series.values()), key=abs),
        first_at=ranks[0].at,
        series={id_: [HotPoint(at=r.at, rank=r.rank, heat=r.heat) for r in one] for id_, one in series.items()},
        url=ranks[-1].url,
    )


def _climb(series: list[Rank], now: datetime) -> int:
    """How many ranks it rose within the last hour."""
    recent = [r for r in series if r.at >= now - HOUR]
    return recent[0].rank - recent[-1].rank if recent else 0

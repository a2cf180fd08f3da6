"""From a harvest to the sink."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from core.errors import RetryLater, StorageError
from core.leases import Leased
from core.records import Crawl, Ending, Source
from crawlers.pipelines import BATCH, PATIENCE, WriteToSink
from crawlers.results import Item, WriteReport
from crawlers.tour import Tour
from crawlers.visit import Harvest, Visit
from crawlers.walks.steps import Answer

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
OLD = {"feed_marks": "old"}
FEED = b'<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>a</title></item></channel></rss>'


class Sink:
    """Raises what it is told to, then takes everything."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.batches: list[int] = []

    def write(self, items: Sequence[Item]) -> WriteReport:
        if self.errors:
            raise self.errors.pop(0)
        self.batches.append(len(items))
        return WriteReport(accepted=len(items) - 1, duplicate=1)


class Engine:
    """The part of a crawler that the pipeline uses."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()

    async def stop_async(self) -> None:
        self.stopped.set()


def leased() -> Leased:
    source = Source(id="s", kind="feed", url="https://x.example", name="x", jurisdiction="1", created_at=NOW)
    return Leased(source=source, crawl=Crawl(source="s", state=OLD))


async def write(visit: Visit, items: int) -> Engine:
    engine = Engine()
    tour = Tour(visit.leased[0], "", lambda: NOW)
    (ask,) = tour.begin()
    tour.take(Answer(ask=ask, url=ask.url, status=200, body=FEED))
    pipeline = WriteToSink(visit, engine, lambda tour: visit.conclude(tour.result()))
    await pipeline.process_item(Harvest([{"id": i} for i in range(items)], tour))
    return engine


def visit_with(sink: Sink) -> Visit:
    return Visit([leased()], sink, lambda: NOW)


async def test_items_are_written_in_batches_and_counted() -> None:
    sink = Sink()
    visit = visit_with(sink)
    await write(visit, 2 * BATCH + 1)

    assert sink.batches == [BATCH, BATCH, 1]
    assert visit.results()[0].written == WriteReport(accepted=2 * BATCH - 2, duplicate=3)
    assert "validators" in visit.results()[0].state


async def test_a_full_sink_is_asked_again_with_the_same_batch() -> None:
    sink = Sink(RetryLater("full", after=0), RetryLater("full", after=0))
    visit = visit_with(sink)
    await write(visit, 3)

    assert sink.batches == [3]
    assert visit.results()[0].ending is Ending.OK


@pytest.mark.parametrize("errors", [[StorageError("disk full")], [RetryLater("full", after=0)] * PATIENCE])
async def test_a_sink_that_cannot_write_stops_the_crawl_and_the_state_stays(errors: list[Exception]) -> None:
    visit = visit_with(Sink(*errors))
    engine = await write(visit, 3)
    await asyncio.wait_for(engine.stopped.wait(), 5)

    (result,) = visit.results()
    assert (result.ending, result.state) == (Ending.UNFINISHED, OLD)
    assert isinstance(visit.failure, StorageError) == isinstance(errors[0], StorageError)

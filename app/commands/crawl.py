"""`huiying crawl`: collect from feeds, once or for as long as it runs."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from time import monotonic

import click
from msgspec.structs import replace

from api.probe import create_probe
from app.compose import build_intake
from app.engines import opened
from app.options import data_dir, settings
from app.server import serving
from core.clock import derived_id, utc_now
from core.effects import Effects
from core.errors import RetryLater
from core.ports import Storage
from core.records import Source
from core.settings import Settings
from core.telemetry import Metrics, configure_logging
from crawlers import service
from crawlers.results import CrawlResult, Item, WriteReport
from crawlers.schedule import after
from crawlers.settings import Identity
from nlp.intake import Intake

STANDSTILL_S = 1800.0
"""A round of visits is over long before: one that is not hangs."""


class IntakeSink:
    """Writes what the spiders bring into the intake; a full backlog slows them down."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def write(self, items: Sequence[Item]) -> WriteReport:
        if self._intake.full():
            raise RetryLater("too many posts are waiting to be understood", after=2.0)
        receipts = self._intake.receive(items, "crawl")
        count = {s: sum(r.status == s for r in receipts) for s in ("accepted", "duplicate", "rejected")}
        return WriteReport(**count)


class StoredSources:
    """The sources of the Store, as the crawling service wants them. `clock` counts seconds."""

    def __init__(
        self,
        storage: Storage,
        report: Callable[[Source, CrawlResult], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._storage = storage
        self._report = report
        self._clock = clock
        self._looked = clock()

    def sources(self) -> list[Source]:
        self._looked = self._clock()
        return [s for s in self._storage.store.sources() if s.enabled]

    def save(self, source: Source, result: CrawlResult) -> None:
        self._storage.commit(Effects(changes=[source]))
        self._report(source, result)

    def trouble(self) -> str:
        """What is wrong, nothing while sources are looked at again and again."""
        idle = self._clock() - self._looked
        return f"no source was looked at for {idle:.0f} s" if idle > STANDSTILL_S else ""


@click.command()
@click.argument("urls", nargs=-1)
@data_dir
@click.option("--watch", is_flag=True, help="Keep visiting whenever a source is due, until stopped.")
@click.option("--every", type=click.IntRange(60), default=600, show_default=True, help="Seconds between two visits.")
@click.option("--port", type=int, help="Where --watch shows health and metrics, beside workers only (default: 8400).")
def crawl(urls: tuple[str, ...], data_dir: Path | None, every: int, port: int | None, *, watch: bool) -> None:
    """Collect from feeds: those given (RSS, Atom, JSON Feed; they are remembered), or all that are known.

    A running `huiying serve` on the same data directory shows what comes in at once.
    """
    chosen, metrics = settings(data_dir=data_dir, port=port), Metrics()
    configure_logging(chosen.log_level, chosen.log_format)
    with opened(chosen) as storage:
        register = StoredSources(storage, report)
        named = [_remember(storage, url, every, chosen.jurisdiction) for url in urls]
        sink = IntakeSink(build_intake(chosen, storage, metrics))
        if watch:
            with _probe(chosen, metrics, register):
                service.watch(register, sink, manners(chosen))
            return
        sources = named or register.sources()
        if not sources:
            raise click.UsageError("no sources yet: huiying crawl https://…/rss.xml")
        for source, result in zip(sources, service.crawl(sources, sink, manners(chosen)), strict=True):
            register.save(after(source, result, utc_now()), result)


def _probe(chosen: Settings, metrics: Metrics, register: StoredSources) -> AbstractContextManager[None]:
    """Health and metrics, as every process of the distributed set shows them; on one machine `serve` has the port."""
    if chosen.runner != "distributed":
        return nullcontext()
    return serving(create_probe(metrics, register.trouble), chosen)


def manners(chosen: Settings) -> service.Manners:
    """An honest name, the default pace, and the inward networks that the operator allowed."""
    identity = Identity(version=version("huiying"), contact_url=chosen.contact)
    return service.Manners(identity=identity, allow=chosen.allow_inward)


def _remember(storage: Storage, url: str, every: int, jurisdiction: str) -> Source:
    id_ = "s" + derived_id("source", url)
    known = storage.store.source(id_)
    source = known or Source(
        id=id_, kind="feed", url=url, name=url, jurisdiction=jurisdiction, created_at=utc_now(), interval_s=every
    )
    storage.commit(Effects(changes=[replace(source, enabled=True)]))
    return source


def report(source: Source, result: CrawlResult) -> None:
    """One line per visit."""
    written = result.written
    click.echo(
        f"{source.url}: {result.reason} {result.detail} accepted {written.accepted},"
        f" duplicate {written.duplicate}, rejected {written.rejected}",
        err=True,
    )

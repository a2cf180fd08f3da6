"""`huiying crawl`: visit sources, once or for as long as it runs."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import sleep

import click

from api.probe import create_probe
from app.collecting import identity_of
from app.compose import build_intake
from app.engines import opened, salt_of
from app.options import data_dir, settings
from app.server import serving
from app.sources import IntakeSink, StoredSources
from core.clock import derived_id, utc_now
from core.effects import Change, Effects
from core.leases import Leased
from core.ports import Storage
from core.records import Crawl, Source
from core.sealing import Seal
from core.settings import Settings
from core.telemetry import Metrics, configure_logging
from crawlers import service
from crawlers.results import CrawlResult

PATIENCE = 6
"""Half seconds to wait for a host."""


@click.command()
@click.argument("urls", nargs=-1)
@data_dir
@click.option("--watch", is_flag=True, help="Keep visiting whenever a source is due, until stopped.")
@click.option("--every", type=click.IntRange(60), default=600, show_default=True, help="Seconds between two visits.")
@click.option("--port", type=int, help="Where --watch shows health and metrics, beside workers only (default: 8400).")
def crawl(urls: tuple[str, ...], data_dir: Path | None, every: int, port: int | None, *, watch: bool) -> None:
    """Visit sources: feeds that are given (RSS, Atom, JSON Feed; they are remembered), or all that are known.

    Several processes may crawl side by side: each source is visited by one. A running `huiying serve` on the same data
    directory shows what comes in at once. `huiying source` adds sources of other kinds.
    """
    chosen, metrics = settings(data_dir=data_dir, port=port), Metrics()
    configure_logging(chosen.log_level, chosen.log_format)
    with opened(chosen) as storage:
        link = chosen.public_url or f"http://{chosen.host}:{chosen.port}"
        register = StoredSources(storage, Seal(salt_of(chosen)), report, link)
        named = _remember(storage, urls, every, chosen.jurisdiction)
        sink = IntakeSink(build_intake(chosen, storage, metrics))
        if watch:
            with _probe(chosen, metrics, register):
                service.watch(register, sink, manners(chosen))
            return
        wanted = named or [source.id for source in storage.store.sources() if source.enabled]
        if not wanted:
            raise click.UsageError("no sources yet: huiying crawl https://…/rss.xml")
        leased = _leased(register, wanted)
        for one, result in zip(leased, service.crawl(leased, sink, manners(chosen), register.unseal), strict=True):
            register.save([(one, result)])
        if len(leased) < len(wanted):
            click.echo(f"{len(wanted) - len(leased)} sources left out: another process is at their host", err=True)


def _leased(register: StoredSources, wanted: list[str]) -> list[Leased]:
    """All that are wanted; a host that was just asked gets its pause first, one at which another process is, is left out."""
    leased = register.lease_these(wanted)
    for _ in range(PATIENCE):
        if len(leased) == len(wanted):
            break
        sleep(0.5)
        leased += register.lease_these([id_ for id_ in wanted if id_ not in {one.source.id for one in leased}])
    return leased


def _probe(chosen: Settings, metrics: Metrics, register: StoredSources) -> AbstractContextManager[None]:
    """Health and metrics, as every process of the distributed set shows them; on one machine `serve` has the port."""
    if chosen.runner != "distributed":
        return nullcontext()
    return serving(create_probe(metrics, register.trouble), chosen)


def manners(chosen: Settings) -> service.Manners:
    """An honest name, the default pace, and the inward networks that the operator allowed."""
    return service.Manners(identity=identity_of(chosen), allow=chosen.allow_inward)


def _remember(storage: Storage, urls: tuple[str, ...], every: int, jurisdiction: str) -> list[str]:
    changes: list[Change] = []
    ids = ["s" + derived_id("source", url) for url in urls]
    for id_, url in zip(ids, urls, strict=True):
        if storage.store.source(id_) is None:
            new = Source(
                id=id_,
                kind="feed",
                url=url,
                name=url,
                jurisdiction=jurisdiction,
                created_at=utc_now(),
                interval_s=every,
            )
            changes.append(new)
    storage.commit(Effects(changes=changes))
    return list(dict.fromkeys(ids))


def report(leased: Leased, result: CrawlResult, crawl: Crawl) -> None:
    """One line per visit."""
    written = result.written
    click.echo(
        f"{leased.source.url}: {result.ending} {result.detail} accepted {written.accepted},"
        f" duplicate {written.duplicate}, rejected {written.rejected} [{crawl.health}]",
        err=True,
    )

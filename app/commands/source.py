"""`huiying source`: where posts are collected from."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from msgspec.structs import replace

from alerts.blind import said
from api.collecting import TrialView
from api.opml import read_opml, write_opml
from app.collecting import Collection
from app.engines import opened
from app.options import data_dir, settings
from core.clock import derived_id, random_id, utc_now
from core.effects import AskCrawl, Change, Effects, RemoveSource, SaveCookie
from core.errors import NotFound, Refused
from core.ports import Storage
from core.records import Assessment, AuditRow, Crawl, Source
from core.settings import Settings
from core.telemetry import configure_logging
from crawlers.walks.registry import RULES

WHO = "command line"


@click.group()
def source() -> None:
    """Sources: add, try, list, pause; OPML in and out."""


@contextmanager
def _office(data_dir: Path | None) -> Iterator[tuple[Settings, Storage]]:
    chosen = settings(data_dir=data_dir)
    configure_logging(chosen.log_level, chosen.log_format)
    with opened(chosen) as storage:
        yield chosen, storage


_kind = click.option("--kind", default="", help="The kind (`huiying source kinds`); guessed when it is left out.")
_option = click.option("-o", "--option", "options", multiple=True, help="NAME=VALUE, an option of the kind.")
_rules = click.option(
    "--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A rule file (YAML): kind `rules`."
)


@source.command("test")
@click.argument("url")
@_kind
@_option
@_rules
@click.option("--cookie", default="", help="The Cookie header of a login of your own.")
@data_dir
def test(url: str, kind: str, options: tuple[str, ...], rules: Path | None, cookie: str, data_dir: Path | None) -> None:
    """Show what a visit to URL would find now; nothing is stored."""
    chosen = settings(data_dir=data_dir)
    configure_logging("warning", chosen.log_format)
    collection = Collection(chosen)
    wanted = asyncio.run(_wanted(collection, url, kind, _options(options, rules)))
    trial = asyncio.run(collection.trial(_new(wanted, chosen, ""), cookie))
    _show(wanted[0], trial)
    sys.exit(0 if trial.ending.went_well else 1)


Wanted = tuple[str, str, str, dict[str, str]]
"""Kind, address, name, options."""


async def _wanted(collection: Collection, url: str, kind: str, options: dict[str, str]) -> Wanted:
    if kind or RULES in options:
        return kind or RULES, url, url, options
    found = await collection.guess(url)
    if not found.items:
        why = found.detail or "no feed and no known software was found there"
        raise Refused("unknown_kind", f"{url}: {found.ending}: {why}. Name a --kind, or write --rules.")
    best = found.items[0]
    return best.kind, best.url, best.name, best.options | options


def _options(given: tuple[str, ...], rules: Path | None) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if broken := [name for name, equals, _ in pairs if not equals]:
        raise click.UsageError(f"an option is NAME=VALUE: {broken[0]}")
    text = {RULES: rules.read_text(encoding="utf-8")} if rules else {}
    return {name: value for name, _, value in pairs} | text


def _new(wanted: Wanted, chosen: Settings, name: str, **more: object) -> Source:
    kind, url, found_name, options = wanted
    made = Source(
        id="s" + derived_id("source", url, *([kind] if kind != "feed" else [])),
        kind=kind,
        url=url,
        name=name or found_name or url,
        jurisdiction=chosen.jurisdiction,
        created_at=utc_now(),
        options=options,
    )
    return replace(made, **more)


def _show(kind: str, trial: TrialView) -> None:
    for page in trial.pages:
        click.echo(
            f"{page.status or '---'} {page.bytes:>9} bytes {page.items:>4} items  {page.url} {page.note}", err=True
        )
    for item in trial.items:
        at = item.at.isoformat(timespec="minutes") if item.at else f"?{item.at_as_written}"
        counts = "/".join("-" if n is None else str(n) for n in (item.likes, item.comments, item.shares))
        click.echo(f"{item.id}\t{at}\t{counts}\t{item.title}\t{item.text[:80]!r}")
    missing = ", ".join(f"{name} in {count}" for name, count in trial.missing.items())
    click.echo(f"{kind}: {trial.ending}: {trial.said['zh-Hans']} / {trial.said['en']} {trial.detail}", err=True)
    if missing:
        click.echo(f"missing: {missing}", err=True)


@source.command("add")
@click.argument("url")
@_kind
@_option
@_rules
@click.option("--name", default="", help="How the office calls it.")
@click.option("--every", type=click.IntRange(60), help="Shortest seconds between two visits (default: of the kind).")
@click.option(
    "--longest", type=click.IntRange(60), default=21_600, show_default=True, help="Longest seconds between two."
)
@click.option("--basis", default="", help="The lawful basis, for the assessment record.")
@click.option("--approved-by", default="", help="Who approved it.")
@click.option("--robots", type=click.Choice(["obey", "override"]), default="obey", show_default=True)
@click.option("--robots-reason", default="", help="Why robots.txt is overridden.")
@data_dir
def add(  # noqa: PLR0913, PLR0917  # one option for each field of the record
    url: str,
    kind: str,
    options: tuple[str, ...],
    rules: Path | None,
    name: str,
    every: int | None,
    longest: int,
    basis: str,
    approved_by: str,
    robots: str,
    robots_reason: str,
    data_dir: Path | None,
) -> None:
    """Collect from URL from now on; what it is, is guessed."""
    if robots == "override" and not robots_reason:
        raise click.UsageError("who overrides robots.txt says why: --robots-reason")
    with _office(data_dir) as (chosen, storage):
        collection = Collection(chosen)
        wanted = asyncio.run(_wanted(collection, url, kind, _options(options, rules)))
        usual = next((k.interval_s for k in collection.kinds() if k.id == wanted[0]), 600)
        assessment = Assessment(
            basis=basis, robots=robots, robots_reason=robots_reason, approved_by=approved_by, approved_at=utc_now()
        )
        interval = every or usual
        made = _new(wanted, chosen, name, interval_s=interval, longest_s=max(longest, interval), assessment=assessment)
        collection.check(made)
        _commit(storage, made.id, "source.added", made)
        click.echo(f"{made.kind} {made.url}", err=True)
        click.echo(made.id)


def _commit(storage: Storage, id_: str, action: str, *changes: Change, why: str = "") -> None:
    row = AuditRow(id=random_id(), object=id_, at=utc_now(), who=WHO, action=action, why=why)
    storage.commit(Effects(changes=[*changes, row]))


def _found(storage: Storage, id_: str) -> Source:
    found = storage.store.source(id_)
    if found is None:
        raise NotFound(f"There is no source {id_}: `huiying source list` shows them.")
    return found


@source.command("list")
@data_dir
def list_(data_dir: Path | None) -> None:
    """All sources with their state."""
    with _office(data_dir) as (_, storage):
        crawls = {crawl.source: crawl for crawl in storage.store.crawls()}
        for one in storage.store.sources():
            crawl = crawls.get(one.id, Crawl(source=one.id))
            state = crawl.health if one.enabled else "paused"
            last = crawl.last_ok_at.isoformat(timespec="minutes") if crawl.last_ok_at else "-"
            click.echo(f"{one.id}\t{state}\t{last}\t{one.kind}\t{one.name}\t{one.url}\t{said(crawl)['zh-Hans']}")


@source.command("kinds")
@data_dir
def kinds(data_dir: Path | None) -> None:
    """The kinds of sources and their options."""
    for kind in Collection(settings(data_dir=data_dir)).kinds():
        options = " ".join(f"{o.name}{'*' if o.required else ''}" for o in kind.options)
        click.echo(f"{kind.tier}\t{kind.id}\t{kind.name['zh-Hans']}\t{kind.example}\t{options}")


@source.command("show")
@click.argument("id_", metavar="ID")
@data_dir
def show(id_: str, data_dir: Path | None) -> None:
    """A source: its state, its last visits, its last raw answer (masked)."""
    with _office(data_dir) as (_, storage):
        found, crawl = _found(storage, id_), storage.store.crawl(id_)
        click.echo(f"{found.kind} {found.url} {found.name}")
        if crawl is not None:
            click.echo(
                f"{crawl.health}: {said(crawl)['zh-Hans']} {crawl.detail}; next {crawl.next_at}; pace {crawl.pace_s} s"
            )
        for one in storage.store.visits(id_, 20):
            counts = f"new {one.new} known {one.duplicate} refused {one.rejected} 304s {one.unchanged}"
            click.echo(f"{one.at.isoformat(timespec='seconds')} {one.ending} {one.status} {counts} {one.detail}")
        sample = storage.store.sample(id_)
        if sample is not None:
            click.echo(f"--- {sample.url} {sample.status} {sample.content_type}\n{sample.text}")


@source.command("pause")
@click.argument("id_", metavar="ID")
@click.option("--why", default="", help="The reason, for the record.")
@data_dir
def pause(id_: str, why: str, data_dir: Path | None) -> None:
    """Do not visit a source until it is resumed."""
    with _office(data_dir) as (_, storage):
        paused = replace(_found(storage, id_), enabled=False, disabled_reason=why)
        _commit(storage, id_, "source.paused", paused, why=why)


@source.command("resume")
@click.argument("id_", metavar="ID")
@data_dir
def resume(id_: str, data_dir: Path | None) -> None:
    """Visit a paused source again, at once."""
    with _office(data_dir) as (_, storage):
        resumed = replace(_found(storage, id_), enabled=True, disabled_reason="")
        _commit(storage, id_, "source.resumed", resumed, AskCrawl(id_))


@source.command("remove")
@click.argument("id_", metavar="ID")
@data_dir
def remove(id_: str, data_dir: Path | None) -> None:
    """Forget a source; the posts that it brought stay."""
    with _office(data_dir) as (_, storage):
        _found(storage, id_)
        _commit(storage, id_, "source.removed", RemoveSource(id_))


@source.command("backfill")
@click.argument("id_", metavar="ID")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="How far back (YYYY-MM-DD).")
@data_dir
def backfill(id_: str, since: datetime, data_dir: Path | None) -> None:
    """Collect a past period; `show` tells how far it came."""
    with _office(data_dir) as (chosen, storage):
        _found(storage, id_)
        start = since.replace(tzinfo=chosen.zone)
        _commit(storage, id_, "source.backfill", AskCrawl(id_, backfill_since=start), why=start.isoformat())


@source.command("cookie")
@click.argument("id_", metavar="ID")
@click.option("--remove", "gone", is_flag=True, help="Take the login back.")
@data_dir
def cookie(id_: str, data_dir: Path | None, *, gone: bool) -> None:
    """Lend a source a login: the Cookie header is read from standard input, and stored encrypted."""
    with _office(data_dir) as (chosen, storage):
        _found(storage, id_)
        if gone:
            _commit(storage, id_, "source.cookie_removed", SaveCookie(id_, None))
            return
        text = click.get_text_stream("stdin").read().strip()
        if not text or any(ord(letter) < 32 for letter in text):
            raise Refused("bad_cookie", "a cookie is one line on standard input")
        sealed = Collection(chosen).seal(text)
        _commit(storage, id_, "source.cookie_saved", SaveCookie(id_, sealed), AskCrawl(id_))


@source.command("export")
@data_dir
def export(data_dir: Path | None) -> None:
    """All sources as OPML, on standard output."""
    with _office(data_dir) as (_, storage):
        click.echo(write_opml(storage.store.sources()).decode(), nl=False)


@source.command("import")
@click.argument("file", type=click.File("rb"))
@data_dir
def import_(file: click.utils.LazyFile, data_dir: Path | None) -> None:
    """Add the feeds of an OPML file."""
    with _office(data_dir) as (chosen, storage):
        known = {one.url for one in storage.store.sources()}
        collection = Collection(chosen)
        for line in read_opml(file.read()):
            if line.url in known:
                continue
            made = _new((line.kind or "feed", line.url, line.name, {}), chosen, line.name)
            try:
                collection.check(made)
            except Refused as refusal:
                click.echo(f"{line.url}: {refusal}", err=True)
                continue
            _commit(storage, made.id, "source.added", made, why="OPML")
            click.echo(made.id)

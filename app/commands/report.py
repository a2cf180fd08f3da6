"""`huiying report`: reports from the command line, and their templates."""

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from alerts.reports.maker import FORMATS, TEMPLATES, Format, Wanted
from alerts.reports.spans import KINDS, span_of
from alerts.reports.words import LANGUAGES
from alerts.rulebook import RuleBook
from app.engines import opened
from app.judgement import build_gazetteer, load_policies
from app.options import data_dir, settings
from app.reporting import build_maker
from core.clock import utc_now
from core.settings import Settings

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.group("report")
def report() -> None:
    """Reports as Word and PDF files, and their templates."""


@report.command("make")
@click.argument("kind", type=click.Choice([*KINDS, "case"]))
@data_dir
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A .docx or .pdf file."
)
@click.option("--jurisdiction", help="Administrative division code; absent for the office's own.")
@click.option("--since", type=MOMENT, help="In the office's time zone, e.g. 2026-11-01 or 2026-11-01T08:00.")
@click.option("--until", type=MOMENT, help="The end, not included.")
@click.option("--case", help="The case that a report of the kind `case` is on.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
def make(kind: str, data_dir: Path | None, out: Path, case: str | None, lang: str, **span: Any) -> None:
    """Make a report of KIND now and write it to a file; without a span, on the one that has just ended."""
    chosen = settings(data_dir=data_dir)
    format_ = format_of(out)
    if kind == "case" and not case:
        raise click.UsageError("say which case: --case ID")
    where = span["jurisdiction"] or chosen.jurisdiction
    wanted = Wanted(kind=kind, jurisdiction=where, case=case, lang=lang, who="command line")
    if kind != "case":
        wanted = with_span(wanted, span["since"], span["until"], chosen)
    with opened(chosen) as storage:
        book = RuleBook(load_policies(chosen), storage.store)
        maker = build_maker(chosen, storage, book, build_gazetteer(chosen))
        out.write_bytes(maker.render(maker.make(wanted, utc_now()), format_))
    click.echo(out)


@report.command("templates")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def templates(folder: Path) -> None:
    """Copy the templates that ship into FOLDER, to be changed in Word and put into `reports` of the policy folder.

    A file that is there already is left as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(TEMPLATES.iterdir()):
        target = folder / path.name
        if target.exists():
            click.echo(f"{target} is there already", err=True)
            continue
        shutil.copyfile(path, target)
        click.echo(target)


def format_of(out: Path) -> Format:
    """What the file's name asks for."""
    ending = out.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise click.UsageError(f"{out} is neither a .docx nor a .pdf file")
    return "docx" if ending == "docx" else "pdf"


def with_span(wanted: Wanted, since: datetime | None, until: datetime | None, chosen: Settings) -> Wanted:
    """The span that was given in the office's zone; what is missing is the one that has just ended."""
    first, last = span_of(wanted.kind, utc_now(), chosen.zone)
    begin = since.replace(tzinfo=chosen.zone) if since else first
    end = until.replace(tzinfo=chosen.zone) if until else last
    return replace(wanted, since=begin, until=end)

"""`huiying import`: one's own table becomes posts."""

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from app.compose import Product, build_intake, build_product
from app.engines import opened
from app.importing import Importer, Summary
from app.locking import runner_lock
from app.options import data_dir, settings
from app.progress import progress
from core.errors import Refused
from core.records import Reason
from core.settings import Settings
from core.storage.sqlite import upgrade_directory
from core.telemetry import Metrics, configure_logging
from crawlers.files.mapping import OMITTED, Column, ColumnMapping, guess_mapping
from crawlers.files.names import EXTRA
from crawlers.files.table import Table, open_table
from nlp.admission import FIELDS


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_dir
@click.option("--map", "given", multiple=True, metavar="COLUMN=FIELD", help="Say what a column means (repeatable).")
@click.option("--source", help="Where the posts come from (default: the file's name).")
@click.option("--dry-run", is_flag=True, help="Only show what each column is taken for.")
def import_(file: Path, data_dir: Path | None, given: tuple[str, ...], source: str | None, *, dry_run: bool) -> None:
    """Import FILE (CSV, JSON Lines, xlsx; also .gz). A second run goes on where the first one stopped.

    A running `huiying serve` on the same data directory shows the posts as they come; without one they are
    understood here before the command ends.
    """
    chosen = settings(data_dir=data_dir)
    configure_logging("warning", chosen.log_format)
    try:
        table = open_table(file)
        mapping = override(guess_mapping(table.columns, table.sample()), given)
    except Refused as refusal:
        if not dry_run:
            refuse(chosen, file, refusal)
        raise click.ClickException(f"{file}: {refusal}") from refusal
    show_mapping(table, mapping)
    if dry_run:
        return
    if chosen.runner == "distributed":
        summary = take(chosen, table, mapping, source or file.name, alone=False)
    else:
        with runner_lock(chosen.data_dir) as alone:
            if alone:
                upgrade_directory(chosen.data_dir)
            summary = take(chosen, table, mapping, source or file.name, alone=alone)
            if alone:
                asyncio.run(understand(chosen))
    show_summary(summary, refusals_of(chosen, table))


def refuse(chosen: Settings, file: Path, refusal: Refused) -> None:
    """Leave a line in `rejected` for a file that could not be read as a table at all."""
    with opened(chosen) as storage:
        build_intake(chosen, storage, Metrics()).refuse({}, refusal, f"import {file.name}")


def override(mapping: ColumnMapping, given: tuple[str, ...]) -> ColumnMapping:
    """The mapping with what the user said about single columns."""
    said = dict(one.partition("=")[::2] for one in given)
    wrong = [name for name in said if name not in {c.name for c in mapping.columns}]
    wrong += [field for field in said.values() if field not in (*FIELDS, OMITTED)]
    if wrong:
        raise click.BadParameter(
            f"{wrong[0]!r} is neither a column of the file nor one of {', '.join(FIELDS)}, {OMITTED}"
        )
    told = Reason(code="told")
    columns = tuple(
        Column(name=c.name, field=said[c.name], key=c.name if said[c.name] == EXTRA else "", reason=told)
        if c.name in said
        else c
        for c in mapping.columns
    )
    return ColumnMapping(columns=columns)


def take(chosen: Settings, table: Table, mapping: ColumnMapping, source: str, *, alone: bool) -> Summary:
    """Bring the rows to the log. Alone, nobody empties the backlog meanwhile, so it may grow with the file."""
    with opened(chosen) as storage:
        intake = build_intake(chosen, storage, Metrics(), limit=sys.maxsize if alone else None)
        with progress("import 导入") as bar:
            importer = Importer(
                storage=storage,
                intake=intake,
                defaults={"source": source, "platform": table.form},
                refusals=refusals_of(chosen, table),
                advance=lambda rows: bar.advance(bar.task_ids[0], rows),
            )
            return importer.run(table, mapping)


def refusals_of(chosen: Settings, table: Table) -> Path:
    """Where the refused rows of a file are listed."""
    return chosen.data_dir / "import" / f"{table.path.name}.{table.fingerprint[:8]}.rejected.jsonl"


async def understand(chosen: Settings) -> None:
    """Drive the pipeline until nothing is left to do; deliveries wait for `serve`."""
    product = build_product(chosen, chores=False)
    waiting = product.intake.backlog()
    task = asyncio.create_task(product.runner.run())
    with progress("understand 分析", total=waiting) as bar:
        watching = asyncio.create_task(_show(product, bar, waiting))
        await product.runner.drained()
        watching.cancel()
    product.runner.stop()
    await task
    product.storage.close()


async def _show(product: Product, bar: Progress, waiting: int) -> None:
    while True:
        left = await asyncio.to_thread(product.intake.backlog)
        bar.update(bar.task_ids[0], completed=waiting - left)
        await asyncio.sleep(0.2)


def show_mapping(table: Table, mapping: ColumnMapping) -> None:
    """What every column is taken for, and why."""
    grid = Grid(title=f"{table.path.name}: {table.form} {table.encoding}")
    for heading in ("column 列", "is taken for 识别为", "because 依据"):
        grid.add_column(heading)
    for column in mapping.columns:
        grid.add_row(column.name, f"{column.field} {column.key}".strip(), column.reason.code)
    console = Console(stderr=True)
    console.print(grid)
    for note in table.notes:
        console.print(f"{note.code} {note.facts or ''}")


def show_summary(summary: Summary, refusals: Path) -> None:
    """What became of the rows."""
    if summary.resumed_after:
        click.echo(f"resumed after row {summary.resumed_after} 从第 {summary.resumed_after} 行继续", err=True)
    click.echo(
        f"accepted 接收 {summary.accepted}, duplicate 重复 {summary.duplicate}, rejected 拒绝 {summary.rejected}",
        err=True,
    )
    for code, number in sorted(summary.reasons.items(), key=lambda r: -r[1]):
        click.echo(f"  {code}: {number}", err=True)
    if summary.rejected:
        click.echo(f"refused rows with their reasons 拒绝明细: {refusals}", err=True)

"""`huiying import`: one's own table becomes posts."""

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as Grid

from app.compose import build_intake, build_product
from app.importing import Importer, Summary
from app.locking import runner_lock
from app.options import data_dir, settings
from app.progress import progress
from core.errors import Refused
from core.settings import Settings
from core.storage.sqlite import open_storage
from core.telemetry import Metrics, configure_logging
from crawlers.files.mapping import FIELDS, Mapping, guess_mapping, override
from crawlers.files.table import Table, open_table


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
        mapping = override(guess_mapping(table.header, table.sample()), given)
    except Refused as refusal:
        raise click.ClickException(f"{file}: {refusal}") from refusal
    show_mapping(table, mapping)
    if dry_run:
        return
    with runner_lock(chosen.data_dir) as alone:
        summary, refusals = take(chosen, table, mapping, source or file.name)
        show_summary(summary, refusals)
        if alone:
            asyncio.run(understand(chosen))

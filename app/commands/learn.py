"""`huiying learn`: the fast tier learns from what people corrected."""

from pathlib import Path

import click

from app.engines import opened
from app.learning import examine, keep, models_of, roll_back
from app.options import data_dir, settings
from core.clock import utc_now
from core.errors import StorageError
from core.ports import Storage
from core.records import ModelCard
from core.settings import Settings
from core.storage.sqlite.storage import FILE
from nlp.study import Study, Verdict

SOON = "Running processes label with it within seconds."


@click.command()
@data_dir
@click.option("--dry-run", is_flag=True, help="Learn and judge; change nothing.")
@click.option("--rollback", is_flag=True, help="Use the model before the present one again.")
@click.option("--list", "show", is_flag=True, help="Show the models that were learnt here.")
def learn(data_dir: Path | None, *, dry_run: bool, rollback: bool, show: bool) -> None:
    """Learn from people's corrections: a new model is used when it is not worse on corrections that it has not seen.

    It begins at the weights that ship. May run beside `serve` and workers; repeat it when there are more corrections.
    """
    if sum((dry_run, rollback, show)) > 1:
        raise click.UsageError("--dry-run, --rollback and --list are for different things: give one of them")
    chosen = settings(data_dir=data_dir)
    _check(chosen)
    with opened(chosen) as storage:
        if show:
            _show(storage)
        elif rollback:
            back = roll_back(storage, models_of(storage.store), utc_now)
            click.echo(f"{back} is in use again. {SOON}")
        else:
            _learn(storage, dry_run=dry_run)


def _check(chosen: Settings) -> None:
    if chosen.runner == "embedded" and not (chosen.data_dir / FILE).exists():
        raise StorageError(f"{chosen.data_dir} holds no data of Huiying: name the folder with --data-dir")


def _learn(storage: Storage, *, dry_run: bool) -> None:
    before = models_of(storage.store)
    found = examine(storage, before, utc_now())
    if not found.verdicts:
        click.echo(f"Nobody has corrected a post that the model reads: kept the old model, {before.used.version}.")
        return
    for verdict in found.verdicts:
        click.echo(_line(verdict))
    if found.model.version == before.used.version:
        click.echo(f"Kept the old model, {before.used.version}{_same(found)}.")
    elif dry_run:
        click.echo(f"{found.model.version} would replace {before.used.version} (--dry-run: nothing was changed).")
    else:
        card = keep(storage, before, found, utc_now)
        click.echo(f"{card.version} replaces {before.used.version}. {SOON} Back: huiying learn --rollback")


def _same(found: Study) -> str:
    return ": it has learnt from these corrections already" if any(v.renewed for v in found.verdicts) else ""


def _line(v: Verdict) -> str:
    told = f"{v.head}: {v.corrections} corrections"
    if v.held:
        told += f"; of {v.held} held out right {v.right_before} before, {v.right_after} after"
    if v.guards:
        told += f"; says the same about {v.agreement:.1%} of {v.guards} other texts it was sure of"
    return f"{told}: {v.why or 'learnt'}"


def _show(storage: Storage) -> None:
    used = storage.store.model_in_use()
    for card in storage.store.models():
        click.echo(_card(card, in_use=card.version == used))
    mark = " " if used else "*"
    click.echo(f"{mark} {models_of(storage.store).shipped.version}  ships")


def _card(card: ModelCard, *, in_use: bool) -> str:
    heads = sorted({name.partition(".")[0] for name in card.figures})
    f = card.figures
    told = ", ".join(
        f"{head} {f[f'{head}.right_before']:.0f} → {f[f'{head}.right_after']:.0f} of {f[f'{head}.held']:.0f},"
        f" same {f[f'{head}.agreement']:.1%}"
        for head in heads
    )
    mark = "*" if in_use else " "
    return (
        f"{mark} {card.version}  {card.at:%Y-%m-%d %H:%M}Z  after {card.parent}  {card.corrections} corrections: {told}"
    )

"""Puts reports together: what they are made from, and which are made by the clock."""

from collections.abc import Callable
from pathlib import Path

from alerts.reports import shelf
from alerts.reports.ground import Ground
from alerts.reports.maker import Maker, Wanted, report_id
from alerts.reports.schedule import Plan, last_due, load_plans
from alerts.reports.spans import span_of
from alerts.reports.words import load_words
from alerts.rulebook import Book
from app.judgement import place_names
from core.clock import Now
from core.effects import Effects
from core.ports import Storage
from core.settings import Settings
from nlp.places import Gazetteer

FOLDER = "reports"
"""Where in its policy folder an office keeps its own templates."""


def build_maker(settings: Settings, storage: Storage, book: Book, gazetteer: Gazetteer) -> Maker:
    """Makes this office's reports."""
    names = place_names(settings, gazetteer, book.current())

    def ground(lang: str) -> Ground:
        policy = book.current()
        return Ground(
            index=storage.index,
            store=storage.store,
            words=load_words(lang),
            zone=settings.zone,
            levels=policy.levels,
            units={unit.id: unit.name for unit in policy.units},
            places=names,
            jurisdiction_name=lambda code: gazetteer.name(code) or code,
        )

    return Maker(ground, board_address(settings), settings.policy_dir / FOLDER if settings.policy_dir else None)


def board_address(settings: Settings) -> str:
    """Where people open the board."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def office_plans(settings: Settings) -> list[Plan]:
    """What this office wants made by the clock."""
    own: Path | None = settings.policy_dir / "reports.yaml" if settings.policy_dir else None
    return load_plans(own)


def make_due(settings: Settings, storage: Storage, maker: Callable[[], Maker], plans: list[Plan], now: Now) -> bool:
    """Make the scheduled reports that are due and not made; whether any was. A second process makes the same, once.

    None is made of a jurisdiction that has no posts yet, and none again that somebody deleted.
    """
    at = now()
    if storage.index.newest(settings.jurisdiction) is None:
        return False
    made = False
    for plan in plans:
        due = last_due(plan, at, settings.zone)
        if due is None:
            continue
        since, until = span_of(plan.kind, due, settings.zone)
        where = settings.jurisdiction
        id_ = report_id(where, plan.kind, since.isoformat(), until.isoformat(), plan.lang, "")
        if not shelf.was_made(storage.store, id_):
            wanted = Wanted(kind=plan.kind, jurisdiction=where, since=since, until=until, lang=plan.lang)
            storage.commit(Effects(changes=[*shelf.kept(maker().make(wanted, at))]))
            made = True
    return made

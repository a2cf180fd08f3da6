"""Builds the product from its parts, once per process."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from importlib.metadata import version

from alerts.drafts import Desk, EndpointPhraser, load_templates
from alerts.office import in_force
from alerts.policy import Policy
from alerts.reports.maker import Maker
from alerts.rulebook import RuleBook
from api.auth import INVITE_TTL, issue
from api.parts import Parts
from app.chores import office_chores
from app.collecting import Collection
from app.engines import link_key, salt_of
from app.judgement import (
    build_analyser,
    build_boundaries,
    build_gazetteer,
    load_notice_plan,
    load_policies,
    place_names,
)
from app.reporting import build_maker
from core.clock import Now, random_id, utc_now
from core.effects import Effects, RemoveJurisdiction
from core.office import Office
from core.ports import Storage
from core.records import Role
from core.settings import Settings, shown_settings
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from nlp.admission import Admission
from nlp.detect import Detectors
from nlp.incidents.config import DetectorConfig
from nlp.intake import ANSWERS, Intake
from nlp.lessons import Lessons
from nlp.places import Gazetteer
from nlp.prepare import Windows
from stream.embedded import EmbeddedRunner
from stream.stages import Decide, Detect, Draft, Understand
from stream.topology import topology, waiting


@dataclass(slots=True)
class Product:
    """Everything that `serve` runs; `removed` are the jurisdictions that were removed since it started;
    `pushing` is held while the sample sends a post, and while something is removed."""

    storage: SqliteStorage
    intake: Intake
    runner: EmbeddedRunner
    parts: Parts
    now: Now
    removed: set[str]
    pushing: asyncio.Lock


class Workshop:
    """Makes the stages over a storage, each when it is first asked for (`stream.topology.Stages`)."""

    def __init__(self, settings: Settings, storage: Storage, metrics: Metrics | None = None) -> None:
        self._settings = settings
        self._storage = storage
        self._metrics = metrics

    @cached_property
    def policy(self) -> Policy:
        return load_policies(self._settings)

    @cached_property
    def book(self) -> RuleBook:
        return RuleBook(self.policy, self._storage.store)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return build_gazetteer(self._settings)

    @cached_property
    def lessons(self) -> Lessons:
        return Lessons(self._storage.store)

    @cached_property
    def understand(self) -> Understand:
        return Understand(
            self._storage.store, Windows(), build_analyser(self._settings, self.gazetteer, self._metrics), self.lessons
        )

    @cached_property
    def detect(self) -> Detect:
        return Detect(Detectors(self._storage.store, DetectorConfig(false_a_day=self._settings.false_incidents_a_day)))

    @cached_property
    def decide(self) -> Decide:
        link = self._settings.public_url or f"http://{self._settings.host}:{self._settings.port}"
        return Decide(self._storage.store, self._storage.store, self.book, link)

    @cached_property
    def draft(self) -> Draft:
        desk = build_desk(self._settings, self.policy, self.gazetteer, self._storage.store)
        return Draft(self._storage.index, self._storage.store, desk, self.policy.facts)

    @cached_property
    def maker(self) -> Maker:
        return build_maker(self._settings, self._storage, self.book, self.gazetteer)


def build_intake(
    settings: Settings, storage: Storage, metrics: Metrics, now: Now = utc_now, limit: int | None = None
) -> Intake:
    """The edge. `limit` None takes the setting."""
    rules = Admission(
        jurisdiction=settings.jurisdiction,
        salt=salt_of(settings),
        now=now(),
        origin="",
        source="push",
        tz=settings.zone,
    )
    for answer in ANSWERS:
        metrics.received.labels(answer)
    most = limit or settings.max_backlog
    return Intake(storage.log, storage.store, rules, now, metrics, partial(waiting, storage.log), most)


def build_parts(
    settings: Settings,
    storage: Storage,
    workshop: Workshop,
    metrics: Metrics,
    now: Now,
    remove: Callable[[str], Awaitable[None]],
) -> Parts:
    """What the API is made of."""
    return Parts(
        storage=storage,
        intake=build_intake(settings, storage, metrics, now),
        book=workshop.book,
        draft=workshop.draft.draft,
        remove=remove,
        taught=workshop.lessons.look_again,
        collecting=Collection(settings, now),
        now=now,
        new_id=random_id,
        metrics=metrics,
        time_zone=settings.time_zone,
        public_url=settings.public_url,
        version=version("huiying"),
        link_key=link_key(settings),
        plan=load_notice_plan(settings),
        places=place_names(settings, workshop.gazetteer, workshop.policy),
        boundaries=build_boundaries(settings, workshop.gazetteer),
        idle_minutes=settings.idle_minutes,
        false_a_day=settings.false_incidents_a_day,
        settings=shown_settings(settings),
        reports=workshop.maker,
    )


def build_product(settings: Settings, now: Now = utc_now, *, chores: bool = True) -> Product:
    """Everything of one office on one machine; opens (or makes) the data directory. Without chores nothing is sent."""
    storage = open_storage(settings.data_dir)
    metrics = Metrics()
    workshop = Workshop(settings, storage, metrics)
    beside = office_chores(settings, storage, workshop.decide, lambda: workshop.maker, metrics, now) if chores else []
    runner = EmbeddedRunner(storage, topology(workshop), beside, now, metrics, settings.batch)
    removed: set[str] = set()
    pushing = asyncio.Lock()
    parts = build_parts(settings, storage, workshop, metrics, now, _remove(storage, runner, removed, pushing))
    spare_the_collector()
    return Product(storage, parts.intake, runner, parts, now, removed, pushing)


def first_invite(storage: Storage, now: Now) -> str | None:
    """The code of a one-time link for the first administrator; None when there is one already."""
    if storage.store.users():
        return None
    secret, invite = issue("invite", "first administrator", Role.ADMIN, now(), INVITE_TTL)
    storage.commit(Effects(changes=[invite]))
    return secret


def spare_the_collector() -> None:
    """Models and gazetteer are half a million objects that live as long as the process: do not look at them again and again.

    Without this, a sixth of the detector's time goes to the garbage collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def build_desk(settings: Settings, policy: Policy, gazetteer: Gazetteer, office: Office) -> Callable[[str], Desk]:
    """What drafts of a jurisdiction are written with: its own name, its units as they are now, and its places."""
    templates = load_templates()
    key = settings.phraser_key.get_secret_value()
    phraser = EndpointPhraser(settings.phraser_url, settings.phraser_model, key) if settings.phraser_url else None

    @lru_cache
    def places(jurisdiction: str) -> dict[str, str]:
        return dict(gazetteer.parts(jurisdiction))

    def desk(jurisdiction: str) -> Desk:
        units = in_force(policy, office).units_of(jurisdiction)
        return Desk(
            templates=templates,
            units={unit.id: unit.name for unit in units},
            places=places(jurisdiction),
            responsible={domain: unit.id for unit in reversed(units) for domain in unit.domains},
            jurisdiction=gazetteer.name(jurisdiction) or "",
            zone=settings.zone,
            phraser=phraser,
        )

    return desk


def _remove(
    storage: SqliteStorage, runner: EmbeddedRunner, removed: set[str], pushing: asyncio.Lock
) -> Callable[[str], Awaitable[None]]:
    """Forgets a jurisdiction on disk, and what the running steps hold of it."""

    async def remove(jurisdiction: str) -> None:
        removed.add(jurisdiction)
        gone = Effects(changes=[RemoveJurisdiction(jurisdiction)])
        async with pushing:
            await runner.between_batches(lambda: storage.commit(gone))

    return remove

"""Builds the product from its parts, once per process."""

import asyncio
import gc
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version

import httpx

from alerts.decide import tick
from alerts.delivery import Courier, PersonSender, WebhookSender, deliver_due
from alerts.drafts import Desk, EndpointPhraser, load_templates
from alerts.policy import Policy
from api.auth import INVITE_TTL, issue
from api.parts import Parts
from app.judgement import build_analyser, build_gazetteer, load_policies
from app.salt import kept_salt
from core.addresses import PinnedTransport
from core.clock import Now, random_id, utc_now
from core.effects import Effects, RemoveJurisdiction
from core.ports import CaseQuery, lag
from core.records import Role
from core.settings import Settings
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from core.topics import Topic
from nlp.admission import Admission
from nlp.detect import Detectors
from nlp.incidents.config import DetectorConfig
from nlp.intake import Intake
from nlp.places import Gazetteer
from nlp.prepare import Windows
from stream.embedded import Chore, EmbeddedRunner
from stream.stages import Decide, Detect, Draft, Understand
from stream.topology import topology

SALT_FILE = "salt"
DELIVER_EVERY_S = 0.3
TICK_EVERY_S = 10.0
RETAIN_EVERY_S = 3600.0
TICK_CASES = 10_000
"""More open cases than an office can have; the rest would be looked at when these are closed."""


MOST_NAMES = 5_000
"""Names of places that a screen is given; a province has more streets than it can show."""


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

    def first_invite(self) -> str | None:
        """The code of a one-time link for the first administrator; None when there is one already."""
        if self.storage.store.users():
            return None
        secret, invite = issue("invite", "first administrator", Role.ADMIN, self.now(), INVITE_TTL)
        self.storage.commit(Effects(changes=[invite]))
        return secret


def build_intake(
    settings: Settings, storage: SqliteStorage, metrics: Metrics, now: Now = utc_now, limit: int | None = None
) -> Intake:
    """The edge. `limit` None takes the setting."""
    rules = Admission(
        jurisdiction=settings.jurisdiction, salt=_salt(settings), now=now(), origin="", source="push", tz=settings.zone
    )
    waiting = _backlog_of(storage)
    return Intake(storage.log, storage.store, rules, now, metrics, waiting, limit or settings.max_backlog)


def build_product(settings: Settings, now: Now = utc_now, *, chores: bool = True) -> Product:
    """Everything of one office on one machine; opens (or makes) the data directory. Without chores nothing is sent."""
    storage = open_storage(settings.data_dir)
    metrics = Metrics()
    policy = load_policies(settings)
    gazetteer = build_gazetteer(settings)
    link = settings.public_url or f"http://{settings.host}:{settings.port}"
    decide = Decide(storage.store, storage.store, policy, link)
    draft = Draft(storage.index, storage.store, build_desk(settings, policy, gazetteer), policy.facts)
    steps = topology(
        Understand(storage.store, Windows(), build_analyser(gazetteer)),
        Detect(Detectors(storage.store, DetectorConfig())),
        decide,
        draft,
    )
    beside = [
        Chore("deliver", DELIVER_EVERY_S, _deliver(settings, storage, metrics, now)),
        Chore("retention", RETAIN_EVERY_S, _retain(settings, storage, now)),
        Chore("clocks", TICK_EVERY_S, _tick(storage, decide, now)),
    ]
    runner = EmbeddedRunner(storage, steps, beside if chores else [], now, metrics, settings.batch)
    intake = build_intake(settings, storage, metrics, now)
    removed: set[str] = set()
    pushing = asyncio.Lock()
    parts = Parts(
        storage=storage,
        intake=intake,
        policy=policy,
        draft=draft.draft,
        remove=_remove(storage, runner, removed, pushing),
        now=now,
        new_id=random_id,
        metrics=metrics,
        time_zone=settings.time_zone,
        public_url=settings.public_url,
        version=version("huiying"),
        places=_place_names(settings, gazetteer, policy),
    )
    spare_the_collector()
    return Product(storage, intake, runner, parts, now, removed, pushing)


def spare_the_collector() -> None:
    """Models and gazetteer are half a million objects that live as long as the process: do not look at them again and again.

    Without this, a sixth of the detector's time goes to the garbage collector.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def build_desk(settings: Settings, policy: Policy, gazetteer: Gazetteer) -> Callable[[str], Desk]:
    """What drafts of a jurisdiction are written with: its own name, units and places."""
    templates = load_templates()
    key = settings.phraser_key.get_secret_value()
    phraser = EndpointPhraser(settings.phraser_url, settings.phraser_model, key) if settings.phraser_url else None

    @lru_cache
    def desk(jurisdiction: str) -> Desk:
        units = policy.units_of(jurisdiction)
        return Desk(
            templates=templates,
            units={unit.id: unit.name for unit in units},
            places=dict(gazetteer.parts(jurisdiction)),
            responsible={domain: unit.id for unit in reversed(units) for domain in unit.domains},
            jurisdiction=gazetteer.name(jurisdiction) or "",
            zone=settings.zone,
            phraser=phraser,
        )

    return desk


def _salt(settings: Settings) -> str:
    """The setting, or a secret made on the first start and kept in the data directory, readable by its owner only."""
    given = settings.salt.get_secret_value()
    if given:
        return given
    return kept_salt(settings.data_dir / SALT_FILE)


def _backlog_of(storage: SqliteStorage) -> Callable[[], int]:
    """How many posts wait for `understand`, whichever process runs it."""

    def waiting() -> int:
        return lag(storage.log, "understand", Topic.POSTS_RAW)

    return waiting


def _deliver(settings: Settings, storage: SqliteStorage, metrics: Metrics, now: Now) -> Callable[[], Awaitable[bool]]:
    """Empties the outbox; a webhook whose receiver is gone is saved as disabled."""
    chance = random.SystemRandom().random
    client = httpx.AsyncClient(transport=PinnedTransport(settings.allow_inward))
    courier = Courier(WebhookSender(client, chance), PersonSender(chance, allow=settings.allow_inward))

    async def deliver() -> bool:
        done = await deliver_due(storage.store, courier, now)
        if done.webhooks:
            await asyncio.to_thread(storage.commit, Effects(changes=[*done.webhooks]))
        metrics.deliveries.labels("attempted").inc(done.settled)
        return done.settled > 0

    return deliver


def _tick(storage: SqliteStorage, decide: Decide, now: Now) -> Callable[[], Awaitable[bool]]:
    """Looks at the clocks of open cases."""

    def look() -> None:
        cases = storage.store.cases(CaseQuery(open=True, limit=TICK_CASES)).items
        effects = tick(cases, decide.policy, decide.receivers(), now())
        if effects:
            storage.commit(effects)

    async def run() -> bool:
        await asyncio.to_thread(look)
        return False

    return run


def _retain(settings: Settings, storage: SqliteStorage, now: Now) -> Callable[[], Awaitable[bool]]:
    """Deletes what is older than the office may keep."""

    async def retain() -> bool:
        at = now()
        log_after, posts_after = at - timedelta(days=settings.log_days), at - timedelta(days=settings.retention_days)
        return await asyncio.to_thread(storage.retain, log_after, posts_after) > 0

    return retain


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


def _place_names(settings: Settings, gazetteer: Gazetteer, policy: Policy) -> dict[str, str]:
    """Names that screens need: the jurisdictions', and of everything in them."""
    codes = {settings.jurisdiction, *(u.jurisdiction for u in policy.units if u.jurisdiction)}
    names: dict[str, str] = {}
    waiting = sorted(codes)
    while waiting:
        code = waiting.pop()
        name = gazetteer.name(code)
        if name is not None:
            names[code] = name
        waiting.extend(part for part, _ in gazetteer.parts(code) if len(names) < MOST_NAMES)
    return names

"""An office on one machine that has worked for a while, and the empty servers that it moves to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.compose import Workshop, build_intake
from app.distributed import Connected, connected
from core.effects import Consumed, Effects, message
from core.ports import CaseQuery, IncidentQuery, PostQuery, Storage
from core.records import CaseEvent, Channel, Credential, FactCard, Role, Source, User, Webhook
from core.settings import Settings
from core.storage import tables as t
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from core.topics import Topic
from tests import real
from tests.e2e import outage
from tests.e2e.product import huiying
from tests.records import NOON, delivery
from tests.servers.databases import own_database
from tests.servers.names import unique

PARTITIONS = 4
POSTS = 2_000
WAITING, ANALYSED = 60, 25
"""Posts that came in last, and how many of them the first step had handled."""
COPY = {"id": "again", "source": "forum.test", "text": f"{outage.VOICES[0]}。", "author": "业主"}
"""What the first post about the water said, once more."""


def build_office(home: Path) -> Path:
    """A data directory after an import, with everything that an office writes and some messages still waiting."""
    directory, now = home / "data", datetime.now(UTC)
    happening = outage.posts(now - timedelta(minutes=5), rounds=3)
    rows = sorted([*real.posts(POSTS), *happening], key=lambda row: str(row["at"]))
    file = real.write_lines(home / "posts.jsonl", [*rows, {"id": "empty", "text": "", "at": str(now)}])
    done = huiying("import", file, "--data-dir", directory, timeout=300)
    assert done.returncode == 0, done.stderr
    storage = open_storage(directory)
    furnish(storage)
    leave_waiting(storage, Settings(data_dir=directory), now)
    storage.close()
    return directory


def furnish(storage: SqliteStorage) -> None:
    """Everything that people write."""
    code = "000000"
    storage.commit(
        Effects(
            changes=[
                User(id="u1", name="wang", role=Role.LEADER, created_at=NOON, password="hash"),
                Credential(hash="h1", kind="token", name="push", role=Role.RESPONDER, created_at=NOON),
                Webhook(id="w1", url="https://hook.example/", secrets=("whsec_a",), created_at=NOON),
                Channel(id="ch1", name="值班", url="json://duty.example"),
                FactCard(id="f1", jurisdiction=code, part="known", text="主管破裂。", unit="housing", source="抢修单"),
                Source(
                    id="s1", kind="feed", url="https://news.example/", name="news", jurisdiction=code, created_at=NOON
                ),
                *(delivery(f"d{n}") for n in range(30)),
            ]
        )
    )


def leave_waiting(storage: SqliteStorage, settings: Settings, now: datetime) -> None:
    """Messages that no step, or only the first, has handled, and one that asks for another draft."""
    intake = build_intake(settings, storage, Metrics(), lambda: now)
    done = storage.log.progress("understand", Topic.POSTS_RAW).position
    texts = [{"id": f"late{n}", "source": "real", "text": row["text"]} for n, row in enumerate(real.posts(WAITING - 1))]
    intake.receive([*texts, COPY], "import")
    batch = storage.log.read(Topic.POSTS_RAW, done, ANALYSED)
    effects = Workshop(settings, storage).understand(batch, now)
    storage.commit(effects, Consumed("understand", Topic.POSTS_RAW, batch[-1].position, done))
    case = storage.store.cases(CaseQuery(limit=1)).items[0]
    asked = CaseEvent(id="asked", type="case.opened", at=now, case=case)
    storage.commit(Effects(messages=[message(Topic.CASES, case.jurisdiction, asked.id, asked)]))


@dataclass(frozen=True, slots=True)
class Servers:
    """An empty distributed set."""

    env: dict[str, str]
    settings: Settings

    @contextmanager
    def open(self) -> Iterator[Connected]:
        """Connected to it as a process of ours; searches see what was just written."""
        with connected(self.settings, fresh=True) as made:
            yield made


@contextmanager
def empty_servers(addresses: list[str], directory: Path) -> Iterator[Servers]:
    """A database and a prefix of their own, and the settings of a move from `directory`."""
    kafka, postgres, elasticsearch = addresses
    with own_database(postgres) as url:
        given: dict[str, Any] = {
            "runner": "distributed",
            "kafka": kafka,
            "postgres": url,
            "elasticsearch": elasticsearch,
            "elasticsearch_replicas": 0,
            "kafka_partitions": PARTITIONS,
            "prefix": unique(),
            "salt": (directory / "salt").read_text(encoding="ascii"),
            "data_dir": directory,
        }
        env = {f"HUIYING_{name.upper()}": str(value) for name, value in given.items()}
        yield Servers(env, Settings(**given))


Seen = dict[str, Any]
"""What an office can look up, in a form that does not depend on the engine."""


def seen(storage: Storage, now: datetime) -> Seen:
    """Searches, incidents, figures, cases with drafts and audit, and what people have set up."""
    storage.index.catch_up()
    incidents = storage.index.incidents(IncidentQuery(limit=100)).items
    cases = storage.store.cases(CaseQuery(limit=100)).items
    return {
        "all": found(storage, PostQuery()),
        "water": found(storage, PostQuery(words="停水 -矿泉水")),
        "folded": found(storage, PostQuery(fold=True, sentiment="negative")),
        "incidents": {i.id: (i, found(storage, PostQuery(incident=i.id))) for i in incidents},
        "figures": storage.index.figures(now - timedelta(days=4), now + timedelta(hours=2), None),
        "cases": {c.id: (c, storage.store.drafts(c.id), storage.store.audit(c.id)) for c in cases},
        "outbox": [d.id for d in storage.store.deliveries(None, None, 1000)],
        "people": [storage.store.users(), storage.store.credentials("token")],
        "receivers": [storage.store.webhooks(), storage.store.channels()],
        "sources": [storage.store.sources(), storage.store.facts("000000")],
        "rejected": kept(storage, Topic.REJECTED),
        "events": kept(storage, Topic.CASES),
    }


def found(storage: Storage, query: PostQuery) -> list[tuple[str, str, str | None, int]]:
    """Every post that a query finds, with its incident and how many say the same."""
    pages, cursor = [], None
    while True:
        page = storage.index.posts(
            PostQuery(**{**{f: getattr(query, f) for f in query.__struct_fields__}, "cursor": cursor})
        )
        pages += [(f.post.id, f.post.text, f.incident, f.copies) for f in page.items]
        cursor = page.cursor
        if cursor is None:
            return sorted(pages, key=lambda row: row[0])


def kept(storage: Storage, topic: Topic) -> set[str]:
    """Ids of the messages that a topic still holds."""
    return {m.id for part in range(storage.log.partitions) for m in storage.log.read(topic, 0, 10_000, part)}


def remembered(made: Connected) -> tuple[int, int]:
    """How many posts the steps know, and how many rows of state they have."""
    with made.database.write() as connection:
        state = connection.execute(t.stage_state.select().where(t.stage_state.c.stage != "migrate")).all()
        return len(connection.execute(t.seen.select()).all()), len(state)

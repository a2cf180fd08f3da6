"""The long set: `python -m tests.chaos [NAME ...]`. Writes its table to docs/faults.md when all were run."""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos import faults, world
from tests.chaos.ordeal import Ordeal, Outcome, undergo
from tests.chaos.servers import started
from tests.e2e.product import ROOT

POSTS = 6000
PAGE = ROOT / "docs" / "faults.md"

LONG: dict[str, tuple[str, float, Callable[[Ordeal], None]]] = {
    # name: what is done, for how many seconds posts are pushed, the fault
    "nothing": ("nothing, the measure of the others", 60, faults.nothing),
    "kills": ("kill -9 of a random worker, 50 times", 240, faults.killed(50)),
    "members": ("a third worker joins and leaves, four times", 80, faults.come_and_go),
    "hang": ("SIGSTOP of a worker past the session timeout, and back; one of each stage", 80, faults.hang),
    "kafka": ("Kafka killed, back after 60 s", 90, faults.kafka_away),
    "elasticsearch": ("Elasticsearch killed, back after 60 s", 90, faults.elasticsearch_away),
    "postgres": ("PostgreSQL killed, three times", 60, faults.postgres_restarted),
    "disk": ("the broker's files may not grow (a full disk): it gives up, back after 20 s", 60, faults.disk_full),
    "poison": ("64 records that are none in every topic", 60, faults.poison),
    "clocks": ("clocks five minutes early and late in each stage", 60, faults.clocks_differ),
}

HEAD = """# Faults

What `make chaos` did to a running set of real processes over a real Kafka, Elasticsearch and PostgreSQL, and what was left.
After every ordeal each post, incident, case and figure is compared by id with what one untouched process finds of the same
posts; each version of a case must have exactly one audit row; each change of a case must have reached the receiver under
exactly one `webhook-id`. An ordeal that differs in anything fails, and this page is written only when none did. "Sent again"
counts requests that repeated a `webhook-id`, which receivers skip. Audit rows differ by drafts alone: a refused draft is tried
again as its case grows. `make test` runs a little of everything in one ordeal.

Measured on {date}, 2 shared cores; {posts} posts of six districts, {matters} complaints among them, pushed through the API.

| fault | noted | posts | incidents | cases | audit rows | deliveries | sent again | took, s |
|---|---|---|---|---|---|---|---|---|
"""


def main(names: list[str]) -> None:
    """Undergo all, or the ones named; a failure ends it."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="huiying-chaos-") as folder, started() as servers:
        items = world.posts(POSTS)
        expected = world.untouched(items, Path(folder) / "untouched")
        for name in names or LONG:
            what, seconds, fault = LONG[name]
            home = Path(folder) / name
            home.mkdir()
            print(f"--- {name}: {what}", flush=True)
            rows.append(_row(what, undergo(fault, servers, home, items, expected, seconds)))
            print(rows[-1], flush=True)
    head = HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}", posts=f"{len(items):,}".replace(",", " "), matters=world.MATTERS
    )
    page = head + "\n".join(rows) + "\n"
    print(page)
    if not names:
        PAGE.write_text(page, encoding="utf-8")


def _row(what: str, outcome: Outcome) -> str:
    noted = ", ".join(f"{name} {number}" for name, number in outcome.notes.items()) or "-"
    counts = (
        outcome.posts,
        outcome.incidents,
        outcome.cases,
        outcome.audit_rows,
        outcome.deliveries,
        outcome.repeats,
        round(outcome.took_s),
    )
    return f"| {what} | {noted} | {' | '.join(map(str, counts))} |"


main(sys.argv[1:])

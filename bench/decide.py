"""How many incident updates a second become cases, with clocks, routing and deliveries, on one core."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from msgspec.structs import replace

from alerts.decide import decide
from alerts.notices import Receivers
from alerts.policy import load_policy
from app.sample import POLICY as SAMPLE_POLICY
from bench.report import Report
from core.effects import SaveCase
from core.records import Case, Incident, Risk, RiskHit, Webhook

INCIDENTS = 5_000
VERSIONS = 8
BATCH = 128
GOAL_PER_S = 5_000
START = datetime(2026, 6, 1, 4, tzinfo=UTC)


def run(_: Path, report: Report) -> None:
    """Growing incidents, every version a batch row: most open a case, a third get graver, all grow hotter."""
    policy = load_policy(SAMPLE_POLICY)
    hook = Webhook(id="w", url="https://example.org/", secrets=("s",), created_at=START)
    receivers = Receivers(webhooks=[hook], link="https://example.org")
    cases: dict[str, Case] = {}
    updates = [_version(n, version) for version in range(1, VERSIONS + 1) for n in range(INCIDENTS)]
    written = 0
    began = perf_counter()
    for start in range(0, len(updates), BATCH):
        batch = updates[start : start + BATCH]
        effects = decide(batch, cases, policy, receivers, batch[-1].last_at)
        saved = [change.case for change in effects.changes if isinstance(change, SaveCase)]
        cases |= {case.incident: case for case in saved}
        written += len(saved)
    rate = len(updates) / (perf_counter() - began)
    what = f"decide, incident updates/s ({written} of {len(updates)} changed one of {len(cases)} cases)"
    report.add(what, f"{rate:.0f}", f"{GOAL_PER_S}", met=rate >= GOAL_PER_S)


def _version(n: int, version: int) -> Incident:
    grave = n % 3 == 0 and version > VERSIONS // 2
    hit = RiskHit(category="food_poisoning", word="食物中毒", weight=0.6)
    first = Incident(
        id=f"i{n}",
        jurisdiction="990100",
        title="云湾花园停水两天",
        first_at=START,
        last_at=START,
        raised_at=START,
        posts=0,
        copies=0,
        authors=0,
        heat=0.0,
        speed=1.0,
        baseline=1.0,
        burst=1.0,
        domain="城乡建设",
    )
    return replace(
        first,
        last_at=START + timedelta(minutes=version),
        posts=6 * version,
        authors=5 * version,
        heat=10.0 * version,
        sentiment={"negative": 5 * version, "neutral": version},
        risk=Risk(score=0.6, hits=(hit,)) if grave else Risk(),
        version=version,
    )

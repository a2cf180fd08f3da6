"""A signal that holds becomes an incident of its own with a case; while it holds that incident stays fresh, and no more."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from alerts.decide import HOUR, opened
from alerts.fields import measured
from alerts.fitting import LANGUAGE
from alerts.lifecycle import Moved, record
from alerts.limits import natural
from alerts.policy import Policy
from alerts.rules import Verdict
from alerts.signals import Heard, Signal
from alerts.turns import reopened
from core.clock import derived_id
from core.records import Case, CaseState, Incident, Risk


def incident_id(signal: Signal, key: str) -> str:
    """The id of the incident of a signal and a value of its key; the same each time."""
    return "s" + derived_id("signal", signal.id, key)


def incident_of(signal: Signal, found: Heard, before: Incident | None, now: datetime) -> Incident:
    """The incident that a signal which holds is: the posts of its window, and why. Of what is missing, examples are older."""
    posts = found.posts
    name = signal.name[LANGUAGE]
    hours = (natural(signal.window) if found.stretch is None else found.stretch) / HOUR
    return Incident(
        id=incident_id(signal, found.key),
        jurisdiction=signal.jurisdiction,
        title=f"{name}：{found.key}" if found.key else name,
        first_at=before.first_at if before else min((p.at for p in posts), default=now),
        last_at=now,
        raised_at=before.raised_at if before else now,
        posts=len({post.group for post in posts}),
        copies=len(posts),
        authors=len({post.author for post in posts}),
        heat=round(sum(measured(post, "reach") for post in posts), 2),
        speed=round(len(posts) / hours, 2),
        baseline=0.0,
        burst=0.0,
        sentiment=dict(Counter(post.labels.sentiment.answer for post in posts)),
        domain=_most(post.labels.domain.label for post in posts or found.earlier),
        sources=dict(Counter(post.source for post in posts)),
        examples=tuple(post.id for post in found.examples[:20]),
        risk=max((post.labels.risk for post in posts), key=lambda risk: risk.score, default=Risk()),
        reasons=(found.reason,),
        version=before.version + 1 if before else 1,
    )


def _most(labels: Iterable[str]) -> str:
    counted = Counter(labels)
    return min(counted, key=lambda label: (-counted[label], label)) if counted else "none"


def judged(
    signal: Signal, found: Heard, incident: Incident, case: Case | None, policy: Policy, now: datetime
) -> Moved | None:
    """A new case, or a closed one opened again when it holds anew; nothing while somebody is at it."""
    if case is None:
        return opened(incident, Verdict(signal.id, signal.level, (found.reason,), {}), policy, now)
    rest = now - case.updated_at >= natural(signal.window)
    if case.state is not CaseState.CLOSED or case.merged_into is not None or not rest:
        return None
    again = replace(
        reopened(case, policy, now),
        state=CaseState.HANDLING,
        owner=case.owner or "system",
        incident_version=incident.version,
        updated_at=now,
        version=case.version + 1,
    )
    return record(again, "case.reopened", "system", f"signal {signal.id}", now)

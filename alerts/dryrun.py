"""What a rule would have done: which incidents of the last days it would have raised, each yes and no with its reason."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from alerts.limits import natural
from alerts.policy import Policy, Rule
from alerts.rules import conditions
from alerts.signals import Listened, Signal, heard
from core.records import Incident, Reason

MOST_SHOWN = 100
MOST_STEPS = 500


class Tried(Struct, frozen=True, kw_only=True):
    """An incident (or a value of a signal's key) that was tried: when it would have been raised, or what kept it from it.

    `reasons` are all that hold and, for a no, the first that does not, last. `case` is the case that there is anyway.
    """

    id: str
    title: str
    holds: bool
    at: datetime
    reasons: list[Reason]
    posts: int = 0
    case: str | None = None
    examples: tuple[str, ...] = ()


class DryRun(Struct, frozen=True, kw_only=True):
    """What the item would have done since `since`: how many were `tried` and `raised`; both lists hold the newest 100."""

    since: datetime
    until: datetime
    tried: int
    raised: int
    would: list[Tried] = field(default_factory=list)
    would_not: list[Tried] = field(default_factory=list)


def try_rule(rule: Rule, incidents: Iterable[Incident], policy: Policy, since: datetime, until: datetime) -> DryRun:
    """The rule alone over versions of incidents in order: each counts from the first version that it would have raised."""
    found: dict[str, Tried] = {}
    for incident in incidents:
        before = found.get(incident.id)
        if not incident.is_listed or (before is not None and before.holds):
            continue
        found[incident.id] = _tried(rule, incident, policy)
    return _told(found.values(), since, until)


def _tried(rule: Rule, incident: Incident, policy: Policy) -> Tried:
    reasons: list[Reason] = []
    holds = True
    for checked in conditions(rule, incident, policy):
        reasons.append(checked.reason)
        if not checked.holds:
            holds = False
            break
    return Tried(
        id=incident.id,
        title=incident.title,
        holds=holds,
        at=incident.last_at,
        reasons=reasons,
        posts=incident.posts,
        examples=incident.examples[:3],
    )


def try_signal(
    signal: Signal, told: Callable[[datetime], Listened], since: datetime, until: datetime, false_a_day: float
) -> DryRun:
    """The signal at every window's end since then: each value of its key counts from the first time it would have held.

    `told` is what it would have been judged by at a time.
    """
    window = natural(signal.window)
    step = max(window, (until - since) / MOST_STEPS)
    found: dict[str, Tried] = {}
    at = since + step
    while at <= until + timedelta(seconds=1):
        for one in heard(signal, told(at), at, false_a_day):
            before = found.get(one.key)
            if before is None or not before.holds:
                found[one.key] = Tried(
                    id=one.key,
                    title=one.key or signal.id,
                    holds=one.holds,
                    at=at,
                    reasons=[one.reason],
                    posts=len(one.posts),
                    examples=tuple(post.id for post in one.examples[:3]),
                )
        at += step
    return _told(found.values(), since, until)


def _told(found: Iterable[Tried], since: datetime, until: datetime) -> DryRun:
    newest = sorted(found, key=lambda one: (one.at, one.id), reverse=True)
    yes, no = ([one for one in newest if one.holds is holds] for holds in (True, False))
    return DryRun(
        since=since,
        until=until,
        tried=len(newest),
        raised=len(yes),
        would=yes[:MOST_SHOWN],
        would_not=no[:MOST_SHOWN],
    )


def with_cases(run: DryRun, cases: dict[str, str]) -> DryRun:
    """The same, each with the case that its incident has anyway."""
    return replace(run, would=[replace(one, case=cases.get(one.id)) for one in run.would])

"""The decide stage: incidents into cases, and the passing of time into warnings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts import clocks
from alerts.lifecycle import UNANSWERED, Moved, effects_of, record, together
from alerts.notices import Receivers, deliveries
from alerts.policy import Policy
from alerts.routing import route
from alerts.rules import Verdict, judge
from core.clock import derived_id
from core.effects import Effects
from core.records import Case, CaseState, Clock, Incident

HEAT_STEP = 1.5
"""A case is saved again when its incident's heat grew by this factor: not at every post, and not when it cools.

`Case.heat` so is the most that was told, and a version of an incident that comes late or twice tells nothing again.
"""
CALM = timedelta(hours=6)
"""A level falls by one step only when the incident has posts so long after the case last changed: no flapping.

Posts' time, not the clock's: a version that comes late is older than what changed the case, and so never lowers it.
"""
HISTORY = timedelta(days=7)
"""An incident whose newest post is older opens no case: an archive raises no alarms and breaks no limits of the past."""


def decide(
    incidents: Sequence[Incident], known: Mapping[str, Case], policy: Policy, receivers: Receivers, now: datetime
) -> Effects:
    """New cases and changes of known ones. Every milestone is judged, in order: how they came in batches decides nothing."""
    cases = dict(known)
    made = []
    for incident in sorted(incidents, key=lambda one: one.version):
        moved = _judged(incident, cases.get(incident.id), policy, now) if incident.milestone else None
        if moved is not None:
            cases[incident.id] = moved.case
            made.append(moved)
    return _told(made, receivers, now)


def _told(made: Sequence[Moved], receivers: Receivers, now: datetime) -> Effects:
    """The writes of moves, each over the version before it, with what it delivers."""
    return together(effects_of(m, m.case.version - 1, deliveries(m.event, receivers, now)) for m in made)


def _judged(incident: Incident, case: Case | None, policy: Policy, now: datetime) -> Moved | None:
    if case is not None and incident.version <= case.incident_version:
        return None
    if incident.merged_into is not None:
        return _merged(case, incident, now) if case is not None else None
    return _open(incident, policy, now) if case is None else _follow(case, incident, policy, now)


def _merged(case: Case, incident: Incident, now: datetime) -> Moved | None:
    """Its posts count for the other incident from now on. A case that nobody has taken up goes with them; one that somebody
    works on is his to close.
    """
    if case.state is not CaseState.EMERGING:
        return None
    stopped = tuple(clocks.stop(clock, now) for clock in case.clocks)
    changed = replace(
        case,
        state=CaseState.CLOSED,
        clocks=stopped,
        updated_at=now,
        version=case.version + 1,
        incident_version=incident.version,
    )
    return record(changed, "case.merged", "system", f"incident merged into {incident.merged_into}", now)


def _open(incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    verdict = judge(incident, policy)
    if verdict.level is None or verdict.rule is None or now - incident.last_at > HISTORY:
        return None
    routing = route(incident, verdict.level, policy)
    case = Case(
        id="c" + derived_id("case", incident.id),
        incident=incident.id,
        jurisdiction=incident.jurisdiction,
        title=incident.title,
        state=CaseState.EMERGING,
        level=verdict.level,
        peak_level=verdict.level,
        rule=verdict.rule,
        opened_at=now,
        updated_at=now,
        unit=routing.unit,
        support=routing.support,
        domain=incident.domain,
        place=incident.places[0].code if incident.places else None,
        reasons=(*verdict.reasons, *routing.reasons),
        heat=incident.heat,
        incident_version=incident.version,
    )
    case = replace(case, clocks=clocks.clocks_for(case, incident, policy.clocks))
    return record(case, "case.opened", "system", f"rule {verdict.rule}", now)


def _follow(case: Case, incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    """What a newer version of its incident does to an open case; None when nothing that people care about changed."""
    if case.state is CaseState.CLOSED:
        return None
    verdict = judge(incident, policy)
    level = _level(case, incident, verdict, policy)
    changed = replace(
        case,
        level=level,
        peak_level=min(case.peak_level, level),
        title=incident.title,
        incident_version=incident.version,
    )
    if level != case.level:
        changed = replace(changed, rule=verdict.rule or case.rule, reasons=verdict.reasons or case.reasons)
    if case.state in UNANSWERED:
        changed = replace(changed, clocks=clocks.clocks_for(changed, incident, policy.clocks))
    grown = incident.heat > case.heat * HEAT_STEP
    if not grown and (changed.level, changed.clocks) == (case.level, case.clocks):
        return None
    changed = replace(changed, heat=max(case.heat, incident.heat), updated_at=now, version=case.version + 1)
    if level < case.level:
        return record(changed, "case.level_raised", "system", f"rule {changed.rule}", now)
    if level > case.level:
        return record(changed, "case.level_lowered", "system", "calmer", now)
    return record(changed, "case.updated", "system", "", now)


def _level(case: Case, incident: Incident, verdict: Verdict, policy: Policy) -> int:
    """Rises at once; falls by one step after a calm time; what a person set holds."""
    mildest = max(level.level for level in policy.levels)
    wanted = verdict.level if verdict.level is not None else mildest
    if case.level_set_by is not None or wanted == case.level:
        return case.level
    if wanted < case.level:
        return wanted
    return min(case.level + 1, mildest) if incident.last_at - case.updated_at >= CALM else case.level


def tick(cases: Sequence[Case], policy: Policy, receivers: Receivers, now: datetime) -> Effects:
    """Warnings and breaches of the clocks of open cases that are due now, each said once."""
    steps = {rule.kind: rule.warn for rule in policy.clocks}
    return together(_told(list(_watch(case, steps, now)), receivers, now) for case in cases)


def _watch(case: Case, steps: Mapping[str, tuple[float, ...]], now: datetime) -> Iterator[Moved]:
    """A warning, a breach, or one after the other when different clocks need both; an end that came to be known."""
    if case.state not in UNANSWERED:
        return
    watched = tuple(_with_end(clock) for clock in case.clocks)
    broken = {c.kind for c in watched if clocks.is_breached(c, now) and not c.breached}
    said = {c.kind: clocks.steps_due(c, steps.get(c.kind, ()), now) for c in watched if not c.breached}
    late = [kind for kind, passed in said.items() if passed and kind not in broken]
    watched = tuple(replace(c, warned=(*c.warned, *said.get(c.kind, ()))) for c in watched)
    if late:
        case = replace(case, clocks=watched, version=case.version + 1)
        yield record(case, "clock.warning", "system", ", ".join(late), now)
    if broken:
        watched = tuple(replace(c, breached=c.breached or c.kind in broken) for c in watched)
        case = replace(case, clocks=watched, version=case.version + 1)
        yield record(case, "clock.breached", "system", ", ".join(c.kind for c in watched if c.kind in broken), now)
    if not late and not broken and watched != case.clocks:
        yield record(replace(case, clocks=watched, version=case.version + 1), "case.updated", "system", "calendar", now)


def _with_end(clock: Clock) -> Clock:
    """A clock whose calendar was not published when it started gets its end once it is."""
    return clocks.counted(clock) if clock.due_at is None and clocks.is_running(clock) else clock

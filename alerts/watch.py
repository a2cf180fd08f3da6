"""What the passing of time does to open cases: warnings, breaches and 督办, late tasks, levels that expire, quiet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from alerts import clocks, tasks
from alerts.calm import HOUR, is_quiet
from alerts.counting import all_joined, at_level
from alerts.lifecycle import UNANSWERED, Moved, effects_of, record, together
from alerts.notices import Receivers, deliveries
from alerts.policy import Policy
from alerts.rules import judge
from alerts.turns import quieted, unheld
from core.effects import Effects
from core.records import Case, Clock, Incident

IncidentOf = Callable[[str], Incident | None]
"""An incident as it stands; None when it is gone."""


def tick(
    cases: Sequence[Case], policy: Policy, receivers: Receivers, now: datetime, incident_of: IncidentOf | None = None
) -> Effects:
    """What is due now, each said once. Without `incident_of` nothing is judged that needs the incident."""
    steps = {rule.kind: rule.warn for rule in policy.clocks}
    return together(
        effects_of(moved, moved.case.version - 1, deliveries(moved.event, receivers, now))
        for case in cases
        for moved in _due(case, policy, steps, now, incident_of)
    )


def _due(
    case: Case,
    policy: Policy,
    steps: Mapping[str, tuple[float, ...]],
    now: datetime,
    incident_of: IncidentOf | None,
) -> Iterator[Moved]:
    """One after the other, each on what the one before left."""
    looks: tuple[Callable[[Case], Iterator[Moved]], ...] = (
        lambda c: _clocks(c, steps, policy, now),
        lambda c: _tasks(c, now),
        lambda c: _expired(c, policy, now, incident_of),
        lambda c: _quiet(c, policy, now, incident_of),
    )
    for look in looks:
        for moved in look(case):
            case = moved.case
            yield moved


def _clocks(case: Case, steps: Mapping[str, tuple[float, ...]], policy: Policy, now: datetime) -> Iterator[Moved]:
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
        kinds = ", ".join(c.kind for c in watched if c.kind in broken)
        case = replace(case, clocks=watched, version=case.version + 1)
        yield record(case, "clock.breached", "system", kinds, now)
        yield from _supervised(case, kinds, policy, now)
    if not late and not broken and watched != case.clocks:
        yield record(replace(case, clocks=watched, version=case.version + 1), "case.updated", "system", "calendar", now)


def _supervised(case: Case, kinds: str, policy: Policy, now: datetime) -> Iterator[Moved]:
    """督办: the unit that coordinates watches a case that broke a limit; once, however many it breaks."""
    lead = policy.lead_of(case.jurisdiction)
    if lead is None or lead in case.supervisors:
        return
    case = replace(case, supervisors=(*case.supervisors, lead), version=case.version + 1)
    yield record(case, "case.supervised", "system", kinds, now)


def _with_end(clock: Clock) -> Clock:
    """A clock whose calendar was not published when it started gets its end once it is."""
    return clocks.counted(clock) if clock.due_at is None and clocks.is_running(clock) else clock


def _tasks(case: Case, now: datetime) -> Iterator[Moved]:
    late = tasks.overdue(case, now)
    if late:
        told = replace(tasks.told(case, late), version=case.version + 1)
        yield record(told, "task.overdue", "system", ", ".join(task.id for task in late), now)


def _expired(case: Case, policy: Policy, now: datetime, incident_of: IncidentOf | None) -> Iterator[Moved]:
    """A level that a person set for a time goes back to what the rules say now, or stays until they say something."""
    if case.level_until is None or case.level_until > now:
        return
    incident = incident_of(case.incident) if incident_of is not None else None
    found = judge(incident, policy).level if incident is not None else None
    level = found if found is not None else case.level
    freed = replace(at_level(unheld(case), level), version=case.version + 1)
    yield record(freed, "case.level_expired", "system", f"set by {case.level_set_by}", now)


def _quiet(case: Case, policy: Policy, now: datetime, incident_of: IncidentOf | None) -> Iterator[Moved]:
    """The all-clear: an incident that is old enough and of which hardly anybody speaks any more."""
    level = policy.level(case.level)
    if incident_of is None or case.recovered_at is not None:
        return
    if now - (case.loud_at or case.opened_at) < level.quiet_hours * HOUR:
        return
    incident = incident_of(case.incident)
    if incident is None or not is_quiet(incident, level, now):
        return
    others = (incident_of(one.incident) for one in all_joined(case.joined))
    if all(other is None or is_quiet(other, level, now) for other in others):
        quiet = replace(quieted(case, incident, now), version=case.version + 1)
        yield record(quiet, "case.recovered", "system", f"quiet for {level.quiet_hours:g} h", now)

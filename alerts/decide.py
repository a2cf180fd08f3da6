"""The decide stage: incidents into cases."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts import clocks
from alerts.counting import all_joined, alone, at_level, heard
from alerts.lifecycle import UNANSWERED, Moved, effects_of, record, together
from alerts.notices import Receivers, deliveries
from alerts.policy import Policy
from alerts.routing import route
from alerts.rules import Verdict, judge
from alerts.turns import loud, reopened, stopped
from core.clock import derived_id
from core.effects import Effects
from core.records import Case, CaseState, Incident

HEAT_STEP = 1.5
"""A case is saved again when its incident's heat grew by this factor: not at every post, and not when it cools.

`Case.heat` so is the most that was told, and a version of an incident that comes late or twice tells nothing again.
"""
HOUR = timedelta(hours=1)
HISTORY = timedelta(days=7)
"""An incident whose newest post is older opens no case: an archive raises no alarms and breaks no limits of the past."""


def decide(
    incidents: Sequence[Incident], known: Mapping[str, Case], policy: Policy, receivers: Receivers, now: datetime
) -> Effects:
    """New cases and changes of known ones. Every milestone is judged, in order: how they came in batches decides nothing.

    `known` has by incident the case that answers for it: its own, or the one which that was merged into.
    """
    answers = {incident.id: known[incident.id].id for incident in incidents if incident.id in known}
    cases = {known[id_].id: known[id_] for id_ in answers}
    made = []
    for incident in sorted(incidents, key=lambda one: one.version):
        case = cases.get(answers.get(incident.id, ""))
        moved = _judged(incident, case, policy, now) if incident.milestone else None
        if moved is not None:
            cases[moved.case.id] = moved.case
            answers[incident.id] = moved.case.id
            made.append(moved)
    return _told(made, receivers, now)


def _told(made: Sequence[Moved], receivers: Receivers, now: datetime) -> Effects:
    """The writes of moves, each over the version before it, with what it delivers."""
    return together(effects_of(m, m.case.version - 1, deliveries(m.event, receivers, now)) for m in made)


def _judged(incident: Incident, case: Case | None, policy: Policy, now: datetime) -> Moved | None:
    if case is None:
        return opened(incident, judge(incident, policy), policy, now) if incident.is_listed else None
    if incident.id != case.incident:
        return _follow_joined(case, incident, policy, now)
    if incident.version <= case.incident_version or case.merged_into is not None or incident.dismissed:
        return None
    if incident.merged_into is not None:
        return _merged(case, incident, now)
    if case.recovered_at is not None or case.state is CaseState.CLOSED:
        return _flared_up(case, incident, policy, now)
    return _follow(case, incident, policy, now)


def _merged(case: Case, incident: Incident, now: datetime) -> Moved | None:
    """Its posts count for the other incident from now on. A case that nobody has taken up goes with them; one that somebody
    works on is his to close.
    """
    if case.state is not CaseState.EMERGING:
        return None
    changed = replace(
        stopped(case, now),
        state=CaseState.CLOSED,
        updated_at=now,
        version=case.version + 1,
        incident_version=incident.version,
    )
    return record(changed, "case.merged", "system", f"incident merged into {incident.merged_into}", now)


def opened(incident: Incident, verdict: Verdict, policy: Policy, now: datetime) -> Moved | None:
    """A new case of an incident that met a rule; None when it met none, or is history."""
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
    case = _with_audiences(case, verdict)
    case = clocks.started(case, incident, policy.clocks)
    return record(case, "case.opened", "system", f"rule {verdict.rule}", now)


def _flared_up(case: Case, incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    """The public speaks up again: an answered or closed case is opened again, any other is no longer quiet."""
    level, quiet = policy.level(case.level), case.quiet_posts
    verdict = judge(incident, policy)
    few = quiet is None or incident.copies - quiet < level.flare_posts or incident.speed < level.flare_speed
    if few or verdict.level is None or now - incident.last_at > HISTORY:
        return None
    again = loud(case, now)
    why = f"{incident.copies - (quiet or 0)} posts since, {incident.speed:.0f} an hour"
    if case.state not in UNANSWERED:
        again = replace(reopened(case, policy, now), state=CaseState.HANDLING, owner=case.owner or "system")
    changed = _with_level(again, incident, verdict, policy)
    changed = replace(changed, heat=max(case.heat, incident.heat), updated_at=now, version=case.version + 1)
    event = "case.flared_up" if case.state in UNANSWERED else "case.reopened"
    return record(changed, event, "system", why, now)


def _follow_joined(case: Case, incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    """What an incident whose case was merged into this one does to it: it may make it graver, and start clocks."""
    brought = ((by, one) for by in case.joined for one in all_joined((by,)) if one.incident == incident.id)
    by, joined = next(brought, (None, None))
    if by is None or joined is None or incident.version <= joined.incident_version:
        return None
    if incident.dismissed or case.state not in UNANSWERED:
        return None
    verdict = judge(incident, policy)
    if verdict.level is None or verdict.level >= max(case.level, joined.level) or case.level_set_by is not None:
        return None
    changed = replace(
        case,
        joined=heard(case.joined, incident, verdict.level),
        updated_at=now,
        version=case.version + 1,
    )
    if verdict.level >= case.level:
        return record(changed, "case.updated", "system", "", now)
    changed = replace(
        changed,
        level=verdict.level,
        peak_level=min(case.peak_level, verdict.level),
        rule=verdict.rule or case.rule,
        reasons=verdict.reasons,
    )
    changed = clocks.started(changed, incident, policy.clocks, of=by.case)
    return record(changed, "case.level_raised", "system", f"rule {changed.rule}", now)


def _follow(case: Case, incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    """What a newer version of its incident does to an open case; None when nothing that people care about changed."""
    verdict = judge(incident, policy)
    changed = _with_level(case, incident, verdict, policy)
    grown = incident.heat > case.heat * HEAT_STEP
    if not grown and _cared_for(changed) == _cared_for(case):
        return None
    changed = replace(changed, heat=max(case.heat, incident.heat), updated_at=now, version=case.version + 1)
    if changed.level < case.level:
        return record(changed, "case.level_raised", "system", f"rule {changed.rule}", now)
    if changed.level > case.level:
        return record(changed, "case.level_lowered", "system", "calmer", now)
    return record(changed, "case.updated", "system", "", now)


def _cared_for(case: Case) -> tuple[object, ...]:
    """What people care about, of the case and of what it would be without those that were merged into it."""
    return case.level, case.own, case.clocks, case.aside, case.audiences


def _with_level(case: Case, incident: Incident, verdict: Verdict, policy: Policy) -> Case:
    """The case as this version of its incident makes it: title, level and why, and the clocks that start."""
    level, own = (_level(one, incident, verdict, policy) for one in (case, alone(case)))
    changed = replace(at_level(case, level, own), title=incident.title, incident_version=incident.version)
    changed = _with_audiences(changed, verdict)
    if level != case.level:
        changed = replace(changed, rule=verdict.rule or case.rule, reasons=verdict.reasons or case.reasons)
    return clocks.started(changed, incident, policy.clocks) if case.state in UNANSWERED else changed


def _with_audiences(case: Case, verdict: Verdict) -> Case:
    """The case with the units whose own rules are met now: they take part, each at the gravest level that it had."""
    if not verdict.audiences:
        return case
    levels = {unit: min(level, case.audiences.get(unit, level)) for unit, level in verdict.audiences.items()}
    joining = tuple(unit for unit in levels if unit not in (case.unit, *case.support))
    return replace(case, audiences={**case.audiences, **levels}, support=(*case.support, *joining))


def _level(case: Case, incident: Incident, verdict: Verdict, policy: Policy) -> int:
    """Rises at once; falls by one step after a calm time and when it clearly meets no such rule; what a person set holds.

    The calm time is the posts', not the clock's: a version that comes late is older than what changed the case, and so
    never lowers it.
    """
    mildest = max(level.level for level in policy.levels)
    wanted = verdict.level if verdict.level is not None else mildest
    if case.level_set_by is not None or wanted == case.level:
        return case.level
    if wanted < case.level:
        return wanted
    level = policy.level(case.level)
    if incident.last_at - case.updated_at < level.calm_hours * HOUR:
        return case.level
    nearly = judge(incident, policy, ease=level.keep).level
    return case.level if nearly is not None and nearly <= case.level else min(case.level + 1, mildest)

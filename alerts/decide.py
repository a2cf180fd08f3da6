"""The decide stage: incidents into cases, and the passing of time into warnings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts import clocks
from alerts.lifecycle import Moved, effects_of, record
from alerts.notices import Receivers, deliveries
from alerts.policy import Policy
from alerts.routing import route
from alerts.rules import Verdict, judge
from core.clock import derived_id
from core.effects import Effects
from core.records import Case, CaseState, Incident

HEAT_STEP = 1.5
"""A case is saved again when its incident's heat grew (or shrank) by this factor: not at every post."""
CALM = timedelta(hours=6)
"""A level falls only when nothing changed the case for so long: no flapping."""


def decide(
    incidents: Sequence[Incident], known: Mapping[str, Case], policy: Policy, receivers: Receivers, now: datetime
) -> Effects:
    """New cases and changes of known ones. Of several versions of an incident in a batch only the newest decides."""
    newest: dict[str, Incident] = {}
    for incident in incidents:
        if incident.id not in newest or newest[incident.id].version <= incident.version:
            newest[incident.id] = incident
    effects = Effects()
    for incident in newest.values():
        case = known.get(incident.id)
        moved = _open(incident, policy, now) if case is None else _follow(case, incident, policy, now)
        if moved is not None:
            expected = case.version if case is not None else 0
            effects += effects_of(moved, expected, deliveries(moved.event, receivers, now))
    return effects


def _open(incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    verdict = judge(incident, policy)
    if verdict.level is None or verdict.rule is None or incident.merged_into is not None:
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
    )
    case = replace(case, clocks=clocks.clocks_for(case, incident, policy.clocks))
    return record(case, "case.opened", "system", f"rule {verdict.rule}", now)


def _follow(case: Case, incident: Incident, policy: Policy, now: datetime) -> Moved | None:
    """What a newer version of its incident does to an open case; None when nothing that people care about changed."""
    if case.state is CaseState.CLOSED:
        return None
    level, verdict = _level(case, judge(incident, policy), now)
    changed = replace(case, level=level, peak_level=min(case.peak_level, level), title=incident.title)
    if level != case.level:
        changed = replace(changed, rule=verdict.rule or case.rule, reasons=verdict.reasons or case.reasons)
    if case.state in (CaseState.EMERGING, CaseState.CONFIRMED, CaseState.HANDLING):
        changed = replace(changed, clocks=clocks.clocks_for(changed, incident, policy.clocks))
    grown = not case.heat / HEAT_STEP < incident.heat < case.heat * HEAT_STEP
    if not grown and (changed.level, changed.clocks) == (case.level, case.clocks):
        return None
    changed = replace(changed, heat=incident.heat, updated_at=now, version=case.version + 1)
    if level < case.level:
        return record(changed, "case.level_raised", "system", f"rule {changed.rule}", now)
    if level > case.level:
        return record(changed, "case.level_lowered", "system", "calmer", now)
    return record(changed, "case.updated", "system", "", now)


def _level(case: Case, verdict: Verdict, now: datetime) -> tuple[int, Verdict]:
    """Rises at once; falls by one step after a calm time; what a person set holds."""
    wanted = verdict.level if verdict.level is not None else 4
    if case.level_set_by is not None or wanted == case.level:
        return case.level, verdict
    if wanted < case.level:
        return wanted, verdict
    return (case.level + 1 if now - case.updated_at >= CALM else case.level), verdict


def tick(cases: Sequence[Case], policy: Policy, receivers: Receivers, now: datetime) -> Effects:
    """Warnings and breaches of the clocks of open cases that are due now, each said once."""
    steps = {rule.kind: rule.warn for rule in policy.clocks}
    effects = Effects()
    for case in cases:
        moved = _watch(case, steps, now)
        if moved is not None:
            effects += effects_of(moved, case.version, deliveries(moved.event, receivers, now))
    return effects


def _watch(case: Case, steps: Mapping[str, tuple[float, ...]], now: datetime) -> Moved | None:
    breached = [c.kind for c in case.clocks if clocks.is_breached(c, now) and not c.breached]
    said = {c.kind: clocks.steps_due(c, steps.get(c.kind, ()), now) for c in case.clocks}
    warned = [kind for kind, due in said.items() if due]
    if not breached and not warned:
        return None
    kept = tuple(
        replace(c, warned=(*c.warned, *said[c.kind]), breached=c.breached or c.kind in breached) for c in case.clocks
    )
    changed = replace(case, clocks=kept, version=case.version + 1)
    event = "clock.breached" if breached else "clock.warning"
    return record(changed, event, "system", ", ".join(breached or warned), now)

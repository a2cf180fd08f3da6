"""What cases turn into, whether a person asks for it or it happens by itself."""

from datetime import datetime

from msgspec.structs import replace

from alerts import clocks
from alerts.counting import changed
from alerts.policy import Policy
from core.records import Case, Incident


def stopped(case: Case, now: datetime) -> Case:
    """The case with all its clocks stopped."""
    return changed(case, lambda clock: clocks.stop(clock, now))


def unheld(case: Case) -> Case:
    """The case with a level that the rules may change again."""
    return replace(case, level_set_by=None, level_why="", level_until=None)


def quieted(case: Case, incident: Incident | None, now: datetime) -> Case:
    """The case as of a quiet public: what comes on top of these posts is a flare-up."""
    return replace(case, recovered_at=now, quiet_posts=quiet_posts(case, incident))


def loud(case: Case, now: datetime) -> Case:
    """The case as of a public that speaks of it again: it is quiet no sooner than after as long a silence as at first."""
    return replace(case, recovered_at=None, quiet_posts=None, loud_at=now)


def quiet_posts(case: Case, incident: Incident | None) -> int | None:
    """How many posts there are when the case comes to rest; as many as were known when the incident is gone."""
    return incident.copies if incident is not None else case.quiet_posts


def evaluated(case: Case, incident: Incident | None, note: str, now: datetime) -> dict[str, str | int | float]:
    """What the case itself tells of how it was answered."""
    taken = (case.answered_at or now) - case.opened_at
    heat = incident.heat if incident is not None else case.heat
    return {
        "hours_to_answer": round(taken.total_seconds() / 3600, 2),
        "clocks_kept": sum(not clock.breached for clock in case.clocks),
        "clocks": len(case.clocks),
        "heat_at_evaluation": round(heat, 2),
        "note": note,
    }


def reopened(case: Case, policy: Policy, now: datetime) -> Case:
    """The case with its limits anew and without an answer; one that nobody was responsible for goes to the coordinator."""
    again = changed(loud(case, now), lambda clock: clocks.again(clock, now))
    unit = case.unit or policy.lead_of(case.jurisdiction)
    return replace(again, unit=unit, answer=None, answered_at=None, evaluation={})

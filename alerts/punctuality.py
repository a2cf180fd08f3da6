"""How well duties are met: of the clocks of cases, which were kept; by office and by unit."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from core.records import Case, CaseState, Clock

AT_RISK = 0.75
"""The share of its time after which a clock that still runs is at risk; its own first warning may come sooner."""


class Duty(Struct, frozen=True, kw_only=True):
    """Clocks of some cases. `kept` and `late` have ended; `overdue`, `at_risk` and `running` still run.

    A clock without a due time (its year's calendar is not published) is none of these. `answer_hours` is the median time
    from a case's opening to its answer, None when none was answered.
    """

    cases: int = 0
    open: int = 0
    answered: int = 0
    kept: int = 0
    late: int = 0
    overdue: int = 0
    at_risk: int = 0
    running: int = 0
    answer_hours: float | None = None

    @property
    def decided(self) -> int:
        """Clocks of which it is known whether they were kept."""
        return self.kept + self.late + self.overdue


class UnitDuty(Struct, frozen=True, kw_only=True):
    """The duties of one unit; `unit` None gathers the cases that nobody has."""

    unit: str | None
    duty: Duty


def duty(cases: Sequence[Case], now: datetime) -> Duty:
    """What became of the clocks of these cases."""
    standings = [standing(clock, now) for case in cases for clock in case.clocks]
    answers = [(c.answered_at - c.opened_at) / timedelta(hours=1) for c in cases if c.answered_at is not None]
    return Duty(
        cases=len(cases),
        open=sum(c.state is not CaseState.CLOSED for c in cases),
        answered=len(answers),
        **{name: standings.count(name) for name in ("kept", "late", "overdue", "at_risk", "running")},
        answer_hours=round(median(answers), 1) if answers else None,
    )


def by_unit(cases: Iterable[Case], now: datetime) -> list[UnitDuty]:
    """Units by the share of their clocks that they kept, best first; of equals who had more to do. Undecided ones last."""
    of: dict[str | None, list[Case]] = {}
    for case in cases:
        of.setdefault(case.unit, []).append(case)
    found = [UnitDuty(unit=unit, duty=duty(own, now)) for unit, own in of.items()]
    return sorted(found, key=_rank)


def _rank(one: UnitDuty) -> tuple[float, int, int, str]:
    d = one.duty
    share = d.kept / d.decided if d.decided else -1.0
    return (-share, -d.decided, -d.cases, one.unit or "")


def standing(clock: Clock, now: datetime) -> str:
    """`kept`, `late`, `overdue`, `at_risk`, `running`, or empty where no due time is known."""
    if clock.due_at is None:
        return ""
    if clock.stopped_at is not None:
        return "late" if clock.breached or clock.stopped_at > clock.due_at else "kept"
    if any(pause.until is None for pause in clock.pauses):
        return "running"
    if clock.breached or now >= clock.due_at:
        return "overdue"
    passed = (now - clock.started_at) / (clock.due_at - clock.started_at) if clock.due_at > clock.started_at else 1.0
    return "at_risk" if clock.warned or passed > AT_RISK else "running"

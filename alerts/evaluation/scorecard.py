"""Score cards (考核): how a case was handled, and how a unit handled its cases of a month. The weights are data.

An indicator is a share from 0 to 1; the score is 100 times the weighted mean of those that a case has. Nothing is guessed:
what a case does not have (no task, nobody asked about satisfaction) does not count.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from statistics import fmean, median

from msgspec import Struct

from core.records import AuditRow, Case, TaskState
from core.tables import read_rows

TABLE = Path(__file__).parent.parent / "data" / "scorecard.yaml"
HOUR = timedelta(hours=1)


class Weight(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An indicator with its weight; docs/evaluation.md says how each is counted."""

    indicator: str
    name: dict[str, str]
    weight: float
    source: str


class CaseScore(Struct, frozen=True, kw_only=True):
    """A case's times (hours since it was opened, null when it did not happen), its indicators and its score of 100."""

    case: str
    title: str
    level: int
    state: str
    opened_at: datetime
    unit: str | None
    hours_to_ack: float | None
    hours_to_answer: float | None
    reopened: int
    returned: int
    indicators: dict[str, float]
    score: float | None


class UnitScore(Struct, frozen=True, kw_only=True):
    """A unit's cases of a month: how many, how many answered, medians of their times, means of indicators and scores."""

    unit: str | None
    cases: int
    answered: int
    breached: int
    median_hours_to_ack: float | None
    median_hours_to_answer: float | None
    indicators: dict[str, float]
    score: float | None


@lru_cache
def weights() -> tuple[Weight, ...]:
    """The table as it ships."""
    return tuple(row for _, row in read_rows(TABLE, Weight, "weights"))


def case_score(case: Case, audit: Sequence[AuditRow], table: Sequence[Weight]) -> CaseScore:
    """The card of one case, from its record and its audit."""
    counted = _indicators(case, audit)
    return CaseScore(
        case=case.id,
        title=case.title,
        level=case.level,
        state=case.state.value,
        opened_at=case.opened_at,
        unit=case.unit,
        hours_to_ack=_hours_to(case, audit, "case.acknowledged"),
        hours_to_answer=_hours_to(case, audit, "case.answered"),
        reopened=_times(audit, "case.reopened"),
        returned=_times(audit, "case.returned"),
        indicators=counted,
        score=_score(counted, table),
    )


def unit_scores(cards: Iterable[CaseScore], cases: dict[str, Case]) -> list[UnitScore]:
    """A card per unit that was responsible, by id; cases without a unit have one of their own."""
    groups: dict[str | None, list[CaseScore]] = defaultdict(list)
    for card in cards:
        groups[card.unit].append(card)
    return [_unit(unit, groups[unit], cases) for unit in sorted(groups, key=lambda unit: unit or "")]


def _unit(unit: str | None, cards: list[CaseScore], cases: dict[str, Case]) -> UnitScore:
    names = sorted({name for card in cards for name in card.indicators})
    means = {
        name: round(fmean(card.indicators[name] for card in cards if name in card.indicators), 4) for name in names
    }
    return UnitScore(
        unit=unit,
        cases=len(cards),
        answered=sum(card.hours_to_answer is not None for card in cards),
        breached=sum(any(clock.breached for clock in cases[card.case].clocks) for card in cards),
        median_hours_to_ack=_median(card.hours_to_ack for card in cards),
        median_hours_to_answer=_median(card.hours_to_answer for card in cards),
        indicators=means,
        score=_mean([card.score for card in cards if card.score is not None]),
    )


def _indicators(case: Case, audit: Sequence[AuditRow]) -> dict[str, float]:
    found: dict[str, float] = {}
    ended = [clock for clock in case.clocks if clock.stopped_at is not None or clock.breached]
    if ended:
        found["clocks"] = sum(not clock.breached for clock in ended) / len(ended)
    done = [task for task in case.tasks if task.state is TaskState.DONE]
    late = [task for task in case.tasks if task.overdue]
    if done or late:
        kept = sum(not task.overdue for task in done)
        found["tasks"] = kept / len({task.id for task in (*done, *late)})
    if case.answered_at is not None:
        found["settled"] = float(_times(audit, "case.reopened") == 0)
        found["routed"] = float(_times(audit, "case.returned") == 0)
    touched, asked = (case.evaluation.get(name) for name in ("questions_touched", "questions"))
    if isinstance(touched, int) and isinstance(asked, int) and asked:
        found["questions"] = touched / asked
    if case.satisfaction is not None:
        found["satisfaction"] = case.satisfaction.score / 100
    return {name: round(value, 4) for name, value in found.items()}


def _score(indicators: dict[str, float], table: Sequence[Weight]) -> float | None:
    counted = [(row.weight, indicators[row.indicator]) for row in table if row.indicator in indicators]
    whole = sum(weight for weight, _ in counted)
    return round(100 * sum(weight * value for weight, value in counted) / whole, 1) if whole else None


def _hours_to(case: Case, audit: Sequence[AuditRow], action: str) -> float | None:
    first = next((row.at for row in audit if row.action == action), None)
    return None if first is None else round(max(first - case.opened_at, timedelta()) / HOUR, 2)


def _times(audit: Sequence[AuditRow], action: str) -> int:
    return sum(row.action == action for row in audit)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 2) if known else None


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 1) if values else None

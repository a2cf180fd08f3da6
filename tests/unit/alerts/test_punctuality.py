"""Clocks kept, late, overdue, at risk; and how units stand beside each other."""

from datetime import datetime, timedelta

import pytest

from alerts.punctuality import Duty, by_unit, duty, standing
from core.records import CaseState, Clock, Pause
from tests.records import NOON, case

HOUR = timedelta(hours=1)


def clock(due: float | None = 2, stopped: float | None = None, **more: object) -> Clock:
    """Started at noon, due and stopped so many hours later."""
    given: dict[str, object] = {
        "kind": "answer",
        "name": "回应",
        "started_at": NOON,
        "start_event": "first_seen",
        "limit": "2h",
        "counts": "natural",
        "source": "test",
        "due_at": None if due is None else NOON + due * HOUR,
        "stopped_at": None if stopped is None else NOON + stopped * HOUR,
    }
    return Clock(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Clock


@pytest.mark.parametrize(
    ("one", "now", "is_"),
    [
        (clock(stopped=1), 9, "kept"),
        (clock(stopped=2), 9, "kept"),
        (clock(stopped=2.01), 9, "late"),
        (clock(stopped=1, breached=True), 9, "late"),
        (clock(), 1, "running"),
        (clock(), 1.6, "at_risk"),
        (clock(warned=(0.5,)), 1, "at_risk"),
        (clock(), 2, "overdue"),
        (clock(pauses=(Pause(since=NOON, until=None, who="w", reason="r"),)), 9, "running"),
        (clock(due=None), 9, ""),
        (clock(due=0), 0, "overdue"),
    ],
)
def test_a_clock_stands_as_its_times_say(one: Clock, now: float, is_: str) -> None:
    assert standing(one, NOON + now * HOUR) == is_


def at(hours: float) -> datetime:
    return NOON + hours * HOUR


def test_duties_are_counted_by_clock_and_answers_by_case() -> None:
    cases = [
        case("a", clocks=(clock(stopped=1), clock(stopped=3)), answered_at=at(1)),
        case("b", clocks=(clock(),), state=CaseState.CLOSED, answered_at=at(4)),
        case("c", clocks=(clock(due=30), clock(due=None))),
    ]
    made = duty(cases, at(9))
    assert made == Duty(cases=3, open=2, answered=2, kept=1, late=1, overdue=1, running=1, answer_hours=2.5)
    assert made.decided == 3


def test_units_come_by_the_share_they_kept_then_by_how_much_they_did_and_undecided_ones_last() -> None:
    cases = [
        case("a", unit="half", clocks=(clock(stopped=1), clock(stopped=3))),
        case("b", unit="one", clocks=(clock(stopped=1),)),
        case("c", unit="two", clocks=(clock(stopped=1), clock(stopped=1))),
        case("d", unit="new", clocks=(clock(due=30),)),
        case("e", unit=None, clocks=(clock(),)),
    ]
    assert [one.unit for one in by_unit(cases, at(9))] == ["two", "one", "half", None, "new"]


def test_no_cases_make_empty_duties() -> None:
    assert duty([], NOON) == Duty()
    assert by_unit([], NOON) == []

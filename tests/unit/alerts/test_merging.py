"""Cases that were merged and are split again: whatever the order, what is left is as if only that had been merged."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.decide import decide
from alerts.lifecycle import Command, Ground, move
from alerts.merging import merge, split
from alerts.notices import Receivers
from alerts.policy import default_policy
from alerts.watch import tick
from core.effects import Effects, SaveCase
from core.records import AuditRow, Case, CaseState, Clock, Incident, Own, Risk, RiskHit, Task, Tick
from tests.records import NOON, case, incident

POLICY = default_policy()
HOUR = timedelta(hours=1)
POISONED = Risk(score=0.7, hits=(RiskHit(category="food_poisoning", word="食物中毒", weight=0.7),))
JOIN = Command(move="merge", who="li", why="one matter")
PART = Command(move="split", who="li", why="two matters")
KINDS = ("answer", "report", "visit")
STEPS = ("verify", "visit")
UNITS = ("housing", "labour", "water")


def clock(kind: str, hours: int | None, **more: object) -> Clock:
    """A clock that began at noon and ends so many hours later; None: its calendar is not published."""
    due = None if hours is None else NOON + hours * HOUR
    made = Clock(
        kind=kind, name=kind, started_at=NOON, start_event="occurred", limit=f"{hours or 20}h", counts="natural",
        source="s", due_at=due,
    )  # fmt: skip
    return replace(made, **more)


@st.composite
def some_case(draw: st.DrawFn, number: int) -> Case:
    """A case with any level, clocks that run, ticks, units and tasks; the first may have met a duty, or have its level set."""
    id_ = f"c{number}"
    clocks = [clock(kind, draw(st.none() | st.integers(1, 5))) for kind in draw(st.sets(st.sampled_from(KINDS)))]
    if number == 0:
        clocks = [replace(one, stopped_at=NOON) if draw(st.booleans()) else one for one in clocks]
    level = draw(st.integers(1, 4))
    task = Task(id=f"t{number}", unit="street", part="support", text="t", given_by="li", given_at=NOON)
    return case(
        id_,
        incident=f"i{number}",
        level=level,
        peak_level=draw(st.integers(1, level)),
        level_set_by="li" if number == 0 and draw(st.booleans()) else None,
        unit=draw(st.sampled_from((None, *UNITS))),
        support=(task.unit, *sorted(draw(st.sets(st.sampled_from(UNITS))))),
        clocks=tuple(clocks),
        tasks=(task,) if draw(st.booleans()) else (),
        ticks=tuple(Tick(step=step, at=NOON, who=id_) for step in draw(st.sets(st.sampled_from(STEPS)))),
    )


def merged(one: Case, others: list[Case]) -> tuple[Case, dict[str, Case]]:
    """The case with all of them in it, and them, by their ids."""
    gone = {}
    for other in others:
        one, gone[other.id] = (made.case for made in merge(one, other, JOIN, NOON))
    return one, gone


def shown(one: Case) -> dict[str, object]:
    """What people see of a case, in no order where the order says nothing."""
    return {
        "level": (one.level, one.peak_level),
        "clocks": {clock.kind: clock for clock in one.clocks},
        "steps": {tick.step for tick in one.ticks},
        "units": {one.unit, *one.support},
        "tasks": {task.id: task for task in one.tasks},
        "joined": [joined.case for joined in one.joined],
    }


def unchanged(one: Case, before: Case) -> Case:
    """The case without what every change changes."""
    return replace(one, version=before.version, updated_at=before.updated_at)


@given(data=st.data(), number=st.integers(2, 4))
def test_split_in_any_order_what_is_left_is_as_if_only_that_had_been_merged(data: st.DataObject, number: int) -> None:
    first, *others = (data.draw(some_case(n)) for n in range(number + 1))
    whole, gone = merged(first, others)
    left = list(others)
    for other in data.draw(st.permutations(others)):
        left.remove(other)
        whole, back = (made.case for made in split(whole, gone[other.id], PART, NOON))
        assert shown(whole) == shown(merged(first, left)[0])
        assert unchanged(back, other) == other
    assert unchanged(whole, first) == first


def test_a_limit_and_a_level_stay_while_the_case_that_brought_them_is_in() -> None:
    mild, grave, gravest = (
        case(f"c{level}", incident=f"i{level}", level=level, peak_level=level, clocks=(clock("answer", hours),))
        for level, hours in ((3, 48), (2, 24), (1, 12))
    )
    whole, gone = merged(mild, [grave, gravest])
    without_grave = split(whole, gone["c2"], PART, NOON)[0].case
    assert (without_grave.level, [one.due_at for one in without_grave.clocks]) == (1, [NOON + 12 * HOUR])
    alone = split(without_grave, gone["c1"], PART, NOON)[0].case
    assert (alone.level, [one.due_at for one in alone.clocks]) == (3, [NOON + 48 * HOUR])


def test_a_limit_that_stands_aside_pauses_with_the_one_that_counts_and_is_met_with_it() -> None:
    mild = case(clocks=(clock("answer", 48),), unit="housing", state=CaseState.HANDLING)
    whole, gone = merged(mild, [case("c2", clocks=(clock("answer", 24),))])
    for name, hours in (("pause", 1), ("resume", 3)):
        whole = move(whole, Command(move=name, who="li", why="w"), Ground(POLICY), NOON + hours * HOUR).case
    (apart,) = split(whole, gone["c2"], PART, NOON + 4 * HOUR)[0].case.clocks
    assert (apart.due_at, apart.stopped_at) == (NOON + 50 * HOUR, None)

    answered = move(whole, Command(move="answer", who="li", text="t"), Ground(POLICY), NOON + 4 * HOUR).case
    (met,) = split(answered, gone["c2"], PART, NOON + 5 * HOUR)[0].case.clocks
    assert (met.due_at, met.stopped_at) == (NOON + 50 * HOUR, NOON + 4 * HOUR)


def test_a_clock_that_another_case_had_is_begun_for_this_one_too() -> None:
    rule = replace(POLICY.clocks[0], kind="visit", start="verified", limit="48h", levels=(3,))
    ground = Ground(replace(POLICY, clocks=(rule,)), incident())
    whole, gone = merged(case(), [case("c2", clocks=(clock("visit", 24),))])
    whole = move(whole, Command(move="ack", who="li"), ground, NOON + HOUR).case
    assert [(one.of, one.due_at) for one in whole.clocks] == [("c2", NOON + 24 * HOUR)]
    apart = split(whole, gone["c2"], PART, NOON + 2 * HOUR)[0].case
    assert [(one.of, one.due_at) for one in apart.clocks] == [(None, NOON + 49 * HOUR)]


def test_a_unit_that_came_with_the_other_case_stays_for_a_task_of_its_own() -> None:
    whole, gone = merged(case(state=CaseState.CONFIRMED), [case("c2", unit="water"), case("c3", support=("labour",))])
    given = Command(move="task", who="li", unit="water", text="t", id="t1")
    whole = move(whole, given, Ground(POLICY), NOON).case
    for other in ("c2", "c3"):
        whole = split(whole, gone[other], PART, NOON)[0].case
    assert whole.support == ("water",)


@pytest.mark.parametrize("joined_level", [3, 1])
def test_what_its_own_incident_made_of_a_case_meanwhile_stays_after_a_split(joined_level: int) -> None:
    whole, gone = merged(case(level=3), [case("c2", incident="i2", level=joined_level)])
    grown = heard(whole, incident(heat=20.0, risk=POISONED, version=2))
    assert (grown.level, grown.own) == (min(2, joined_level), Own(level=2, peak_level=2))
    assert split(grown, gone["c2"], PART, NOON)[0].case.level == 2


@pytest.mark.parametrize("own_level", [3, 1])
def test_what_its_incident_made_of_a_merged_case_goes_with_it(own_level: int) -> None:
    one = case(level=own_level, peak_level=own_level, clocks=(clock("answer", 48),))
    whole, gone = merged(one, [case("c2", incident="i2", clocks=(clock("answer", 24),))])
    grown = heard(whole, incident("i2", risk=POISONED, version=2))
    assert grown.level == min(2, own_level)
    apart, back = (made.case for made in split(grown, gone["c2"], PART, NOON))
    assert (apart.level, [one.kind for one in apart.clocks]) == (own_level, ["answer"])
    assert (back.level, back.incident_version) == (2, 2)
    begun = {clock.kind for clock in grown.clocks} - {"answer"}
    assert bool(begun) == (own_level == 3)
    assert {clock.kind for clock in back.clocks if clock.of is None} == {"answer", *begun}


def test_what_comes_of_an_incident_reaches_the_case_that_took_its_case_in_with_another() -> None:
    first, second, third = (case(f"c{n}", incident=f"i{n}") for n in range(3))
    second, within = merged(second, [third])
    whole, gone = merged(first, [second])
    grown = heard(whole, incident("i2", risk=POISONED, version=2))
    assert grown.level == 2
    apart, back = (made.case for made in split(grown, gone["c1"], PART, NOON))
    assert (apart.level, back.level, back.own) == (3, 2, Own(level=3, peak_level=3))
    again, mended = (made.case for made in split(back, within["c2"], PART, NOON))
    assert (again.level, mended.level, mended.incident_version) == (3, 2, 2)


def test_a_case_is_not_quiet_while_one_that_came_with_another_is_loud() -> None:
    first, second, third = (case(f"c{n}", incident=f"i{n}") for n in range(3))
    whole, _ = merged(first, [merged(second, [third])[0]])
    late = NOON + 240 * HOUR
    seen = {one.id: one for one in (incident("i0"), incident("i1"), incident("i2", last_at=late))}
    assert "case.recovered" not in told(tick([whole], POLICY, Receivers(), late, seen.get))
    assert "case.recovered" in told(tick([first], POLICY, Receivers(), late, seen.get))


def told(effects: Effects) -> list[str]:
    """What happened, in order."""
    return [change.action for change in effects.changes if isinstance(change, AuditRow)]


def heard(one: Case, seen: Incident) -> Case:
    """The case after a version of an incident that it answers for."""
    (saved,) = [c for c in decide([seen], {seen.id: one}, POLICY, Receivers(), NOON).changes if isinstance(c, SaveCase)]
    return saved.case

"""A case and its clocks across stages: what people, late messages, calendars and pauses do to it together."""

from dataclasses import replace as other
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts import clocks
from alerts.decide import decide
from alerts.lifecycle import Command, Ground, move
from alerts.notices import Receivers
from alerts.policy import Policy, default_policy
from alerts.watch import tick
from core.codec import decode
from core.effects import Effects, SaveCase
from core.records import Case, CaseEvent, CaseState, Clock, Incident, Risk, RiskHit
from tests.records import NOON, case, incident

POLICY = default_policy()
HOUR = timedelta(hours=1)
POISONED = Risk(score=0.6, hits=(RiskHit(category="food_poisoning", word="食物中毒", weight=0.6),))
GRAVE = incident(risk=POISONED)
COMMAND = Command(move="level", who="王", why="因为", unit="housing", level=1)


class Office:
    """Cases as the Store would hold them, with what was told."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.told: list[str] = []

    def take(self, one: Incident, policy: Policy = POLICY) -> None:
        self.keep(decide([one], dict(self.cases), policy, Receivers(), max(NOON, one.last_at)))

    def keep(self, effects: Effects) -> None:
        for change in effects.changes:
            if isinstance(change, SaveCase):
                assert change.case.version == change.expected + 1
                self.cases[change.case.incident] = change.case
        self.told += [decode(m.value, CaseEvent).type for m in effects.messages]


@st.composite
def histories(draw: st.DrawFn) -> list[Incident]:
    """Versions of one incident as a detector gives them."""
    grown = draw(st.lists(st.tuples(st.integers(0, 90), st.floats(0, 60), st.integers(0, 90)), min_size=1, max_size=8))
    posts, at, made = 1, NOON - 3 * HOUR, []
    for version, (more, heat, minutes) in enumerate(grown, 1):
        posts, at = posts + more, at + timedelta(minutes=minutes)
        risk = draw(st.sampled_from([Risk(), POISONED]))
        made.append(
            incident(posts=posts, authors=posts, heat=heat, risk=risk, last_at=at, version=version, burst=heat / 5)
        )
    return made


@settings(deadline=None)
@given(histories(), st.data())
def test_versions_that_come_again_later_tell_nothing(versions: list[Incident], data: st.DataObject) -> None:
    office = Office()
    for version in versions:
        office.take(version)
    told = list(office.told)
    for version in data.draw(st.lists(st.sampled_from(versions), max_size=10)):
        office.take(version)

    assert office.told == told
    assert told.count("case.opened") == len(office.cases) <= 1


def test_a_case_that_nobody_took_up_goes_with_its_incident_into_another() -> None:
    office = Office()
    office.take(GRAVE)
    office.take(replace(GRAVE, merged_into="i0", heat=900.0, version=2))

    assert office.told == ["case.opened", "case.merged"]
    assert office.cases["i1"].state is CaseState.CLOSED
    assert all(clock.stopped_at for clock in office.cases["i1"].clocks)


def test_a_case_that_somebody_works_on_stays_his_when_its_incident_goes_into_another() -> None:
    office = Office()
    office.take(GRAVE)
    taken = move(office.cases["i1"], Command(move="ack", who="王"), Ground(POLICY), NOON).case
    office.cases["i1"] = taken
    office.take(replace(GRAVE, merged_into="i0", heat=900.0, version=2))

    assert office.cases["i1"] == taken


def test_a_reopened_case_has_its_clocks_running_anew_and_no_answer() -> None:
    office = Office()
    office.take(GRAVE)
    case = office.cases["i1"]
    for command in (
        Command(move="ack", who="王"),
        Command(move="assign", who="王", unit="housing"),
        Command(move="answer", who="王", text="已处置"),
        Command(move="reopen", who="王", why="又发生了"),
    ):
        case = move(case, command, Ground(POLICY), NOON + HOUR).case

    assert case.answer is None
    assert all(clock.stopped_at is None and clock.started_at == NOON + HOUR for clock in case.clocks)
    assert all(clock.due_at and clock.due_at > NOON + HOUR for clock in case.clocks)


def test_cooling_is_not_told() -> None:
    office = Office()
    for version, heat in enumerate((20.0, 31.0, 5.0, 30.0), 1):
        office.take(replace(GRAVE, heat=heat, version=version))

    assert office.told == ["case.opened", "case.updated"]
    assert office.cases["i1"].heat == 31.0


def test_an_office_of_three_levels_lets_none_fall_below_the_third() -> None:
    office, own = Office(), replace(POLICY, levels=POLICY.levels[:3])
    office.take(GRAVE)
    for hours in (6, 12, 18):
        office.take(incident(posts=3, burst=0.0, sentiment={}, last_at=NOON + hours * HOUR, version=hours), own)

    assert office.cases["i1"].level == 3


def test_a_graver_level_by_a_person_starts_its_clocks_without_waiting_for_posts() -> None:
    mild = clocks.started(case(), GRAVE, POLICY.clocks)
    raised = move(mild, COMMAND, Ground(POLICY, GRAVE), NOON).case

    assert [c.kind for c in mild.clocks] == ["answer"]
    assert [c.kind for c in raised.clocks] == ["answer", "authoritative", "press-conference", "internal-report"]


def test_a_level_set_after_the_answer_starts_no_clock() -> None:
    answered = case(state=CaseState.ANSWERED, unit="housing")

    assert move(answered, COMMAND, Ground(POLICY, GRAVE), NOON).case.clocks == ()


@pytest.mark.parametrize(
    ("start", "by", "state"), [("verified", "ack", CaseState.EMERGING), ("assigned", "assign", CaseState.CONFIRMED)]
)
def test_a_clock_may_start_when_the_case_is_verified_or_assigned(start: str, by: str, state: CaseState) -> None:
    own = replace(POLICY.clocks[0], kind="own", start=start, levels=(3,))
    ground = Ground(replace(POLICY, clocks=(own,)), GRAVE)
    moved = move(case(state=state), other(COMMAND, move=by), ground, NOON + HOUR).case

    assert [(c.kind, c.started_at) for c in moved.clocks] == [("own", NOON + HOUR)]


def test_what_stops_when_a_case_is_taken_up_is_said_by_the_policy() -> None:
    mine = tuple(replace(c, stopped_by="acknowledge" if c.kind == "authoritative" else "answer") for c in POLICY.clocks)
    own = replace(POLICY, clocks=mine)
    office = Office()
    office.take(GRAVE, own)
    taken = move(office.cases["i1"], other(COMMAND, move="ack"), Ground(own, GRAVE), NOON + HOUR).case

    assert [c.kind for c in taken.clocks if c.stopped_at] == ["authoritative"]


def test_a_clock_whose_calendar_came_out_gets_its_end() -> None:
    office = Office()
    office.take(GRAVE)
    unknown = replace(office.cases["i1"].clocks[0], due_at=None, note="2027")
    office.keep(tick([replace(office.cases["i1"], clocks=(unknown,))], POLICY, Receivers(), NOON))
    (known,) = office.cases["i1"].clocks

    assert office.told == ["case.opened", "case.updated"]
    assert (known.due_at, known.note) == (clocks.due(unknown.started_at, unknown.limit), "")


def test_time_in_a_pause_is_no_part_of_what_is_warned_of() -> None:
    ten_hours = Clock(
        kind="k", name="名", started_at=NOON, start_event="occurred", limit="10h", counts="", source="", due_at=None
    )
    paused = clocks.pause(clocks.counted(ten_hours), "王", "等待检测", NOON + HOUR)
    resumed = clocks.resume(paused, NOON + 101 * HOUR)

    assert clocks.steps_due(resumed, (0.5,), NOON + 104 * HOUR) == ()
    assert clocks.steps_due(resumed, (0.5,), NOON + 105 * HOUR) == (0.5,)

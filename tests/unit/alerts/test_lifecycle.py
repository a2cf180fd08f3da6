from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from alerts import clocks
from alerts.decide import decide
from alerts.lifecycle import MOVES, Command, Ground, Moved, effects_of, move, moves
from alerts.notices import Receivers
from alerts.policy import default_policy
from core.effects import SaveCase
from core.errors import IllegalMove, Refused
from core.records import AuditRow, Case, CaseState, Incident
from core.topics import Topic
from tests.records import NOON, incident

POLICY = default_policy()
GRAVE: Incident = incident(posts=500, authors=300, burst=9.0)
GROUND = Ground(POLICY, GRAVE)
PAST_CONFIRMED = (CaseState.HANDLING, CaseState.ANSWERED, CaseState.EVALUATED, CaseState.CLOSED)
FULL = {"who": "li", "why": "asked to", "unit": "housing", "level": 2, "text": "已修复"}
HOUR = timedelta(hours=1)


def opened() -> Case:
    (saved,) = [c for c in decide([GRAVE], {}, POLICY, Receivers(), NOON).changes if isinstance(c, SaveCase)]
    return saved.case


def moved(case: Case, *names: str, **more: str) -> Case:
    for name in names:
        case = move(case, Command(move=name, **{**FULL, **more}), GROUND, NOON + HOUR).case
    return case


def test_the_whole_life_of_a_case():
    case = moved(opened(), "ack", "assign", "answer", "evaluate", "close")
    assert (case.state, case.unit, case.answer, case.version) == (CaseState.CLOSED, "housing", "已修复", 6)
    assert case.evaluation["hours_to_answer"] == 1.0


def test_the_one_who_takes_a_case_up_owns_it_and_the_report_to_leaders_is_met():
    case = moved(opened(), "ack")
    assert case.owner == "li"
    assert {c.kind for c in case.clocks if c.stopped_at is not None} == {"internal-report"}


def test_an_answer_stops_every_clock():
    assert all(c.stopped_at == NOON + HOUR for c in moved(opened(), "ack", "assign", "answer").clocks)


def test_what_is_not_possible_is_refused_with_what_is():
    with pytest.raises(IllegalMove) as raised:
        moved(opened(), "close")
    assert raised.value.possible == moves(opened()) == ("ack", "level", "pause")


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        (("ack",), Command(move="assign", who="li"), "missing_unit"),
        (("ack",), Command(move="assign", who="li", unit="  "), "missing_unit"),
        ((), Command(move="level", who="li", why="w"), "bad_level"),
        ((), Command(move="level", who="li", why="w", level=5), "bad_level"),
        ((), Command(move="level", who="li", why=" ", level=1), "missing_reason"),
        ((), Command(move="pause", who="li"), "missing_reason"),
        ((), Command(move="pause", who="li", why="w", clock="none such"), "no_such_clock"),
        (("ack", "assign"), Command(move="answer", who="li", text=" \n"), "missing_text"),
        (("ack", "assign", "answer"), Command(move="reopen", who="li"), "missing_reason"),
    ],
)
def test_a_command_that_lacks_something_is_refused_with_a_code(before, command, code):
    with pytest.raises(Refused) as raised:
        move(moved(opened(), *before), command, GROUND, NOON)
    assert raised.value.code == code


def test_a_pause_of_one_clock_leaves_the_others_running():
    case = moved(opened(), "pause", clock="authoritative")
    assert [c.kind for c in case.clocks if clocks.is_paused(c)] == ["authoritative"]
    assert {"pause", "resume"} <= set(moves(case))


def test_a_move_writes_the_case_over_the_version_read_with_one_audit_row_and_one_event():
    case = opened()
    made = move(case, Command(move="ack", who="li"), GROUND, NOON)
    effects = effects_of(made, case.version, [])
    assert effects.changes == [SaveCase(made.case, case.version), made.audit]
    assert [(m.topic, m.key, m.id) for m in effects.messages] == [(Topic.CASES, case.jurisdiction, made.event.id)]


def test_the_same_move_made_twice_has_the_same_ids():
    one, two = (move(opened(), Command(move="ack", who="li"), GROUND, NOON + n * HOUR) for n in (0, 1))
    assert (one.event.id, one.audit.id) == (two.event.id, two.audit.id)


class Life(RuleBasedStateMachine):
    """Any commands in any order, full or lacking, at any pace: the case stays one that an office can answer for."""

    def __init__(self) -> None:
        super().__init__()
        self.case = opened()
        self.now = NOON
        self.ids: set[str] = set()

    @rule(
        name=st.sampled_from(sorted(MOVES)),
        fields=st.fixed_dictionaries(
            {},
            optional={
                "why": st.just("w"),
                "unit": st.sampled_from(["housing", ""]),
                "level": st.integers(0, 5),
                "clock": st.sampled_from(["authoritative", "nonsense"]),
                "text": st.sampled_from(["t", " "]),
            },
        ),
        hours=st.integers(0, 30),
    )
    def command(self, name: str, fields: dict[str, object], hours: int) -> None:
        self.now += hours * HOUR
        legal = name in moves(self.case)
        try:
            made = move(self.case, Command(move=name, who="li", **fields), GROUND, self.now)
        except IllegalMove:
            assert not legal
        except Refused:
            assert legal
        else:
            assert legal
            self.took(made)

    @precondition(lambda self: moves(self.case))
    @rule(data=st.data())
    def possible(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(moves(self.case)))
        self.took(move(self.case, Command(move=name, **FULL), GROUND, self.now))

    def took(self, made: Moved) -> None:
        assert made.case.version == self.case.version + 1
        assert made.event.case == made.case
        assert isinstance(made.audit, AuditRow)
        assert made.audit.id not in self.ids
        self.ids.add(made.audit.id)
        self.case = made.case

    @invariant()
    def a_case_that_is_handled_has_a_unit(self) -> None:
        assert self.case.state not in PAST_CONFIRMED or self.case.unit

    @invariant()
    def no_clock_runs_or_stands_still_once_it_is_answered(self) -> None:
        if self.case.state in (CaseState.ANSWERED, CaseState.EVALUATED, CaseState.CLOSED):
            assert not [c for c in self.case.clocks if c.stopped_at is None]

    @invariant()
    def the_peak_is_never_milder_than_the_level_and_a_kind_runs_once(self) -> None:
        assert self.case.peak_level <= self.case.level
        kinds = [c.kind for c in self.case.clocks]
        assert len(kinds) == len(set(kinds))


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase


def test_a_case_routed_to_nobody_gets_past_confirmed_only_with_a_unit():
    nobody = replace(opened(), unit=None)
    assert moves(moved(nobody, "ack")) == ("assign", "level", "pause")

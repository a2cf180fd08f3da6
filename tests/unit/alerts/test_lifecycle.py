import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace

from alerts import clocks
from alerts.decide import decide
from alerts.lifecycle import Command, Ground, effects_of, move, moves
from alerts.notices import Receivers
from alerts.policy import default_policy
from core.effects import SaveCase
from core.errors import IllegalMove, Refused
from core.records import Case, CaseState, Extension, Incident, TaskState
from core.topics import Topic
from tests.records import NOON, incident

POLICY = default_policy()
GRAVE: Incident = incident(posts=500, authors=300, burst=9.0)
GROUND = Ground(POLICY, GRAVE)
FULL = {
    "who": "li", "why": "asked to", "unit": "housing", "level": 2, "text": "已修复", "id": "t1", "step": "verify",
    "clock": "authoritative", "by": "5h",
}  # fmt: skip
HOUR = timedelta(hours=1)


def opened() -> Case:
    (saved,) = [c for c in decide([GRAVE], {}, POLICY, Receivers(), NOON).changes if isinstance(c, SaveCase)]
    return saved.case


def replace_move(command: Command, name: str) -> Command:
    """The same command for another move."""
    return dataclasses.replace(command, move=name)


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
    assert (
        raised.value.possible
        == moves(opened())
        == ("ack", "dismiss", "level", "pause", "extend", "recover", "merge", "tick")
    )


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        (("ack",), Command(move="assign", who="li"), "missing_unit"),
        (("ack",), Command(move="assign", who="li", unit="  "), "missing_unit"),
        ((), Command(move="level", who="li", why="w"), "bad_level"),
        ((), Command(move="level", who="li", why="w", level=5), "bad_level"),
        ((), Command(move="level", who="li", why=" ", level=1), "missing_reason"),
        ((), Command(move="level", who="li", why="w", level=1, until=NOON), "bad_time"),
        ((), Command(move="dismiss", who="li"), "missing_reason"),
        ((), Command(move="extend", who="li", why="w", by="5h"), "no_such_clock"),
        ((), Command(move="extend", who="li", why="w", clock="none such", by="5h"), "no_such_clock"),
        ((), Command(move="extend", who="li", why="w", clock="authoritative", by="5wd"), "bad_limit"),
        ((), Command(move="extend", who="li", why="w", clock="authoritative", by="soon"), "bad_limit"),
        ((), Command(move="extend", who="li", why="w", clock="authoritative", by="9h"), "bad_limit"),
        (("ack", "assign"), Command(move="transfer", who="li", unit="labour"), "missing_reason"),
        (("ack", "assign"), Command(move="transfer", who="li", why="w", unit="housing"), "same_unit"),
        (("ack", "assign"), Command(move="return", who="li"), "missing_reason"),
        (("ack",), Command(move="task", who="li", unit="labour", text=" "), "missing_task"),
        (("ack",), Command(move="task", who="li", unit="labour", text="t", part="all"), "bad_part"),
        (("ack",), Command(move="task", who="li", unit="labour", text="t", until=NOON), "bad_time"),
        (("ack", "task"), Command(move="task_done", who="li", id="none such"), "no_such_task"),
        (("ack", "task"), Command(move="task_return", who="li", id="t1"), "missing_reason"),
        (("extend",), Command(move="unextend", who="li", clock="authoritative"), "missing_reason"),
        (("extend",), Command(move="unextend", who="li", why="w"), "no_such_clock"),
        (("extend",), Command(move="unextend", who="li", why="w", clock="none such"), "no_such_clock"),
        ((), Command(move="tick", who="li"), "no_such_step"),
        ((), Command(move="tick", who="li", step="none such"), "no_such_step"),
        ((), Command(move="tick", who="li", step="answer"), "ticks_itself"),
        (("tick",), Command(move="tick", who="li", step="verify"), "ticked_already"),
        (("tick",), Command(move="untick", who="li", step="visit"), "not_ticked"),
        ((), Command(move="recover", who="li"), "missing_reason"),
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


def test_a_case_routed_to_nobody_gets_past_confirmed_only_with_a_unit():
    nobody = replace(opened(), unit=None)
    assert not {"answer", "evaluate", "close"} & set(moves(moved(nobody, "ack")))
    assert moved(nobody, "ack", "assign").unit == "housing"
    assert moved(nobody, "ack", "dismiss").unit == "office"


def test_a_clock_is_extended_with_a_name_and_a_reason_once_and_by_its_own_limit_at_most():
    def end(case: Case) -> object:
        return next(c.due_at for c in case.clocks if c.kind == "authoritative")

    longer = moved(opened(), "extend", clock="authoritative", by="5h")
    assert end(longer) == end(opened()) + 5 * HOUR
    (given,) = next(c.extensions for c in longer.clocks if c.kind == "authoritative")
    assert (given.who, given.reason, given.by) == ("li", "asked to", "5h")
    with pytest.raises(Refused) as raised:
        moved(longer, "extend", clock="authoritative", by="1h")
    assert raised.value.code == "no_extension"


def test_an_extension_is_taken_back_as_if_it_had_not_been_given_and_may_be_given_again():
    warned = replace(opened(), clocks=tuple(replace(c, warned=(0.5,), breached=True) for c in opened().clocks))
    longer = moved(warned, "extend", clock="authoritative")
    back = moved(longer, "unextend", clock="authoritative")
    assert back.clocks == warned.clocks
    assert moved(back, "extend", clock="authoritative").clocks == longer.clocks


def test_what_a_move_names_stands_in_its_audit_row():
    longer = move(opened(), Command(move="extend", who="li", why="w", clock="authoritative", by="5h"), GROUND, NOON)
    assert (longer.audit.detail["clock"], longer.audit.detail["by"]) == ("authoritative", "5h")
    ticked = move(opened(), Command(move="tick", who="li", step="verify"), GROUND, NOON)
    assert ticked.audit.detail["checklist_step"] == "verify"


@pytest.mark.parametrize(
    ("since", "after", "code"),
    [
        (("pause", "resume"), HOUR, "paused_since"),
        (("pause",), HOUR, "paused_since"),
        ((), 6 * HOUR, "relied_on"),
    ],
)
def test_an_extension_stays_once_something_was_built_upon_it(since, after, code):
    case = moved(opened(), "extend", clock="authoritative")
    for name in since:
        case = move(case, Command(move=name, who="li", why="w"), GROUND, NOON + 2 * HOUR).case
    take_back = Command(move="unextend", who="li", why="w", clock="authoritative")
    with pytest.raises(IllegalMove) as raised:
        move(case, take_back, GROUND, NOON + after + HOUR)
    assert raised.value.code == code
    assert "unextend" not in raised.value.possible
    with pytest.raises(IllegalMove):
        moved(moved(case, "ack", "assign", "answer"), "unextend", clock="authoritative")


def test_a_clock_that_had_run_out_when_it_was_extended_has_run_out_again():
    late = NOON + 7 * HOUR
    broken = replace(opened(), clocks=tuple(replace(c, breached=clocks.is_breached(c, late)) for c in opened().clocks))
    give = Command(move="extend", who="li", why="w", clock="authoritative", by="5h")
    longer = move(broken, give, GROUND, late).case
    assert not longer.clocks[0].breached
    assert move(longer, replace_move(give, "unextend"), GROUND, late + HOUR).case.clocks == broken.clocks


def test_a_broken_clock_that_is_extended_past_now_is_no_longer_broken_and_warns_again():
    clock = clocks.counted(replace(opened().clocks[0], started_at=NOON, warned=(0.5, 0.8), breached=True))
    more = Extension(at=NOON + 6 * HOUR, by="5h", who="li", reason="w")
    longer = clocks.extend(clock, more)
    assert (longer.breached, longer.warned) == (False, ())
    assert clocks.steps_due(longer, (0.5, 0.8), NOON + 9 * HOUR) == (0.5, 0.8)
    assert clocks.extend(clock, replace(more, at=NOON + 11 * HOUR)).breached


def test_a_transfer_goes_to_another_unit_and_who_handed_it_over_answers_until_somebody_is_named():
    case = moved(opened(), "ack", "assign")
    handed = moved(case, "transfer", unit="labour", who="wang")
    assert (handed.unit, handed.owner, handed.state) == ("labour", "wang", CaseState.HANDLING)
    assert moved(case, "transfer", unit="labour", owner="zhao").owner == "zhao"


def test_a_returned_case_is_the_coordinators_with_nobody_named_and_can_be_assigned_anew():
    back = moved(opened(), "ack", "assign", "return")
    assert (back.state, back.unit, back.owner) == (CaseState.CONFIRMED, "office", None)
    assert moved(back, "assign").owner == "li"


def test_a_task_makes_its_unit_take_part_and_keeps_the_case_open_until_it_ends():
    case = moved(moved(opened(), "ack", "assign"), "task", unit="labour")
    assert "labour" in case.support
    evaluated = moved(case, "answer", "evaluate")
    assert "close" not in moves(evaluated)
    done = moved(evaluated, "task_done")
    assert [(t.state, t.ended_by, t.note) for t in done.tasks] == [(TaskState.DONE, "li", "已修复")]
    assert "close" in moves(done)
    assert moved(evaluated, "task_return").tasks[0].state is TaskState.RETURNED


def test_a_dismissed_case_asks_nothing_of_anybody_any_more():
    gone = moved(opened(), "ack", "task", "dismiss", unit="labour")
    assert gone.state is CaseState.CLOSED
    assert all(c.stopped_at for c in gone.clocks)
    assert [t.state for t in gone.tasks] == [TaskState.RETURNED]
    assert gone.quiet_posts == GRAVE.copies


def test_a_released_level_is_the_rules_again():
    assert moved(opened(), "level", "release").level_set_by is None
    assert "release" not in moves(opened())

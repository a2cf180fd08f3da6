"""Gives the sample's older cases the life that an office would have given them by now.

The sample's past arrives at once, so its cases are all opened now, with clocks that ran out yesterday. Here each such case is
moved back to when its incident was raised, and acknowledged, assigned, answered and evaluated in time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts.lifecycle import Command, Ground, effects_of, move, moves, together
from alerts.policy import Policy
from core.effects import Effects
from core.ports import CaseQuery, Storage
from core.records import JURISDICTION_SAMPLE, Case, Clock, Incident

OLD = timedelta(hours=5)
PERSON = "示例值班员"
STORY = (
    (timedelta(minutes=15), Command(move="ack", who=PERSON, why="已核实")),
    (timedelta(minutes=30), Command(move="assign", who=PERSON, why="属地与主管部门", unit="")),
    (timedelta(hours=3), Command(move="answer", who=PERSON, text="（示例）情况已核实并处置，详见现场通报。")),
    (timedelta(hours=9), Command(move="evaluate", who=PERSON, text="（示例）答复后声量回落")),
)
"""What happens to an old case, and how long after its incident was raised."""


def old_cases(storage: Storage, now: datetime) -> Iterator[tuple[Case, Incident]]:
    """Cases of the sample that nobody has taken up, and whose incident was raised long ago, with the incident."""
    for case in storage.store.cases(CaseQuery(jurisdiction=JURISDICTION_SAMPLE, open=True, limit=200)).items:
        incident = storage.index.incident(case.incident) if "ack" in moves(case) else None
        if incident is not None and now - incident.raised_at > OLD:
            yield case, incident


def handled(case: Case, incident: Incident, policy: Policy, now: datetime) -> Effects:
    """The case as an office would have handled it until now."""
    ground, raised_at, expected = Ground(policy, incident), incident.raised_at, case.version
    case = moved_back(case, raised_at)
    written: list[Effects] = []
    for after, command in STORY:
        at = raised_at + after
        if at >= now:
            break
        told = for_unit(command, case)
        moved = move(case, told, ground, at)
        written.append(effects_of(moved, expected, []))
        expected, case = moved.case.version, moved.case
    return together(written)


def for_unit(command: Command, case: Case) -> Command:
    """The command for the unit that the case was routed to."""
    if command.move != "assign":
        return command
    return Command(move="assign", who=command.who, why=command.why, unit=case.unit or "district-office")


def moved_back(case: Case, raised_at: datetime) -> Case:
    """The case as if it had been opened when its incident was raised."""
    back = case.opened_at - raised_at
    clocks = tuple(_moved(clock, back) for clock in case.clocks)
    return replace(case, opened_at=raised_at, updated_at=raised_at, clocks=clocks)


def _moved(clock: Clock, back: timedelta) -> Clock:
    if clock.start_event == "occurred":
        return replace(clock, breached=False, warned=())
    due_at = clock.due_at - back if clock.due_at is not None else None
    return replace(clock, started_at=clock.started_at - back, due_at=due_at, breached=False, warned=())

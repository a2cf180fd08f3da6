"""The parts of a case that other units do: 主办 (lead) and 协办 (support)."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from core.errors import Refused
from core.records import Case, Task, TaskState

PARTS = ("lead", "support")
MOST = 50
"""More parts than any case has; a machine that goes on adding them is stopped."""


class Ended(NamedTuple):
    """How an open task ends."""

    id: str
    state: TaskState
    who: str
    note: str
    at: datetime


def some_open(case: Case) -> bool:
    """Whether a unit still has something to do."""
    return any(task.state is TaskState.OPEN for task in case.tasks)


def give(case: Case, task: Task) -> Case:
    """The case with one more task, whose unit takes part from now on."""
    if task.part not in PARTS:
        raise Refused("bad_part", f"A part is one of {', '.join(PARTS)}.")
    if task.due_at is not None and task.due_at <= task.given_at:
        raise Refused("bad_time", "The task is due at a time that is over.")
    if len(case.tasks) >= MOST or any(one.id == task.id for one in case.tasks):
        raise Refused("too_many_tasks", f"A case has at most {MOST} tasks, each with an id of its own.")
    support = case.support if task.unit in (case.unit, *case.support) else (*case.support, task.unit)
    return replace(case, tasks=(*case.tasks, task), support=support)


def end(case: Case, ended: Ended) -> Case:
    """The case with an open task done or returned; raises `Refused` when it has none of that id."""
    if not any(task.id == ended.id and task.state is TaskState.OPEN for task in case.tasks):
        raise Refused("no_such_task", f"The case has no open task {ended.id}.")
    return _changed(case, lambda task: _as(task, ended) if task.id == ended.id else task)


def end_open(case: Case, who: str, why: str, now: datetime) -> Case:
    """The case with all that is open returned: nobody has to do it any more."""
    gone = Ended("", TaskState.RETURNED, who, why, now)
    return _changed(case, lambda task: _as(task, gone) if task.state is TaskState.OPEN else task)


def overdue(case: Case, now: datetime) -> tuple[Task, ...]:
    """Open tasks whose time is over and of which that was not told yet."""
    late = (task for task in case.tasks if task.due_at is not None and task.due_at <= now)
    return tuple(task for task in late if task.state is TaskState.OPEN and not task.overdue)


def told(case: Case, late: tuple[Task, ...]) -> Case:
    """The case in which it was told that these are late."""
    ids = {task.id for task in late}
    return _changed(case, lambda task: replace(task, overdue=True) if task.id in ids else task)


def _as(task: Task, ended: Ended) -> Task:
    return replace(task, state=ended.state, ended_by=ended.who, ended_at=ended.at, note=ended.note)


def _changed(case: Case, change: Callable[[Task], Task]) -> Case:
    return replace(case, tasks=tuple(map(change, case.tasks)))

"""What is to be done on a case, step by step (处置清单): which list is the case's, and which of its steps are done.

A step that names a fact of the case's record (`done_by`) is done when that is so, and nobody can tick it; the others are
ticked and unticked by people.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from alerts.fitting import LANGUAGE, ForCases
from core.errors import Refused
from core.records import AuditRow, Case, CaseState, Draft, FactCard, Incident, Tick

DoneBy = Literal["acknowledged", "assigned", "fact_card", "draft_approved", "answered", "evaluated", "closed"]


class ChecklistStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step: its text by language, which rule asks for it, and the fact that does it, if any does."""

    id: str
    text: dict[str, str]
    source: str = ""
    done_by: DoneBy | None = None


class Checklist(ForCases, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps for the cases that it fits."""

    id: str
    name: dict[str, str]
    source: str
    steps: tuple[ChecklistStep, ...]

    def __post_init__(self) -> None:
        """A list that no screen could show is refused wherever it is read."""
        ids = [step.id for step in self.steps]
        if not ids:
            raise ValueError("a checklist has at least one step")
        doubled = next((id_ for n, id_ in enumerate(ids) if id_ in ids[:n]), None)
        if doubled is not None:
            raise ValueError(f"the step {doubled} stands in the checklist twice")
        nameless = next((step.id for step in self.steps if not step.text.get(LANGUAGE)), None)
        if nameless is not None:
            raise ValueError(f"the step {nameless} has no text in {LANGUAGE}")


class CaseStep(Struct, frozen=True, kw_only=True):
    """A step of a case's list: whether it is done and, where that is known, when, by whom and with which note."""

    id: str
    text: dict[str, str]
    source: str
    done_by: DoneBy | None
    done: bool
    at: datetime | None = None
    who: str = ""
    note: str = ""


class CaseChecklist(Struct, frozen=True, kw_only=True):
    """The list of a case with what is done of it."""

    id: str
    name: dict[str, str]
    source: str
    done: int
    steps: list[CaseStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """What a case's steps are read from: the audit in order of time, the drafts, and a fact card that is meant for the case."""

    case: Case
    audit: Sequence[AuditRow] = ()
    drafts: Sequence[Draft] = ()
    card: FactCard | None = None

    def last(self, *actions: str) -> "Deed":
        """The case's last change of these kinds; by nobody who is known when there is none."""
        rows = [row for row in self.audit if row.object == self.case.id and row.action in actions]
        return Deed(rows[-1].at, rows[-1].who) if rows else UNKNOWN

    @property
    def state(self) -> CaseState:
        """Where the case stands; of one that was merged into another, where it stood."""
        return self.case.before.state if self.case.before is not None else self.case.state


class Deed(NamedTuple):
    """When something was done and by whom, as far as it is known."""

    at: datetime | None
    who: str
    note: str = ""


UNKNOWN = Deed(None, "")


def checklist_for(case: Case, incident: Incident | None, lists: Iterable[Checklist]) -> Checklist | None:
    """The list that fits the case best: one for its matter before a general one, then the one for the fewest levels.

    Of two alike the later holds, which is the office's own.
    """
    fitting = [one for one in lists if one.fits(case, incident)]
    return max(reversed(fitting), key=_narrowness, default=None)


def _narrowness(one: Checklist) -> tuple[int, int]:
    return bool(one.domains) + bool(one.risks), -len(one.levels)


def checked(checklist: Checklist, record: CaseRecord) -> CaseChecklist:
    """The list with what is done of it."""
    steps = [_checked(step, record) for step in checklist.steps]
    done = sum(step.done for step in steps)
    return CaseChecklist(id=checklist.id, name=checklist.name, source=checklist.source, done=done, steps=steps)


def _checked(step: ChecklistStep, record: CaseRecord) -> CaseStep:
    deed = _ticked(step.id, record.case) if step.done_by is None else _DEEDS[step.done_by](record)
    at, who, note = deed or UNKNOWN
    return CaseStep(
        id=step.id,
        text=step.text,
        source=step.source,
        done_by=step.done_by,
        done=deed is not None,
        at=at,
        who=who,
        note=note,
    )


def _ticked(step: str, case: Case) -> Deed | None:
    return next((Deed(tick.at, tick.who, tick.note) for tick in case.ticks if tick.step == step), None)


def tick(case: Case, checklist: Checklist | None, given: Tick) -> Case:
    """The case with a step done; raises `Refused` for one that its list does not have, that facts do, or that is done."""
    steps = {step.id: step for step in checklist.steps} if checklist is not None else {}
    step = steps.get(given.step)
    if step is None:
        raise Refused("no_such_step", f"The checklist of the case has no step {given.step or '(none named)'}.")
    if step.done_by is not None:
        raise Refused("ticks_itself", f"The step {step.id} is done by the case's record ({step.done_by}), not by hand.")
    if _ticked(step.id, case) is not None:
        raise Refused("ticked_already", f"The step {step.id} is done already.")
    return replace(case, ticks=(*case.ticks, given))


def untick(case: Case, step: str) -> Case:
    """The case with a step to be done again; raises `Refused` for one that nobody ticked."""
    left = tuple(one for one in case.ticks if one.step != step)
    if left == case.ticks:
        raise Refused("not_ticked", f"Nobody has ticked the step {step or '(none named)'}.")
    return replace(case, ticks=left)


def _acknowledged(record: CaseRecord) -> Deed | None:
    seen = record.state is not CaseState.EMERGING
    return record.last("case.acknowledged", "case.dismissed") if seen else None


def _assigned(record: CaseRecord) -> Deed | None:
    handled = record.state in (CaseState.HANDLING, CaseState.ANSWERED, CaseState.EVALUATED)
    if handled or (record.state is CaseState.CLOSED and record.case.answered_at is not None):
        return record.last("case.assigned", "case.transferred", "case.reopened")
    return None


def _carded(record: CaseRecord) -> Deed | None:
    return Deed(record.card.updated_at, record.card.updated_by) if record.card is not None else None


def _approved(record: CaseRecord) -> Deed | None:
    approved = [draft for draft in record.drafts if draft.status == "approved"]
    given = [one for draft in approved for one in draft.approvals if one.approved]
    last = max(given, key=lambda one: one.at, default=None)
    return Deed(last.at, last.who, last.why) if last is not None else None


def _answered(record: CaseRecord) -> Deed | None:
    at = record.case.answered_at
    return Deed(at, record.last("case.answered").who) if at is not None else None


def _evaluated(record: CaseRecord) -> Deed | None:
    return record.last("case.evaluated") if record.case.evaluation else None


def _closed(record: CaseRecord) -> Deed | None:
    return record.last("case.closed", "case.dismissed") if record.state is CaseState.CLOSED else None


_DEEDS: dict[DoneBy, Callable[[CaseRecord], Deed | None]] = {
    "acknowledged": _acknowledged,
    "assigned": _assigned,
    "fact_card": _carded,
    "draft_approved": _approved,
    "answered": _answered,
    "evaluated": _evaluated,
    "closed": _closed,
}

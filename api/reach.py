"""Across units: what a caller of a unit sees and does. One of no unit sees and does what the role allows, everywhere.

A unit's people see the cases that concern their unit or one below it: as responsible, in support, with a task, as supervisor,
or as an audience of their own rules. They change those that it is responsible for or supervises, and end its tasks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from alerts.reports import shelf
from api.access import Scope
from api.problems import Problem
from core.office import NoticePage, NoticeQuery, Office
from core.ports import CasePage, CaseQuery, Cases, Storage
from core.records import Case, Notice, Unit


@dataclass(frozen=True, slots=True)
class Reach:
    """`units` are the caller's unit and all below it; None: the whole office."""

    units: frozenset[str] | None

    def holds(self, *units: str | None) -> bool:
        """Whether any of these is within reach."""
        return self.units is None or not self.units.isdisjoint(units)

    def sees(self, case: Case) -> bool:
        """Whether the case concerns a unit within reach."""
        tasks = (task.unit for task in case.tasks)
        return self.holds(case.unit, *case.support, *case.supervisors, *case.audiences, *tasks)

    def acts_on(self, case: Case) -> bool:
        """Whether a unit within reach is responsible for the case, or supervises it."""
        return self.holds(case.unit, *case.supervisors)

    def seen(self, case: Case | None) -> Case | None:
        """The case, if it may be seen."""
        return case if case is not None and self.sees(case) else None

    def hears(self, notice: Notice) -> bool:
        """Whether the notice is of a unit within reach; those of the office itself are not."""
        return self.holds(notice.unit)

    def need(self, *units: str | None) -> None:
        """A Problem when none of these is within reach."""
        if not self.holds(*units):
            raise other_unit()

    def need_seen(self, case: Case) -> None:
        """A Problem when the case may not be seen."""
        if not self.sees(case):
            raise other_unit()

    def need_case(self, case: Case) -> None:
        """A Problem when the case may not be changed."""
        if not self.acts_on(case):
            raise other_unit()


EVERYWHERE = Reach(None)


def reach_of(unit: str | None, units: Iterable[Unit]) -> Reach:
    """The reach of a caller of that unit, among these."""
    if unit is None:
        return EVERYWHERE
    below: dict[str | None, list[str]] = {}
    for one in units:
        below.setdefault(one.parent, []).append(one.id)
    found, waiting = {unit}, [unit]
    while waiting:
        new = [id_ for id_ in below.get(waiting.pop(), ()) if id_ not in found]
        found.update(new)
        waiting += new
    return Reach(frozenset(found))


def check(reach: Reach, scope: Scope | None, path: str, named: Mapping[str, str], storage: Storage) -> None:
    """A Problem when a caller may not call a route of that scope (None: it is the whole office's) for what it names.

    What is not there is left to the handler, which says so.
    """
    if reach.units is None or scope is Scope.SHARED:
        return
    if scope is None:
        raise whole_office()
    if scope is Scope.OWN:
        reach.need(named["id_"])
        return
    case = _case(path, named["id_"], storage)
    if case is not None and not _allowed(reach, scope, case, named):
        raise other_unit()


def _allowed(reach: Reach, scope: Scope, case: Case, named: Mapping[str, str]) -> bool:
    if scope is Scope.SEEN:
        return reach.sees(case)
    if scope is Scope.TASK:
        tasks = (task.unit for task in case.tasks if task.id == named["task"])
        return reach.acts_on(case) or reach.holds(*tasks)
    return reach.acts_on(case)


def _case(path: str, id_: str, storage: Storage) -> Case | None:
    """The case that a path of cases, drafts or reports names. A Problem for a report on what all units do."""
    if path.startswith("/api/v1/drafts/"):
        draft = storage.store.draft(id_)
        return storage.store.case(draft.case) if draft is not None else None
    if path.startswith("/api/v1/reports/"):
        report = shelf.report(storage.store, id_)
        return need_case_of(report.case, storage.store) if report is not None else None
    return storage.store.case(id_)


def need_case_of(id_: str | None, store: Cases) -> Case:
    """The case that a report is on; a Problem when it is on none, or on one that is gone."""
    case = store.case(id_) if id_ is not None else None
    if case is None:
        raise whole_office()
    return case


def cases_within(store: Cases, query: CaseQuery, reach: Reach) -> CasePage:
    """The next page that holds any case within reach; it may hold fewer than the limit."""
    page = store.cases(query)
    while (left := [case for case in page.items if reach.sees(case)]) == [] and page.cursor is not None:
        page = store.cases(replace(query, cursor=page.cursor))
    return CasePage(items=left, cursor=page.cursor)


def notices_within(store: Office, query: NoticeQuery, reach: Reach) -> NoticePage:
    """The same for notices."""
    page = store.notices(query)
    while (left := [notice for notice in page.items if reach.hears(notice)]) == [] and page.cursor is not None:
        page = store.notices(replace(query, cursor=page.cursor))
    return NoticePage(items=left, cursor=page.cursor)


def whole_office() -> Problem:
    """What a caller of a unit is told who asks for what is nobody's alone."""
    return Problem(403, "not-allowed", "This is for people of the whole office, and you belong to a unit.")


def other_unit() -> Problem:
    """What a caller is told who asks for another unit's."""
    return Problem(403, "other-unit", "This is another unit's, and you belong to a unit.")

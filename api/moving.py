"""How a change of a case is asked for: by whom, over which version, and what a caller who comes too late is told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header

from alerts.holding import held
from alerts.lifecycle import Command, Ground, effects_of, move, moves, together
from alerts.lifecycle import Moved as Made
from alerts.notices import Receivers, deliveries
from api.parts import Parts
from api.problems import Problem
from api.reach import EVERYWHERE, Reach
from api.requests import CallerOf, PartsOf, ReachOf
from api.stale import since, stale
from api.views import MoveBody, Moved
from api.wire import Json
from core.errors import Conflict, NotFound, Refused
from core.records import Case

ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
SHOWN = 20
"""How many changes a caller who comes too late is told, the newest."""

Measured = Mapping[str, str | int | float]
OfTwo = Callable[[Case, Case, Command, datetime], tuple[Made, Made]]

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=40, description='The version that was seen, as in ETag: "7".')
]


def find(parts: Parts, id_: str) -> Case:
    """The case of that id."""
    case = parts.storage.store.case(id_)
    if case is None:
        raise NotFound(f"There is no case {id_}.")
    return case


@dataclass(frozen=True, slots=True)
class Asking:
    """A caller who wants to change a case; `seen` is the version that his If-Match header names."""

    parts: Parts
    who: str
    seen: int | None
    reach: Reach = EVERYWHERE

    def perform(self, id_: str, command: Command, given: MoveBody, measured: Measured | None = None) -> Json:
        """Do what the command asks, if the case is still the one that the caller saw."""
        case = self._current(id_, given)
        ground = Ground(self.parts.policy, self.parts.storage.index.incident(case.incident), measured or {})
        made = move(case, command, ground, self.parts.now())
        self._commit(case, [made], given)
        return _answer(made.case)

    def both(self, id_: str, other_id: str, change: OfTwo, command: Command, given: MoveBody) -> Json:
        """The same for a change of two cases; the version is the first one's."""
        case, other = self._current(id_, given), find(self.parts, other_id)
        self.reach.need_case(other)
        made = change(case, other, command, self.parts.now())
        self._commit(case, made, given)
        return _answer(made[0].case)

    def need_unit(self, id_: str, unit: str) -> None:
        """Raises `Refused` when the case's jurisdiction has no such unit."""
        jurisdiction = find(self.parts, id_).jurisdiction
        if unit not in {u.id for u in self.parts.policy.units_of(jurisdiction)}:
            raise Refused("no_such_unit", f"There is no unit {unit} in {jurisdiction}.")

    def _current(self, id_: str, given: MoveBody) -> Case:
        case = find(self.parts, id_)
        if given.version is not None and given.version != case.version:
            raise self._stale(case, given.version, 409)
        if self.seen is not None and self.seen != case.version:
            raise self._stale(case, self.seen, 412)
        return case

    def _commit(self, case: Case, made: list[Made] | tuple[Made, ...], given: MoveBody) -> None:
        store, now = self.parts.storage.store, self.parts.now()
        receivers = Receivers(webhooks=store.webhooks(), channels=store.channels(), link=self.parts.public_url)
        written = (effects_of(m, m.case.version - 1, deliveries(m.event, receivers, now)) for m in made)
        try:
            self.parts.storage.commit(together([*written, *map(held, made)]))
        except Conflict as error:
            raise self._stale(find(self.parts, case.id), case.version, 409) from error

    def _stale(self, case: Case, seen: int, status: int) -> Problem:
        happened = since(self.parts.storage.store.audit(case.id), seen)
        return stale("The case", seen, case.version, happened[-SHOWN:], status)


def _answer(case: Case) -> Json:
    return Json(Moved(case=case, moves=list(moves(case))), headers={"ETag": f'"{case.version}"'})


def _asking(parts: PartsOf, caller: CallerOf, reach: ReachOf, if_match: IfMatch = None) -> Asking:
    if if_match is None or if_match.strip() == "*":
        return Asking(parts, caller.name, None, reach)
    named = ETAG.fullmatch(if_match.strip())
    if named is None:
        raise Problem(422, "invalid-query", 'If-Match holds one version, as in the answer\'s ETag: "7".')
    return Asking(parts, caller.name, int(named[1]), reach)


AskingOf = Annotated[Asking, Depends(_asking)]

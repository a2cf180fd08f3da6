"""Whom to tell next when nobody acknowledges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.duty import on_duty
from core.errors import Refused
from core.records import Case, Chain, Member, Roster, Step, Unit

DEFAULT = Chain(
    id="default",
    name="值班—负责人—上级值班—牵头单位",
    steps=(
        Step(wait_minutes=0, to="duty"),
        Step(wait_minutes=10, to="head"),
        Step(wait_minutes=10, to="parent"),
        Step(wait_minutes=10, to="lead"),
    ),
    repeats=2,
)
"""Until an office writes its own: within half an hour the coordinator knows, well inside the hour of the internal report."""


@dataclass(frozen=True, slots=True)
class People:
    """The office as it stands: its units, those who are in them, their rosters and chains, and the zone of its times."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    chains: Sequence[Chain] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def on_duty(self, unit: str | None, at: datetime) -> tuple[str, ...]:
        """Members of a unit who are on duty then and still there."""
        roster = self.rosters.get(unit or "")
        return tuple(m for m in on_duty(roster, at, self.zone) if self.present(m))

    def present(self, member: str | None) -> bool:
        """Whether there is such a member, and not disabled."""
        return member in self.members and not self.members[member or ""].disabled

    def lead(self, jurisdiction: str) -> Unit | None:
        """The coordinator of a jurisdiction; the general one when it has none of its own."""
        leads = [u for u in self.units.values() if u.lead and u.jurisdiction in (jurisdiction, "")]
        return max(leads, key=lambda u: bool(u.jurisdiction), default=None)

    def chain(self, case: Case) -> Chain:
        """The chain that holds for a case."""
        fitting = [c for c in self.chains if _fits(c, case)]
        return max(
            fitting, key=lambda c: bool(c.units) * 4 + bool(c.domains) * 2 + bool(c.jurisdiction), default=DEFAULT
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A step that is due: its number in the case's escalation, whom it names, and who that is (nobody: `members` empty)."""

    number: int
    step: Step
    unit: str | None
    members: tuple[str, ...]


def due(case: Case, since: datetime, said: int, people: People, now: datetime) -> Iterator[Told]:
    """Steps of the case's chain that are due and not said yet (`said` were), counting from `since`."""
    for number, (step, at) in enumerate(_timed(people.chain(case), since)):
        if at > now:
            return
        if number >= said:
            unit, members = _who(step, case, people, now)
            yield Told(number, step, unit, members)


def _timed(chain: Chain, since: datetime) -> Iterator[tuple[Step, datetime]]:
    at = since
    for step in chain.steps:
        at += timedelta(minutes=step.wait_minutes)
        yield step, at
    for _ in range(chain.repeats if chain.steps else 0):
        at += timedelta(minutes=max(1, chain.steps[-1].wait_minutes))
        yield chain.steps[-1], at


def _who(step: Step, case: Case, people: People, now: datetime) -> tuple[str | None, tuple[str, ...]]:
    own = people.units.get(case.unit or "")
    lead = people.lead(case.jurisdiction)
    if step.to == "member":
        member = people.members.get(step.member or "")
        return (member.unit, (member.id,)) if member and not member.disabled else (None, ())
    if step.to == "head":
        return case.unit, (own.head,) if own and own.head and people.present(own.head) else ()
    above = people.units.get(own.parent or "") if own else None
    unit = {"duty": own, "parent": above or lead, "lead": lead}[step.to]
    return (unit.id, people.on_duty(unit.id, now)) if unit else (None, ())


def _fits(chain: Chain, case: Case) -> bool:
    places = (
        (chain.jurisdiction, chain.jurisdiction == case.jurisdiction),
        (chain.units, case.unit in chain.units),
        (chain.domains, case.domain in chain.domains),
    )
    return not chain.disabled and case.level in chain.levels and all(fits for named, fits in places if named)


def check_chain(chain: Chain, units: set[str], members: set[str]) -> None:
    """Raises `Refused` for a chain that tells nobody, waits for ever or names strangers."""
    if not chain.steps:
        raise Refused("no_steps", "A chain has at least one step.")
    if not all(0 <= step.wait_minutes <= 7 * 24 * 60 for step in chain.steps) or not 0 <= chain.repeats <= 100:
        raise Refused("bad_wait", "A step waits for 0 minutes to 7 days, and the last is said at most 100 times more.")
    strangers = sorted(set(chain.units) - units)
    strangers += [s.member or "(nobody)" for s in chain.steps if s.to == "member" and s.member not in members]
    if strangers:
        raise Refused("unknown_name", f"There is no {strangers[0]}.")

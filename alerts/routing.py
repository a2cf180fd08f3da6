"""Who answers: 属地管理、谁主管谁负责 (国办发〔2016〕61号): the place, the matter, and a coordinator above them."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.policy import Policy
from alerts.precedents import Precedents, precedents
from core.records import Case, Incident, Reason, Unit

COORDINATED = 2
"""At this level and graver the coordinator takes part."""


@dataclass(frozen=True, slots=True)
class Routing:
    """The responsible unit (None when none is known), those that support it, and why."""

    unit: str | None
    support: tuple[str, ...]
    reasons: tuple[Reason, ...]


def route(incident: Incident, level: int, policy: Policy) -> Routing:
    """The department of the matter answers, the street or community of the place supports; else the place, else the lead."""
    units = policy.units_of(incident.jurisdiction)
    by_matter = [u for u in units if incident.domain in u.domains]
    by_place = _of_place(units, [p.code for p in incident.places])
    lead = next((u for u in units if u.lead), None)
    chosen: list[tuple[Unit, str]] = [(u, "route.domain") for u in by_matter] + [(u, "route.place") for u in by_place]
    if lead is not None and (not chosen or level <= COORDINATED):
        chosen.append((lead, "route.lead"))
    if not chosen:
        return Routing(None, (), (Reason(code="route.nobody", facts={"domain": incident.domain}),))
    unique = list(dict.fromkeys(unit.id for unit, _ in chosen))
    why = {unit.id: (unit, code) for unit, code in reversed(chosen)}
    reasons = tuple(Reason(code=why[id_][1], facts={"unit": why[id_][0].name}) for id_ in unique)
    return Routing(unique[0], tuple(unique[1:]), reasons)


def _of_place(units: Sequence[Unit], codes: Sequence[str]) -> list[Unit]:
    """The lowest unit responsible for the place named most; of several places in different streets, each street's."""
    found: list[Unit] = []
    for code in codes[:3]:
        fitting = [(place, u) for u in units for place in u.places if code.startswith(place) and u.tier != "district"]
        if fitting:
            found.append(max(fitting, key=lambda f: len(f[0]))[1])
    return list(dict.fromkeys(found))[:2]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that could answer, with what speaks for it. `score` orders candidates; it is no probability."""

    unit: Unit
    score: float
    reasons: tuple[Reason, ...]


def candidates(case: Case, places: Sequence[str], policy: Policy, past: Sequence[Case]) -> list[Candidate]:
    """Units that could answer a case, best first: by matter, by place, and by who had cases alike in the `past`.

    The past is what people decided: cases that were assigned and answered. It weighs more the more of them there are.
    """
    units = policy.units_of(case.jurisdiction)
    local = {u.id for u in _of_place(units, places)}
    known = precedents(case, past)
    found = [Candidate(u, *_weighed(u, case, u.id in local, known)) for u in units]
    return sorted((c for c in found if c.score > 0), key=lambda c: (-c.score, c.unit.id))


def _weighed(unit: Unit, case: Case, local: bool, known: Sequence[Precedents]) -> tuple[float, tuple[Reason, ...]]:
    facts: dict[str, str | int | float] = {"unit": unit.name}
    said = [
        (1.0, "route.domain", facts if case.domain in unit.domains else None),
        (0.8, "route.place", facts if local else None),
        (0.1, "route.lead", facts if unit.lead else None),
    ]
    said += [
        (one.weights[unit.id], one.code, {**facts, "cases": one.cases[unit.id], "of": one.of})
        for one in known
        if unit.id in one.weights
    ]
    met = [(weight, Reason(code=code, facts=its)) for weight, code, its in said if its is not None]
    return sum(weight for weight, _ in met), tuple(reason for _, reason in met)

"""Who answers: 属地管理、谁主管谁负责 (国办发〔2016〕61号): the place, the matter, and a coordinator above them."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.policy import Policy, Unit
from core.records import Incident, Reason

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

"""The office as it stands: what files of the policy say, and over it what people keep in the Store."""

from zoneinfo import ZoneInfo

from alerts.escalation import People
from alerts.policy import Policy
from core.errors import Refused
from core.office import Office
from core.records import Chain, Member, Roster, Unit

TIERS = ("district", "street", "community")
"""From above to below."""


def in_force(policy: Policy, office: Office) -> Policy:
    """The policy with the units that people keep."""
    return policy.with_units(office.kept(Unit))


def people_of(policy: Policy, office: Office, zone: ZoneInfo) -> People:
    """Units, members, rosters and chains; disabled units and chains are left out."""
    return People(
        units={unit.id: unit for unit in in_force(policy, office).units},
        members={member.id: member for member in office.kept(Member)},
        rosters={roster.id: roster for roster in office.kept(Roster)},
        chains=[chain for chain in office.kept(Chain) if not chain.disabled],
        zone=zone,
    )


def check_unit(unit: Unit, people: People) -> None:
    """Raises `Refused` for a unit whose place in the tiers cannot be."""
    _check_codes(unit)
    parent = people.units.get(unit.parent or "")
    if unit.parent and parent is None:
        raise Refused("no_such_unit", f"There is no unit {unit.parent}.")
    if parent is not None and TIERS.index(parent.tier) >= TIERS.index(unit.tier):
        raise Refused("bad_parent", f"A {unit.tier} cannot be below a {parent.tier}.")
    if unit.head and (unit.head not in people.members or people.members[unit.head].unit != unit.id):
        raise Refused("no_such_member", f"{unit.head} is no member of this unit.")


def _check_codes(unit: Unit) -> None:
    if not unit.name.strip():
        raise Refused("no_name", "A unit has a name.")
    for code in (*unit.places, *([unit.jurisdiction] if unit.jurisdiction else [])):
        if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 12):
            raise Refused("bad_code", f"{code!r} is no code of a place: 2 to 12 digits.")

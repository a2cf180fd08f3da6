from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escalation import DEFAULT, People, check_chain, due
from core.errors import Refused
from core.records import Chain, Member, Roster, Shift, Step, Unit
from tests.records import NOON, case

OFFICE = Unit(id="office", name="办公室", tier="district", jurisdiction="", lead=True)
WATER = Unit(id="water", name="水务局", tier="district", jurisdiction="", head="head")
STREET = Unit(id="street", name="街道", tier="street", jurisdiction="", parent="water")
MEMBERS = [
    Member(id="duty", unit="water", name="值班员"),
    Member(id="head", unit="water", name="负责人"),
    Member(id="chief", unit="office", name="总值班"),
]


def always(unit: str, *members: str) -> Roster:
    return Roster(id=unit, shifts=(Shift(id="all", begin="00:00", end="24:00", members=members),))


def people(*chains: Chain, **rosters: str) -> People:
    return People(
        units={u.id: u for u in (OFFICE, WATER, STREET)},
        members={m.id: m for m in MEMBERS},
        rosters={unit: always(unit, member) for unit, member in rosters.items()},
        chains=chains,
    )


FULL = people(water="duty", office="chief")


def told(unit: str, minutes: float, said: int = 0, office: People = FULL) -> list[tuple[str | None, tuple[str, ...]]]:
    found = due(case(unit=unit), NOON, said, office, NOON + timedelta(minutes=minutes))
    return [(one.unit, one.members) for one in found]


def test_the_chain_goes_from_duty_to_head_to_the_tier_above_to_the_coordinator():
    assert told("water", 0) == [("water", ("duty",))]
    assert told("water", 10, said=1) == [("water", ("head",))]
    assert told("water", 29, said=2) == [("office", ("chief",))]  # the district has nothing above but the lead
    assert told("water", 30, said=3) == [("office", ("chief",))]
    assert told("street", 20, said=2) == [("water", ("duty",))]


def test_each_step_is_said_once_and_those_missed_while_nothing_ran_are_said_together():
    assert told("water", 9, said=1) == []
    assert len(told("water", 30)) == 4
    assert len(told("water", 24 * 60)) == 4 + DEFAULT.repeats


def test_a_step_with_nobody_on_duty_says_so():
    assert told("street", 0) == [("street", ())]
    assert told("water", 0, office=people(office="chief")) == [("water", ())]


def test_a_member_who_left_is_told_nothing():
    gone = People(units=FULL.units, members={}, rosters=FULL.rosters)
    assert {members for _, members in told("water", 60, office=gone)} == {()}


def test_of_the_chains_that_fit_the_one_that_names_most_holds():
    wide = Chain(id="wide", name="w", steps=(Step(wait_minutes=1, to="lead"),), jurisdiction="990100")
    narrow = Chain(id="narrow", name="n", steps=(Step(wait_minutes=2, to="member", member="chief"),), units=("water",))
    other = Chain(id="other", name="o", steps=(Step(wait_minutes=3, to="lead"),), levels=(1,), units=("water",))
    office = people(wide, narrow, other, water="duty")
    assert office.chain(case(unit="water", level=3)) is narrow
    assert office.chain(case(unit="street", level=3)) is wide
    assert people().chain(case()) is DEFAULT


@given(st.lists(st.integers(0, 500), max_size=12))
def test_however_often_time_is_looked_at_every_step_is_said_once_and_in_order(moments: list[int]):
    said: list[int] = []
    for minutes in [*sorted(moments), 10_000]:
        said += [t.number for t in due(case(unit="water"), NOON, len(said), FULL, NOON + timedelta(minutes=minutes))]
    assert said == list(range(len(DEFAULT.steps) + DEFAULT.repeats))


@pytest.mark.parametrize(
    "chain",
    [
        Chain(id="x", name="x", steps=()),
        Chain(id="x", name="x", steps=(Step(wait_minutes=-1, to="duty"),)),
        Chain(id="x", name="x", steps=(Step(wait_minutes=1, to="member"),)),
        Chain(id="x", name="x", steps=(Step(wait_minutes=1, to="duty"),), units=("nowhere",)),
        Chain(id="x", name="x", steps=(Step(wait_minutes=1, to="duty"),), repeats=1000),
    ],
)
def test_a_chain_that_tells_nobody_or_strangers_is_refused(chain: Chain):
    with pytest.raises(Refused):
        check_chain(chain, {"water"}, {"duty"})

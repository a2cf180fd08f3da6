from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.policy import default_policy
from alerts.routing import Routing, route
from core.records import PlaceCount, Unit
from tests.records import incident


def unit(id_: str, tier: str = "district", **more: object) -> Unit:
    return Unit(id=id_, name=f"unit {id_}", tier=tier, jurisdiction="", **more)


LEAD = unit("lead", lead=True)
WATER = unit("water", domains=("城乡建设",))
STREET = unit("street", "street", places=("990101",))
COMMUNITY = unit("community", "community", places=("990101001",))


def routed(*units: Unit, level: int = 3, domain: str = "城乡建设", places: tuple[str, ...] = ()) -> Routing:
    named = tuple(PlaceCount(code=code, name=code, posts=1) for code in places)
    return route(incident(domain=domain, places=named), level, replace(default_policy(), units=units))


def test_the_department_of_the_matter_answers_and_the_place_supports():
    found = routed(LEAD, STREET, WATER, places=("990101003",))
    assert (found.unit, found.support) == ("water", ("street",))
    assert [reason.code for reason in found.reasons] == ["route.domain", "route.place"]


def test_the_lowest_unit_of_the_place_answers_what_no_department_does():
    assert routed(LEAD, STREET, COMMUNITY, domain="none", places=("990101001002",)).unit == "community"
    assert routed(LEAD, STREET, COMMUNITY, domain="none", places=("990101009",)).unit == "street"


def test_the_coordinator_takes_what_nobody_else_does():
    assert routed(LEAD, WATER, domain="none").unit == "lead"


def test_the_coordinator_supports_a_grave_case_and_no_mild_one():
    assert [routed(LEAD, WATER, level=n).support for n in (1, 2, 3, 4)] == [("lead",), ("lead",), (), ()]


def test_without_any_unit_nobody_is_named_and_the_reason_says_so():
    found = routed()
    assert (found.unit, found.support) == (None, ())
    assert [reason.code for reason in found.reasons] == ["route.nobody"]


@given(
    st.permutations([LEAD, STREET, COMMUNITY, WATER]),
    st.integers(1, 4),
    st.sampled_from(["城乡建设", "none"]),
    st.lists(st.sampled_from(["990101", "990101001", "990102", ""]), max_size=4),
)
def test_a_unit_is_never_its_own_support_and_each_has_a_reason(units, level, domain, places):
    found = routed(*units, level=level, domain=domain, places=tuple(places))
    named = [found.unit, *found.support]
    assert len(set(named)) == len(named) == len(found.reasons)

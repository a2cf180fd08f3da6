"""Why somebody is told, or is not: what each step decides."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace as changed

from alerts.notices import PIPELINE, dispatch
from alerts.notices.explain import explained
from alerts.notices.plan import Inhibition, Quiet, Route, Throttle
from alerts.notices.scene import Heard, Scene, said
from core.records import Case, NoticeState, Silence
from tests.records import NOON, case
from tests.unit.alerts.test_muting import SOME, WORDS, silence_of
from tests.unit.alerts.test_notices_pipeline import notice, scene

LATER = NOON + timedelta(minutes=5)
PART = Inhibition(id="part", same=("jurisdiction", "domain"), parts_of_place=True)
TOWN, STREET = case("town", level=2, place="990100"), case("c1", place="990100001")
SILENCE = Silence(id="q1", since=NOON, until=LATER, who="王", why="计划停水", units=("water",))
PLAN = scene().plan
SLOW = Route(id="r", group_by=("unit",), wait_s=30)
TOLD = Heard(jurisdiction="990100", began=NOON, told_at=NOON, firing={"c1": (said(notice()),)})
SCENES: dict[str, tuple[dict[str, Any], str, str, str, dict[str, Any]]] = {
    "inhibited": (
        {
            "plan": changed(PLAN, inhibit=(PART,)),
            "cases": {"c1": STREET, "town": TOWN},
            "open_cases": (TOWN, STREET),
        },
        "inhibit",
        "holds",
        "inhibited",
        {"case": "town"},
    ),
    "silenced": (
        {"silences": (SILENCE,)},
        "silence",
        "holds",
        "silenced",
        {"silence": "q1", "who": "王", "why": "计划停水", "until": LATER.isoformat()},
    ),
    "at night": (
        {"plan": changed(PLAN, quiet=Quiet(since="11:00", until="13:00"))},
        "quiet_hours",
        "holds",
        "quiet_hours",
        {"since": "11:00", "until": "13:00"},
    ),
    "too early": (
        {"plan": changed(PLAN, routes=(SLOW,))},
        "wait",
        "holds",
        "group_wait",
        {"until": (NOON + timedelta(seconds=30)).isoformat()},
    ),
    "said before": ({"heard": {"r c1": TOLD}}, "deduplicate", "drops", "said_before", {}),
    "nobody to tell": ({"channels": ()}, "deliver", "drops", "no_channel", {}),
    "told": ({}, "deliver", "passes", "", {"why": "first", "channels": "值班群"}),
    "told, but not at once": (
        {"plan": changed(PLAN, throttle=Throttle(messages=1, in_s=60)), "sent": {"group": (NOON,)}},
        "deliver",
        "passes",
        "",
        {"why": "first", "channels": "值班群", "throttled_until": (NOON + timedelta(minutes=1)).isoformat()},
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_the_step_that_decides_says_on_what(name: str):
    more, step, verdict, reason, facts = SCENES[name]
    (found,) = explained([notice()], [notice()], scene(**more))
    *before, decided = found.steps[: 1 + [one.step for one in found.steps].index(step)]
    assert {one.verdict for one in before} == {"passes"}
    assert (decided.verdict, decided.reason, decided.facts) == (verdict, reason, facts)
    assert (len(found.steps) == len(before) + 1) == (verdict != "passes"), "nothing comes after what keeps it back"


def test_all_steps_are_there_in_order_with_the_group_first():
    (found,) = explained([notice()], [notice(), notice("n2")], scene())
    assert [one.step for one in found.steps] == ["group", *(step.__name__ for step in PIPELINE)]
    assert found.steps[0].facts == {"route": "r", "group": "r c1", "notices": 2}


def test_a_beginning_and_an_end_that_nobody_heard_of_cancel_each_other_out():
    both = [notice(), notice("n2", "case.closed", seconds=1)]
    found = explained(both, both, scene(now=LATER))
    assert [(one.steps[-1].step, one.steps[-1].verdict) for one in found] == [("over_before_told", "drops")] * 2


@given(SOME, WORDS)
def test_what_is_said_of_the_steps_is_what_they_do(cases: list[Case], words: dict[str, Any]):
    there = replace(
        scene(cases={one.id: one for one in cases}, open_cases=cases, silences=(silence_of(words),)),
        plan=changed(PLAN, inhibit=(PART,)),
    )
    news = [notice(one.id, case=one.id, unit=one.unit, level=one.level) for one in cases]
    done = dispatch(news, there)
    reasons = done.held | {n.id: n.reason for n in done.notices if n.state is NoticeState.DROPPED}
    last = {one.notice.id: one.steps[-1].reason for one in explained(news, news, there)}
    assert last == {n.id: reasons.get(n.id, "") for n in news}
    assert _untouched(there)


def _untouched(there: Scene) -> bool:
    """Nobody was told by looking: the scene's memory is as it was."""
    return there.heard == {} and there.sent == {}

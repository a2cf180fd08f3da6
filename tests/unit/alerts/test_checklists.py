from datetime import timedelta

import pytest
from msgspec.structs import replace

from alerts.checklists import CaseRecord, Checklist, ChecklistStep, checked, checklist_for
from alerts.lifecycle import Command, Ground, move
from alerts.merging import merge, split
from alerts.policy import default_policy
from core.records import Approval, AuditRow, Case, CaseState, Draft, FactCard, Risk, RiskHit, Tick
from tests.records import NOON, case, incident

POLICY = default_policy()
HOUR = timedelta(hours=1)
FIRE = incident(risk=Risk(score=0.5, hits=(RiskHit(category="fire", word="着火", weight=0.5),)))


def named(id_: str, **more: object) -> Checklist:
    given: dict[str, object] = {"name": {"zh-Hans": id_}, "source": "s"}
    steps = (ChecklistStep(id="a", text={"zh-Hans": "甲"}),)
    return Checklist(id=id_, steps=steps, **given, **more)  # type: ignore[arg-type]  # the caller names fields


def chosen(*lists: Checklist) -> str | None:
    found = checklist_for(case(domain="城乡建设"), FIRE, lists)
    return found.id if found is not None else None


def test_a_list_for_the_matter_comes_before_a_general_one_and_one_for_few_levels_before_one_for_all():
    every, few = named("every"), named("few", levels=(3, 4))
    matter, risk = named("matter", domains=("城乡建设",)), named("risk", risks=("fire",))
    assert chosen(every, few) == "few"
    assert chosen(matter, every, few) == "matter"
    assert chosen(risk, few) == "risk"
    assert chosen(named("both", domains=("城乡建设",), risks=("fire",)), matter, risk) == "both"


def test_of_two_lists_alike_the_offices_own_holds():
    assert chosen(named("shipped"), named("own")) == "own"


@pytest.mark.parametrize("more", [{"levels": (1, 2)}, {"domains": ("环境保护",)}, {"risks": ("flood",)}])
def test_a_list_for_other_cases_is_not_the_cases(more):
    assert chosen(named("other", **more)) is None


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_every_level_has_a_list_that_ships(level):
    found = checklist_for(case(level=level), incident(), POLICY.checklists)
    assert found is not None
    assert {"verify", "visit"} <= {step.id for step in found.steps if step.done_by is None}


def row(action: str, hours: int, object_: str = "c1") -> AuditRow:
    return AuditRow(
        id=f"{action}{hours}", object=object_, at=NOON + hours * HOUR, who=f"{action} {hours}", action=action
    )


AUDIT = [
    row("case.acknowledged", 1),
    row("case.assigned", 2),
    row("case.assigned", 3),
    row("case.assigned", 9, "another"),
    row("case.answered", 4),
    row("case.evaluated", 5),
    row("case.closed", 6),
]
S = CaseState
ANSWERED = {"answer": "已修复", "answered_at": NOON + 4 * HOUR}
APPROVAL = Approval(at=NOON, who="王", approved=True, version=1, why="属实")
CARD = FactCard(id="f", jurisdiction="990100", part="known", text="t", unit="u", source="s", updated_by="张")


@pytest.mark.parametrize(
    ("fact", "before", "after", "who"),
    [
        ("acknowledged", {}, {"state": S.CONFIRMED}, "case.acknowledged 1"),
        ("assigned", {"state": S.CONFIRMED, "unit": "water"}, {"state": S.HANDLING}, "case.assigned 3"),
        ("assigned", {"state": S.CLOSED}, {"state": S.CLOSED, **ANSWERED}, "case.assigned 3"),
        ("answered", {"state": S.HANDLING}, {"state": S.ANSWERED, **ANSWERED}, "case.answered 4"),
        ("evaluated", ANSWERED, {"evaluation": {"note": ""}}, "case.evaluated 5"),
        ("closed", {"state": S.EVALUATED}, {"state": S.CLOSED}, "case.closed 6"),
    ],
)
def test_a_step_is_done_by_the_fact_that_it_names_and_says_who_made_it_so(fact, before, after, who):
    checklist = replace(named("n"), steps=(ChecklistStep(id="a", text={"zh-Hans": "甲"}, done_by=fact),))
    for fields, done in ((before, False), (after, True)):
        found = checked(checklist, CaseRecord(case=case(**fields), audit=AUDIT))
        assert (found.done, found.steps[0].done) == (int(done), done)
        assert found.steps[0].who == (who if done else "")


def test_a_fact_card_and_an_approved_draft_do_their_steps():
    steps = tuple(
        ChecklistStep(id=fact, text={"zh-Hans": "甲"}, done_by=fact) for fact in ("fact_card", "draft_approved")
    )
    checklist = replace(named("n"), steps=steps)
    proposed = Draft(id="d", case="c1", at=NOON, status="proposed", approvals=(APPROVAL,))
    assert checked(checklist, CaseRecord(case=case(), drafts=[proposed])).done == 0
    found = checked(checklist, CaseRecord(case=case(), drafts=[replace(proposed, status="approved")], card=CARD))
    assert [(step.who, step.note) for step in found.steps] == [("张", ""), ("王", "属实")]


def test_a_fact_whose_maker_is_not_known_is_done_by_nobody():
    step = ChecklistStep(id="a", text={"zh-Hans": "甲"}, done_by="acknowledged")
    found = checked(replace(named("n"), steps=(step,)), CaseRecord(case=case(state=S.CONFIRMED)))
    assert (found.steps[0].done, found.steps[0].at, found.steps[0].who) == (True, None, "")


def ticked(one: Case, step: str, who: str = "li") -> Case:
    return move(one, Command(move="tick", who=who, step=step, text="属实"), Ground(POLICY, incident()), NOON).case


def test_a_tick_holds_in_the_list_of_another_level():
    one = ticked(case(level=3), "verify")
    assert one.ticks == (Tick(step="verify", at=NOON, who="li", note="属实"),)
    grave = checklist_for(replace(one, level=1), None, POLICY.checklists)
    assert grave is not None
    assert [step.id for step in checked(grave, CaseRecord(case=one)).steps if step.done] == ["verify"]


def test_merged_cases_have_the_ticks_of_both_and_after_a_split_each_has_its_own():
    one, other = (
        ticked(case("c1"), "verify"),
        ticked(ticked(case("c2", incident="i2"), "verify", "wang"), "visit", "wang"),
    )
    both, gone = (m.case for m in merge(one, other, Command(move="merge", who="li", why="w"), NOON))
    assert [(tick.step, tick.who, tick.of) for tick in both.ticks] == [
        ("verify", "li", None),
        ("verify", "wang", "c2"),
        ("visit", "wang", "c2"),
    ]
    apart, back = (m.case for m in split(both, gone, Command(move="split", who="li", why="w"), NOON))
    assert (apart.ticks, back.ticks) == (one.ticks, other.ticks)


def test_a_step_that_two_cases_did_comes_once_when_one_takes_the_other_along():
    first, second, third = (ticked(case(f"c{n}", incident=f"i{n}"), "verify", f"who{n}") for n in (1, 2, 3))
    both = merge(first, second, Command(move="merge", who="li", why="w"), NOON)[0].case
    of_all, along = (m.case for m in merge(third, both, Command(move="merge", who="li", why="w"), NOON))
    assert [(tick.who, tick.of) for tick in of_all.ticks] == [("who3", None), ("who1", "c1")]
    apart, back = (m.case for m in split(of_all, along, Command(move="split", who="li", why="w"), NOON))
    assert (apart.ticks, back.ticks) == (third.ticks, both.ticks)


def test_the_list_of_a_case_that_was_merged_tells_where_it_stood():
    _, gone = (m.case for m in merge(case("c1"), case("c2"), Command(move="merge", who="li", why="w"), NOON))
    ordinary = checklist_for(gone, None, POLICY.checklists)
    assert ordinary is not None
    assert checked(ordinary, CaseRecord(case=gone)).done == 0

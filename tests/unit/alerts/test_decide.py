import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.decide import HISTORY, decide
from alerts.lifecycle import Command, Ground, move
from alerts.notices import Receivers
from alerts.policy import Rule, default_policy
from alerts.watch import tick
from core.codec import decode
from core.effects import Effects, SaveCase
from core.records import AuditRow, Case, CaseEvent, CaseState, Delivery, Incident, Notice, Webhook
from tests.records import NOON, incident

POLICY = default_policy()
HOUR = timedelta(hours=1)
CALM = POLICY.level(2).calm_hours * HOUR
HOOK = Webhook(id="w", url="https://example.org", secrets=(), created_at=NOON)
RECEIVERS = Receivers([HOOK])


def complaint(version: int = 1, **more: object) -> Incident:
    return incident(**{"burst": 0.0, "version": version, **more})


def grave(version: int = 2, **more: object) -> Incident:
    return incident(**{"posts": 300, "burst": 9.0, "heat": 300.0, "version": version, **more})


def run(*incidents: Incident, known: Case | None = None, now: datetime = NOON) -> Effects:
    return decide(incidents, {known.incident: known} if known else {}, POLICY, RECEIVERS, now)


def saved(effects: Effects) -> list[Case]:
    return [change.case for change in effects.changes if isinstance(change, SaveCase)]


def events(effects: Effects) -> list[str]:
    return [decode(message.value, CaseEvent).type for message in effects.messages]


def test_an_incident_that_meets_a_rule_opens_a_case_with_its_unit_reasons_and_clocks():
    effects = run(complaint())
    (case,) = saved(effects)
    assert (case.state, case.rule, case.level, case.unit) == (CaseState.EMERGING, "complaints", 4, "housing")
    assert [(c.kind, c.due_at) for c in case.clocks] == [("answer", NOON + 47 * HOUR)]
    assert {"rule.posts", "route.domain"} <= {reason.code for reason in case.reasons}
    assert events(effects) == ["case.opened"]


def test_a_change_has_one_save_one_audit_row_one_event_a_delivery_per_machine_and_a_notice_for_people():
    changes = run(complaint()).changes
    assert [type(change) for change in changes] == [SaveCase, AuditRow, Delivery, Notice]
    assert changes[0].expected == 0


def test_an_incident_that_meets_no_rule_opens_none():
    assert not run(complaint(posts=1))


def test_one_that_went_into_another_opens_none():
    assert not run(complaint(merged_into="i2"))


def test_an_archive_opens_no_case():
    assert not run(complaint(), now=NOON + HISTORY + timedelta(seconds=1))
    assert run(complaint(), now=NOON + HISTORY)


def test_every_milestone_of_a_batch_is_judged_in_its_order():
    for batch in ([complaint(1), grave(2)], [grave(2), complaint(1)]):
        assert [case.level for case in saved(run(*batch))] == [4, 2]
        assert [c.expected for c in run(*batch).changes if isinstance(c, SaveCase)] == [0, 1]


def test_a_version_between_milestones_decides_nothing():
    assert not run(replace(grave(2), milestone=False))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([complaint(1), complaint(2, heat=25.0), grave(3)]), min_size=1, max_size=8))
def test_late_and_repeated_versions_make_one_case_and_no_event_twice(history):
    known: Case | None = None
    ids: list[str] = []
    top = 0
    for one in history:
        effects = run(one, known=known)
        if one.version <= top:
            assert not effects
        top = max(top, one.version)
        known = next(iter(saved(effects)), known)
        ids += [message.id for message in effects.messages]
    assert known is not None
    assert len(ids) == len(set(ids)) == known.version


def test_the_same_batch_decided_twice_has_the_same_ids():
    one, two = run(complaint()), run(complaint(), now=NOON + HOUR)
    assert [m.id for m in one.messages] == [m.id for m in two.messages]
    assert [c.id for c in one.changes if isinstance(c, Delivery)] == [
        c.id for c in two.changes if isinstance(c, Delivery)
    ]


def test_a_little_more_heat_is_not_told():
    (case,) = saved(run(complaint()))
    assert not run(complaint(2, heat=29.0, title="另一个标题"), known=case)
    assert events(run(complaint(2, heat=31.0), known=case)) == ["case.updated"]


def test_a_level_rises_at_once_with_the_clocks_of_the_new_level():
    (case,) = saved(run(complaint()))
    effects = run(grave(), known=case)
    (risen,) = saved(effects)
    assert (risen.level, risen.peak_level, risen.version, risen.rule) == (2, 2, 2, "mass-event")
    assert {"answer", "authoritative", "press-conference", "internal-report"} == {c.kind for c in risen.clocks}
    assert events(effects) == ["case.level_raised"]


def test_a_level_falls_by_one_step_and_only_after_a_calm_time():
    (case,) = saved(run(grave()))
    assert not run(complaint(3, last_at=NOON + CALM - HOUR), known=case, now=NOON + CALM)
    effects = run(complaint(3, last_at=NOON + CALM), known=case, now=NOON + CALM)
    assert [(c.level, c.peak_level) for c in saved(effects)] == [(3, 2)]
    assert events(effects) == ["case.level_lowered"]


@pytest.mark.parametrize(("level", "seen"), [(4, grave(3)), (1, complaint(3, last_at=NOON + 2 * CALM))])
def test_the_level_that_a_person_set_holds(level, seen):
    (case,) = saved(run(grave()))
    command = Command(move="level", who="li", why="looked at it", level=level)
    mine = move(case, command, Ground(POLICY, grave()), NOON).case
    assert [c.level for c in saved(run(replace(seen, heat=9999.0), known=mine, now=NOON + 2 * CALM))] == [level]


def quiet_case(state: CaseState, **more: object) -> Case:
    (case,) = saved(run(complaint()))
    return replace(case, state=state, owner="li", recovered_at=NOON, quiet_posts=290, **more)


@pytest.mark.parametrize(
    ("posts", "speed", "heard"), [(300, 12.0, "case.reopened"), (297, 12.0, None), (300, 3.0, None)]
)
@pytest.mark.parametrize("state", [CaseState.ANSWERED, CaseState.EVALUATED, CaseState.CLOSED])
def test_a_case_at_rest_is_opened_again_by_a_flare_up_and_not_by_a_trickle(state, posts, speed, heard):
    effects = run(grave(9, copies=posts, speed=speed), known=quiet_case(state))
    assert events(effects) == ([heard] if heard else [])
    for case in saved(effects):
        assert (case.state, case.level, case.owner, case.answer) == (CaseState.HANDLING, 2, "li", None)
        assert case.recovered_at is None
        assert all(clock.stopped_at is None for clock in case.clocks)


def test_a_case_that_was_closed_without_knowing_its_posts_stays_closed():
    assert not run(grave(9), known=replace(quiet_case(CaseState.CLOSED), quiet_posts=None))


def test_a_case_that_is_being_handled_is_no_longer_quiet_when_it_flares_up():
    (case,) = saved(run(grave(9, copies=300), known=quiet_case(CaseState.HANDLING)))
    assert (case.state, case.recovered_at) == (CaseState.HANDLING, None)


def test_a_level_does_not_fall_while_the_incident_nearly_meets_its_rule():
    (case,) = saved(run(grave()))
    later = NOON + CALM
    assert not run(grave(3, posts=190, last_at=later), known=case, now=later)
    assert [c.level for c in saved(run(grave(3, posts=150, last_at=later), known=case, now=later))] == [3]


def test_an_incident_that_hops_around_a_threshold_changes_its_level_once():
    (case,) = saved(run(complaint()))
    heard = []
    for n in range(2, 60):
        at = NOON + n * HOUR
        effects = run(grave(n, posts=200 - 10 * (n % 2), last_at=at), known=case, now=at)
        heard += events(effects)
        case = next(reversed(saved(effects)), case)
    assert heard.count("case.level_raised") == 1
    assert "case.level_lowered" not in heard


def test_an_answered_case_gets_no_new_clock():
    (case,) = saved(run(complaint()))
    (risen,) = saved(run(grave(), known=replace(case, state=CaseState.ANSWERED)))
    assert (risen.level, risen.clocks) == (2, case.clocks)


def told(case: Case, hours: float) -> tuple[Case, list[str]]:
    effects = tick([case], POLICY, RECEIVERS, NOON + hours * HOUR)
    return next(reversed(saved(effects)), case), events(effects)


def test_a_clock_warns_at_each_step_and_breaks_once():
    (case,) = saved(run(complaint()))
    heard: list[tuple[float, str]] = []
    for half in range(200):
        case, types = told(case, half / 2)
        heard += [(half / 2, type_) for type_ in types]
    assert heard == [(23, "clock.warning"), (37.5, "clock.warning"), (47, "clock.breached"), (47, "case.supervised")]
    assert case.supervisors == ("office",)


def test_a_machine_that_slept_says_the_breach_and_not_the_warnings_before_it():
    (case,) = saved(run(complaint()))
    case, types = told(case, 500)
    assert types == ["clock.breached", "case.supervised"]
    assert told(case, 501) == (case, [])


def test_of_a_breach_and_another_clocks_warning_both_are_told_over_one_another():
    (case,) = saved(run(grave()))
    effects = tick([case], POLICY, RECEIVERS, NOON + 12 * HOUR)
    assert events(effects) == ["clock.warning", "clock.breached", "case.supervised"]
    assert [c.expected for c in effects.changes if isinstance(c, SaveCase)] == [case.version + n for n in range(3)]


def test_an_answered_case_neither_warns_nor_breaks():
    (case,) = saved(run(complaint()))
    assert told(replace(case, state=CaseState.ANSWERED), 500)[1] == []


def over_time(case: Case, hours: float, seen: Incident | None) -> tuple[Case, list[str]]:
    effects = tick([case], POLICY, RECEIVERS, NOON + hours * HOUR, {seen.id: seen}.get if seen else lambda _: None)
    return next(reversed(saved(effects)), case), events(effects)


def test_a_level_set_for_a_time_goes_back_to_what_the_rules_say():
    (case,) = saved(run(complaint()))
    command = Command(move="level", who="li", why="leaders visit", level=1, until=NOON + 2 * HOUR)
    mine = replace(move(case, command, Ground(POLICY, complaint()), NOON).case, clocks=())
    assert over_time(mine, 1, complaint())[1] == []
    freed, types = over_time(mine, 2, complaint())
    assert types == ["case.level_expired"]
    assert (freed.level, freed.level_set_by, freed.level_until, freed.peak_level) == (4, None, None, 1)


@pytest.mark.parametrize(
    ("hours", "series", "types"),
    [
        (5, (100, 20), []),
        (7, (100, 20), []),
        (8, (100, 20), ["case.recovered"]),
        (7, (110, 5, 0, 0), ["case.recovered"]),
        (30, (), ["case.recovered"]),
    ],
)
def test_the_all_clear_comes_when_hardly_anybody_spoke_for_the_quiet_hours_of_the_level(hours, series, types):
    (case,) = saved(run(complaint()))
    seen = complaint(2, copies=120, series=series, last_at=NOON + HOUR)
    quiet, heard = over_time(replace(case, clocks=()), hours, seen)
    assert heard == types
    assert quiet.quiet_posts == (120 if types else None)
    assert over_time(quiet, hours + 1, seen)[1] == [] or not types


@pytest.mark.parametrize("state", [CaseState.HANDLING, CaseState.CLOSED])
def test_a_small_flare_up_of_a_large_incident_is_not_quiet_again_at_the_next_look(state):
    seen = grave(9, copies=300, speed=12.0, series=(280, *[0] * 20, 20), last_at=NOON)
    (case,) = saved(run(seen, known=replace(quiet_case(state), opened_at=NOON - 21 * HOUR)))
    case = replace(case, clocks=())
    level = POLICY.level(case.level)
    assert over_time(case, 1, seen)[1] == []
    assert over_time(case, level.quiet_hours, seen)[1] == ["case.recovered"]


def test_a_late_task_is_told_once():
    (case,) = saved(run(complaint()))
    taken = move(case, Command(move="ack", who="li"), Ground(POLICY), NOON).case
    command = Command(move="task", who="li", unit="street", text="核实", id="t1", until=NOON + HOUR)
    given = replace(move(taken, command, Ground(POLICY), NOON).case, clocks=())
    late, types = over_time(given, 1, None)
    assert types == ["task.overdue"]
    assert over_time(late, 2, None)[1] == []


def test_a_storm_of_updates_opens_each_case_once_and_tells_only_what_changed():
    """10 000 versions of 500 incidents, in batches as they come, a tenth of them twice."""
    draw = random.Random(7)
    versions = [grown(n, version) for version in range(1, 21) for n in range(500)]
    storm = versions + draw.sample(versions, 1_000)
    storm.sort(key=lambda one: (one.version, draw.random()))
    cases: dict[str, Case] = {}
    heard: dict[str, list[str]] = {}
    for start in range(0, len(storm), 128):
        effects = decide(storm[start : start + 128], cases, POLICY, RECEIVERS, NOON + HOUR)
        cases |= {case.incident: case for case in saved(effects)}
        for change in effects.changes:
            if isinstance(change, AuditRow):
                heard.setdefault(change.object, []).append(change.action)
        ids = [change.id for change in effects.changes if isinstance(change, Delivery)]
        assert len(ids) == len(set(ids)) == len(effects.messages)
    assert len(cases) == len(heard) == 500
    for told_of in heard.values():
        assert told_of.count("case.opened") == 1
        assert told_of.count("case.level_raised") <= 1
        assert len(told_of) <= 10, "heat is told when it grew by half, not at every post"


def grown(n: int, version: int) -> Incident:
    """An incident that grows with every version; every fifth gets grave."""
    posts = 8 + 15 * version if n % 5 == 0 else 8 + version
    return complaint(version, id=f"i{n}", posts=posts, heat=10.0 + posts, burst=9.0 if n % 5 == 0 else 0.0)


def test_a_unit_with_rules_of_its_own_takes_part_at_its_own_level_and_the_office_keeps_its():
    mine = Rule(id="mine", name={}, level=1, source="s", min_posts=5, audience="labour")
    later = Rule(id="later", name={}, level=2, source="s", min_posts=50, audience="health")
    own = replace(POLICY, rules=(*POLICY.rules, mine, later))
    (case,) = saved(decide([complaint()], {}, own, RECEIVERS, NOON))
    assert (case.level, case.rule, case.audiences) == (4, "complaints", {"labour": 1})
    assert "labour" in case.support
    effects = decide([complaint(2, posts=60)], {"i1": case}, own, RECEIVERS, NOON)
    assert events(effects) == ["case.updated"]
    assert [c.audiences for c in saved(effects)] == [{"labour": 1, "health": 2}]


def test_a_rule_of_an_audience_alone_opens_a_case_too():
    mine = Rule(id="mine", name={}, level=3, source="s", min_posts=2, audience="labour")
    (case,) = saved(decide([complaint(posts=3)], {}, replace(POLICY, rules=(mine,)), RECEIVERS, NOON))
    assert (case.level, case.rule) == (3, "mine")

"""Any legal life of several cases together: moves by people, posts, the passing of time, merges and splits."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from alerts import clocks
from alerts.decide import decide
from alerts.lifecycle import MOVES, UNANSWERED, Command, Ground, Moved, effects_of, move, moves
from alerts.merging import merge, split
from alerts.notices import Receivers
from alerts.policy import default_policy
from alerts.watch import tick
from core.audit import walked
from core.effects import Effects, SaveCase
from core.errors import IllegalMove, Refused
from core.ports import CaseQuery
from core.records import Case, CaseState, Incident, Risk, RiskHit
from core.storage.sqlite import open_storage
from stream.stages import answering
from tests.records import NOON, incident

POLICY = default_policy()
HOUR = timedelta(hours=1)
HANDLED = (CaseState.HANDLING, CaseState.ANSWERED, CaseState.EVALUATED)
POISONED = Risk(score=0.7, hits=(RiskHit(category="food_poisoning", word="食物中毒", weight=0.7),))
INCIDENTS = ("i1", "i2", "i3")
BY_HAND = ("verify", "visit")
"""Steps of both lists that ship."""
ALONE = sorted(set(MOVES) - {"merge", "split"})


class Office(RuleBasedStateMachine):
    """A storage, an hour that passes, and people who do what they may."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.storage = open_storage(Path(self.folder.name) / "data")
        self.now = NOON
        self.seen: dict[str, Incident] = {}

    def teardown(self) -> None:
        self.storage.close()
        self.folder.cleanup()

    @initialize()
    def three_cases(self) -> None:
        for n, id_ in enumerate(INCIDENTS):
            self.hear(incident(id_, posts=30, authors=20, heat=20.0 + n, risk=POISONED if n == 2 else Risk()))

    def hear(self, seen: Incident) -> None:
        self.seen[seen.id] = seen
        store = self.storage.store
        known = {i: answering(case, store) for i, case in store.cases_of([seen.id]).items()}
        self.storage.commit(decide([seen], known, POLICY, Receivers(), self.now))

    def cases(self) -> list[Case]:
        return self.storage.store.cases(CaseQuery()).items

    def case_of(self, incident_: str) -> Case:
        return self.storage.store.cases_of([incident_])[incident_]

    def write(self, *made: Moved) -> None:
        for one in made:
            self.storage.commit(effects_of(one, one.case.version - 1, []))

    @rule(of=st.sampled_from(INCIDENTS), more=st.integers(0, 60), speed=st.floats(0, 20), bad=st.booleans())
    def posts_come(self, of: str, more: int, speed: float, bad: bool) -> None:
        was = self.seen[of]
        risk = POISONED if bad else was.risk
        posts = was.posts + more
        grown = replace(
            was, posts=posts, copies=posts, authors=posts, heat=was.heat + more, risk=risk, speed=speed, last_at=self.now,
            version=was.version + 1,
        )  # fmt: skip
        self.hear(grown)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR
        open_ = self.storage.store.cases(CaseQuery(open=True)).items
        effects = tick(open_, POLICY, Receivers(), self.now, self.seen.get)
        if effects:
            self.storage.commit(effects)

    @rule(of=st.sampled_from(INCIDENTS), name=st.sampled_from(ALONE), lacking=st.booleans())
    def somebody_does(self, of: str, name: str, lacking: bool) -> None:
        case = self.case_of(of)
        legal = name in moves(case)
        try:
            made = move(case, self.command(case, name, lacking), Ground(POLICY, self.seen[of]), self.now)
        except IllegalMove as error:
            stays = name == "unextend" and error.code in ("paused_since", "relied_on")
            assert not legal or stays
        except Refused:
            assert legal
        else:
            assert legal
            assert made.case.version == case.version + 1
            self.write(made)

    @rule(of=st.sampled_from(INCIDENTS), data=st.data())
    def something_possible(self, of: str, data: st.DataObject) -> None:
        case = self.case_of(of)
        possible = [name for name in moves(case) if name in ALONE]
        if possible:
            self.somebody_does(of, data.draw(st.sampled_from(possible)), lacking=False)

    def command(self, case: Case, name: str, lacking: bool) -> Command:
        if lacking:
            return Command(move=name, who="li", unit="", text=" ", clock="nonsense")
        open_tasks = [task.id for task in case.tasks if task.state == "open"]
        id_ = open_tasks[0] if name.startswith("task_") and open_tasks else f"t{case.version}"
        unit = "labour" if case.unit == "housing" else "housing"
        extended = name == "unextend"
        kind = next((c.kind for c in case.clocks if c.stopped_at is None and bool(c.extensions) is extended), "answer")
        step = BY_HAND[len(case.ticks) % len(BY_HAND)] if name == "tick" else next((t.step for t in case.ticks), "")
        return Command(
            move=name, who="li", why="w", unit=unit, level=1 + case.version % 4, until=self.now + 9 * HOUR, text="t",
            id=id_, clock=kind if name in ("extend", "unextend") else None, by="1h", score=80.0, answers=3, step=step,
        )  # fmt: skip

    @precondition(lambda self: any("extend" in moves(c) for c in self.cases()))
    @rule(data=st.data())
    def what_is_taken_back_at_once_leaves_no_trace(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from([c for c in self.cases() if "extend" in moves(c)]))
        ground = Ground(POLICY, self.seen[case.incident])
        fresh = [clock.kind for clock in case.clocks if clock.stopped_at is None and not clock.extensions]
        done = {tick.step for tick in case.ticks}
        pairs = [("extend", "unextend", {"clock": kind, "by": "1h"}) for kind in fresh]
        pairs += [("tick", "untick", {"step": step}) for step in BY_HAND if step not in done]
        for there, back, named in pairs:
            made = move(case, Command(move=there, who="li", why="w", **named), ground, self.now).case
            undone = move(made, Command(move=back, who="li", why="w", **named), ground, self.now).case
            assert replace(undone, version=case.version, updated_at=case.updated_at) == case

    @precondition(lambda self: len([c for c in self.cases() if "merge" in moves(c)]) > 1)
    @rule(data=st.data())
    def two_become_one(self, data: st.DataObject) -> None:
        one, two = data.draw(st.permutations([c for c in self.cases() if "merge" in moves(c)]))[:2]
        made = merge(one, two, Command(move="merge", who="li", why="w"), self.now)
        assert moves(made[1].case) == ()
        assert {c.kind for c in made[0].case.clocks} == {c.kind for c in (*one.clocks, *two.clocks)}
        undone = split(made[0].case, made[1].case, Command(move="split", who="li", why="w"), self.now)
        for before, after in zip((one, two), undone, strict=True):
            assert replace(after.case, version=before.version, updated_at=before.updated_at) == before
        self.write(*made)

    @precondition(lambda self: any("split" in moves(c) for c in self.cases()))
    @rule(data=st.data())
    def one_becomes_two(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([c for c in self.cases() if "split" in moves(c)]))
        other = self.storage.store.case(data.draw(st.sampled_from(one.joined)).case)
        assert other is not None
        made = split(one, other, Command(move="split", who="li", why="w"), self.now)
        assert made[1].case.state in UNANSWERED
        self.write(*made)

    @invariant()
    def a_case_past_confirmed_has_an_owner_and_a_unit(self) -> None:
        for case in self.cases():
            assert case.state not in HANDLED or (case.owner and case.unit), case

    @invariant()
    def no_clock_runs_or_stands_still_once_a_case_is_answered_or_closed(self) -> None:
        for case in self.cases():
            assert case.state in UNANSWERED or all(c.stopped_at is not None for c in (*case.clocks, *case.aside))
            assert len({c.kind for c in case.clocks}) == len(case.clocks)
            assert case.peak_level <= case.level

    @invariant()
    def a_step_is_ticked_once_in_each_case(self) -> None:
        for case in self.cases():
            assert len({(tick.step, tick.of) for tick in case.ticks}) == len(case.ticks)

    @invariant()
    def a_closed_case_has_nothing_left_to_do(self) -> None:
        for case in self.cases():
            closed = case.state is CaseState.CLOSED and case.merged_into is None
            assert not closed or all(task.state != "open" for task in case.tasks)

    @invariant()
    def what_a_case_would_be_alone_is_known_while_others_are_in_it_and_is_no_graver(self) -> None:
        for case in self.cases():
            assert (case.own is None) == (not case.joined)
            assert case.own is None or case.level <= case.own.level
            assert {c.kind for c in case.aside} <= {c.kind for c in case.clocks}
            assert case.joined or case.aside == ()

    @invariant()
    def every_case_answers_or_is_in_one_that_does_and_knows_it(self) -> None:
        cases = {case.id: case for case in self.cases()}
        for case in cases.values():
            if case.merged_into is not None:
                assert case.id in {one.case for one in cases[case.merged_into].joined}
            for one in case.joined:
                assert cases[one.case].merged_into == case.id

    @invariant()
    def the_audit_holds_and_has_a_row_for_every_version(self) -> None:
        assert [one.why for one in walked(self.storage.store)] in ([], [""])
        for case in self.cases():
            versions = [row.detail["version"] for row in self.storage.store.audit(case.id)]
            assert versions == list(range(1, case.version + 1))


Office.TestCase.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
TestOffice = Office.TestCase


def test_joined_clocks_stop_when_the_answer_is_given_and_stay_stopped_after_a_split() -> None:
    one, two = _opened(incident("i1")), _opened(incident("i2", risk=POISONED))
    ground = Ground(POLICY)
    joined, gone = (m.case for m in merge(one, two, Command(move="merge", who="li", why="w"), NOON))
    assert joined.level == two.level
    for name in ("ack", "assign", "answer"):
        joined = move(joined, Command(move=name, who="li", unit="housing", text="t"), ground, NOON + HOUR).case
    apart, back = (m.case for m in split(joined, gone, Command(move="split", who="li", why="w"), NOON + 2 * HOUR))
    assert all(c.stopped_at for c in apart.clocks)
    assert any(clocks.is_running(c) for c in back.clocks), "the answer was to the other matter"
    assert back.level == two.level


def test_a_task_that_came_through_two_merges_goes_back_to_the_case_that_it_was_of() -> None:
    first, second, third = (_opened(incident(f"i{n}")) for n in range(3))
    task = Command(move="task", who="li", unit="housing", text="t", id="t1", why="w")
    first = move(first, Command(move="ack", who="li"), Ground(POLICY), NOON).case
    first = move(first, task, Ground(POLICY), NOON).case
    second, _ = (m.case for m in merge(second, first, Command(move="merge", who="li", why="w"), NOON))
    third, gone = (m.case for m in merge(third, second, Command(move="merge", who="li", why="w"), NOON))
    _, back = (m.case for m in split(third, gone, Command(move="split", who="li", why="w"), NOON))
    assert [one.of for one in back.tasks] == [first.id] == [one.of for one in second.tasks]


def _opened(seen: Incident) -> Case:
    (saved,) = [c for c in _decided(seen).changes if isinstance(c, SaveCase)]
    return saved.case


def _decided(seen: Incident) -> Effects:
    return decide([seen], {}, POLICY, Receivers(), NOON)

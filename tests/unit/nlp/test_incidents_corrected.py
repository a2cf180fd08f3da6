"""People correct the grouping: what they say is done, holds, can be taken back, and teaches."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import JURISDICTION_SAMPLE, AnalysedPost, Incident, Passing, Regroup, Regrouping, Risk, RiskHit
from nlp.incidents.affinity import LEAST, affinity, learnt, taught
from nlp.incidents.cluster import Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.corrected import REMEMBERED, Link
from nlp.incidents.detector import Detector
from nlp.incidents.features import PLACE
from nlp.incidents.moves import Course
from tests.records import NOON, labels, post
from tests.unit.nlp.detecting import CONFIG, HARBOUR, MATTERS, PARTS, REMARKS, TOLD, Run, by_version, cut

FORGETFUL = DetectorConfig(half_life_h=1, half_life_max_h=2)
"""Of what nobody has spoken for six hours it knows nothing any more."""


def said(kind: Regroup, incident: str, other: str | None = None, undone: bool = False, id_: str = "r1") -> Regrouping:
    """`other` is an incident or a post that is the first of its near-duplicates, as the kind wants.

    It says that both were raised at noon, before all that tests raise.
    """
    return Regrouping(
        id=id_,
        jurisdiction=JURISDICTION_SAMPLE,
        kind=kind,
        incident=incident,
        other=other if kind is Regroup.TOGETHER else None,
        post=other if kind is Regroup.APART else None,
        group=other if kind is Regroup.APART else None,
        raised_at=NOON,
        other_raised_at=NOON,
        who="li",
        at=NOON,
        undone=undone,
    )


def matter(number: int, start: float = 0, count: int = 8) -> list[AnalysedPost]:
    return [
        post(f"m{number}-{start}-{n}", f"{MATTERS[number]}，{REMARKS[n % 9]}", minutes=start + n) for n in range(count)
    ]


def two_matters() -> tuple[Run, Incident, Incident]:
    run = Run()
    run.give([*matter(0), *matter(1, 20)])
    one, two = sorted(listed(run), key=lambda incident: incident.raised_at)
    return run, one, two


def listed(run: Run) -> list[Incident]:
    return [one for one in run.incidents.values() if one.is_listed]


def test_what_a_person_says_is_one_stays_one_as_more_posts_come() -> None:
    run, one, two = two_matters()
    run.give([said(Regroup.TOGETHER, one.id, two.id)])
    assert run.incidents[two.id].merged_into == one.id
    assert run.incidents[one.id].posts == one.posts + two.posts
    run.give([*matter(0, 40), *matter(1, 60)])
    assert set(run.where.values()) == {one.id}
    assert [incident.id for incident in listed(run)] == [one.id]
    assert not run.refused


def test_the_named_incident_keeps_its_id_though_it_was_raised_later() -> None:
    run, one, two = two_matters()
    run.give([said(Regroup.TOGETHER, two.id, one.id)])
    assert run.incidents[one.id].merged_into == two.id
    assert set(run.where.values()) == {two.id}


def test_taken_back_the_two_are_as_they_were_under_their_own_ids() -> None:
    run, one, two = two_matters()
    before = run.where
    run.give([said(Regroup.TOGETHER, one.id, two.id)])
    run.give([said(Regroup.TOGETHER, one.id, two.id, undone=True)])
    assert run.where == before
    again = run.incidents[two.id]
    assert (again.merged_into, again.posts) == (None, two.posts)
    assert run.incidents[one.id].posts == one.posts
    versions = [version.version for version in run.milestones if version.id == two.id]
    assert versions == sorted(set(versions)), "an index keeps the highest"


def test_a_part_that_does_not_belong_becomes_an_incident_of_its_own_and_stays_one() -> None:
    run, one, two = two_matters()
    run.give([said(Regroup.TOGETHER, one.id, two.id)])
    stranger = matter(1, 20)[0].id
    run.give([said(Regroup.APART, one.id, stranger, id_="r2")])
    other = run.where[stranger]
    assert other not in (one.id, None)
    assert run.incidents[str(other)].is_listed
    run.give(matter(1, 40))
    assert {run.where[p.id] for p in [*matter(1, 20), *matter(1, 40)]} == {other}
    run.give([said(Regroup.APART, one.id, stranger, undone=True, id_="r2")])
    assert set(run.where.values()) == {one.id}


def put_out() -> tuple[Run, str, str, str]:
    """An incident of two matters that a person put together, a post of the second, and the incident that left with it."""
    run, one, two = two_matters()
    stranger = matter(1, 20)[0].id
    run.give([said(Regroup.TOGETHER, one.id, two.id), said(Regroup.APART, one.id, stranger, id_="r2")])
    return run, one.id, stranger, str(run.where[stranger])


def counts_what_is_in_it(run: Run) -> bool:
    """Whether every incident that stands counts the posts that are in it."""
    counted = Counter(to for to in run.where.values() if to is not None)
    return {one.id: one.copies for one in run.incidents.values() if one.merged_into is None} == counted


def test_a_part_that_was_put_together_again_is_not_taken_home_a_second_time() -> None:
    run, one, stranger, other = put_out()
    run.give([said(Regroup.TOGETHER, one, other, id_="r3")])
    before, back = run.incidents[one], said(Regroup.APART, one, stranger, undone=True, id_="r2")
    run.give([back])
    assert (run.refused, run.incidents[one]) == ([back], before)
    run.restart()
    run.give([*matter(0, 40), *matter(1, 60)])
    assert set(run.where.values()) == {one}
    run.give([said(Regroup.TOGETHER, one, other, undone=True, id_="r3")])
    assert run.where[stranger] == other
    run.give([back])
    assert set(run.where.values()) == {one}, "what was refused has changed nothing"
    assert counts_what_is_in_it(run)


def test_what_has_become_too_large_to_move_is_not_taken_home() -> None:
    run, one, stranger, _ = put_out()
    back = said(Regroup.APART, one, stranger, undone=True, id_="r2")
    run.give([*copies(matter(1, 20)[0], 130, 40), back])
    assert run.refused == [back]
    assert counts_what_is_in_it(run)


def test_what_has_a_part_that_fell_silent_is_not_taken_home() -> None:
    run, one, stranger, other = put_out()
    run.detector, run.config = Detector(JURISDICTION_SAMPLE, FORGETFUL, list(run.rows.values())), FORGETFUL
    run.give(matter(2, 60))
    third = str(run.where[matter(2, 60)[0].id])
    run.give([said(Regroup.TOGETHER, other, third, id_="r3")])
    run.give([more for start in range(140, 600, 120) for more in (*matter(0, start), *matter(1, start + 20))])
    back = said(Regroup.APART, one, stranger, undone=True, id_="r2")
    run.give([back])
    assert run.refused == [back]
    assert run.where[matter(2, 60)[0].id] == other
    assert counts_what_is_in_it(run)


def test_a_post_whose_cluster_has_left_is_not_taken_back_into_where_it_was() -> None:
    run, one, two = two_matters()
    first, second = one.examples[:2]
    back = said(Regroup.APART, one.id, first, undone=True)
    run.give([said(Regroup.APART, one.id, first), said(Regroup.TOGETHER, one.id, two.id, id_="r2")])
    left = said(Regroup.APART, one.id, second, id_="r3")
    run.give([left, back])
    assert run.refused == [back]
    assert run.where[first] is None
    assert counts_what_is_in_it(run)
    run.give([replace(left, undone=True), back])
    assert run.where[first] == one.id
    assert counts_what_is_in_it(run)


def movable(run: Run) -> list[bool]:
    """Of each cluster, in the order in which they were opened, whether it may go elsewhere by itself."""
    rows = [row for key, row in run.rows.items() if key.startswith("c/")]
    clusters = [msgspec.msgpack.decode(row.value or b"", type=Cluster) for row in rows]
    return [cluster.is_movable for cluster in sorted(clusters, key=lambda cluster: cluster.born)]


def test_what_is_taken_back_binds_nothing_any_more() -> None:
    run, one, two = two_matters()
    together = said(Regroup.TOGETHER, one.id, two.id)
    run.give([together])
    assert movable(run) == [False, False]
    run.give([replace(together, undone=True)])
    assert movable(run) == [True, True]


def test_a_part_is_bound_as_long_as_anything_that_binds_it_holds() -> None:
    run, one, stranger, _ = put_out()
    run.give([said(Regroup.APART, one, stranger, undone=True, id_="r2")])
    assert movable(run) == [False, False], "put together"
    run.give([said(Regroup.APART, one, stranger, id_="r3")])
    third = matter(2, 60)
    run.give(third)
    run.give([said(Regroup.TOGETHER, one, str(run.where[third[0].id]), id_="r4")])
    run.give([said(Regroup.TOGETHER, one, str(run.where[third[0].id]), id_="r4", undone=True)])
    assert movable(run) == [False, False, True]


def test_copies_of_what_was_put_out_are_free_once_it_is_taken_back() -> None:
    run, posts, (copy, *others) = Run(), matter(0), matter(1, 20)
    run.give(posts)
    (one,) = listed(run)
    out = said(Regroup.APART, one.id, posts[3].id)
    run.give([out, replace(copy, group=posts[3].id), *others])
    assert movable(run) == [True, False]
    together = said(Regroup.TOGETHER, one.id, str(run.where[copy.id]), id_="r2")
    run.give([together, replace(out, undone=True), replace(together, undone=True)])
    assert not run.refused
    assert movable(run) == [True, True]


def test_what_came_and_what_left_is_told_on_both_sides() -> None:
    run, one, two = two_matters()
    run.give([said(Regroup.TOGETHER, one.id, two.id)])
    stranger = matter(1, 20)[0].id
    run.give([said(Regroup.APART, one.id, stranger, id_="r2")])
    other = run.incidents[str(run.where[stranger])]
    assert (other.parted_from, other.history) == (one.id, ())
    passages = [(it.kind, it.other, it.posts) for it in run.incidents[one.id].history]
    assert passages == [(Passing.CAME, two.id, two.copies), (Passing.LEFT, other.id, other.copies)]
    run.restart()
    run.give([*matter(0, 40), said(Regroup.APART, one.id, stranger, id_="r2", undone=True)])
    assert [it.kind for it in run.incidents[one.id].history] == [Passing.CAME, Passing.LEFT, Passing.CAME]
    assert run.incidents[other.id].merged_into == one.id


def test_a_post_that_does_not_belong_goes_and_is_counted_no_more() -> None:
    run = Run()
    run.give(matter(0))
    (one,) = listed(run)
    stranger = one.examples[0]
    run.give([said(Regroup.APART, one.id, stranger)])
    assert run.where[stranger] is None
    assert run.incidents[one.id].copies == one.copies - 1
    assert stranger not in run.incidents[one.id].examples
    run.give([said(Regroup.APART, one.id, stranger, undone=True)])
    assert run.where[stranger] == one.id
    assert run.incidents[one.id].copies == one.copies


@pytest.mark.parametrize(("copied", "distinct"), [(False, 7), (True, 8)])
def test_a_copy_that_is_put_out_leaves_as_many_distinct_posts(copied: bool, distinct: int) -> None:
    run, posts = Run(), matter(0)
    run.give([*posts, *copies(posts[3], 2, 10)])
    (one,) = listed(run)
    stranger = copies(posts[3], 1, 10)[0] if copied else posts[3]
    word = replace(said(Regroup.APART, one.id, stranger.id), group=posts[3].id)
    run.give([word])
    assert (run.incidents[one.id].posts, run.incidents[one.id].copies) == (distinct, 9)
    run.restart()
    run.give([replace(word, group=None, undone=True)])
    assert (run.incidents[one.id].posts, run.incidents[one.id].copies) == (8, 10)


def copies(of: AnalysedPost, count: int, start: float) -> list[AnalysedPost]:
    return [replace(post(f"{of.id}-copy-{start}-{n}", of.text, start + n), group=of.id) for n in range(count)]


@pytest.mark.parametrize("restarts", [False, True])
def test_later_copies_of_a_post_that_does_not_belong_stay_out_until_that_is_taken_back(restarts: bool) -> None:
    run, posts = Run(), matter(0)
    run.give([*posts, *copies(posts[3], 1, 10)])
    (one,) = listed(run)
    late = copies(posts[3], 3, 20)
    run.give([said(Regroup.APART, one.id, posts[3].id)])
    for copy in (*late, *copies(posts[4], 2, 30)):
        run.give([copy])
        if restarts:
            run.restart()
    assert {run.where.get(copy.id) for copy in late} == {None}
    assert run.incidents[one.id].copies == 8 + 2, "what came before stays, and other copies come"
    run.give([said(Regroup.APART, one.id, posts[3].id, undone=True), *copies(posts[3], 1, 40)])
    assert {run.where[copy.id] for copy in (posts[3], *late, *copies(posts[3], 1, 40))} == {one.id}
    assert run.incidents[one.id].copies == 9 + 2 + 3 + 1


def test_posts_that_were_put_out_are_remembered_within_bounds() -> None:
    run = Run()
    run.give(matter(0, count=9))
    (one,) = listed(run)
    for n in range(REMEMBERED + 9):
        more = post(f"x{n}", f"{MATTERS[0]}，{REMARKS[n % 9]}{n}", minutes=10)
        run.give([more, said(Regroup.APART, one.id, more.id, id_=more.id)])
    assert not run.refused
    (course,) = (row for row in run.rows.values() if row.key == "course")
    assert len(msgspec.msgpack.decode(course.value or b"", type=Course).out) == REMEMBERED


def test_what_is_no_incident_is_not_listed_until_it_is_three_times_as_much() -> None:
    run = Run()
    run.give(matter(0))
    (one,) = listed(run)
    run.give([said(Regroup.NOTHING, one.id)])
    run.give(matter(0, 20))
    assert run.incidents[one.id].dismissed
    run.give(matter(0, 40, 9))
    assert listed(run) == [run.incidents[one.id]], "25 posts of 8"


def test_taken_back_it_is_an_incident_again() -> None:
    run = Run()
    run.give(matter(0))
    (one,) = listed(run)
    run.give([said(Regroup.NOTHING, one.id), said(Regroup.NOTHING, one.id, undone=True)])
    assert not run.incidents[one.id].dismissed


@pytest.mark.parametrize(
    "nonsense",
    [
        said(Regroup.TOGETHER, "none", "nor this"),
        said(Regroup.TOGETHER, "none", undone=True),
        said(Regroup.APART, "none", "p1"),
        said(Regroup.NOTHING, "none"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_is_told(nonsense: Regrouping) -> None:
    run, _, _ = two_matters()
    before = (dict(run.incidents), list(run.assigned))
    run.give([nonsense])
    assert (run.incidents, run.assigned) == before
    assert run.refused == [nonsense]


def test_what_is_said_twice_is_done_once() -> None:
    run, one, two = two_matters()
    run.give([said(Regroup.NOTHING, one.id), said(Regroup.NOTHING, one.id)])
    assert len(run.refused) == 1
    assert run.incidents[two.id].is_listed


def drawing_near() -> tuple[list[AnalysedPost], list[AnalysedPost]]:
    """Posts of two incidents, and later ones, of one place and risk, that make one of them."""
    outage = Risk(score=0.6, hits=(RiskHit(category="outage", word="停水", weight=0.6),))
    noise = Risk(score=0.6, hits=(RiskHit(category="noise", word="停水", weight=0.6),))
    apart = [
        post(f"{n}-{part}", f"{PARTS[part]}，{REMARKS[n]}", minutes=n + part / 2, labels=replace(labels(), risk=risk))
        for n in range(5)
        for part, risk in ((0, noise), (1, outage))
    ]
    one_matter = replace(labels(places=(HARBOUR,)), risk=outage)
    near = [
        post(f"near-{n}", f"滨河花园停水{PARTS[n % 2]}，{REMARKS[n % 9]}", minutes=10 + n / 2, labels=one_matter)
        for n in range(20)
    ]
    return apart, near


@pytest.mark.parametrize(
    ("worked_on", "gone"), [((), {"later": "earlier"}), (("later",), {"earlier": "later"}), (("earlier", "later"), {})]
)
@pytest.mark.parametrize("restarts", [False, True])
def test_an_incident_that_somebody_works_on_keeps_its_id(
    worked_on: tuple[str, ...], gone: dict[str, str], restarts: bool
) -> None:
    run, (apart, near) = Run(), drawing_near()
    run.give(apart)
    raised = sorted(run.incidents.values(), key=lambda one: one.raised_at)
    ids = {"earlier": raised[0].id, "later": raised[1].id}
    run.give([said(Regroup.HELD, ids[name], id_=f"h{n}") for n, name in enumerate(worked_on)])
    for one in near:
        run.give([one])
        if restarts:
            run.restart()
    merged = {one.id: one.merged_into for one in run.incidents.values() if one.merged_into}
    assert merged == {ids[one]: ids[other] for one, other in gone.items()}
    assert set(run.where.values()) == set(ids.values()) - merged.keys()
    assert not run.refused


def test_taken_back_out_of_another_an_incident_is_still_the_one_that_somebody_works_on() -> None:
    run, (apart, near) = Run(), drawing_near()
    run.give(apart)
    earlier, later = sorted(run.incidents.values(), key=lambda one: one.raised_at)
    run.give([said(Regroup.HELD, later.id, id_="h"), said(Regroup.TOGETHER, earlier.id, later.id)])
    assert run.incidents[later.id].merged_into == earlier.id
    run.give([said(Regroup.TOGETHER, earlier.id, later.id, undone=True), *near])
    assert run.incidents[later.id].merged_into is None


def silent_and_open(config: DetectorConfig) -> tuple[Run, str, str]:
    """An incident whose clusters are closed by now, and one that is told ten hours later."""
    run = Run(config)
    run.give(matter(0))
    (silent,) = run.incidents
    run.give(matter(1, 600))
    (open_,) = run.incidents.keys() - {silent}
    return run, silent, open_


@pytest.mark.parametrize("config", [FORGETFUL, DetectorConfig(max_clusters=2)])
@pytest.mark.parametrize("of_the_open", [True, False])
def test_what_goes_on_with_an_incident_that_is_over_is_linked_to_it(config: DetectorConfig, of_the_open: bool) -> None:
    run, silent, open_ = silent_and_open(config)
    word = said(Regroup.TOGETHER, *((open_, silent) if of_the_open else (silent, open_)))
    run.give([word])
    assert run.incidents[open_].continues == (silent,)
    assert run.incidents[silent].continues == ()
    assert run.incidents[silent].is_listed, "both stay"
    assert run.links == [Link(word, silent)]
    run.restart()
    run.give([*matter(1, 620), word])
    assert run.incidents[open_].continues == (silent,)
    assert run.refused == [word], "said a second time"
    run.give([replace(word, undone=True)])
    assert run.incidents[open_].continues == ()
    assert run.links[1:] == [Link(replace(word, undone=True), silent)]


def test_of_two_incidents_that_are_both_over_nothing_can_be_said() -> None:
    run, silent, open_ = silent_and_open(FORGETFUL)
    run.give(matter(2, 1200))
    run.give([said(Regroup.TOGETHER, open_, silent)])
    assert len(run.refused) == 1
    assert not run.links


def test_of_two_that_are_too_large_to_move_the_later_continues_the_earlier() -> None:
    run, earlier, later = two_matters()
    run.give([copy for one in (matter(0)[0], matter(1, 20)[0]) for copy in copies(one, 130, 40)])
    run.give([said(Regroup.TOGETHER, earlier.id, later.id)])
    assert run.incidents[later.id].continues == (earlier.id,)
    assert {run.incidents[one.id].merged_into for one in (earlier, later)} == {None}


def test_a_link_goes_where_its_incident_goes_and_comes_back_with_it() -> None:
    run, silent, open_ = silent_and_open(FORGETFUL)
    run.give(matter(2, 610))
    (third,) = run.incidents.keys() - {silent, open_}
    run.give([said(Regroup.TOGETHER, open_, silent), said(Regroup.TOGETHER, third, open_, id_="r2")])
    assert (run.incidents[open_].merged_into, run.incidents[third].continues) == (third, (silent,))
    run.restart()
    run.give([said(Regroup.TOGETHER, third, open_, id_="r2", undone=True)])
    assert [run.incidents[id_].continues for id_ in (third, open_)] == [(), (silent,)]


def test_a_link_that_was_taken_back_does_not_come_back() -> None:
    run, silent, open_ = silent_and_open(FORGETFUL)
    run.give(matter(2, 610))
    (third,) = run.incidents.keys() - {silent, open_}
    link, together = said(Regroup.TOGETHER, open_, silent), said(Regroup.TOGETHER, third, open_, id_="r2")
    run.give([link, together, replace(link, undone=True), replace(together, undone=True)])
    assert not run.refused
    assert [run.incidents[id_].continues for id_ in (third, open_)] == [(), ()]


@pytest.mark.parametrize("turned", [False, True])
def test_what_is_in_an_incident_already_is_not_linked_to_it(turned: bool) -> None:
    run, one, two = two_matters()
    pair = (two.id, one.id) if turned else (one.id, two.id)
    again = said(Regroup.TOGETHER, *pair, id_="r2")
    run.give([said(Regroup.TOGETHER, one.id, two.id), again])
    assert (run.refused, run.links) == ([again], [])
    assert run.incidents[one.id].continues == ()


@pytest.mark.parametrize("of_the_open", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_an_earlier_incident_does_not_continue_a_later_one(of_the_open: bool, known: bool) -> None:
    run = Run(FORGETFUL)
    run.give([*matter(0), *matter(1, 20)])
    open_, silent = sorted(listed(run), key=lambda incident: incident.raised_at)
    run.give([more for start in range(120, 720, 120) for more in matter(0, start)])
    one, other = (open_, silent) if of_the_open else (silent, open_)
    raised = (one.raised_at, other.raised_at) if known else (None, None)
    word = replace(said(Regroup.TOGETHER, one.id, other.id), raised_at=raised[0], other_raised_at=raised[1])
    run.give([word])
    assert (run.refused, run.links) == ([word], [])
    assert run.incidents[open_.id].continues == ()


def test_a_part_that_is_put_out_leaves_the_link_where_it_was_said() -> None:
    run, silent, open_ = silent_and_open(FORGETFUL)
    run.give([*matter(2, 610), said(Regroup.TOGETHER, open_, silent)])
    (third,) = run.incidents.keys() - {silent, open_}
    run.give([said(Regroup.TOGETHER, open_, third, id_="r2")])
    run.give([said(Regroup.APART, open_, matter(1, 600)[0].id, id_="r3")])
    alone = run.incidents[str(run.where[matter(1, 600)[0].id])]
    assert (alone.continues, run.incidents[open_].continues) == ((), (silent,))


def test_links_are_remembered_within_bounds() -> None:
    run, _, open_ = silent_and_open(FORGETFUL)
    run.give([said(Regroup.TOGETHER, open_, f"past-{n}", id_=f"r{n}") for n in range(20)])
    assert run.incidents[open_].continues == tuple(f"past-{n}" for n in range(4, 20))


def test_work_on_what_is_over_is_nothing_to_the_detector() -> None:
    run = Run()
    run.give([said(Regroup.HELD, "gone")])
    assert not run.refused
    assert not run.incidents


Drawn = tuple[str, int, int, int]
talk = st.lists(
    st.tuples(st.sampled_from(TOLD), st.integers(0, 60), st.integers(0, 9), st.integers(0, 60)),
    min_size=30,
    max_size=90,
)


def lively(drawn: list[Drawn], config: DetectorConfig = CONFIG) -> list[AnalysedPost | Regrouping]:
    """Posts, some of them copies, and between them a person. Below ten a number has him say something of what is listed then,
    which he takes back at once if it is four to seven; below twenty he takes back what he said earlier."""
    look, given, at = Run(config), list[AnalysedPost | Regrouping](), 0
    first, groups, words = dict[str, str](), dict[str, str](), list[Regrouping]()
    for number, (text, minutes, author, choice) in enumerate(drawn):
        at, id_ = at + minutes, f"p{number}"
        groups[id_] = first.setdefault(text, id_) if author % 2 else id_
        now = [post(id_, text, minutes=at, group=groups[id_], author=f"a{author}")]
        look.give(now)
        given += now
        spoken = list[Regrouping]()
        if choice < 10:
            spoken = spoken_of(look, choice, groups, f"r{number}")
            words += [word for word in spoken if len(spoken) == 1 and word.kind is not Regroup.HELD]
        elif choice < 20 and words:
            spoken = [replace(words.pop(choice % len(words)), undone=True)]
        look.give(spoken)
        given += spoken
    return given


def spoken_of(look: Run, choice: int, groups: dict[str, str], id_: str) -> list[Regrouping]:
    """What a person says of two incidents that are listed, or of a post of the first, by a number below ten."""
    ids = sorted(one.id for one in listed(look))
    if len(ids) < 2:
        return []
    kind, one, other = list(Regroup)[choice % 4], ids[choice % len(ids)], ids[(choice + 1) % len(ids)]
    member = next(post_ for post_, where in look.where.items() if where == one)
    word = replace(
        said(kind, one, member if kind is Regroup.APART else other, id_=id_),
        group=groups[member],
        raised_at=look.incidents[one].raised_at,
        other_raised_at=look.incidents[other].raised_at,
    )
    return [word, replace(word, undone=True)] if 4 <= choice < 8 else [word]


def replayed(drawn: list[Drawn], places: list[int], config: DetectorConfig) -> tuple[Run, Run]:
    """What is drawn given at once, and in batches with a restart after each."""
    whole, parted, given = Run(config), Run(config), lively(drawn, config)
    whole.give(given)
    for batch in cut(given, places):
        parted.give(batch)
        parted.restart()
    return whole, parted


@given(talk, st.lists(st.integers(0, 90), max_size=5))
@settings(max_examples=25, deadline=None)
def test_a_replay_in_other_batches_and_with_restarts_gives_the_same(drawn: list[Drawn], places: list[int]) -> None:
    whole, parted = replayed(drawn, places, CONFIG)
    assert parted.assigned == whole.assigned
    assert parted.incidents == whole.incidents
    assert parted.refused == whole.refused
    assert by_version(parted.milestones) == by_version(whole.milestones)


@given(talk)
@settings(max_examples=25, deadline=None)
def test_an_incident_counts_the_posts_that_are_in_it_whatever_people_say(drawn: list[Drawn]) -> None:
    run = Run()
    run.give(lively(drawn))
    assert counts_what_is_in_it(run)


@given(talk)
@settings(max_examples=25, deadline=None)
def test_whatever_parts_or_merges_names_incidents_that_were_told(drawn: list[Drawn]) -> None:
    run = Run()
    run.give(lively(drawn))
    for one in run.incidents.values():
        named = {it.other for it in one.history} | ({one.parted_from} if one.parted_from else set())
        assert named <= run.incidents.keys() - {one.id}
        assert len(one.history) <= 16


@given(talk)
@settings(max_examples=25, deadline=None)
def test_what_people_put_together_is_together_to_the_end(drawn: list[Drawn]) -> None:
    run = Run()
    bound: list[set[str]] = []
    for one in lively(drawn):
        if isinstance(one, Regrouping) and (one.kind is not Regroup.TOGETHER or one.undone):
            continue
        before = dict(run.where)
        run.give([one])
        if isinstance(one, Regrouping) and not run.refused and not run.links:
            bound.append({id_ for id_, to in before.items() if to in (one.incident, one.other)})
        run.refused.clear()
        run.links.clear()  # two that could not become one
    for ids in bound:
        assert len({run.where[id_] for id_ in ids}) == 1


@given(talk, st.lists(st.integers(0, 90), max_size=5))
@settings(max_examples=25, deadline=None)
def test_links_with_what_fell_silent_are_the_same_in_a_replay(drawn: list[Drawn], places: list[int]) -> None:
    whole, parted = replayed(drawn, places, FORGETFUL)
    assert parted.links == whole.links
    assert parted.refused == whole.refused
    assert parted.incidents == whole.incidents
    for one in whole.incidents.values():
        assert set(one.continues) <= whole.incidents.keys() - {one.id}


def cluster(born: int, terms: dict[int, int], places: dict[str, tuple[str, int]] | None = None) -> Cluster:
    squares = sum(weight * weight for weight in terms.values())
    return Cluster(
        id=f"i{born}", born=born, born_total=0, first_at=0, first_seen=0, posts=8, copies=8, hours={1: 8}, terms=terms,
        squares=squares, places=places or {},
    )  # fmt: skip


def test_each_correction_moves_the_chance_of_the_like_a_little_and_within_bounds() -> None:
    one, two = cluster(1, {1: 10, 2: 10}), cluster(2, {1: 3, 3: 10})
    bias, chances = 0.0, [affinity(one, two)]
    for _ in range(50):
        bias = taught(bias, one, two, together=True)
        chances.append(affinity(one, two, learnt(bias)))
    assert chances == sorted(chances)
    assert chances[1] > chances[0]
    assert bias <= 1.0
    assert taught(bias, one, two, together=False) < bias


@pytest.mark.parametrize(("shared", "together", "corrections"), [(0.06, True, 1), (0.1, False, 3)])
def test_after_some_corrections_of_one_kind_the_next_like_pair_is_decided_the_persons_way(
    shared: float, together: bool, corrections: int
) -> None:
    weight = round(100 * shared)
    one, two = cluster(1, {1: 100}), cluster(2, {1: weight, 2: 100})
    two.hours = {2: 8}
    two.squares = weight**2 + 100**2
    bias, decided = 0.0, []
    for _ in range(corrections + 1):
        decided.append(affinity(one, two, learnt(bias)) > LEAST)
        bias = taught(bias, one, two, together=together)
    assert decided == [not together] * corrections + [together]


def test_a_part_that_is_put_out_teaches_the_opposite_of_two_that_are_put_together() -> None:
    run, (apart, near) = Run(), drawing_near()
    run.give([*apart, *near[:8]])
    earlier, later = sorted(run.incidents.values(), key=lambda one: one.raised_at)
    stranger = next(id_ for id_, to in run.where.items() if to == later.id)
    run.give([said(Regroup.TOGETHER, earlier.id, later.id)])
    together = bias_of(run)
    run.give([said(Regroup.APART, earlier.id, stranger, id_="r2")])
    assert together > 0
    assert bias_of(run) < together


def bias_of(run: Run) -> float:
    return msgspec.msgpack.decode(run.rows["course"].value or b"", type=Course).bias


def test_clusters_without_a_word_in_common_teach_nothing() -> None:
    assert taught(0.2, cluster(1, {1: 10}), cluster(2, {PLACE + 2: 10}), together=True) == 0.2

"""Posts that come late, and out of order: how far that changes what is found in the sample."""

from collections import defaultdict
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bench.lateness import HOURS, Places, agreement, late, placed, sample
from core.records import AnalysedPost

TOLERANCE = 0.6
"""B-cubed F1 against the order of the posts' own times, over what is in an incident in either. `python -m bench.lateness`
measures 0.69 to 0.77 for lateness of one to 48 hours; 0.06 is scored by finding nothing."""


@pytest.fixture(scope="module")
def posts() -> list[AnalysedPost]:
    return sample()


@pytest.fixture(scope="module")
def usual(posts: list[AnalysedPost]) -> Places:
    return placed(posts)


@given(hours=st.sampled_from(HOURS), seed=st.integers(0, 2**32))
@settings(max_examples=4, derandomize=True, deadline=None, phases=[Phase.generate])
def test_a_tenth_of_posts_late_changes_no_more_than_the_tolerance(
    posts: list[AnalysedPost], usual: Places, hours: int, seed: int
) -> None:
    assert agreement(usual, placed(late(posts, hours, Random(seed)))) >= TOLERANCE


def test_the_tolerance_tells_what_is_found_from_nothing_and_from_everything_as_one(
    posts: list[AnalysedPost], usual: Places
) -> None:
    ids = [post.id for post in posts]
    nothing, one, each = dict.fromkeys(ids), dict.fromkeys(ids, "one"), {id_: id_ for id_ in ids}
    assert agreement(usual, usual) == 1.0
    assert max(agreement(usual, null) for null in (nothing, one, each)) < TOLERANCE / 5


def test_a_late_post_goes_where_its_happening_is(posts: list[AnalysedPost], usual: Places) -> None:
    """Every tenth post of the three largest incidents, given two days after all others, is put into a part of its own."""
    of: defaultdict[str, list[str]] = defaultdict(list)
    for post, incident in usual.items():
        if incident is not None:
            of[incident].append(post)
    largest = sorted(of.values(), key=len)[-3:]
    held_back = {id_ for members in largest for id_ in members[::10]}
    where = placed([p for p in posts if p.id not in held_back] + [p for p in posts if p.id in held_back])
    home = 0
    for members in largest:
        rest = {where.get(id_) for id_ in members if id_ not in held_back} - {None}
        home += sum(where.get(id_) in rest for id_ in members[::10])
    assert home >= 0.75 * len(held_back)

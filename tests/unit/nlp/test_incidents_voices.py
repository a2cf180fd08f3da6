"""How much one author, and how much copies, can make of a matter."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import AnalysedPost, Why
from nlp.incidents.cluster import HOUR, Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.explain import reasons
from nlp.incidents.heat import heat
from nlp.incidents.union import absorb
from nlp.incidents.voices import KNOWN, STEPS
from tests.records import NOON, label, labels, post
from tests.unit.nlp.detecting import MATTERS, REMARKS, Run, facts, stream

STEADY = DetectorConfig(half_life_h=24.0, half_life_max_h=24.0)
"""Copies do not change how fast matters fade."""


def heard(posts: list[AnalysedPost], last: float) -> Cluster:
    """A cluster of posts in the order of their times, as of `last` minutes after noon; a half-life is a day."""
    cluster = Cluster(id="i", born=1, born_total=1, first_at=0.0, first_seen=0.0)
    end = post("last", minutes=last, author="the-last")
    for one in [*sorted(posts, key=lambda one: (one.at, one.id)), end]:
        at = one.at.timestamp()
        cluster.age(int(STEPS * (at - NOON.timestamp()) / (24 * HOUR)))
        cluster.count(one, at, at)
        if one.is_copy:
            cluster.count_copy(one, at)
        else:
            cluster.count_distinct(one, at, [])
    return cluster


said = st.tuples(st.integers(0, 3000), st.integers(0, 40), st.booleans())
"""Minutes after noon, likes, and whether it is a copy."""


def by(author: str | None, told: list[tuple[int, int, bool]]) -> list[AnalysedPost]:
    """His posts and copies; nobody's are of as many people."""
    return [
        post(
            f"{author}-{n}",
            minutes=minutes,
            likes=likes,
            author=author or f"someone-{n}",
            group="p0" if copied else f"{author}-{n}",
        )
        for n, (minutes, likes, copied) in enumerate(told)
    ]


@given(st.lists(said, max_size=20), st.lists(said, min_size=4, max_size=100))
@settings(max_examples=60, deadline=None)
def test_a_hundred_posts_of_one_author_are_worth_at_most_what_three_are(
    others: list[tuple[int, int, bool]], his: list[tuple[int, int, bool]]
) -> None:
    latest, most = max(minutes for minutes, _, _ in his), max(likes for _, likes, _ in his)
    three = [(latest, most, False)] * 3 + [(latest, most, True)] * 3 * any(copied for _, _, copied in his)
    many, few = heard([*by(None, others), *by("he", his)], 3000), heard([*by(None, others), *by("he", three)], 3000)
    assert heat(many) <= heat(few) + 1e-9


@given(st.lists(facts, max_size=40), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_one_author_and_a_bystander_never_make_an_incident(
    drawn: list[tuple[int, int, int, int, bool]], place: int
) -> None:
    """But for a grave risk, of which two people are enough."""
    run = Run()
    posts = [replace(one, author="the-one", source=f"source-{n % 4}") for n, one in enumerate(stream(drawn))]
    posts[place : place + 1] = [replace(one, author="bystander") for one in posts[place : place + 1]]
    run.give(posts)
    assert run.incidents == {}


def test_a_bystander_and_a_flood_by_one_author_make_no_sharp_burst() -> None:
    plain = replace(labels(sentiment="neutral", domain="none"), intent=label("none", "complaint"))
    flood = [
        post(f"p{n}", f"{MATTERS[0]}，{REMARKS[n % 9]}{n}", minutes=n, author="he" if n else "bystander", labels=plain)
        for n in range(31)
    ]
    alone, crowd = Run(), Run()
    alone.give(flood)
    crowd.give([replace(one, author=f"someone-{n}") for n, one in enumerate(flood)])
    assert alone.incidents == {}
    assert len(crowd.incidents) == 1, "thirty people do"


def test_a_flooder_in_a_crowd_stays_known() -> None:
    crowd = [post(f"p{n}", minutes=n, author=f"someone-{n}") for n in range(4 * KNOWN)]
    flood = [post(f"f{n}", minutes=n + 0.5, author="he") for n in range(4 * KNOWN)]
    cluster = heard([*crowd, *flood], 4 * KNOWN)
    assert len(cluster.voices) == KNOWN
    assert cluster.heard == len(crowd) + 3 + 1


def test_where_no_author_is_named_each_post_is_somebodys() -> None:
    cluster = heard([post(f"p{n}", minutes=n, author=None) for n in range(9)], 10)
    assert (cluster.heard, cluster.authors, len(cluster.voices)) == (10, 10, 1)


def test_an_author_of_two_clusters_that_become_one_is_heard_as_in_one() -> None:
    his = by("he", [(n, 5, False) for n in range(3)])
    one, other, both = heard(his, 10), heard(his, 10), heard(his, 10)
    absorb(one, other)
    assert heat(one) < 1.3 * heat(both), "what is added is the last one's post"
    assert one.hours[int(NOON.timestamp() // HOUR)] == 3 + 1 + 1
    assert one.heard_of_others == 2


@given(st.lists(st.lists(st.integers(0, 5), max_size=20), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_of_an_author_three_posts_count_however_many_clusters_become_one(clusters: list[list[int]]) -> None:
    """Each number is the author of a post."""
    written = [by_all(authors, f"c{number}") for number, authors in enumerate(clusters)]
    one, *others = (heard(posts, 10) for posts in written)
    for other in others:
        absorb(one, other)
    whole = heard([one for posts in written for one in posts], 10)
    for _ in others:  # each cluster has the last one's post, too
        whole.count_distinct(post("last", author="the-last"), NOON.timestamp(), [])
    assert one.heard == whole.heard
    assert one.heard_of_others == whole.heard_of_others


def by_all(authors: list[int], name: str) -> list[AnalysedPost]:
    return [post(f"{name}-{n}", minutes=n % 10, author=f"someone-{author}") for n, author in enumerate(authors)]


def test_an_author_of_two_parts_and_a_bystander_have_no_volume() -> None:
    his = by("he", [(n, 5, False) for n in range(3)])
    one, other = heard(his, 10), heard(his, 10)
    absorb(one, other)
    config = DetectorConfig()
    assert one.heard == 5 < config.volume_posts
    assert not [reason for reason in reasons(one, config) if reason.code is Why.VOLUME]


@pytest.mark.parametrize("hours", [0, 30, 100])
def test_clusters_of_different_days_fade_to_the_same_moment_when_they_become_one(hours: int) -> None:
    early, late = by(None, [(n, 5, False) for n in range(9)]), by("he", [(60 * hours, 5, False)] * 2)
    one, other = heard(early, 9), heard(late, 60 * hours)
    absorb(one, other)
    whole = heard([*early, *late, post("p", minutes=9, author="the-last")], 60 * hours)
    assert one.distinct + sum(v.distinct for v in one.voices.values()) == pytest.approx(
        whole.distinct + sum(v.distinct for v in whole.voices.values())
    )


added = st.tuples(
    st.integers(0, 60),
    st.integers(0, 30 * 60) | st.just(60),
    st.integers(0, 12),
    st.sampled_from([1, 1, 3, 7, 12]),
    st.sampled_from([0, 1, 1000]),
    st.booleans(),
)
"""Copies: after which post they come, minutes after noon, by whom first, by how many in that minute, likes, whether reposts."""

Copies = list[tuple[int, int, int, int, int, bool]]


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 30 * 60), st.integers(0, 5), st.booleans()),
        min_size=12,
        max_size=40,
    ),
    st.lists(added, max_size=4),
    st.lists(added, min_size=1, max_size=4),
)
@example([(n % 9, n, n % 6, False) for n in range(12)], [(10, 60, 12, 7, 1000, False)], [(5, 60, 0, 12, 0, False)]).via(
    "a wave in which those who are liked come too late to be people"
)
@settings(max_examples=60, deadline=None)
def test_added_copies_never_lower_heat(drawn: list[tuple[int, int, int, bool]], before: Copies, copies: Copies) -> None:
    """Copies anywhere, several, waves of them, beside others and other waves; compared at the same moment."""
    posts = stream([(0, remark, minutes, author, copied) for remark, minutes, author, copied in drawn])
    last = post("last", f"{MATTERS[0]}，急", minutes=30 * 60, author="z")
    base, copied = Run(STEADY), Run(STEADY)
    base.give([*among(posts, before), last])
    copied.give([*among(posts, before, copies), last])
    for id_, incident in base.incidents.items():
        assert copied.incidents[id_].heat >= incident.heat


def among(posts: list[AnalysedPost], *all_copies: Copies) -> list[AnalysedPost]:
    """Posts with copies between them, those named last first."""
    copies = [
        (place % len(posts), replace(one, id=f"c{at}-{n}-{m}"))
        for at, some in enumerate(all_copies[::-1], 2 - len(all_copies))
        for n, (place, *more) in enumerate(some)
        for m, one in enumerate(copied_by(*more))
    ]
    return [one for n, own in enumerate(posts) for one in (own, *(copy for place, copy in copies if place == n))]


def copied_by(minutes: int, first: int, accounts: int, likes: int, reposted: bool) -> list[AnalysedPost]:
    """Copies of the first post, by accounts of which some also wrote themselves and every other was opened that day."""
    return [
        post(
            "c",
            MATTERS[0],
            minutes,
            group="p0",
            author=f"author-{first + n}",
            author_since=NOON.date() if (first + n) % 2 else None,
            likes=likes,
            root="p0" if reposted else None,
        )
        for n in range(accounts)
    ]


def test_copies_by_three_hundred_accounts_are_worth_more_than_none_and_less_than_as_many_posts() -> None:
    nine = [(7 * n, 0, False) for n in range(9)]
    alone = heat(heard(by(None, nine), 300))
    copied = heat(heard(by(None, nine + [(n, 0, True) for n in range(300)]), 300))
    spoken = heat(heard(by(None, nine + [(n, 0, False) for n in range(30)]), 300))
    assert alone < copied < spoken
    assert copied < 2.5 * alone

"""What makes an incident hot beside its volume."""

import math

from core.records import Place
from nlp.incidents.cluster import Cluster
from nlp.incidents.heat import heat, spread
from tests.records import labels, post


def told(sources: list[str], authors: list[str], districts: list[str]) -> Cluster:
    """A cluster of as many posts as sources, each by an author and of a district."""
    cluster = Cluster(id="i", born=1, born_total=1, first_at=0.0, first_seen=0.0)
    for number, (source, author, district) in enumerate(zip(sources, authors, districts, strict=True)):
        places = (Place(code=district, name=district, text=district),)
        one = post(f"p{number}", "停水", number, author=author, source=source, labels=labels(places=places))
        cluster.count(one, one.at.timestamp(), one.at.timestamp())
        cluster.count_distinct(one, one.at.timestamp(), [])
    return cluster


def test_what_is_told_in_four_sources_and_of_two_districts_is_hotter_than_the_same_in_one():
    authors, here = ["a", "b", "c", "d"], ["990100"] * 4
    near, far = (
        told(["weibo"] * 4, authors, here),
        told(["weibo", "forum", "news", "mail"], authors, ["990100", "990200"] * 2),
    )
    assert (spread(near), spread(far)) == (0.0, 3.0)
    assert math.isclose(heat(far) / heat(near), (1.5 + 0.3) / 1.5), "all of them negative"


def test_one_author_in_four_sources_spreads_nothing():
    assert spread(told(["weibo", "forum", "news", "mail"], ["a"] * 4, ["990100"] * 4)) == 0.0


def test_streets_of_one_district_are_one_district():
    assert spread(told(["weibo"] * 2, ["a", "b"], ["990100001", "990100002"])) == 0.0

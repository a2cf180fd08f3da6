"""When two incidents are one happening."""

import pytest

from nlp.incidents.accounts import RiskCount
from nlp.incidents.cluster import Cluster
from nlp.incidents.features import PLACE
from nlp.incidents.merging import agreement, is_due

HOUR = 495_000


def incident(born: int, **more: object) -> Cluster:
    """Eight posts of one hour about two words, at one place."""
    given: dict[str, object] = {
        "posts": 8,
        "copies": 8,
        "sentiment": {"negative": 8},
        "terms": {1: 90, 10 * born: 400, PLACE + 7: 300},
        "hours": {HOUR: 8},
        "places": {"990100001101": ("滨河花园", 6)},
        "risks": {"outage": RiskCount("停水", 0.6, 6)},
    }
    return Cluster(id=f"i{born}", born=born, born_total=0, first_at=0.0, first_seen=0.0, **(given | more))  # type: ignore[arg-type]


def test_a_place_a_risk_and_an_hour_with_few_words_are_enough() -> None:
    assert agreement(incident(2), incident(3)) is not None


@pytest.mark.parametrize(
    "other",
    [
        {"hours": {HOUR + 30: 8}},
        {"places": {"990100002101": ("鹭洲新城", 6)}},
        {"risks": {"noise": RiskCount("噪音", 0.6, 6)}},
        {"terms": {30: 400, PLACE + 7: 300}},
        {"posts": 3},
    ],
    ids=["another hour", "another place", "another risk", "no word in common", "too few posts"],
)
def test_without_one_of_them_they_stay_apart(other: dict[str, object]) -> None:
    assert agreement(incident(2), incident(3, **other)) is None


def test_agreement_does_not_depend_on_the_order() -> None:
    assert agreement(incident(2), incident(3, posts=12, copies=20)) == agreement(
        incident(3, posts=12, copies=20), incident(2)
    )


def test_an_incident_is_looked_at_ever_more_seldom() -> None:
    assert [posts for posts in range(1, 100) if is_due(posts)] == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96]

import pytest
from msgspec.structs import replace

from alerts.policy import Rule, default_policy
from alerts.rules import Verdict, judge, negative_share
from core.records import Incident, PlaceCount, Reason, Risk, RiskHit, Term, Why
from tests.records import incident

FIRE = Risk(score=0.7, hits=(RiskHit(category="fire", word="起火", weight=0.7),))
SEEN = incident(
    reasons=(Reason(code="volume"), Reason(code="rising")),
    risk=FIRE,
    places=(PlaceCount(code="990101", name="滨江街道", posts=4),),
    terms=(Term(text="路灯", weight=1.0),),
)


def judged(given: Incident, *rules: Rule) -> Verdict:
    return judge(given, replace(default_policy(), rules=rules))


def rule(id_: str = "r", level: int = 3, **conditions: object) -> Rule:
    return Rule(id=id_, name={"zh-Hans": "规则"}, level=level, source="s", **conditions)


@pytest.mark.parametrize(
    ("name", "met", "missed"),
    [
        ("posts", {"min_posts": 12}, {"min_posts": 13}),
        ("authors", {"min_authors": 10}, {"min_authors": 11}),
        ("heat", {"min_heat": 20.0}, {"min_heat": 20.1}),
        ("burst", {"min_burst": 6.0}, {"min_burst": 6.1}),
        ("negative", {"min_negative": 0.75}, {"min_negative": 0.76}),
        ("risk", {"min_risk": 0.7}, {"min_risk": 0.71}),
        ("risks", {"risks": ("explosion", "fire")}, {"risks": ("explosion",)}),
        ("words", {"words": ("停电", "停水")}, {"words": ("停电",)}),
        ("words", {"words": ("路灯",)}, {"words": ("红绿灯",)}),
        ("without", {"without": ("演练",)}, {"without": ("停水",)}),
        ("domains", {"domains": ("城乡建设",)}, {"domains": ("交通运输",)}),
        ("places", {"places": ("9901",)}, {"places": ("9902",)}),
        ("reasons", {"reasons": (Why.BURST, Why.RISING)}, {"reasons": (Why.BURST,)}),
    ],
)
def test_each_condition_holds_at_its_threshold_and_names_the_reason_of_its_yes_and_its_no(name, met, missed):
    yes, no = judged(SEEN, rule(**met)), judged(SEEN, rule(**missed))
    assert (yes.rule, yes.level) == ("r", 3)
    assert f"rule.{name}" in [reason.code for reason in yes.reasons]
    assert (no.rule, no.level, no.failed["r"].code) == (None, None, f"rule.{name}")


def test_the_gravest_rule_wins_and_of_equals_the_first():
    assert judged(SEEN, rule("mild", 4), rule("first", 2), rule("second", 2)).rule == "first"


def test_all_conditions_must_hold():
    assert judged(SEEN, rule(min_posts=2, min_heat=99.0)).failed["r"].code == "rule.heat"


def test_an_incident_without_judged_posts_is_not_negative():
    assert negative_share(incident(sentiment={})) == 0
    assert negative_share(incident(sentiment={"negative": 1, "positive": 3})) == 0.25
    assert negative_share(incident(sentiment={"negative": 1, "positive": 3, "unsure": 9})) == 0.25
    assert negative_share(incident(sentiment={"unsure": 9})) == 0


def test_praise_and_chatter_open_nothing_by_the_rules_that_ship():
    praise = incident(posts=500, authors=400, heat=900.0, burst=20.0, sentiment={"positive": 499, "neutral": 1})
    assert judge(praise, default_policy()).level is None

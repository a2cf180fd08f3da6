"""To which texts a person's label holds, and what a post then says of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import Ngram, RiskHit, Target
from nlp.corrections import CLASSES, DANGER, WEIGHT, Corrections, model_label, told
from nlp.duplicates import agreeing, alike, fingerprints, own_words
from nlp.labels import load_labeller
from nlp.risk import load_risk_lexicon, weighed
from tests.records import NOON, correction, labels, post

LAMP = "滨江路的路灯坏了一个星期，晚上很不安全，希望有关部门尽快派人来修"
NEARLY = "滨江路的路灯坏了一个星期，晚上很不安全，希望有关部门尽快派人去修"
OTHER = "云湾花园从昨天起停水，物业说不知道什么时候来水，老人孩子都没水喝"
SHORT = "路灯坏了"


def print_of(text):
    return fingerprints([text]).tolist()[0]


def said(text=LAMP, id_="k1", **more):
    return correction(id_, text=text, fingerprint=print_of(text), **more)


def find(corrections, text):
    found = Corrections.of(corrections).find(text, print_of(text))
    return {head: (one.correction.id, one.near) for head, one in found.items()}


def test_the_classes_are_those_of_the_model_that_ships():
    shipped = {head.name: set(head.classes) for head in load_labeller().model.heads}
    assert shipped == {head: set(classes) for head, classes in CLASSES.items()}


def test_a_correction_holds_for_the_same_text_and_nearly_the_same_and_for_no_other():
    assert find([said()], LAMP) == {"sentiment": ("k1", False)}
    assert find([said()], NEARLY) == {"sentiment": ("k1", True)}
    assert find([said()], OTHER) == {}
    assert not Corrections.of([])


def test_a_short_text_holds_for_equal_ones_only():
    assert find([said(SHORT)], SHORT) == {"sentiment": ("k1", False)}
    assert find([said(SHORT)], "路灯坏啦") == {}


def test_who_forwards_with_words_of_his_own_has_said_something_else():
    assert find([said()], f"转发微博//@王:{LAMP}") == {"sentiment": ("k1", True)}
    assert find([said()], f"说得太好了//@王:{LAMP}") == {}
    assert find([said(f"说得太好了//@王:{LAMP}")], LAMP) == {}
    assert [own_words(t) for t in (LAMP, f"//@a:{LAMP}", f"哈哈//@a:{LAMP}")] == ["", "", "哈哈"]


def test_the_newest_of_a_text_holds_and_the_same_text_goes_before_a_near_one():
    later = said(id_="k2", at=NOON + timedelta(hours=1), label="positive")
    near = said(NEARLY, id_="k3", at=NOON + timedelta(hours=2))
    assert find([later, near, said()], LAMP) == {"sentiment": ("k2", False)}
    assert find([near, said()], LAMP) == {"sentiment": ("k1", False)}
    other_head = said(NEARLY, id_="k4", head="domain", label="none")
    assert find([said(), other_head], LAMP) == {"sentiment": ("k1", False), "domain": ("k4", True)}


def test_a_post_says_who_corrected_it_and_keeps_the_models_own_answer():
    before = post(search=LAMP, labels=replace(labels(), reasons={"sentiment": (Ngram(text="坏了", weight=2.0),)}))
    after = told(before, Corrections.of([said()]).find(LAMP, print_of(LAMP)))
    assert (after.labels.sentiment.label, after.labels.sentiment.confidence) == ("neutral", 1.0)
    mark = after.labels.told["sentiment"]
    assert (mark.by, mark.who, mark.at, mark.correction, mark.near) == ("person", "wang", NOON, "k1", False)
    assert mark.model == before.labels.sentiment == model_label(after.labels, "sentiment")
    assert [r.text for r in after.labels.reasons["sentiment"]] == ["correction k1"]
    assert told(after, {}) == before


@pytest.mark.parametrize(("label", "kept"), [("neutral", False), ("positive", True)])
def test_what_a_person_calls_neutral_is_about_nothing_until_that_is_taken_back(label, kept):
    about = Target(kind="unit", text="城管局")
    before = post(search=LAMP, labels=replace(labels(), target=about))
    after = told(before, Corrections.of([said(label=label)]).find(LAMP, print_of(LAMP)))
    assert after.labels.target == (about if kept else None)
    assert told(after, {}) == before


NOISE = RiskHit(category="noise", word="打桩", weight=0.3)
FIRE = RiskHit(category="fire", word="着火", weight=0.6, danger=True)


@pytest.mark.parametrize(("named", "left"), [([], []), ([FIRE], []), ([NOISE, FIRE], [NOISE])])
def test_where_a_person_sees_no_danger_its_risks_are_gone_and_the_others_stay(named, left):
    before = post(search=LAMP, labels=replace(labels(), risk=weighed(named)))
    after = told(before, Corrections.of([said(head="danger", label="none")]).find(LAMP, print_of(LAMP)))
    assert after.labels.danger.label == "none"
    assert after.labels.risk == weighed(left)
    assert after.labels.told["danger"].risk == before.labels.risk
    assert told(after, {}) == before


@pytest.mark.parametrize(("suspected", "quoted"), [((Ngram(text="坏了", weight=1.0),), "坏了"), ((), LAMP[:20])])
def test_where_a_person_sees_a_danger_that_nothing_named_it_is_a_risk_with_its_passage(suspected, quoted):
    judged = replace(labels(), risk=weighed([NOISE]), reasons={"danger": suspected} if suspected else {})
    before = post(text=LAMP, search=LAMP, labels=judged)
    after = told(before, Corrections.of([said(head="danger", label="danger")]).find(LAMP, print_of(LAMP)))
    assert after.labels.danger.label == "danger"
    assert after.labels.risk == weighed([NOISE, RiskHit(category="danger", word=quoted, weight=0.5, danger=True)])
    assert told(after, {}) == before


def test_where_a_danger_is_named_already_a_person_who_sees_it_adds_nothing():
    before = post(search=LAMP, labels=replace(labels(), risk=weighed([FIRE])))
    after = told(before, Corrections.of([said(head="danger", label="danger")]).find(LAMP, print_of(LAMP)))
    assert after.labels.risk == before.labels.risk


def test_a_person_gives_a_danger_the_weight_that_the_table_gives_it():
    assert load_risk_lexicon().categories[DANGER] == WEIGHT


@given(st.lists(st.sampled_from([(h, c) for h, classes in CLASSES.items() for c in classes])))
def test_what_is_taken_back_leaves_no_trace(given):
    before = post(search=LAMP, labels=replace(labels(), risk=weighed([NOISE, FIRE])))
    found = Corrections.of(said(id_=f"k{n}", head=h, label=c) for n, (h, c) in enumerate(given)).find(
        LAMP, print_of(LAMP)
    )
    after = told(before, found)
    assert {head: getattr(after.labels, head).label for head in found} == {
        h: f.correction.label for h, f in found.items()
    }
    assert told(after, found) is after
    assert told(after, {}) == before


@pytest.mark.parametrize("text", [LAMP, SHORT])
def test_many_prints_are_compared_as_one_is(text):
    texts = [LAMP, NEARLY, OTHER, SHORT, "路灯坏啦", f"转发//@a:{LAMP}"]
    prints, mark = fingerprints(texts), print_of(text)
    expected = [p == mark if (p | mark) & 1 else agreeing(p, mark) >= 12 for p in prints.tolist()]
    assert alike(prints, mark).tolist() == expected

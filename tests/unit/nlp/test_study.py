"""What may replace the model in use: only what is not worse, head by head."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from app.sample import load_sample
from nlp.dodges import shipped_dodges
from nlp.duplicates import fingerprints
from nlp.labels import load_labeller
from nlp.learning import learn
from nlp.script import fold
from nlp.study import HELD, LEAST, named, probabilities, study
from tests.records import NOON, correction


@pytest.fixture(scope="module")
def model():
    return load_labeller().model


@pytest.fixture(scope="module")
def texts():
    found = {fold(f"{p.get('title', '')}\n{p['text']}") for p in load_sample(NOON)}
    marks = fingerprints(sorted(found)).tolist()
    return list({mark: text for mark, text in zip(marks, sorted(found), strict=True) if not mark & 1}.values())


def said(texts, labels, head="sentiment"):
    marks = fingerprints(texts).tolist()
    return [
        correction(f"k{n}", head=head, text=text, fingerprint=marks[n], label=labels[n]) for n, text in enumerate(texts)
    ]


def own(model, texts, head="sentiment"):
    classes = next(h.classes for h in model.heads if h.name == head)
    return [classes[n] for n in probabilities(model, texts, head).argmax(axis=1).tolist()]


def fairly_sure(model, texts, number):
    sure = probabilities(model, texts, "sentiment").max(axis=1)
    return [texts[n] for n in np.abs(sure - 0.8).argsort()[:number].tolist()]


def test_a_head_that_is_not_worse_is_renewed_and_the_others_stay(model, texts):
    some = fairly_sure(model, texts, 60)
    rest = [t for t in texts if t not in set(some)]
    found = study(model, model, said(some, own(model, some)), rest)
    (verdict,) = found.verdicts
    assert verdict.renewed, verdict
    assert verdict.right_after == verdict.right_before == verdict.held
    assert verdict.guards >= 50
    assert found.model.version == named(found.model) != model.version
    for head in model.heads:
        same = np.array_equal(found.model.weights[:, head.columns], model.weights[:, head.columns])
        assert same == (head.name != "sentiment")


def test_a_model_that_forgets_what_it_was_sure_of_is_not_used(model, texts, monkeypatch):
    """Somebody calls everything positive, and the fit is told to believe him."""
    monkeypatch.setattr("nlp.study.learn", lambda m, lessons: learn(m, lessons, 0.001))
    monkeypatch.setattr("nlp.study.SURE", 1.01)  # nothing keeps the model from forgetting
    some, rest = texts[:300], texts[300:]
    first = study(model, model, said(some, ["positive"] * 300), rest)
    monkeypatch.setattr("nlp.study.SURE", 0.9)
    (verdict,) = study(model, model, said(some, ["positive"] * 300), rest).verdicts
    assert first.verdicts[0].why == "too few other posts to see whether it forgets"
    assert verdict.right_after > verdict.right_before
    assert (verdict.why, verdict.agreement < 0.98) == ("forgets what it was sure of", True)


def test_a_model_that_is_worse_on_corrections_it_has_not_seen_is_not_used(model, texts, monkeypatch):
    def confused(m, lessons):
        return replace(m, weights=np.ascontiguousarray(m.weights[:, ::-1]))

    monkeypatch.setattr("nlp.study.learn", confused)
    some, rest = texts[:100], texts[100:]
    found = study(model, model, said(some, own(model, some)), rest)
    assert found.verdicts[0].why == "worse on corrections that it had not seen"
    assert found.model is model


def test_too_few_corrections_or_posts_teach_nothing(model, texts):
    few = study(model, model, said(texts[: LEAST - 1], ["neutral"] * (LEAST - 1)), texts[LEAST:])
    assert few.verdicts[0].why == f"fewer than {LEAST} corrections"
    alone = study(model, model, said(texts[:100], ["neutral"] * 100), [])
    assert alone.verdicts[0].why == "too few other posts to see whether it forgets"
    assert few.model is alone.model is model
    assert study(model, model, [], texts).verdicts == []


def test_a_fifth_of_the_texts_is_held_out_and_near_duplicates_are_on_one_side(model, texts):
    from nlp.study import _held

    ones = said(texts, ["neutral"] * len(texts))
    copies = [replace_text(one, f"{one.text[:-1]}啊") for one in ones]
    held = _held([*ones, *copies])
    assert abs(held.mean() - 1 / HELD) < 0.06
    together = held[: len(ones)] == held[len(ones) :]
    assert together.mean() > 0.9, "a last letter changes too much of few texts for them to count as copies"


def replace_text(one, text, mark=None):
    mark = fingerprints([text]).tolist()[0] if mark is None else mark
    return correction(one.id, head=one.head, text=text, fingerprint=mark, label=one.label)


def test_of_a_text_the_newest_correction_counts(model, texts):
    old = said(texts[:50], ["positive"] * 50)
    new = [
        correction(f"n{n}", text=one.text, fingerprint=one.fingerprint, label="negative", at=NOON + timedelta(hours=1))
        for n, one in enumerate(old)
    ]
    both, alone = (study(model, model, ones, texts[50:]).verdicts[0] for ones in ([*new, *old], new))
    assert both == alone


def test_heads_that_are_not_renewed_are_those_in_use(model, texts):
    some = fairly_sure(model, texts, 60)
    rest = [t for t in texts if t not in set(some)]
    emotion = next(h for h in model.heads if h.name == "emotion")
    weights = model.weights.copy()
    weights[1:, emotion.first] = 5
    used = replace(model, weights=weights, version="fast-used")
    found = study(model, used, said(some, own(model, some)), rest)
    assert np.array_equal(found.model.weights[:, emotion.columns], weights[:, emotion.columns])


def test_texts_are_learnt_from_and_judged_as_the_stage_that_labels_reads_them(model, texts):
    some = fairly_sure(model, texts, 60)
    rest = [f"{t} 物业没人管😡 zf也不管" for t in texts if t not in set(some)]
    dodged = said([f"{t}，蒸府也不管😡" for t in some], own(model, some))
    plain = shipped_dodges().plain
    assert plain(dodged[0].text).text.endswith("，政府也不管[怒]")
    meant = [replace_text(one, plain(one.text).text, one.fingerprint) for one in dodged]
    as_written = study(model, model, dodged, rest)
    as_meant = study(model, model, meant, [plain(t).text for t in rest])
    assert as_written.verdicts == as_meant.verdicts
    assert as_written.verdicts[0].renewed
    assert as_written.model.version == as_meant.model.version


def test_corrections_of_languages_that_the_model_does_not_read_teach_nothing(model, texts):
    english = said(
        [f"the water in block {n} has been off for three days, nobody answers" for n in range(15)], ["positive"] * 15
    )
    assert study(model, model, english, texts).verdicts == []
    some = fairly_sure(model, texts, 60)
    rest = [t for t in texts if t not in set(some)]
    chinese = said(some, own(model, some))
    both, alone = (study(model, model, ones, rest) for ones in ([*english, *chinese], chinese))
    assert both.verdicts == alone.verdicts
    assert both.model.version == alone.model.version


@pytest.mark.parametrize("part", ["rarity", "scales", "bias", "slopes", "shifts"])
def test_heads_of_a_model_that_began_at_other_weights_give_way_to_those_that_ship(model, texts, monkeypatch, part):
    monkeypatch.setattr("nlp.study.learn", lambda m, lessons: m)
    some = fairly_sure(model, texts, 60)
    rest = [t for t in texts if t not in set(some)]
    weights = model.weights.copy()
    weights[1:, next(h.first for h in model.heads if h.name == "emotion")] = 5
    used = replace(slightly_other(model, part), weights=weights, version="fast-used")
    found = study(model, used, said(some, own(model, some)), rest)
    assert found.verdicts[0].renewed, found.verdicts
    assert np.array_equal(found.model.weights, model.weights)


def slightly_other(model, part):
    if part == "rarity":
        return replace(model, vocabulary=model.vocabulary._replace(rarity=model.vocabulary.rarity * np.float32(1.001)))
    return replace(model, **{part: getattr(model, part) * np.float32(1.001)})

"""What the understand stage does with what people taught."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import numpy as np
import pytest

from core.effects import Effects, LearntModel, message, use_model
from core.records import ModelCard, RawPost
from core.storage.sqlite import open_storage
from core.topics import Topic
from nlp.analyse import Analyser
from nlp.labels import MODEL, load_labeller
from nlp.lessons import LOOK_EVERY_S, Lessons
from nlp.linear import save
from nlp.places import load_gazetteer
from nlp.prepare import Windows
from nlp.risk import load_risk_lexicon
from nlp.teaching import Teacher
from stream.stages import Understand
from tests.records import NOON
from tests.unit.nlp.test_corrections import LAMP, NEARLY, OTHER

SHIPPED = MODEL.read_bytes()


def flipped(weights: bytes) -> bytes:
    """With a damaged byte in the middle."""
    middle = len(weights) // 2
    return weights[:middle] + bytes([weights[middle] ^ 255]) + weights[middle + 1 :]


@pytest.fixture(scope="module")
def analyser():
    return Analyser(load_labeller(), load_gazetteer([]), load_risk_lexicon())


@pytest.fixture
def storage(tmp_path):
    opened = open_storage(tmp_path / "data")
    yield opened
    opened.close()


class Ticking:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def stage(storage, analyser):
    stage = Understand(storage.store, Windows(), analyser, Lessons(storage.store, Ticking()))

    def run(*texts, jurisdiction="990100", begin=0):
        raws = [
            RawPost(
                id=f"p{begin + n}", source="s", platform="forum", at=NOON + timedelta(seconds=begin + n), seen_at=NOON,
                jurisdiction=jurisdiction, text=text,
            )
            for n, text in enumerate(texts)
        ]  # fmt: skip
        effects = stage([message(Topic.POSTS_RAW, r.jurisdiction, r.id, r) for r in raws], NOON)
        storage.commit(effects)
        return effects.posts

    run.lessons = stage.lessons
    return run


def correct(storage, post, **wanted):
    Teacher(storage, lambda: NOON, lambda: f"k-{post}").correct(post, wanted, "wang")


def test_a_new_post_that_says_nearly_the_same_comes_with_the_persons_label(storage, stage):
    (first,) = stage(LAMP)
    correct(storage, first.id, intent="praise")
    stage.lessons.look_again()
    near, other = stage(NEARLY, OTHER, begin=1)
    assert near.labels.intent.label == "praise"
    assert near.labels.told["intent"].correction == "k-p0"
    assert near.labels.reasons["intent"][0].text == "correction k-p0"
    assert other.labels.told == {}
    (far,) = stage(LAMP, jurisdiction="330106", begin=9)
    assert far.labels.told == {}


def test_another_process_learns_of_it_within_seconds_and_asks_no_more_often(storage, stage):
    (first,) = stage(LAMP)
    correct(storage, first.id, intent="praise")
    (unaware,) = stage(NEARLY, begin=1)
    assert unaware.labels.told == {}
    stage.lessons._clock.now += LOOK_EVERY_S
    (aware,) = stage(NEARLY + "！", begin=2)
    assert "intent" in aware.labels.told


def learnt(analyser, version):
    """A model for which everything is happy."""
    model = analyser.labeller.model
    head = next(h for h in model.heads if h.name == "emotion")
    bias = model.bias.copy()
    bias[head.first + head.classes.index("happy")] += 100
    file = BytesIO()
    save(replace(model, version=version, bias=bias.astype(np.float32)), file)
    card = ModelCard(version=version, parent="", base=model.version, at=NOON, corrections=1)
    return LearntModel(card, file.getvalue())


def test_a_model_that_was_learnt_is_taken_up_while_running_and_given_up_again(storage, stage, analyser):
    (before,) = stage(LAMP)
    storage.commit(Effects(changes=[learnt(analyser, "fast-new"), use_model("fast-new")]))
    stage.lessons.look_again()
    (after,) = stage(NEARLY, begin=1)
    assert (after.labels.model, after.labels.emotion.label) == ("fast-new", "happy")
    storage.commit(Effects(changes=[use_model(None)]))
    stage.lessons.look_again()
    (back,) = stage(LAMP + "！", begin=2)
    assert back.labels.model == before.labels.model == analyser.labeller.version


@pytest.mark.parametrize("weights", [b"", b"not a model", SHIPPED[: len(SHIPPED) // 2], flipped(SHIPPED)])
def test_a_model_that_cannot_be_read_is_none(storage, stage, analyser, weights):
    broken = LearntModel(learnt(analyser, "fast-new").card, weights)
    storage.commit(Effects(changes=[broken, use_model("fast-new")]))
    (post,) = stage(LAMP)
    assert post.labels.model == analyser.labeller.version


def test_a_model_of_another_release_that_answers_other_heads_is_none(storage, stage, analyser):
    model = analyser.labeller.model
    file = BytesIO()
    save(replace(model, version="fast-old", heads=model.heads[:-1]), file)
    storage.commit(
        Effects(changes=[LearntModel(learnt(analyser, "fast-old").card, file.getvalue()), use_model("fast-old")])
    )
    (post,) = stage(LAMP)
    assert post.labels.model == analyser.labeller.version


def test_a_post_seen_again_keeps_the_persons_label(storage, stage, analyser):
    (first,) = stage(LAMP)
    correct(storage, first.id, intent="praise")
    stage.lessons.look_again()
    raw = RawPost(
        id="p0", source="s", platform="forum", at=NOON, seen_at=NOON, jurisdiction="990100", text=LAMP, likes=7
    )
    run = Understand(storage.store, Windows(), analyser, stage.lessons)
    effects = run([message(Topic.POSTS_RAW, "990100", "p0", raw)], NOON)
    (revised,) = effects.posts
    assert (revised.likes, revised.revision, revised.labels.intent.label) == (7, 2, "praise")

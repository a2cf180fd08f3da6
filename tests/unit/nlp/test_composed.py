"""Composed sentences: the same in every run, with labels that the heads know, and nothing that the checklist asks."""

import pytest

from nlp.script import fold
from nlp.training.composed import EACH, FORMS, composed, sentences, written
from nlp.training.data import DOMAINS, EMOTIONS, INTENTS, NEGATIVE, NEUTRAL, POSITIVE
from tests.checklist.cases import CASES, HELD_OUT, load

CLASSES = {
    "sentiment": {NEGATIVE, NEUTRAL, POSITIVE},
    "intent": {*INTENTS, "none"},
    "domain": {*DOMAINS, "none"},
    "danger": {"danger", "none"},
    "emotion": set(EMOTIONS),
    "offensive": {"offensive", "clean"},
}
FULLY_SPOKEN_OF = ("sentiment", "intent", "domain", "danger")


def test_each_has_a_text_a_piece_and_labels_of_heads_that_are_known() -> None:
    assert 5000 < len(sentences()) <= EACH * len(FORMS)
    assert len(written()) > 1500
    for one in (*sentences(), *written()):
        assert "{" not in one.text
        assert one.labels
        assert all(label in CLASSES[head] for head, label in one.labels.items())


@pytest.mark.parametrize("head", FULLY_SPOKEN_OF)
def test_every_class_is_spoken_of(head: str) -> None:
    missing = CLASSES[head] - {example.label for example in composed(head)}
    assert not missing


def test_sentences_of_one_piece_have_one_name_so_that_no_split_parts_them() -> None:
    names = {example.text: example.name for example in composed("domain")}
    assert all(names[fold(one.text)] == fold(one.piece) for one in (*sentences(), *written()) if "domain" in one.labels)


def test_nothing_that_the_checklist_asks_is_taught() -> None:
    asked = [fold(text) for folder in (CASES, HELD_OUT) for case in load(folder) for text in case.texts]
    taught = (*sentences(), *written())
    pieces = {fold(one.piece) for one in taught}
    assert len(asked) > 600
    assert {text for text in asked if text in {fold(one.text) for one in taught}} == set()
    assert {(piece, text) for piece in pieces if len(piece) > 6 for text in asked if piece in text} == set()

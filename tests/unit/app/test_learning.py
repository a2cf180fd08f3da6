"""`huiying learn` over a data directory: what it keeps, goes back to, and leaves alone when it is killed."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from app import learning
from app.cli import cli
from app.learning import examine, keep, models_of, roll_back
from app.sample import load_sample
from core.effects import Effects, LearntModel
from core.errors import Refused
from core.records import Correction
from core.storage.sqlite import open_storage
from nlp.duplicates import fingerprints
from nlp.labels import MODEL, load_labeller
from nlp.script import fold
from nlp.study import probabilities
from tests.records import NOON, correction

ROOT = Path(__file__).resolve().parents[3]


@cache
def fairly_sure() -> list[Correction]:
    """What the model says anyway, of texts of which it is fairly sure: it is not worse after, and yet has learnt something."""
    model = load_labeller().model
    texts = sorted({fold(f"{p.get('title', '')}\n{p['text']}") for p in load_sample(NOON)[::4]})
    marks = fingerprints(texts).tolist()
    chances = probabilities(model, texts, "sentiment")
    classes = next(h.classes for h in model.heads if h.name == "sentiment")
    first = {mark: n for n, mark in reversed(list(enumerate(marks))) if not mark & 1}
    chosen = sorted(first.values(), key=lambda n: abs(chances[n].max() - 0.8))
    return [
        correction(f"k{n}", text=texts[n], fingerprint=marks[n], label=classes[chances[n].argmax()]) for n in chosen
    ]


def corrections(number: int) -> list[Correction]:
    return fairly_sure()[:number]


@pytest.fixture
def folder(tmp_path):
    storage = open_storage(tmp_path / "data")
    storage.commit(Effects(changes=corrections(60)))
    storage.close()
    return tmp_path / "data"


@pytest.fixture
def storage(folder):
    opened = open_storage(folder)
    yield opened
    opened.close()


def learnt(storage, more=(), minute=0):
    if more:
        storage.commit(Effects(changes=list(more)))
    before = models_of(storage.store)
    return keep(storage, before, examine(storage, before, NOON), lambda: NOON + timedelta(minutes=minute))


def withdrawn(some):
    return [replace(one, withdrawn_at=NOON, withdrawn_by="wang") for one in some]


def rolled_back(storage):
    """The versions that one rollback after the other goes to."""
    found = []
    while storage.store.model_in_use() is not None and len(found) < 5:
        found.append(roll_back(storage, models_of(storage.store), lambda: NOON))
    return found


def run(folder, *options):
    return CliRunner().invoke(cli, ["learn", "--data-dir", str(folder), *options], catch_exceptions=False)


def test_learning_is_kept_with_its_figures_and_used(folder):
    dry = run(folder, "--dry-run")
    assert "sentiment: 60 corrections" in dry.output
    assert "would replace" in dry.output
    made = run(folder)
    assert made.exit_code == 0, made.output
    assert "replaces" in made.output
    shown = run(folder, "--list").output
    assert "60 corrections: sentiment" in shown
    again = run(folder)
    assert (again.exit_code, "has learnt from these corrections already" in again.output) == (0, True)
    storage = open_storage(folder)
    (card,) = storage.store.models()
    assert models_of(storage.store).used.version == card.version == storage.store.model_in_use()
    assert (card.parent, card.base, card.corrections) == (load_labeller().version, load_labeller().version, 60)
    assert [row.action for row in storage.store.audit("model")] == ["model.learnt"]
    storage.close()


def test_a_rollback_goes_to_the_model_before_and_then_to_the_one_that_ships(folder, storage):
    ships = load_labeller().version
    first = learnt(storage)
    second = learnt(storage, corrections(90)[60:])
    assert (second.parent, storage.store.model_in_use()) == (first.version, second.version)
    assert roll_back(storage, models_of(storage.store), lambda: NOON) == first.version
    assert roll_back(storage, models_of(storage.store), lambda: NOON) == ships
    with pytest.raises(Refused):
        roll_back(storage, models_of(storage.store), lambda: NOON)
    assert storage.store.model_in_use() is None
    assert len(storage.store.models()) == 2
    assert f"* {ships}" in run(folder, "--list").output


def test_a_model_in_use_that_cannot_be_read_can_be_listed_and_rolled_back(folder, storage):
    card = learnt(storage)
    storage.commit(Effects(changes=[LearntModel(card, MODEL.read_bytes()[:1000])]))
    assert f"* {card.version}" in run(folder, "--list").output
    assert run(folder, "--rollback").exit_code == 0
    assert storage.store.model_in_use() is None


def test_only_the_newest_models_are_kept_and_the_one_that_ships_is_before_them(storage, monkeypatch):
    monkeypatch.setattr(learning, "KEPT", 2)
    made = [
        learnt(storage, more, minute).version
        for minute, more in enumerate(((), corrections(75)[60:], corrections(90)[75:]))
    ]
    assert [card.version for card in storage.store.models()] == [made[2], made[1]]
    assert rolled_back(storage) == [made[1], load_labeller().version]


def test_a_model_that_is_learnt_again_is_before_none_that_it_was_before(storage):
    first = learnt(storage)
    second = learnt(storage, corrections(90)[60:], 1)
    again = learnt(storage, withdrawn(corrections(90)[60:]), 2)
    assert (again.version, storage.store.model_in_use()) == (first.version, first.version)
    assert storage.store.audit("model")[-1].detail == {"from": second.version, "to": first.version}
    assert rolled_back(storage) == [load_labeller().version]


def test_a_model_that_is_learnt_again_after_it_went_is_before_none_that_came_from_it(storage, monkeypatch):
    monkeypatch.setattr(learning, "KEPT", 2)
    first = learnt(storage)
    second = learnt(storage, corrections(75)[60:], 1)
    learnt(storage, corrections(90)[75:], 2)
    assert roll_back(storage, models_of(storage.store), lambda: NOON) == second.version
    assert learnt(storage, withdrawn(corrections(90)[60:]), 3).version == first.version
    assert rolled_back(storage) == [load_labeller().version]


def test_the_model_before_stays_however_many_newer_ones_there_are(storage, monkeypatch):
    monkeypatch.setattr(learning, "KEPT", 2)
    first = learnt(storage)
    learnt(storage, corrections(75)[60:], 1)
    assert roll_back(storage, models_of(storage.store), lambda: NOON) == first.version
    third = learnt(storage, corrections(90)[75:], 2)
    assert {card.version for card in storage.store.models()} == {first.version, third.version}
    assert rolled_back(storage) == [first.version, load_labeller().version]


def test_without_corrections_and_without_data_it_says_so(tmp_path):
    open_storage(tmp_path / "empty").close()
    nothing = run(tmp_path / "empty")
    assert (nothing.exit_code, "kept the old model" in nothing.output) == (0, True)
    missing = subprocess.run(
        [sys.executable, "-m", "app", "learn", "--data-dir", str(tmp_path / "none")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert missing.returncode == 2
    assert "holds no data" in missing.stderr
    assert not (tmp_path / "none").exists()


KILLED = """
import os, signal
from core.storage import writer
whole = writer.{name}
def half(connection, *rest):
    whole(connection, *rest)
    os.kill(os.getpid(), signal.SIGKILL)
writer.{name} = half
{also}
from app.cli import main
main()
"""


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("apply", ""),  # all is written, nothing committed
        ("_save_models", "writer._APPLY[writer.LearntModel] = half"),  # the weights are written, the choice is not
    ],
)
def test_a_learn_that_is_killed_leaves_the_old_model_in_place(folder, name, also):
    script = KILLED.format(name=name, also=also)
    killed = subprocess.run(
        [sys.executable, "-c", script, "learn", "--data-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    storage = open_storage(folder)
    assert (storage.store.model_in_use(), storage.store.models()) == (None, [])
    assert models_of(storage.store).used.version == load_labeller().version
    storage.close()
    assert "replaces" in run(folder).output

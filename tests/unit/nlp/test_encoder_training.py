"""Both trainings, on a tiny encoder and sentences of our own: that they end, and go on where they were cut off."""

from pathlib import Path

import pytest
import torch
from transformers import BertModel

from nlp.training.data import Example, Task
from nlp.training.encoder import machine, vocabulary
from nlp.training.encoder.finetune import Course, finetune
from nlp.training.encoder.lessons import items
from nlp.training.encoder.pretrain import pretrain
from nlp.training.encoder.start import Start

TINY = Start("", "", "", layers=1, width=32, attention_heads=2)
WORDS = [*vocabulary.SPECIAL, *"停水电路灯好坏了"]
PAIRS = [("停水了", "水停了"), ("路灯坏了", "灯坏了")] * 20


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SAVE_EVERY_S", 0)
    monkeypatch.setattr(machine, "_POOL", 1 << 20)


def encoder():
    torch.manual_seed(1)
    return BertModel(TINY.config(len(WORDS)), add_pooling_layer=False)


def test_a_pretraining_that_was_cut_off_goes_on_and_changes_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, out = vocabulary.tokenizer(WORDS), tmp_path / "p.pt"
    steps = 0
    stepped = machine.Progress.stepped

    def cut_off(self, step, losses):
        nonlocal steps
        stepped(self, step, losses)
        steps += 1
        if steps == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(machine.Progress, "stepped", cut_off)
    with pytest.raises(KeyboardInterrupt):
        pretrain(encoder(), words, PAIRS, 3000, out)
    pretrain(encoder(), words, PAIRS, 3000, out)
    assert "goes on at step 3" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["p.pt"]
    before, after = encoder().state_dict(), torch.load(out)
    assert before.keys() == after.keys()
    key = "embeddings.word_embeddings.weight"
    assert not torch.equal(before[key].to(machine.HALF).float(), after[key])


def test_heads_are_learnt_from_texts_and_pairs(tmp_path: Path) -> None:
    given = [Example("停水了" + "好" * n, "negative", 1.0, "x") for n in range(9)]
    given += [Example("灯好了" + "水" * n, "positive", 1.0, "x") for n in range(9)]
    task = Task("sentiment", ("negative", "positive"), given, {})
    course = Course([task], items([task]), PAIRS, 1e-4, 256)
    finetune(encoder(), vocabulary.tokenizer(WORDS), course, tmp_path / "j.pt")
    assert torch.load(tmp_path / "j.pt")["heads.sentiment.weight"].shape == (2, TINY.width)

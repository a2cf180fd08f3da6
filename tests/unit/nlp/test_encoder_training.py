"""Both trainings, on a tiny encoder and sentences of our own: that they end, and go on where they were cut off."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch
from transformers import BertConfig, BertModel, ElectraConfig, ElectraModel

from core.errors import ConfigurationError
from nlp.training.data import Example, Task
from nlp.training.encoder import finetune as finetuning
from nlp.training.encoder import machine, vocabulary
from nlp.training.encoder.finetune import Course, finetune
from nlp.training.encoder.judge import Judge
from nlp.training.encoder.lessons import items
from nlp.training.encoder.pretrain import pretrain
from nlp.training.encoder.recipes import Recipe
from nlp.training.encoder.start import Directory, Packaged
from nlp.training.encoder.workshop import Workshop, compared
from tests.unit.nlp.test_encoder import heaviest

TINY = Packaged("", "", "", layers=1, width=32, attention_heads=2)
WORDS = [*vocabulary.SPECIAL, *"停水电路灯好坏了"]
PAIRS = [("停水了", "水停了"), ("路灯坏了", "灯坏了")] * 20


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SAVE_EVERY_S", 0)
    monkeypatch.setattr(machine, "_POOL", 1 << 20)


def encoder():
    torch.manual_seed(1)
    return TINY.blank(len(WORDS))


def test_a_pretraining_that_was_cut_off_ends_with_the_weights_of_one_that_was_not(
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
    assert not torch.equal(before[key].to(machine.PRECISION).float(), after[key])
    pretrain(encoder(), words, PAIRS, 3000, tmp_path / "uncut.pt")
    uncut = torch.load(tmp_path / "uncut.pt")
    assert all(torch.equal(after[name], uncut[name]) for name in after)


def test_heads_are_learnt_from_texts_and_pairs(tmp_path: Path) -> None:
    given = [Example("停水了" + "好" * n, "negative", 1.0, "x") for n in range(9)]
    given += [Example("灯好了" + "水" * n, "positive", 1.0, "x") for n in range(9)]
    task = Task("sentiment", ("negative", "positive"), given, {})
    course = Course([task], items([task]), PAIRS, 1e-4, 256)
    finetune(encoder(), vocabulary.tokenizer(WORDS), course, tmp_path / "j.pt")
    assert torch.load(tmp_path / "j.pt")["heads.sentiment.weight"].shape == (2, TINY.width)


def test_vectors_begin_apart_and_not_all_in_one_direction() -> None:
    words = vocabulary.tokenizer(WORDS)
    judge = Judge(encoder(), {"sentiment": 2})
    chance = Random(2)
    pairs = [
        ("".join(chance.choices("停水电路灯好坏了", k=9)), "".join(chance.choices("停水电路灯", k=9)))
        for _ in range(60)
    ]
    together = finetuning._together(words, pairs)

    def shared() -> float:
        """The length of the mean of vectors of length one: 1 where all are the same."""
        with torch.no_grad():
            return float(torch.cat([judge.eval().read(*batch)[1] for batch in together]).mean(0).norm())

    assert shared() > 0.8
    finetuning._spread(judge, together)
    assert shared() < 0.3


def saved(folder: Path, kind: type, config: object) -> Path:
    """A directory as `transformers` saves a model, with the tokenizer beside it."""
    torch.manual_seed(1)
    kind(config).save_pretrained(folder)
    vocabulary.tokenizer(WORDS).save(str(folder / "tokenizer.json"))
    return folder


SHAPE = {"vocab_size": len(WORDS), "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
         "intermediate_size": 64, "max_position_embeddings": 128}  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # what torch says of its own exporter
@pytest.mark.parametrize(
    ("kind", "config"),
    [(BertModel, BertConfig(**SHAPE)), (ElectraModel, ElectraConfig(**SHAPE, embedding_size=16))],
    ids=["bert", "electra"],
)
def test_an_encoder_is_made_from_a_directory_of_transformers_and_serves(tmp_path: Path, kind: type, config) -> None:
    chance = Random(1)
    words = ["".join(chance.choices("停水电路灯好坏了", k=20)) for _ in range(120)]
    given = [Example(word, ("negative", "positive")[n % 2], 1.0, "x") for n, word in enumerate(words)]
    start = Directory(saved(tmp_path / "model", kind, config))
    recipe = Recipe(
        name="own",
        start=start,
        tasks=[Task("sentiment", ("negative", "positive"), given, {})],
        helpers=[],
        pairs=PAIRS,
        tokens=2000,
        rarest=1,
        rate=1e-4,
        batch=256,
        others=[],
        fast=None,
        out=tmp_path,
    )
    made = Workshop(recipe, tmp_path / "work").ship(tmp_path / "shipped")
    steps = {file.name for file in (tmp_path / "work").iterdir()}
    Workshop(recipe, tmp_path / "work").judge()
    assert {file.name for file in (tmp_path / "work").iterdir()} == steps, "nothing is made twice"
    Workshop(replace(recipe, rate=2e-4), tmp_path / "work").judge()
    more = {file.name for file in (tmp_path / "work").iterdir()} - steps
    assert [name.partition("-")[0] for name in more] == ["judge"], "only what depends on the rate is made anew"
    (read,) = made.read(["停水了"])
    assert made.version.startswith("own-")
    assert read.scores.shape == (5, 2)
    assert 2 * 255 * heaviest(tmp_path / "shipped") < 1 << 15
    assert set(made.heads[0].classes) == {"negative", "positive"}


def test_a_directory_that_is_no_model_or_cuts_words_otherwise_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"tokenizer\.json"):
        Directory(tmp_path).words(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "BPE"}}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="BPE"):
        Directory(tmp_path).words(tmp_path)


def test_what_falls_short_of_the_weights_that_ship_by_more_than_the_tolerance_is_named() -> None:
    lines = compared({"reviews": 0.90, "moods": 0.70}, {"reviews": 0.885, "moods": 0.67, "new": 0.5})
    assert lines == [
        "reviews: 0.885 (ships: 0.900)",
        "moods: 0.670 (ships: 0.700) SHORT",
        "new: 0.500 (ships: –)",
        "tolerance 0.02: not reached",
    ]
    assert compared({"moods": 0.70}, {"moods": 0.69})[-1] == "tolerance 0.02: reached"

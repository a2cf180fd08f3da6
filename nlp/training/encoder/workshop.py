"""The steps from raw data to an encoder that ships. Each leaves a file in the work folder, named by what it was made of, and
is not repeated unless its recipe or its data have changed.
"""

import hashlib
import json
import shutil
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch
from tokenizers import Tokenizer

from nlp.calibration import Calibration
from nlp.encoder import CARD, GRAPH, WORDS, Card, Encoder
from nlp.labels import DANGER, Labeller
from nlp.linear import Head
from nlp.training.__main__ import STRENGTHS
from nlp.training.data import SEED, Example, Task
from nlp.training.encoder import fitting, lessons, vocabulary
from nlp.training.encoder.export import export
from nlp.training.encoder.finetune import Course, finetune
from nlp.training.encoder.judge import Judge
from nlp.training.encoder.pretrain import pretrain
from nlp.training.encoder.recipes import Recipe
from nlp.training.fit import Array, matrix, svm
from nlp.training.score import macro

LEAST_GAIN = 0.04
"""Labels mended a text for which asking the encoder is worth its time; the curve is in docs/models.md."""
TOLERANCE = 0.02
"""By how much a figure may fall short of that of the weights that ship: other processors round differently, and so train
differently."""
OTHER_GAINS = (0.01, 0.02, 0.06, 0.08, 0.12, 0.16, 0.2)
"""The other points of that curve."""


class _Files(NamedTuple):
    words: Path
    pretrained: Path
    judge: Path


class Workshop:
    """Follows a recipe.

    A step's file is named by the start, the texts, the labels and the figures of the recipe that it comes from; constants of
    the code that trains are not in it.
    """

    def __init__(self, recipe: Recipe, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self._recipe, self._work = recipe, work

    @cached_property
    def _items(self) -> list[lessons.Item]:
        return lessons.items([*self._recipe.tasks, *self._recipe.helpers])

    @cached_property
    def _written(self) -> list[str]:
        """Every text once; those of the danger head are among the pairs, as they were written."""
        recipe = self._recipe
        learnt = [e.text for task in recipe.tasks if task.head != DANGER for e in task.train]
        return sorted({*(text for pair in recipe.pairs for text in pair), *learnt, *recipe.others})

    @cached_property
    def _files(self) -> _Files:
        """Not looked at by who only fits again: it takes reading all texts."""
        recipe, work = self._recipe, self._work
        heads = [(task.head, task.classes) for task in (*recipe.tasks, *recipe.helpers)]
        words = _digest(recipe.start, recipe.rarest, self._written)
        pretrained = _digest(words, recipe.pairs, recipe.tokens)
        judge = _digest(pretrained, self._items, heads, recipe.rate, recipe.batch)
        return _Files(
            work / f"vocabulary-{words}.json", work / f"pretrained-{pretrained}.pt", work / f"judge-{judge}.pt"
        )

    def words(self) -> tuple[Tokenizer, list[int], int]:
        """The tokenizer, the rows of the pretrained vocabulary that it keeps, and how many tokens are new."""
        file, recipe = self._files.words, self._recipe
        if not file.exists():
            tokens, emoji = vocabulary.count(self._written, recipe.start, self._work)
            chosen, rows = vocabulary.choose(tokens, emoji, recipe.start, self._work, recipe.rarest)
            file.write_text(json.dumps({"tokens": chosen, "rows": rows}, ensure_ascii=False), encoding="utf-8")
        stored = json.loads(file.read_text(encoding="utf-8"))
        return vocabulary.tokenizer(stored["tokens"]), stored["rows"], len(stored["tokens"]) - len(stored["rows"])

    def encoder(self) -> Any:
        """The encoder after its further pretraining, if the recipe has one."""
        tokenizer, rows, added = self.words()
        file, recipe = self._files.pretrained, self._recipe
        torch.manual_seed(SEED)
        if not recipe.tokens:
            return recipe.start.pretrained(self._work, rows, added)
        if not file.exists():
            pretrain(recipe.start.pretrained(self._work, rows, added), tokenizer, recipe.pairs, recipe.tokens, file)
        model = recipe.start.blank(len(rows) + added)
        model.load_state_dict(torch.load(file))
        return model

    def judge(self) -> Judge:
        """The encoder with its heads."""
        file, recipe = self._files.judge, self._recipe
        everything = [*recipe.tasks, *recipe.helpers]
        if not file.exists():
            course = Course(everything, self._items, recipe.pairs, recipe.rate, recipe.batch)
            finetune(self.encoder(), self.words()[0], course, file)
        _, rows, added = self.words()
        judge = Judge(recipe.start.blank(len(rows) + added), {task.head: len(task.classes) for task in everything})
        judge.load_state_dict(torch.load(file))
        return judge

    def ship(self, folder: Path) -> Encoder:
        """Write the graph, the tokenizer and the card, once all is fitted; the encoder as it will serve."""
        tokenizer, *_ = self.words()
        tasks, made = self._recipe.tasks, self._work / "made"
        export(self.judge(), [task.head for task in tasks], made, GRAPH)
        (made / "full.onnx").replace(self._work / "full.onnx")
        tokenizer.save(str(made / WORDS), pretty=False)
        none = {task.head: Calibration.plain(len(task.classes)) for task in tasks}
        version = f"{self._recipe.name}-" + hashlib.sha256((made / GRAPH).read_bytes()).hexdigest()[:10]
        heads = {task.head: task.classes for task in tasks}
        _write(made, Card(version=version, heads=heads, together=none, alone=none, below={}))
        self.refit(made)
        folder.mkdir(parents=True, exist_ok=True)
        for name in (GRAPH, WORDS, CARD):
            shutil.copyfile(made / name, folder / name)
        return Encoder(folder)

    def refit(self, folder: Path) -> Encoder:
        """Fit again what the card of an encoder holds beside its heads, as after a change of the fast tier."""
        _write(folder, self._fitted(Encoder(folder)))
        return Encoder(folder)

    def _fitted(self, encoder: Encoder) -> Card:
        """The card with what is fitted on held-out texts."""
        together, alone, figures = {}, {}, {}
        bars: dict[float, dict[str, float]] = {least: {} for least in (LEAST_GAIN, *OTHER_GAINS)}
        for task, head in zip(self._recipe.tasks, encoder.heads, strict=True):
            learnt, kept = lessons.split(task)
            own = _read(encoder, head, kept)
            fast = self._recipe.fast
            scores = np.zeros_like(own.scores) if fast is None else _scores(fast, task, learnt, kept)
            given = fitting.held(kept, task.classes, own, scores)
            alone[task.head] = fitting.calibrate(given, together=False)
            if fast is not None:
                together[task.head] = fitting.calibrate(given, together=True)
                confidence, gain = _worth(fast, task.head, given, together[task.head])
                for least, below in bars.items():
                    below[task.head] = fitting.below(confidence, gain, least)
            for name, dev in task.dev.items():
                seen = fitting.held(dev, task.classes, _read(encoder, head, dev), np.zeros((len(dev), 1)))
                figures[name] = round(macro(seen.truth, fitting.probabilities(seen, alone[task.head])), 4)
            print(f"{task.head}: fitted on {len(kept)} texts", flush=True)
        curve = {str(least): bars[least] for least in sorted(bars)} if together else {}
        return msgspec.structs.replace(
            encoder.card, together=together, alone=alone, below=bars[LEAST_GAIN], curve=curve, figures=figures
        )


def _digest(*of: object) -> str:
    return hashlib.sha256(repr(of).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _read(encoder: Encoder, head: Head, examples: list[Example]) -> fitting.Scores:
    """Scores of one head."""
    reads = encoder.read([e.text for e in examples])
    scores = np.stack([read.scores.mean(axis=0)[head.columns] for read in reads]).astype(np.float64)
    return fitting.Scores(scores, [len(read.scores) for read in reads])


def _scores(fast: Labeller, task: Task, learnt: list[Example], kept: list[Example]) -> Array:
    """Scores of a fast tier that has not seen the held-out texts."""
    known = fast.model.vocabulary
    weights, bias = svm([*learnt, *task.composed], task.classes, known, STRENGTHS[task.head])
    scores: Array = matrix([e.text for e in kept], known) @ weights + bias
    return scores


def _worth(fast: Labeller, name: str, given: fitting.Held, together: Calibration) -> tuple[Array, Array]:
    """For every held-out text the confidence of the fast tier, and what asking the encoder gains."""
    head = next(head for head in fast.heads if head.name == name)
    wide = np.zeros((len(given.truth), sum(len(head.classes) for head in fast.heads)), np.float32)
    wide[:, head.columns] = given.fast
    said = fast.model.calibrated(wide)[name]
    right = fitting.probabilities(given, together).argmax(axis=1) == given.truth
    gain = right.astype(float) - (said.argmax(axis=1) == given.truth)
    return said.max(axis=1).astype(np.float64), gain


def compared(shipped: dict[str, float], made: dict[str, float]) -> list[str]:
    """Lines that hold the figures of what was made against those of what ships, and say where they fall short."""
    lines = []
    for name, figure in made.items():
        short = figure < shipped.get(name, 0.0) - TOLERANCE
        before = f"{shipped[name]:.3f}" if name in shipped else "–"
        lines.append(f"{name}: {figure:.3f} (ships: {before}){' SHORT' if short else ''}")
    return [*lines, f"tolerance {TOLERANCE}: {'not reached' if any('SHORT' in line for line in lines) else 'reached'}"]


def _write(folder: Path, card: Card) -> None:
    (folder / CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1))

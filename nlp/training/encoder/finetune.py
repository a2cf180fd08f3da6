"""Trains all heads at once, and keeps the vectors useful: now and then a batch of pairs is drawn together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional

from nlp.training.data import SEED, Task
from nlp.training.encoder.judge import Judge
from nlp.training.encoder.lessons import Item
from nlp.training.encoder.machine import (
    PRECISION,
    Optimiser,
    Progress,
    batches,
    drawn_together,
    framed,
    padded,
    quicken,
    save,
)
from nlp.training.encoder.texts import Pair

HEAD_RATE = 1e-3
SMOOTHING = 0.05
PAIRS_EVERY = 12
BATCHES_OF_PAIRS = 600
SEEN = 30
"""Batches of pairs by which the vectors begin."""
COUNTS = {
    "sentiment": 1.0,
    "emotion": 1.0,
    "domain": 0.7,
    "intent": 0.5,
    "offensive": 0.7,
    "danger": 0.5,
    "event_mood": 0.5,
    "seven": 0.3,
}
"""What the heads count."""


class Course(NamedTuple):
    """What is learnt: the tasks with their lessons, the pairs that keep the vectors useful, the encoder's highest rate, and the
    tokens of a batch."""

    tasks: list[Task]
    lessons: list[Item]
    pairs: list[Pair]
    rate: float
    batch: int


def finetune(encoder: Any, tokenizer: Any, course: Course, out: Path) -> None:
    """Train and write the weights of the `Judge` to `out`; goes on where an earlier run was cut off."""
    tasks, lessons, pairs, rate, _ = course
    torch.manual_seed(SEED)
    judge = Judge(encoder, {task.head: len(task.classes) for task in tasks})
    quicken(judge.encoder, 0.1)
    judge = judge.to(PRECISION)
    together = _together(tokenizer, pairs)
    _spread(judge, together)
    judge.train()
    torch.manual_seed(SEED)
    balance = {task.head: _balance(task) for task in tasks}
    sequences = framed(tokenizer, [item.text for item in lessons])
    plan = list(_plan(np.array([len(s) for s in sequences]), course))
    heads = [p for name, p in judge.named_parameters() if not name.startswith("encoder.")]
    optimiser = Optimiser([(judge.encoder.parameters(), rate), (heads, HEAD_RATE)], len(plan))
    progress = Progress("heads", len(plan), out, optimiser)
    for step, numbers in enumerate(plan[progress.begin :], progress.begin):
        seen, _ = judge.read(*padded([sequences[n] for n in numbers]))
        losses = _losses(judge, seen, [lessons[n] for n in numbers], balance)
        total = sum((COUNTS[head] * loss for head, loss in losses.items()), torch.zeros(()))
        torch.autograd.backward(total)
        if together and step % PAIRS_EVERY == 0:
            pull = _pull(judge, *together[step // PAIRS_EVERY % len(together)])
            torch.autograd.backward(0.3 * pull)
            losses["pairs"] = pull
        optimiser.step()
        progress.stepped(step, losses)
    save({key: value.float() for key, value in judge.state_dict().items()}, out)
    progress.ended()


def _plan(lengths: Any, course: Course) -> Iterator[Any]:
    """Batches, a pass after the other; a text leaves when it has had its passes."""
    passes = np.array([item.passes for item in course.lessons])
    for number in reversed(range(passes.max())):
        chosen = np.flatnonzero(passes > number)
        for batch in batches(lengths[chosen], SEED + number, most=course.batch):
            yield chosen[batch]


def _balance(task: Task) -> torch.Tensor:
    """Rare classes count more, by the square root of their rarity: figures are macro averages."""
    numbers = np.array([sum(e.label == name for e in task.train) for name in task.classes], float)
    weights = np.sqrt(numbers.mean() / np.maximum(numbers, 1))
    return torch.tensor(weights / (weights * numbers).sum() * numbers.sum(), dtype=torch.float32)


def _losses(
    judge: Judge, seen: torch.Tensor, given: list[Item], balance: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The loss of every head over those texts of the batch that it has labels of, as a share of the whole batch."""
    losses: dict[str, torch.Tensor] = {}
    for head, by_class in balance.items():
        rows = [row for row, item in enumerate(given) if head in item.labels]
        if not rows:
            continue
        classes, weights = zip(*(given[row].labels[head] for row in rows), strict=True)
        each = functional.cross_entropy(
            judge.score(head, seen[rows]), torch.tensor(classes), by_class, reduction="none", label_smoothing=SMOOTHING
        )
        losses[head] = (each * torch.tensor(weights)).sum() / len(given)
    return losses


def _together(tokenizer: Any, pairs: list[Pair]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    if not pairs:
        return []
    chosen = [pair for pair in pairs if pair[0] != pair[1]][: 40 * BATCHES_OF_PAIRS]
    sides = [framed(tokenizer, [pair[side] for pair in chosen]) for side in (0, 1)]
    lengths = np.array([max(len(a), len(b)) for a, b in zip(*sides, strict=True)])
    made = list(batches(lengths, SEED, copies=2))[:BATCHES_OF_PAIRS]
    return [padded([side[n] for side in sides for n in numbers]) for numbers in made]


def _spread(judge: Judge, together: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Begin with vectors that tell texts apart: what the states have in common taken away, along their main directions."""
    if not together:
        return
    judge.eval()
    with torch.no_grad():
        seen = torch.cat([judge.read(*batch)[0].float() for batch in together[:SEEN]])
        middle = seen.mean(0)
        directions = torch.linalg.svd(seen - middle, full_matrices=False)[2][: judge.projection.out_features]
        weight = judge.projection.weight
        weight[: len(directions)].copy_(directions)
        judge.projection.bias.copy_(-weight.float() @ middle)


def _pull(judge: Judge, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    left, right = judge.read(ids, mask)[1].float().chunk(2)
    return drawn_together(left, right)

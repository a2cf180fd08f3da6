"""What is trained, from what, on what: the encoder for Chinese, and the smaller one for English."""

from dataclasses import dataclass
from pathlib import Path

from nlp.encoder import SHIPPED
from nlp.english import SHIPPED as SHIPPED_ENGLISH
from nlp.labels import DANGER, Labeller, load_labeller
from nlp.script import fold
from nlp.training.composed import taught
from nlp.training.data import Task, legible, rows
from nlp.training.data import english as tweets
from nlp.training.encoder import lessons, texts
from nlp.training.encoder.start import CHINESE, ENGLISH, Start
from nlp.training.encoder.texts import Pair

PRETRAINING = 12_000_000
"""Tokens read before any label, padding counted."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`tasks` serve, `helpers` only teach; `pairs` are read before any label; `fast` is the tier before it, if there is one.

    A token of fewer than `rarest` texts is cut; `others` are texts that count for that alone. `rate` is the highest rate at
    which the encoder learns its heads, in batches of `batch` tokens.
    """

    name: str
    start: Start
    tasks: list[Task]
    helpers: list[Task]
    pairs: list[Pair]
    tokens: int
    rarest: int
    rate: float
    batch: int
    others: list[str]
    fast: Labeller | None
    out: Path


def chinese(data: Path) -> Recipe:
    """All heads."""
    served = [legible(task) for task in taught(data)]
    helpers = [legible(task) for task in lessons.helpers(data, served)]
    pairs = texts.pairs(data, [task for task in served if task.head != DANGER])  # its measured days are in no pair
    return Recipe("chinese", CHINESE, served, helpers, pairs, PRETRAINING, 12, 9e-5, 4096, [], load_labeller(), SHIPPED)


def english(data: Path) -> Recipe:
    """Sentiment alone."""
    others = [fold(row["Tweet Text"] or "") for row in rows(data / "incidents" / "crisis_tweets.csv.gz")]
    return Recipe("english", ENGLISH, [tweets(data)], [], [], 0, 3, 4e-5, 1024, others, None, SHIPPED_ENGLISH)


RECIPES = {"chinese": chinese, "english": english}

"""What the encoder learns its heads from: one item per text, with the class of every head that some set gives it.

Beside the heads that serve stand helpers: the finer labels of single sets, as their people gave them. They are dropped after
training; what they teach stays in the encoder.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nlp.duplicates import fingerprints, repeated
from nlp.training.danger import ORDINARY, WRITTEN
from nlp.training.data import EVENTS, SEVEN, Example, Task, read, without

HELD = 7
"""One text in so many is held out of all heads; calibration is fitted on them."""
PASSES = {"smp2020_usual_train": 3, "smp2020_virus_train": 3, "group_events_train": 3, "chnsenticorp_train": 3,
          "weibo_three_class_dev": 4, "domain": 3, "tweet_sentiment_train": 3, WRITTEN: 3}  # fmt: skip
"""How often the texts of a set are read; those of the others twice, but see `RARELY`."""
RARELY = frozenset({"official", "car_forum_aspects", "ordinary", "cold_train", "toxicn", ORDINARY})
"""Read once: what they teach is learnt by then, or matters least."""


@dataclass(slots=True)
class Item:
    """A text, its classes and their weights by head, and how often it is read."""

    text: str
    labels: dict[str, tuple[int, float]] = field(default_factory=dict)
    passes: int = 1


def helpers(data: Path, tasks: list[Task]) -> list[Task]:
    """Heads that only teach."""
    folder = data / "sentiment"
    events = {name: name for name in EVENTS}
    seven = {name: name for name in SEVEN}
    dev = [e for task in tasks for examples in task.dev.values() for e in examples]
    mood = read(folder / "group_events_train.csv.gz", "content", "label", events)
    covid = read(folder / "covid_seven_emotions.csv.gz", "review", "label", seven, 0.5)
    return [
        Task("event_mood", tuple(events), without(mood, dev), {}),
        Task("seven", tuple(seven), without(covid, dev), {}),
    ]


def split(task: Task) -> tuple[list[Example], list[Example]]:
    """The task's training examples: those learnt from, and those held out, which none of the former nearly repeats.

    The last bit of a fingerprint says whether the text is short, so it does not count; a letter goes with its title.
    """
    out = (fingerprints([e.name for e in task.train]) >> 1) % HELD == 0
    learnt = [task.train[n] for n in np.flatnonzero(~out)]
    held = [task.train[n] for n in np.flatnonzero(out)]
    near = repeated(fingerprints([e.text for e in held]), np.unique(fingerprints([e.text for e in learnt])))
    return learnt, [held[n] for n in np.flatnonzero(~near)]


def items(tasks: list[Task]) -> list[Item]:
    """Every text once, in a fixed order. No text that is a development text of any head is among them."""
    dev = {e.text for task in tasks for examples in task.dev.values() for e in examples}
    found: dict[str, Item] = defaultdict(lambda: Item(""))
    for task in tasks:
        for example in (*split(task)[0], *task.composed):
            if example.text in dev:
                continue
            item = found[example.text]
            item.text = example.text
            item.labels[task.head] = task.classes.index(example.label), min(example.weight, 2.0)
            usual = 1 if example.origin in RARELY else 2
            item.passes = max(item.passes, PASSES.get(example.origin, usual))
    return sorted(found.values(), key=lambda item: item.text)

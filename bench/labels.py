"""`make bench-nlp`: labels of every tier and of what others would use, on the development sets, in one run.

    python -m bench.labels --data ../shared/data

Quality is macro-F1 (ChnSentiCorp: accuracy); `group_events` asks only whether a comment is negative. SnowNLP and the word
lists are slow: they are asked a sample of each set, drawn by a seed. `--card` puts the tables into docs/models.md.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from os import cpu_count
from pathlib import Path

import numpy as np
import opencc
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score

from bench import groups, rivals
from bench.label_speed import FAST_POSTS, SPEED_POSTS, against_bare, asked, hurried, microblogs, speed, tiers
from nlp.cascade import READ, Cascade, Patience, doubts
from nlp.dodges import shipped_dodges
from nlp.encoder import Encoder, Read
from nlp.english import SHIPPED as SHIPPED_ENGLISH
from nlp.labels import SURE, SURE_OF_TWO, Judgement, Labeller
from nlp.linear import Floats, Head
from nlp.script import fold
from nlp.training.data import NEGATIVE, Example, Task, english, legible, tasks
from nlp.training.score import BOOTSTRAPS, calibration_error, error_by_chance

SAMPLE = 400
CURVE_POSTS = 6000
CARD = Path(__file__).resolve().parents[1] / "docs" / "models.md"
BETWEEN = re.compile(r"(<!-- bench-nlp -->\n).*(<!-- /bench-nlp -->)", re.DOTALL)
SCRIPTS = {"s2t": "OpenCC", "s2twp": "Taiwan, with its words", "s2hk": "Hong Kong"}
"""Conversions to Traditional characters."""
GOALS = {"smp2020_usual": (0.703, 0.78), "smp2020_virus": (0.600, 0.70), "weibo_three": (0.694, 0.76),
         "chnsenticorp": (0.887, 0.94), "group_events": (0.805, 0.87), "domain": (0.918, 0.94),
         "cold": (0.795, 0.83), "tweets": (0.618, 0.68)}  # fmt: skip
OWN = {
    "smp2020_usual": "smp2020_usual_train",
    "smp2020_virus": "smp2020_virus_train",
    "weibo_three": "weibo_three_class_dev",
    "chnsenticorp": "chnsenticorp_train",
    "group_events": "group_events_train",
    "domain": "domain",
    "cold": "cold_train",
    "government": "group_events_train",
    "tweets": "tweet_sentiment_train",
}
"""The training set that belongs to a development set: what an SVM made for it alone learns from."""


@dataclass(frozen=True, slots=True)
class Case:
    """A development set, and what a system made for it alone may learn from."""

    name: str
    head: str
    classes: tuple[str, ...]
    dev: list[Example]
    train: list[Example]

    def quality(self, given: Sequence[str]) -> float:
        """The figure that the set is measured by; an answer that the set has no class for is wrong."""
        truth = [example.label for example in self.dev[: len(given)]]
        if self.name in ("group_events", "government"):
            truth = [str(label == NEGATIVE) for label in truth]
            given = [str(label == NEGATIVE) for label in given]
        if self.name == "chnsenticorp":
            return float(accuracy_score(truth, given))
        return float(f1_score(truth, given, average="macro", labels=sorted(set(truth)), zero_division=0))

    def interval(self, given: NDArray[np.int64]) -> str:
        """The 95 % interval of that figure for these answers (numbers of classes), by bootstrap, seeded."""
        chance = np.random.default_rng(7)
        labels = [self.classes[n] for n in given]
        found = []
        for _ in range(BOOTSTRAPS):
            drawn = chance.integers(0, len(given), len(given)).tolist()
            found.append(replace(self, dev=[self.dev[n] for n in drawn]).quality([labels[n] for n in drawn]))
        low, high = np.quantile(found, [0.025, 0.975])
        return f"{low:.3f}–{high:.3f}"


def cases(tasks: Sequence[Task]) -> Iterator[Case]:
    """The sets that are measured, each shuffled by a seed: a sample is its beginning."""
    for task in tasks:
        for name, dev in task.dev.items():
            if name in OWN:
                train = [e for e in task.train if e.origin == OWN[name]]
                order = np.random.default_rng(1).permutation(len(dev))
                yield Case(name, task.head, task.classes, [dev[n] for n in order], train)


class Remembering(Encoder):
    """Reads a text once, for all tables."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads=threads)
        self._known: dict[str, Read] = {}

    def read(self, texts: Sequence[str]) -> list[Read]:
        """As `Encoder.read`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, super().read(new), strict=True))
        return [self._known[text] for text in texts]


@cache
def at_leisure() -> tuple[Cascade, dict[str, int]]:
    """The cascade in no hurry, and its count of what it did."""
    cascade, seen = tiers()
    return replace(cascade, encoder=Remembering(cpu_count() or 1)), seen


@cache
def under_load() -> tuple[Cascade, dict[str, int]]:
    """The cascade with its default patience, and its count."""
    return tiers(Patience())


@dataclass(frozen=True, slots=True)
class Answers:
    """Of a set's texts: probabilities of its head by our systems; which share the cascade read at leisure, and under load."""

    by_system: dict[str, Floats]
    shares_read: str


def answers(case: Case) -> Answers:
    """What every system of ours says of a Chinese set."""
    cascade, seen = at_leisure()
    texts = [e.text for e in case.dev]
    head = next(h for h in cascade.heads if h.name == case.head)
    alone, both, fast = read_all(cascade, texts)
    seen.clear()
    slowly = _of(cascade.label(texts), head)
    busy, seen_busy = under_load()
    seen_busy.clear()
    busily = _of(hurried(busy, texts), head)
    shares = [seen.get(READ, 0), seen_busy.get(READ, 0)]
    by_system = {
        "fast tier": fast[head.name],
        "cascade": slowly,
        "under load": busily,
        "both, always": both[head.name],
        "encoder alone": alone[head.name],
    }
    return Answers(by_system, ", ".join(f"{share / len(texts):.0%}" for share in shares))


def read_all(cascade: Cascade, texts: Sequence[str]) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Probabilities of all heads when the encoder reads every text: by it alone, by both tiers, by the fast tier."""
    scored = [cascade.fast.score(texts[n : n + 256]) for n in range(0, len(texts), 256)]
    reads = cascade.encoder.read(texts)
    scores = {h.name: np.concatenate([s.scores[:, h.columns] for s in scored]) for h in cascade.heads}
    fast = {h.name: np.concatenate([s.probabilities[h.name] for s in scored]) for h in cascade.heads}
    return cascade.encoder.probabilities(reads), cascade.encoder.probabilities(reads, scores), fast


def _of(given: Sequence[Judgement], head: Head) -> Floats:
    if head.name == "offensive":
        offence = np.array([g.offensive.prob for g in given], np.float32)
        return np.stack([offence if name == "offensive" else 1 - offence for name in head.classes], 1)
    return np.array([[getattr(g, head.name).probs[name] for name in head.classes] for g in given], np.float32)


def _label(probabilities: Floats, case: Case) -> list[str]:
    """The likeliest class; of reviews, which have no neutral ones, the likelier of the two."""
    allowed = [n for n, name in enumerate(case.classes) if case.name != "chnsenticorp" or name != "neutral"]
    return [case.classes[allowed[n]] for n in probabilities[:, allowed].argmax(axis=1)]


SYSTEMS = ("fast tier", "cascade", "under load", "both, always", "encoder alone")
HEADING = ["set", "majority", "SnowNLP", "word lists", "tuned SVM", *SYSTEMS, "read: cascade, under load",
           "calibration error: fast, cascade, alone; by chance", "floor, goal", "cascade, 95 % interval",
           "not unsure: share, right of these"]  # fmt: skip


def quality(made: Sequence[Task]) -> list[str]:
    """The table of quality, a row a set; and the groups of texts in which the cascade is worse or better."""
    by_set: dict[str, tuple[Sequence[str], NDArray[np.bool_]]] = {}
    lines = [f"| {' | '.join(HEADING)} |", "|" + "---|" * len(HEADING)]
    for case in cases(made):
        texts = [e.text for e in case.dev]
        truth = np.array([case.classes.index(e.label) for e in case.dev])
        ours = answers(case)
        given = np.array([case.classes.index(label) for label in _label(ours.by_system["cascade"], case)])
        by_set[case.name] = texts, given == truth
        errors = [calibration_error(ours.by_system[s], truth) for s in ("fast tier", "cascade", "encoder alone")]
        lines.append(
            _row(case, [
                *_rivals(case, texts),
                *(f"{case.quality(_label(ours.by_system[system], case)):.3f}" for system in SYSTEMS),
                ours.shares_read,
                _errors(*errors, error_by_chance(ours.by_system["cascade"])),
                *_judged(case, ours.by_system["cascade"], truth),
            ])
        )  # fmt: skip
        print(lines[-1], flush=True)
    return [*lines, "", *groups.table(by_set)]


def _errors(*errors: float) -> str:
    """Of three systems, and what chance alone would make of a calibrated one."""
    return ", ".join(f"{error:.3f}" for error in errors[:-1]) + f"; {errors[-1]:.3f}"


def _row(case: Case, cells: Sequence[str]) -> str:
    return f"| {case.name} ({len(case.dev)}) | " + " | ".join(cells) + " |"


def _rivals(case: Case, texts: Sequence[str]) -> list[str]:
    """What others say: the majority, SnowNLP, word lists, and an SVM made for this set."""
    present = sorted({e.label for e in case.dev})
    some = texts[:SAMPLE]
    chinese = case.name != "tweets"
    return [
        _asked(case, rivals.majority(case.train), texts),
        _asked(case, rivals.snownlp(tuple(present)), some) if chinese and case.head == "sentiment" else "–",
        _asked(case, rivals.lexicon(case.head, present), some)
        if chinese and case.head in {"sentiment", "emotion"}
        else "–",
        _asked(case, rivals.tuned_svm(case.train), texts),
    ]


def _judged(case: Case, probabilities: Floats, truth: NDArray[np.int64]) -> list[str]:
    """Floor and goal, the interval, and how often the answer is sure and then right."""
    given = np.array([case.classes.index(label) for label in _label(probabilities, case)])
    goal = ", ".join(f"{figure:.3f}" for figure in GOALS.get(case.name, ())) or "–"
    return [goal, case.interval(given), _sure(probabilities, truth)]


def tweets(data: Path) -> list[str]:
    """The row of English, whose encoder answers alone."""
    (case,) = cases([english(data)])
    texts = [e.text for e in case.dev]
    encoder = Encoder(SHIPPED_ENGLISH, threads=cpu_count() or 1)
    probabilities = encoder.probabilities(encoder.read(texts))[case.head]
    truth = np.array([case.classes.index(e.label) for e in case.dev])
    figure = f"{case.quality(_label(probabilities, case)):.3f}"
    error = f"–, –, {calibration_error(probabilities, truth):.3f}; {error_by_chance(probabilities):.3f}"
    rest = ["–", "–", "–", "–", figure, "–", error, *_judged(case, probabilities, truth)]
    return [_row(case, [*_rivals(case, texts), *rest])]


def scripts(made: Sequence[Task]) -> list[str]:
    """What the cascade loses when a set is written in Traditional characters, by each conversion."""
    cascade, _ = at_leisure()
    heading = ["set", "as it is", *(f"{name} ({config})" for config, name in SCRIPTS.items())]
    lines = [f"| {' | '.join(heading)} |", "|" + "---|" * len(heading)]
    for case in cases(made):
        head = next(h for h in cascade.heads if h.name == case.head)
        versions = [[e.text for e in case.dev]]
        for config in SCRIPTS:
            convert = opencc.OpenCC(config).convert
            versions.append([shipped_dodges().plain(fold(convert(text))).text for text in versions[0]])
        known = _distinct_labels(cascade, versions)
        figures = [case.quality(_label(_of([known[text] for text in texts], head), case)) for texts in versions]
        cells = [f"{figures[0]:.3f}", *(f"{figure:.3f} ({figure - figures[0]:+.3f})" for figure in figures[1:])]
        lines.append(_row(case, cells))
        print(lines[-1], flush=True)
    return lines


def _distinct_labels(cascade: Cascade, versions: Sequence[Sequence[str]]) -> dict[str, Judgement]:
    """Of every text once: most are the same again when their characters are folded."""
    texts = sorted({text for version in versions for text in version})
    return dict(zip(texts, cascade.label(texts), strict=True))


def curve(made: Sequence[Task], posts: list[str]) -> list[str]:
    """What asking the encoder more often costs, in the share of real posts that it reads, and gives, in the mean figure of the
    sets with a goal; bars as they were fitted on held-out texts (`Card.curve`).
    """
    cascade, _ = at_leisure()
    bars = {"never": dict.fromkeys(cascade.encoder.card.below, 0.0), **_by_cost(cascade.encoder)}
    bars["always"] = dict.fromkeys(cascade.encoder.card.below, 2.0)
    sets = [(case, read_all(cascade, [e.text for e in case.dev])) for case in cases(made) if case.name in GOALS]
    lines = ["| mended labels a text, at least | of real microblogs read | mean figure | lost most against the encoder alone |",
             "|---|---|---|---|"]  # fmt: skip
    for cost, below in bars.items():
        figures, lost = [], []
        for case, (alone, both, fast) in sets:
            reads = _asked_of(cascade.fast, [e.text for e in case.dev], below, never=cost == "never")
            mixed = np.where(reads[:, None], both[case.head], fast[case.head])
            figures.append(case.quality(_label(mixed, case)))
            lost.append((case.quality(_label(alone[case.head], case)) - figures[-1], case.name))
        share = _asked_of(cascade.fast, posts, below, never=cost == "never").mean()
        most, name = max(lost)
        default = " (default)" if below == cascade.encoder.card.below else ""
        lines.append(f"| {cost}{default} | {share:.0%} | {np.mean(figures):.3f} | {most:+.3f} ({name}) |")
        print(lines[-1], flush=True)
    return lines


def _by_cost(encoder: Encoder) -> dict[str, dict[str, float]]:
    return dict(sorted(encoder.card.curve.items(), key=lambda item: -float(item[0])))


def _asked_of(fast: Labeller, texts: Sequence[str], below: dict[str, float], *, never: bool) -> NDArray[np.bool_]:
    """Which texts the encoder is asked about with these bars."""
    if never:
        return np.zeros(len(texts), bool)
    parts = [doubts(fast.score(texts[n : n + 256]), below) for n in range(0, len(texts), 256)]
    return np.concatenate(parts) > 0


def _sure(probabilities: Floats, truth: NDArray[np.int64]) -> str:
    """Of how many texts the answer is not `unsure`, and how many of these are right."""
    bar = SURE if probabilities.shape[1] > 2 else SURE_OF_TWO
    sure = probabilities.max(axis=1) >= bar
    return f"{sure.mean():.0%}, {(probabilities.argmax(axis=1) == truth)[sure].mean():.3f}"


def _asked(case: Case, answer: rivals.Answer, texts: Sequence[str]) -> str:
    return f"{case.quality(answer(texts)):.3f}"


PARTS = ("quality", "scripts", "curve", "speed")


def main() -> None:
    """Print the tables, and put them into the model card where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--card", action="store_true", help="write all tables into docs/models.md; not with --only")
    chosen = parser.parse_args()
    if chosen.card and chosen.only:
        parser.error("--card wants all tables")
    tables = [_table(part, chosen.data) for part in ([chosen.only] if chosen.only else PARTS)]
    text = "\n\n".join("\n".join(lines) for lines in tables) + "\n"
    print("\n" + text)
    if chosen.card:
        card = CARD.read_text(encoding="utf-8")
        CARD.write_text(BETWEEN.sub(lambda found: found[1] + text + found[2], card), encoding="utf-8")


def _table(part: str, data: Path) -> list[str]:
    if part == "speed":
        texts = microblogs(data, FAST_POSTS)
        return [*speed(texts), "", *asked(texts[:SPEED_POSTS]), "", against_bare(texts[:1000])]
    made = [legible(task) for task in tasks(data)]
    if part == "quality":
        table = quality(made)
        end = table.index("")
        return [*table[:end], *tweets(data), *table[end:]]
    return scripts(made) if part == "scripts" else curve(made, microblogs(data, CURVE_POSTS))


if __name__ == "__main__":
    main()

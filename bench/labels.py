"""`make bench-nlp`: labels of every tier and of what others would use, on the development sets, in one run.

    python -m bench.labels --data ../shared/data

Quality is macro-F1 (ChnSentiCorp: accuracy); `group_events` asks only whether a comment is negative. SnowNLP and the word
lists are slow: they are asked a sample of each set, drawn by a seed. Speed and memory are each system's own, in a process of
its own, over real microblogs.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from os import cpu_count
from pathlib import Path

import numpy as np
import onnxruntime
import psutil
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score
from tokenizers import Tokenizer

from bench import groups, rivals
from nlp.cascade import READ, UNHURRIED, Cascade
from nlp.encoder import GRAPH, LONGEST, SHIPPED, WORDS, Encoder
from nlp.labels import SURE, SURE_OF_TWO, Judgement, load_labeller
from nlp.linear import Floats, Head
from nlp.script import fold, to_traditional
from nlp.training.data import NEGATIVE, TASKS, Example, Task, rows
from nlp.training.score import BOOTSTRAPS, calibration_error

SAMPLE = 400
SPEED_POSTS = 4000
SLOW_POSTS = 300
GOALS = {"smp2020_usual": (0.703, 0.78), "smp2020_virus": (0.600, 0.70), "weibo_three": (0.694, 0.76),
         "chnsenticorp": (0.887, 0.94), "group_events": (0.805, 0.87), "domain": (0.918, 0.94),
         "cold": (0.795, 0.83)}  # fmt: skip
OWN = {
    "smp2020_usual": "smp2020_usual_train",
    "smp2020_virus": "smp2020_virus_train",
    "weibo_three": "weibo_three_class_dev",
    "chnsenticorp": "chnsenticorp_train",
    "group_events": "group_events_train",
    "domain": "domain",
    "cold": "cold_train",
    "government": "group_events_train",
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


class Tiers:
    """Our systems; each reads a text once for all sets."""

    def __init__(self) -> None:
        self.fast = load_labeller()
        self.encoder = Encoder(threads=cpu_count() or 1)
        self.asked: dict[str, int] = {}
        self.cascade = Cascade(self.fast, self.encoder, UNHURRIED, self._count)

    def _count(self, answer: str, number: int) -> None:
        self.asked[answer] = self.asked.get(answer, 0) + number

    def answers(self, texts: Sequence[str], head: Head) -> dict[str, Floats]:
        """Probabilities of one head by every system."""
        scored = [self.fast.score(texts[n : n + 256]) for n in range(0, len(texts), 256)]
        fast = np.concatenate([s.probabilities[head.name] for s in scored])
        reads = self.encoder.read(texts)
        scores = {h.name: np.concatenate([s.scores[:, h.columns] for s in scored]) for h in self.fast.heads}
        return {
            "fast tier": fast,
            "cascade": _of(self.cascade.label(texts), head),
            "both tiers, every text": self.encoder.probabilities(reads, scores)[head.name],
            "encoder alone": self.encoder.probabilities(reads)[head.name],
        }


def _of(given: Sequence[Judgement], head: Head) -> Floats:
    if head.name == "offensive":
        offence = np.array([g.offensive.prob for g in given], np.float32)
        return np.stack([offence if name == "offensive" else 1 - offence for name in head.classes], 1)
    return np.array([[getattr(g, head.name).probs[name] for name in head.classes] for g in given], np.float32)


def _label(probabilities: Floats, case: Case) -> list[str]:
    """The likeliest class; of reviews, which have no neutral ones, the likelier of the two."""
    allowed = [n for n, name in enumerate(case.classes) if case.name != "chnsenticorp" or name != "neutral"]
    return [case.classes[allowed[n]] for n in probabilities[:, allowed].argmax(axis=1)]


def quality(tasks: Sequence[Task]) -> list[str]:
    """The table of quality, a row a set; and the groups of texts in which the cascade is worse or better."""
    tiers = Tiers()
    by_set: dict[str, tuple[Sequence[str], NDArray[np.bool_]]] = {}
    heading = [
        "set",
        "majority",
        "SnowNLP",
        "word lists",
        "tuned SVM",
        "fast tier",
        "cascade",
        "both tiers, every text",
    ]
    heading += ["encoder alone", "asked", "Traditional", "calibration error: fast, cascade, alone", "floor, goal"]
    heading += ["cascade, 95 % interval", "not unsure: share, right of these"]
    lines = [f"| {' | '.join(heading)} |", "|" + "---|" * len(heading)]
    for case in cases(tasks):
        head = next(h for h in tiers.fast.heads if h.name == case.head)
        texts = [e.text for e in case.dev]
        truth = np.array([case.classes.index(e.label) for e in case.dev])
        cells = [_asked(case, rivals.majority(case.train), texts)]
        some = texts[:SAMPLE]
        present = {e.label for e in case.dev}
        cells.append(_asked(case, rivals.snownlp(tuple(present)), some) if case.head == "sentiment" else "–")
        has_words = case.head in {"sentiment", "emotion"}
        cells.append(_asked(case, rivals.lexicon(case.head, sorted(present)), some) if has_words else "–")
        cells.append(_asked(case, rivals.tuned_svm(case.train), texts))
        tiers.asked.clear()
        ours = tiers.answers(texts, head)
        cells += [f"{case.quality(_label(p, case)):.3f}" for p in ours.values()]
        cells.append(f"{tiers.asked.get(READ, 0) / len(texts):.0%}")
        traditional = tiers.cascade.label([fold(to_traditional(text)) for text in texts])
        cells.append(f"{case.quality(_label(_of(traditional, head), case)):.3f}")
        errors = [calibration_error(ours[name], truth) for name in ("fast tier", "cascade", "encoder alone")]
        cells.append(", ".join(f"{error:.3f}" for error in errors))
        cells.append(", ".join(f"{figure:.3f}" for figure in GOALS.get(case.name, ())) or "–")
        given = np.array([case.classes.index(label) for label in _label(ours["cascade"], case)])
        cells += [case.interval(given), _sure(ours["cascade"], truth)]
        by_set[case.name] = texts, given == truth
        lines.append(f"| {case.name} ({len(texts)}) | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return [*lines, "", *groups.table(by_set)]


def _sure(probabilities: Floats, truth: NDArray[np.int64]) -> str:
    """Of how many texts the answer is not `unsure`, and how many of these are right."""
    bar = SURE if probabilities.shape[1] > 2 else SURE_OF_TWO
    sure = probabilities.max(axis=1) >= bar
    return f"{sure.mean():.0%}, {(probabilities.argmax(axis=1) == truth)[sure].mean():.3f}"


def _asked(case: Case, answer: rivals.Answer, texts: Sequence[str]) -> str:
    return f"{case.quality(answer(texts)):.3f}"


def microblogs(data: Path, number: int) -> list[str]:
    """Folded real posts, drawn by a seed."""
    texts = [text for row in rows(data / "incidents" / "weibo_stream.csv.gz") if (text := fold(row["text"]))]
    return [texts[n] for n in np.random.default_rng(2).permutation(len(texts))[:number]]


def _snownlp(texts: Sequence[str]) -> None:
    rivals.snownlp(("negative", "neutral", "positive"))(texts)


def _words(texts: Sequence[str]) -> None:
    rivals.lexicon("sentiment", ("negative", "neutral", "positive"))(texts)


def _fast(texts: Sequence[str]) -> None:
    load_labeller().label(texts)


def _cascade(texts: Sequence[str]) -> None:
    Tiers().cascade.label(texts)


def _encoder(texts: Sequence[str]) -> None:
    Encoder(threads=cpu_count() or 1).read(texts)


def _memory() -> float:
    """What this process holds, in MB."""
    return float(psutil.Process().memory_info().rss / 1e6)


def _timed(
    work: Callable[[Sequence[str]], None], texts: list[str], answer: "multiprocessing.Queue[tuple[float, float]]"
) -> None:
    before = _memory()
    work(texts[:20])  # loads what is loaded once
    began = time.perf_counter()
    work(texts[:20])
    start = time.perf_counter() - began
    began = time.perf_counter()
    work(texts)
    answer.put((time.perf_counter() - began - start, _memory() - before))


def speed(texts: list[str]) -> list[str]:
    """The table of speed and memory."""
    spawn = multiprocessing.get_context("spawn")
    lines = ["| system | posts/s | memory over the bench's own, MB |", "|---|---|---|"]
    for name, work, slow in [
        ("SnowNLP", _snownlp, True),
        ("word lists", _words, True),
        ("fast tier, with reasons", _fast, False),
        ("cascade", _cascade, False),
        ("encoder alone", _encoder, False),
    ]:
        answer = spawn.Queue()
        given = texts[:SLOW_POSTS] if slow else texts
        process = spawn.Process(target=partial(_timed, work), args=(given, answer))
        process.start()
        seconds, memory = answer.get()
        process.join()
        lines.append(f"| {name} | {len(given) / seconds:.0f} | {memory:.0f} |")
        print(lines[-1], flush=True)
    return lines


def against_bare(texts: list[str]) -> str:
    """The encoder's wrapping against onnxruntime alone, called with the same numbers by as many threads."""
    threads = cpu_count() or 1
    encoder = Encoder(threads=threads)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(SHIPPED / GRAPH, options, providers=["CPUExecutionProvider"])
    words = Tokenizer.from_file(str(SHIPPED / WORDS))
    words.enable_truncation(LONGEST - 2)
    begin_id, end_id = words.token_to_id("[CLS]"), words.token_to_id("[SEP]")
    encoder.read(texts[:100])
    bare = ours = 0.0
    for begin in range(0, len(texts), 200):  # turn by turn, so that both have the same machine
        part = texts[begin : begin + 200]
        ids = [np.array([[begin_id, *words.encode(text, add_special_tokens=False).ids, end_id]]) for text in part]
        asked = [{"ids": row, "mask": np.ones_like(row)} for row in ids]
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(partial(session.run, None), asked))
        bare += time.perf_counter() - began
        began = time.perf_counter()
        encoder.read(part)
        ours += time.perf_counter() - began
    rates = f"{len(texts) / ours:.0f} and {len(texts) / bare:.0f} posts/s"
    return f"encoder alone against bare onnxruntime: {bare / ours:.2f} ({rates})"


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only", choices=["quality", "speed"])
    chosen = parser.parse_args()
    if chosen.only != "speed":
        lines = quality([make(chosen.data) for make in TASKS])
        print("\n".join(["", *lines, ""]))
    if chosen.only != "quality":
        texts = microblogs(chosen.data, SPEED_POSTS)
        print("\n".join([*speed(texts), "", against_bare(texts[:1000])]))
        tiers = Tiers()
        tiers.cascade.label(texts)
        total = sum(tiers.asked.values())
        print("of real posts: " + ", ".join(f"{k} {v / total:.1%}" for k, v in sorted(tiers.asked.items())))


if __name__ == "__main__":
    main()

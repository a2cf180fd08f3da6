"""How fast labels come and what memory they take: the part of `bench.labels` about time. Each system runs in a process of its
own, over real microblogs.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from os import cpu_count
from pathlib import Path

import numpy as np
import onnxruntime
import psutil
from tokenizers import Tokenizer

from bench import rivals
from bench.timing import seconds_of
from nlp.cascade import CERTAIN, READ, SHED, UNHURRIED, Cascade, Patience
from nlp.encoder import GRAPH, LONGEST, SHIPPED, WORDS, Encoder
from nlp.labels import BATCH, Judgement, load_labeller
from nlp.script import fold
from nlp.training.data import rows

SPEED_POSTS, SLOW_POSTS = 4_000, 300
FAST_POSTS = 40_000
"""Four thousand take the fast tier no longer than loading its weights, which is taken off."""


def tiers(patience: Patience = UNHURRIED) -> tuple[Cascade, dict[str, int]]:
    """The cascade on all processors, and a count of what it did with how many texts."""
    seen: dict[str, int] = {}

    def count(answer: str, number: int) -> None:
        seen[answer] = seen.get(answer, 0) + number

    return Cascade(load_labeller(), Encoder(threads=cpu_count() or 1), patience, count), seen


def hurried(cascade: Cascade, texts: Sequence[str]) -> list[Judgement]:
    """Labelled as a runner does under load: batch after full batch, none waited for."""
    full = cascade.patience.full
    return [given for n in range(0, len(texts), full) for given in cascade.label(texts[n : n + full])]


def microblogs(data: Path, number: int) -> list[str]:
    """Folded real posts, drawn by a seed."""
    texts = [text for row in rows(data / "incidents" / "weibo_stream.csv.gz") if (text := fold(row["text"]))]
    return [texts[n] for n in np.random.default_rng(2).permutation(len(texts))[:number]]


def _snownlp(texts: Sequence[str]) -> None:
    rivals.snownlp(("negative", "neutral", "positive"))(texts)


def _words(texts: Sequence[str]) -> None:
    rivals.lexicon("sentiment", ("negative", "neutral", "positive"))(texts)


def _fast(texts: Sequence[str]) -> None:
    labeller = load_labeller()
    for begin in range(0, len(texts), 2 * BATCH):
        labeller.label(texts[begin : begin + 2 * BATCH])


def _cascade(texts: Sequence[str]) -> None:
    tiers()[0].label(texts)


def _hurried(texts: Sequence[str]) -> None:
    hurried(tiers(Patience())[0], texts)


def _encoder(texts: Sequence[str]) -> None:
    Encoder(threads=cpu_count() or 1).read(texts)


def _memory() -> float:
    """What this process holds, in MB."""
    return float(psutil.Process().memory_info().rss / 1e6)


def _timed(
    work: Callable[[Sequence[str]], None], texts: list[str], answer: "multiprocessing.Queue[tuple[float, float]]"
) -> None:
    before = _memory()
    seconds = seconds_of(work, texts)
    answer.put((seconds, _memory() - before))


def speed(texts: list[str]) -> list[str]:
    """The table of speed and memory; of `FAST_POSTS` texts each system is given as many as it has time for."""
    spawn = multiprocessing.get_context("spawn")
    lines = ["| system | posts/s | memory over the bench's own, MB |", "|---|---|---|"]
    for name, work, number in [
        ("SnowNLP", _snownlp, SLOW_POSTS),
        ("word lists", _words, SLOW_POSTS),
        ("fast tier, with reasons", _fast, FAST_POSTS),
        ("cascade, in no hurry", _cascade, SPEED_POSTS),
        ("cascade, default patience, full batches", _hurried, SPEED_POSTS),
        ("encoder alone", _encoder, SPEED_POSTS),
    ]:
        answer = spawn.Queue()
        given = texts[:number]
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


def asked(texts: list[str]) -> list[str]:
    """What the cascade does with real posts: in no hurry, and with its default patience in full batches."""
    lines = ["| real microblogs | certain | read | no time |", "|---|---|---|---|"]
    for name, patience in (("in no hurry", UNHURRIED), ("default patience, full batches", Patience())):
        cascade, seen = tiers(patience)
        hurried(replace(cascade, patience=replace(patience, full=Patience().full)), texts)
        cells = [f"{seen.get(answer, 0) / len(texts):.0%}" for answer in (CERTAIN, READ, SHED)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines

"""What the encoder reads before it learns any label: pairs of texts about one thing.

Two microblogs of one hashtag, the title and the body of a letter, a comment and itself. The hashtags are taken out of the
text. Days on which `bench.incidents` measures are left out, and so is what equals a text that a development set holds; title
and body of a letter, which are one text there, are read, without any label.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from nlp.duplicates import fingerprints
from nlp.script import fold
from nlp.training.data import HASHTAG, SEED, Task, rows
from nlp.training.idf import MEASURED_DAYS

Pair = tuple[str, str]

SHORTEST = 8
COMMENTS = 40_000
PER_TAG = 2_000
"""Posts of one hashtag at most: a few of them hold a tenth of all."""


def pairs(data: Path, tasks: Iterable[Task]) -> list[Pair]:
    """All pairs, shuffled by a seed."""
    known = {text for task in tasks for examples in task.dev.values() for text in (e.text for e in examples)}
    found = [*_microblogs(data), *_letters(data), *_comments(data)]
    found = [pair for pair in found if known.isdisjoint(pair)]
    return [found[number] for number in np.random.default_rng(SEED).permutation(len(found))]


def _microblogs(data: Path) -> Iterator[Pair]:
    by_tag: dict[str, list[str]] = defaultdict(list)
    for tag, text in _distinct(data):
        by_tag[tag].append(text)
    chance = np.random.default_rng(SEED)
    for tag, texts in sorted(by_tag.items()):
        mixed = [texts[number] for number in chance.permutation(len(texts))]
        if tag:
            chosen = mixed[:PER_TAG]
            yield from zip(chosen[::2], chosen[1::2], strict=False)
        else:
            yield from ((text, text) for text in mixed[: COMMENTS // 2])


def _distinct(data: Path) -> Iterator[tuple[str, str]]:
    """First hashtag (empty for none) and text without hashtags, near-duplicates once."""
    seen: set[int] = set()
    batch: list[tuple[str, str]] = []
    for row in rows(data / "incidents" / "weibo_stream.csv.gz"):
        if row["date"] in MEASURED_DAYS:
            continue
        text = fold(HASHTAG.sub(" ", row["text"]))
        if len(text) >= SHORTEST:
            tags = HASHTAG.findall(row["text"])
            batch.append((tags[0].strip() if tags else "", text))
        if len(batch) == 5000:
            yield from _new(batch, seen)
            batch = []
    yield from _new(batch, seen)


def _new(batch: list[tuple[str, str]], seen: set[int]) -> Iterator[tuple[str, str]]:
    for mark, item in zip(fingerprints([text for _, text in batch]).tolist(), batch, strict=True):
        if mark not in seen:
            seen.add(mark)
            yield item


def _letters(data: Path) -> Iterator[Pair]:
    for name in ("domain_labelled", "hot_issue_stream", "replies", "mayor_mailbox"):
        for row in rows(data / "gov_messages" / f"{name}.csv.gz"):
            title, body = fold(row["title"] or ""), fold(row.get("body") or row.get("query") or "")
            if title and body:
                yield title, body
            if body and row.get("reply"):
                yield body, fold(row["reply"])


def _comments(data: Path) -> Iterator[Pair]:
    texts = {fold(row["content"] or "") for row in rows(data / "incidents" / "comments_by_incident.csv.gz")}
    long_enough = sorted(text for text in texts if len(text) >= SHORTEST)
    for number in np.random.default_rng(SEED).permutation(len(long_enough))[:COMMENTS]:
        yield long_enough[number], long_enough[number]

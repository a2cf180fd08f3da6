"""Makes the IDF table that detection ships with.

    python -m nlp.training.idf --data ../shared/data

From Weibo posts (not those of 14 to 18 February 2020, on which `bench.incidents` measures, and without their `#topics#`),
letters to governments (not the stream that is replayed) and English tweets. Equal texts count once. A feature counts as common
as it is in the genre that has it most: 小区 says much in a microblog and nothing in a mailbox, "the" says nothing in English.
"""

import argparse
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.incidents.features import BUCKETS, SHIPPED, idf, occurrences
from nlp.script import fold
from nlp.training.data import HASHTAG, rows

MEASURED_DAYS = frozenset(f"2020-02-{day}" for day in range(14, 19))
_SURE = 8
"""Texts of a small genre that must have a feature before its share among them says anything."""

_LETTERS = (("domain_labelled", ("title", "body")), ("mayor_mailbox", ("title", "query")))


def distinct(texts: Iterable[str]) -> Iterator[str]:
    """The texts folded, each once."""
    seen = set()
    for text in texts:
        key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
        if key not in seen:
            seen.add(key)
            yield fold(text)


def frequencies(texts: Iterable[str]) -> tuple[int, NDArray[np.int64]]:
    """How many distinct texts there are, and how many of them have each feature."""
    documents = 0
    counts = np.zeros(BUCKETS, dtype=np.int64)
    for batch in _batched(distinct(texts), 1000):
        documents += len(batch)
        features, _ = occurrences(batch)
        np.add.at(counts, features & (BUCKETS - 1), 1)
    return documents, counts


def _posts(data: Path) -> Iterator[str]:
    for row in rows(data / "incidents" / "weibo_stream.csv.gz"):
        if row["date"] not in MEASURED_DAYS:
            yield HASHTAG.sub(" ", row["text"])


def _letters(data: Path) -> Iterator[str]:
    for name, columns in _LETTERS:
        for row in rows(data / "gov_messages" / f"{name}.csv.gz"):
            yield "\n".join(row.get(column) or "" for column in columns)


def _tweets(data: Path) -> Iterator[str]:
    return (row["text"] for row in rows(data / "english" / "tweet_sentiment_train.csv.gz"))


def _batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, size)):
        yield batch


def main() -> None:
    """Count, write, and say how many texts there were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the research data (shared/data)")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    documents, counts = frequencies(_posts(given.data))
    letters, letter_counts = frequencies(_letters(given.data))
    tweets, tweet_counts = frequencies(_tweets(given.data))
    for texts, own in ((letters, letter_counts), (tweets, tweet_counts)):
        counts = np.maximum(counts, np.where(own >= _SURE, own, 0) * documents // texts)
    np.savez_compressed(given.out, idf=idf(documents, counts))
    size = given.out.stat().st_size
    print(f"{documents} posts, {letters} letters, {tweets} tweets, {np.count_nonzero(counts)} features, {size} bytes")


if __name__ == "__main__":
    main()

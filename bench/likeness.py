"""Whether the encoder's vectors know what is about one thing: microblogs that bear one hashtag, hashtags taken out.

    python -m bench.likeness --data ../shared/data [--encoder DIR]

Days that no training read. For every microblog the one that is most like it among 3,000: how often does it bear the same
hashtag; and how often a microblog of the same hashtag is more like it than one of another (the area under the curve). Beside
the vectors stand the same words (TF-IDF of character pairs). Near-duplicates count once.
"""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score

from nlp.duplicates import fingerprints
from nlp.encoder import SHIPPED, Encoder
from nlp.script import fold
from nlp.training.data import HASHTAG, SEED, rows
from nlp.training.idf import MEASURED_DAYS

POSTS = 3_000
PER_TAG = 12
"""Microblogs of one hashtag at most, and at least two."""
SHORTEST = 12


def tagged(data: Path) -> tuple[list[str], NDArray[np.int64]]:
    """Microblogs of measured days with one hashtag, without it, and the number of their hashtag."""
    by_tag: dict[str, list[str]] = defaultdict(list)
    for row in rows(data / "incidents" / "weibo_stream.csv.gz"):
        tags = set(HASHTAG.findall(row["text"]))
        text = fold(HASHTAG.sub(" ", row["text"]))
        if row["date"] in MEASURED_DAYS and len(tags) == 1 and len(text) >= SHORTEST:
            by_tag[tags.pop().strip()].append(text)
    chance = np.random.default_rng(SEED)
    texts: list[str] = []
    numbers: list[int] = []
    for number, tag in enumerate(chance.permutation(sorted(by_tag)).tolist()):
        mixed = [by_tag[tag][n] for n in chance.permutation(len(by_tag[tag]))]
        _, first = np.unique(fingerprints(mixed), return_index=True)
        kept = [mixed[n] for n in sorted(first.tolist())[:PER_TAG]]
        if len(kept) > 1 and len(texts) < POSTS:
            texts += kept
            numbers += [number] * len(kept)
    return texts, np.array(numbers)


def figures(likeness: NDArray[Any], tags: NDArray[np.int64]) -> tuple[float, float]:
    """How often the most like bears the same hashtag, and the area under the curve of all pairs."""
    same = tags[:, None] == tags[None]
    others = ~np.eye(len(tags), dtype=bool)
    nearest = np.where(others, likeness, -np.inf).argmax(axis=1)
    upper = np.triu(others)
    return float((tags[nearest] == tags).mean()), float(roc_auc_score(same[upper], likeness[upper]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", type=Path, default=SHIPPED)
    chosen = parser.parse_args()
    texts, tags = tagged(chosen.data)
    words = TfidfVectorizer(analyzer="char", ngram_range=(2, 2), sublinear_tf=True).fit_transform(texts)
    encoder = Encoder(chosen.encoder)
    vectors = encoder.vectors(texts)
    by_words = (words @ words.T).toarray()
    by_vectors = vectors @ vectors.T
    print(f"{len(texts)} microblogs, {len(set(tags.tolist()))} hashtags, {encoder.version}; the mean vector's length is "
          f"{np.linalg.norm(vectors.mean(axis=0)):.2f}\n")  # fmt: skip
    print("| likeness | the nearest has the same hashtag | area under the curve |\n|---|---|---|")
    sides = {"same words": by_words, "vectors": by_vectors, "their mean": (by_words + by_vectors) / 2}
    for name, likeness in sides.items():
        nearest, area = figures(likeness, tags)
        print(f"| {name} | {nearest:.3f} | {area:.3f} |", flush=True)


if __name__ == "__main__":
    main()

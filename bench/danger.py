"""Dangers to life or limb: how many are seen, and how much is called danger that is none, by the bar of `unnamed`.

    python -m bench.danger --data ../shared/data

Over the sentences that were written to measure with (`nlp/training/dangers_measured.yaml`), and over real microblogs of days
and comments on incidents that the head did not learn from (the encoder's pretraining reads some of these comments, without
any label): of a thousand, how many have no word of danger and are called danger all the same.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.label_speed import tiers
from core.records import Risk
from nlp.risk import Danger, load_risk_lexicon
from nlp.training.danger import DANGER, Words, comments, dangers, microblogs
from nlp.training.data import SEED, legible

POSTS = 20_000
BARS = (0.5, 0.6, 0.7, 0.8, 0.9)
SHOWN = 40


def likely(texts: Sequence[str], *, encoder: bool) -> NDArray[np.float64]:
    """How likely each text tells of a danger, by the fast tier or by the cascade in no hurry; not at all where the table of
    risks takes it back.
    """
    cascade, _ = tiers()
    lexicon = load_risk_lexicon()
    found = (cascade if encoder else cascade.fast).label(texts)
    passages = [next((ngram.text for ngram in given.reasons.get(DANGER, ())), "") for given in found]
    kept = [lexicon.unnamed(Risk(), Danger(1.0, *both, "")).hits for both in zip(passages, texts, strict=True)]
    return np.array([given.danger if hits else 0.0 for given, hits in zip(found, kept, strict=True)])


def main() -> None:
    """Print the table, and with `--list` what the cascade calls danger among real posts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--list", action="store_true", help="list posts that are called danger without a word for it")
    chosen = parser.parse_args()
    dev = legible(dangers(chosen.data)).dev["danger"]
    texts, truth = [e.text for e in dev], np.array([e.label == DANGER for e in dev])
    real = [_sample(read(chosen.data), chosen.posts) for read in (microblogs, comments)]
    tell = Words().tell
    words, *words_of_real = (np.array([tell(text) for text in part]) for part in (texts, *real))
    print(
        f"| who sees it | of {truth.sum()} dangers | of {(~truth).sum()} others | of 1,000 microblogs | of 1,000 comments |"
    )
    print("|---|---|---|---|---|")
    shares = " | ".join(f"{1000 * said.mean():.1f}" for said in words_of_real)
    print(f"| words | {words[truth].sum()} | {words[~truth].sum()} | {shares} |", flush=True)
    for name, encoder in (("fast tier", False), ("cascade", True)):
        by_model, *of_real = (likely(part, encoder=encoder) for part in (texts, *real))
        for bar in BARS:
            seen = words | (by_model >= bar)
            more = [((said >= bar) & ~known).mean() for said, known in zip(of_real, words_of_real, strict=True)]
            shares = " | ".join(f"+ {1000 * share:.2f}" for share in more)
            print(
                f"| words and {name}, from {bar} | {seen[truth].sum()} | {seen[~truth].sum()} | {shares} |", flush=True
            )
    if chosen.list:
        for part, said, known in zip(real, of_real, words_of_real, strict=True):
            order = np.argsort(-np.where(known, 0.0, said))[:SHOWN].tolist()
            print("\n".join(["", *(f"{said[n]:.2f} {part[n][:120]}" for n in order)]))


def _sample(posts: Iterable[tuple[bool, str]], most: int) -> list[str]:
    """Of those to measure with."""
    kept = [text for to_measure, text in posts if to_measure]
    return [kept[n] for n in np.random.default_rng(SEED).permutation(len(kept))[:most].tolist()]


if __name__ == "__main__":
    main()

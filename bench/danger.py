"""Dangers to life or limb: how many are seen, and how much is called danger that is none, by the bar of `unnamed`.

    python -m bench.danger --data ../shared/data

Over the sentences that were written to measure with (`nlp/training/dangers_measured.yaml`), alone and in the middle of a
letter, and over real microblogs of days, comments on incidents and letters that the head did not learn from (the encoder's
pretraining reads some of these comments and letters, without any label): of a thousand, how many have no word of danger and are
called danger all the same.
"""

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.label_speed import tiers
from core.records import Risk
from nlp.labels import DANGER
from nlp.risk import Danger, load_risk_lexicon
from nlp.sentences import look_closer
from nlp.training.danger import Words, comments, dangers, microblogs
from nlp.training.data import SEED, legible

POSTS = 20_000
BARS = (0.5, 0.6, 0.7, 0.8, 0.9)
SHOWN = 40
ENDS = re.compile(r"(?<=[。！？!?；;])")


def likely(texts: Sequence[str], *, encoder: bool) -> NDArray[np.float64]:
    """How likely each text tells of a danger, by the fast tier or by the cascade in no hurry; not at all where the table of
    risks takes it back.
    """
    cascade, _ = tiers()
    lexicon = load_risk_lexicon()
    labeller = cascade if encoder else cascade.fast
    found = look_closer(texts, labeller.label(texts), labeller)
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
    task = legible(dangers(chosen.data))
    letters = [e.text for e in task.dev["letters"]]
    told, others = ([e.text for e in task.dev[DANGER] if (e.label == DANGER) == of] for of in (True, False))
    written = [told, in_letters(told, letters), others]
    real = [*(_sample(read(chosen.data), chosen.posts) for read in (microblogs, comments)), letters]
    tell = Words().tell
    words = [np.array([tell(text) for text in part]) for part in (*written, *real)]
    print(
        f"| who sees it | of {len(told)} dangers | of these in the middle of a letter | of {len(others)} others |",
        end="",
    )
    print(" of 1,000 microblogs | of 1,000 comments | of 1,000 letters |\n|---|---|---|---|---|---|---|")
    shares = " | ".join(f"{1000 * said.mean():.1f}" for said in words[3:])
    print(f"| words | {' | '.join(str(said.sum()) for said in words[:3])} | {shares} |", flush=True)
    for name, encoder in (("fast tier", False), ("cascade", True)):
        by_model = [likely(part, encoder=encoder) for part in (*written, *real)]
        for bar in BARS:
            said = [both >= bar for both in by_model]
            seen = " | ".join(str((one | known).sum()) for one, known in zip(said[:3], words[:3], strict=True))
            more = [(one & ~known).mean() for one, known in zip(said[3:], words[3:], strict=True)]
            shares = " | ".join(f"+ {1000 * share:.2f}" for share in more)
            print(f"| words and {name}, from {bar} | {seen} | {shares} |", flush=True)
    if chosen.list:
        for part, of_part, known in zip(real, by_model[3:], words[3:], strict=True):
            order = np.argsort(-np.where(known, 0.0, of_part))[:SHOWN].tolist()
            print("\n".join(["", *(f"{of_part[n]:.2f} {part[n][:120]}" for n in order)]))


def in_letters(told: Sequence[str], letters: Sequence[str]) -> list[str]:
    """Each text between the halves of a letter, drawn by a seed."""
    drawn = np.random.default_rng(SEED).permutation(len(letters)).tolist()
    halves = [ENDS.split(letters[n]) for n in drawn[: len(told)]]
    return [
        f"{''.join(some[: len(some) // 2])}{text.rstrip('。')}。{''.join(some[len(some) // 2 :])}"
        for some, text in zip(halves, told, strict=True)
    ]


def _sample(posts: Iterable[tuple[bool, str]], most: int) -> list[str]:
    """Of those to measure with."""
    kept = [text for to_measure, text in posts if to_measure]
    return [kept[n] for n in np.random.default_rng(SEED).permutation(len(kept))[:most].tolist()]


if __name__ == "__main__":
    main()

"""What the danger head learns from: nobody has labelled danger to life or limb.

Sentences written for it (`dangers.yaml`): dangers as they are told by who sees them, and what only sounds like one. What real
people write is none where it has no word of danger, and where all such words speak of a drill, a film or what did not happen
(`nlp.risk`): microblogs, comments on what happened far away, letters to a mayor. Microblogs whose words do speak of danger
teach nothing: in a stream of early 2020 they are deaths of a pandemic and news from afar, and with them the head told the
sentences worse.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import yaml

from core.errors import ConfigurationError
from nlp.dodges import shipped_dodges
from nlp.duplicates import fingerprints
from nlp.labels import DANGER
from nlp.risk import load_risk_lexicon
from nlp.script import fold
from nlp.training.data import HASHTAG, SEED, Example, Task, rows
from nlp.training.idf import MEASURED_DAYS

NONE = "none"
CLASSES = (DANGER, NONE)
WRITTEN = "written"
"""The origin of sentences that were written to be learnt from, for this head or for several."""
ORDINARY = "no danger"
"""The origin of what real people write without a word of danger."""
MICROBLOGS, UNREAL, COMMENTS, LETTERS, MEASURED = 5_000, 1_500, 8_000, 6_000, 1_000
"""How many are learnt from, and measured with of each kind: these of other days, other incidents, another mailbox."""
WEIGHT = 0.3
SHORTEST = 10


class Words:
    """The words of danger, and whether they speak of one."""

    def __init__(self) -> None:
        self._lexicon = load_risk_lexicon()
        words = sorted(self._lexicon.words(self._lexicon.dangers), key=lambda word: (-len(word), word))
        if not words:
            raise ConfigurationError(
                "risk.yaml names no words of danger (`unnamed`, `beside`): what is none cannot be told"
            )
        self._any = re.compile("|".join(map(re.escape, words)))

    def tell(self, text: str) -> bool:
        """Whether one speaks of something that happens."""
        return not self._lexicon.dangers.isdisjoint(hit.category for hit in self._lexicon.score(text).hits)

    def stand(self, text: str) -> bool:
        """Whether there is one, whatever it speaks of."""
        return self._any.search(text) is not None


def dangers(data: Path) -> Task:
    """The head's examples."""
    words = Words()
    of_days, of_incidents = _sides(microblogs(data), words), _sides(comments(data), words)
    letters = [text for text in _letters(data, "replies", "mayor_mailbox", "domain_labelled") if not words.stand(text)]
    other_letters = [text for text in _letters(data, "hot_issue_stream") if not words.stand(text)]
    learnt = (of_days.plain, MICROBLOGS), (of_days.unreal, UNREAL), (of_incidents.plain, COMMENTS), (letters, LETTERS)
    sets = {
        DANGER: _written("dangers_measured.yaml"),
        "microblogs": _none(_drawn(of_days.measured, MEASURED)),
        "comments": _none(_drawn(of_incidents.measured, MEASURED)),
        "letters": _none(_drawn(other_letters, MEASURED)),
    }
    train = [text for texts, most in learnt for text in _drawn(texts, most)]
    return Task(DANGER, CLASSES, [*_written("dangers.yaml"), *_none(train)], sets)


class _Sides(NamedTuple):
    """Texts without a word of danger, those whose words speak of none, and texts without a word to measure with."""

    plain: list[str]
    unreal: list[str]
    measured: list[str]


def _sides(texts: Iterable[tuple[bool, str]], words: Words) -> _Sides:
    found = _Sides([], [], [])
    for to_measure, text in texts:
        if not words.stand(text):
            (found.measured if to_measure else found.plain).append(text)
        elif not to_measure and not words.tell(text):
            found.unreal.append(text)
    return found


def _written(name: str) -> list[Example]:
    told = yaml.safe_load(files("nlp.training").joinpath(name).read_text(encoding="utf-8"))
    classes = {DANGER: DANGER, "harmless": NONE}
    return [Example(fold(text), classes[kind], 1.0, WRITTEN) for kind, texts in told.items() for text in texts]


def _none(texts: Sequence[str]) -> list[Example]:
    return [Example(text, NONE, WEIGHT, ORDINARY) for text in texts]


def _drawn(texts: Sequence[str], most: int) -> list[str]:
    """At most so many, near-duplicates once."""
    mixed = [texts[number] for number in np.random.default_rng(SEED).permutation(len(texts))[: 2 * most].tolist()]
    _, first = np.unique(fingerprints(mixed), return_index=True)
    return [mixed[number] for number in sorted(first.tolist())][:most]


def _letters(data: Path, *sets: str) -> Iterator[str]:
    """Letters, and their titles alone, which are as short as microblogs: what people complain of every day."""
    for name in sets:
        for row in rows(data / "gov_messages" / f"{name}.csv.gz"):
            title, body = row["title"] or "", row.get("body") or row.get("query") or ""
            for text in (fold(title), fold(f"{title}\n{body}")):
                if len(text) >= SHORTEST:
                    yield shipped_dodges().plain(text).text


def comments(data: Path) -> Iterator[tuple[bool, str]]:
    """Whether its incident is one of those that are measured with, and the comment, as posts are read."""
    for row in rows(data / "incidents" / "comments_by_incident.csv.gz"):
        text = fold(row["content"] or "")
        if len(text) >= SHORTEST:
            yield crc32(row["incident"].encode()) % 2 == 0, shipped_dodges().plain(text).text


def microblogs(data: Path) -> Iterator[tuple[bool, str]]:
    """Whether its day is one on which `bench.incidents` measures, and the text, without hashtags, as posts are read."""
    for row in rows(data / "incidents" / "weibo_stream.csv.gz"):
        text = fold(HASHTAG.sub(" ", row["text"]))
        if len(text) >= SHORTEST:
            yield row["date"] in MEASURED_DAYS, shipped_dodges().plain(text).text

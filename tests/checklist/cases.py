"""The cases as data: what a file may say, and the checks that its groups stand for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import yaml
from msgspec import Struct, field

from core.records import AnalysedPost, Labels
from nlp.risk import load_risk_lexicon

CASES = Path(__file__).parent / "cases"
HELD_OUT = Path(__file__).parent / "held_out"
HEADS = ("sentiment", "emotion", "domain", "intent")
DANGERS = load_risk_lexicon().dangers | {"danger"}

Expected = dict[str, str | list[str]]
"""By head the label, one of several, or `!label` for any but that. `risk` names a category that must be hit, `no_risk` one
that must not (`any`: none at all), `danger` whether some category of danger to life or limb must be hit, `target` the unit or
place that the feeling is about.
"""


class Single(Struct, frozen=True, forbid_unknown_fields=True):
    """A text with an expectation of its own."""

    text: str
    expect: Expected


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Cases that share a check.

    `minimum`: every text has what is expected. `invariance`: all texts of a case have the same label of the heads of
    `same`. `direction`: a case is a text and its change, which raises (lowers) the probability of a class of a head by `by`.
    """

    kind: Literal["minimum", "invariance", "direction"]
    cases: list[str | Single | list[str]]
    expect: Expected = field(default_factory=dict)
    same: list[str] = field(default_factory=list)
    rises: dict[str, str] = field(default_factory=dict)
    falls: dict[str, str] = field(default_factory=dict)
    by: float = 0.03


class Phenomenon(Struct, frozen=True, forbid_unknown_fields=True):
    """A named phenomenon; `ceiling` is the share of its cases that may fail."""

    phenomenon: str
    ceiling: float
    groups: list[Group]


class Capability(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of cases."""

    capability: str
    phenomena: list[Phenomenon]


class Case(Struct, frozen=True):
    """One case: its texts, and what is asked of them."""

    capability: str
    phenomenon: str
    ceiling: float
    texts: tuple[str, ...]
    expect: Expected
    group: Group

    def fault(self, posts: list[AnalysedPost]) -> str:
        """Why the labels of the texts do not pass, empty where they do."""
        labels = [post.labels for post in posts]
        if self.group.kind == "invariance":
            return self._varies(labels)
        if self.group.kind == "direction":
            return self._stays(labels)
        return "; ".join(filter(None, (_wrong(labels[0], head, wanted) for head, wanted in self.expect.items())))

    def _varies(self, labels: list[Labels]) -> str:
        given = {head: [given_label(one, head) for one in labels] for head in self.group.same}
        return ", ".join(f"{head} {found}" for head, found in given.items() if len(set(found)) > 1)

    def _stays(self, labels: list[Labels]) -> str:
        before, after = labels
        for head, class_ in (self.group.rises or self.group.falls).items():
            change = _probability(after, head, class_) - _probability(before, head, class_)
            if (change if self.group.rises else -change) < self.group.by:
                return f"{head} {class_} changes by {change:+.2f}"
        return ""


def load(folder: Path = CASES) -> list[Case]:
    """All cases of a folder, in the order of the files."""
    found: list[Case] = []
    for path in sorted(folder.glob("*.yaml")):
        said = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Capability)
        for phenomenon in said.phenomena:
            for group in phenomenon.groups:
                for texts, expect in _checks(group):
                    named = (said.capability, phenomenon.phenomenon, phenomenon.ceiling)
                    found.append(Case(*named, texts=texts, expect=expect, group=group))
    return found


def _checks(group: Group) -> Iterator[tuple[tuple[str, ...], Expected]]:
    for case in group.cases:
        if isinstance(case, Single):
            yield (case.text,), case.expect
        else:
            yield (case,) if isinstance(case, str) else tuple(case), group.expect


def given_label(labels: Labels, head: str) -> str:
    """The label of any head."""
    if head == "offensive":
        return labels.offensive.label
    found: str = getattr(labels, head).label
    return found


def _probability(labels: Labels, head: str, class_: str) -> float:
    found: float = getattr(labels, head).probs[class_]
    return found


def _wrong(labels: Labels, head: str, wanted: str | list[str]) -> str:
    hits = [hit.category for hit in labels.risk.hits]
    if head == "risk":
        return "" if wanted in hits else f"risk {hits}, not {wanted}"
    if head == "no_risk":
        return f"risk {hits}" if (hits if wanted == "any" else wanted in hits) else ""
    if head == "danger":
        return "" if (wanted == "yes") != DANGERS.isdisjoint(hits) else f"risk {hits}"
    if head == "target":
        named = labels.target.text if labels.target else ""
        return "" if named == wanted else f"target is {named!r}, not {wanted!r}"
    given = given_label(labels, head)
    if isinstance(wanted, str) and wanted.startswith("!"):
        return f"{head} is {given}" if given == wanted[1:] else ""
    allowed = [wanted] if isinstance(wanted, str) else wanted
    return "" if given in allowed else f"{head} is {given}, not {' or '.join(allowed)}"

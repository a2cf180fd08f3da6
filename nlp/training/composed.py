"""Sentences put together from pieces: what people write every day and public sets hardly hold.

Matters in everyday words, thanks after a complaint and thanks that are none, trouble that is over, calls for help, reports,
praise, ideas, mockery, condolence, notices, dangers that no word names and what only sounds like one. Each sentence has the
labels that its form has by rule, for the heads of which the form says something. Beside them stand sentences that were
written whole (`everyday.yaml`), in more ways than pieces can be put together. All are learnt, never measured with.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from nlp.script import fold
from nlp.training.danger import WRITTEN, dangers
from nlp.training.data import NEGATIVE, NEUTRAL, POSITIVE, SEED, Example, Task, apart, tasks

EACH = 500
"""Sentences of a form, at most."""
WEIGHT = 0.5

Pieces = dict[str, Any]


class Sentence(NamedTuple):
    """A sentence, the piece that it says (those of one piece stay together in a split), and its class by head."""

    text: str
    piece: str
    labels: dict[str, str]


Form = Callable[[Pieces], Iterable[Sentence]]


class Thanked(Sequence[Sentence]):
    """Each sentence with each word of thanks, made when it is asked for: there are five million."""

    def __init__(self, told: list[Sentence], thanks: list[str]) -> None:
        self._told, self._thanks = told, thanks

    def __len__(self) -> int:
        return len(self._told) * len(self._thanks)

    def __getitem__(self, index: Any) -> Any:
        told, thanks = self._told[index // len(self._thanks)], self._thanks[index % len(self._thanks)]
        return Sentence(f"{told.text}，{thanks}", told.piece, told.labels | _labels(intent="praise"))


def taught(data: Path) -> list[Task]:
    """All tasks, with what each learns from composed sentences."""
    return [replace(task, composed=composed(task.head)) for task in [*tasks(data), apart(dangers(data))]]


def composed(head: str) -> list[Example]:
    """What one head learns from them."""
    made = [(one, WEIGHT, "composed") for one in sentences()] + [(one, 1.0, WRITTEN) for one in written()]
    return [
        Example(fold(one.text), one.labels[head], weight, origin, fold(one.piece))
        for one, weight, origin in made
        if head in one.labels
    ]


@cache
def written() -> tuple[Sentence, ...]:
    """The sentences that were written whole, each its own piece; a group of them has its labels in common."""
    groups = yaml.safe_load(files("nlp.training").joinpath("everyday.yaml").read_text(encoding="utf-8"))
    return tuple(Sentence(text, text, group["labels"]) for group in groups for text in group["sentences"])


@cache
def sentences() -> tuple[Sentence, ...]:
    """At most `EACH` sentences of each form, the same in every run."""
    pieces = yaml.safe_load(files("nlp.training").joinpath("phrases.yaml").read_text(encoding="utf-8"))
    found: dict[str, Sentence] = {}
    for form in FORMS:
        made = form(pieces)
        every = made if isinstance(made, Sequence) else list(made)
        for index in np.random.default_rng(SEED).permutation(len(every))[:EACH].tolist():
            found.setdefault(every[index].text, every[index])
    return tuple(found.values())


def _labels(sentiment: str = "", intent: str = "", domain: str = "", danger: str = "") -> dict[str, str]:
    said = {"sentiment": sentiment, "intent": intent, "domain": domain, "danger": danger}
    return {head: label for head, label in said.items() if label}


def _troubles(pieces: Pieces) -> list[tuple[str, str]]:
    return [(domain, trouble) for domain, some in pieces["matters"].items() for trouble in some]


def _solved(pieces: Pieces) -> list[tuple[str, str, str]]:
    return [(domain, what, done) for domain, some in pieces["solved"].items() for what, done in some]


def _bare(pieces: Pieces) -> Iterator[Sentence]:
    """A matter as it is told, without a word for an office."""
    for domain, trouble in _troubles(pieces):
        labels = _labels(NEGATIVE, domain=domain, danger=_harmless_in(domain))
        yield Sentence(trouble, trouble, labels)
        for opening in pieces["heads"]:
            yield Sentence(f"{opening}，{trouble}", trouble, labels)


def _complaints(pieces: Pieces) -> Iterator[Sentence]:
    for (domain, trouble), tail in product(_troubles(pieces), pieces["tails"]):
        labels = _labels(NEGATIVE, "complaint", domain, _harmless_in(domain))
        yield Sentence(f"{trouble}，{tail}", trouble, labels)


def _harmless_in(domain: str) -> str:
    """Everyday trouble is no danger; but what leaks or falls down in a house may be one or not."""
    return "" if domain == "城乡建设" else "none"


def _private(pieces: Pieces) -> Iterator[Sentence]:
    """Everyday life that is no matter of an office."""
    for one in pieces["private"]:
        for text in (one, f"{one}。", f"今天{one}", f"记录一下：{one}", f"{one}哈哈", f"{one}～", f"#日常# {one}"):
            yield Sentence(text, one, _labels(intent="none", domain="none", danger="none"))


def _thanked(pieces: Pieces) -> Thanked:
    """Thanks after a complaint."""
    thanks = [thanks.format(office) for office, thanks in product(pieces["offices"], pieces["thanks"])]
    return Thanked(list(_improved(pieces)), thanks)


def _improved(pieces: Pieces) -> Iterator[Sentence]:
    """What was wrong is right now; nobody is thanked."""
    for (domain, what, done), when, quick in product(_solved(pieces), pieces["when"], pieces["quick"]):
        for frame in pieces["improved"]:
            text = frame.format(when=when, what=what, quick=quick, done=done)
            yield Sentence(text, what, _labels(POSITIVE, domain=domain, danger="none"))


def _thanked_in_vain(pieces: Pieces) -> Iterator[Sentence]:
    """Thanks that are none: it was told, answered, and nothing came of it."""
    for (domain, what, _), when, still in product(_solved(pieces), pieces["when"], pieces["still"]):
        for thanks in pieces["empty_thanks"]:
            text = f"{thanks}，{when}{what}，{still}"
            yield Sentence(text, what, _labels(NEGATIVE, "complaint", domain, "none"))


def _said_to_be_solved(pieces: Pieces) -> Iterator[Sentence]:
    for (domain, what, done), when, office in product(_solved(pieces), pieces["when"], pieces["offices"]):
        text = f"{when}{what}，{office}说{done}，去看了根本没有"
        yield Sentence(text, what, _labels(NEGATIVE, "complaint", domain, "none"))


def _burdens(pieces: Pieces) -> Iterator[Sentence]:
    """The same burden, gone or not."""
    for burden in pieces["burdens"]:
        for frame in pieces["over"]:
            yield Sentence(frame.format(burden), burden, _labels(POSITIVE))
        for frame in pieces["lasting"]:
            yield Sentence(frame.format(burden), burden, _labels(NEGATIVE, danger="none"))


def _mockery(pieces: Pieces) -> Iterator[Sentence]:
    """Praise for what is no reason to praise."""
    for (domain, trouble), mock in product(_troubles(pieces), pieces["mock"]):
        labels = _labels(NEGATIVE, domain=domain)
        yield Sentence(f"{trouble}，{mock}", trouble, labels)
        yield Sentence(f"{mock}，{trouble}", trouble, labels)


def _meant(pieces: Pieces) -> Iterator[Sentence]:
    """The same words for what is one."""
    for (domain, what, done), quick, mock in product(_solved(pieces), pieces["quick"], pieces["mock"]):
        yield Sentence(f"{what}，{quick}{done}，{mock}", what, _labels(POSITIVE, domain=domain))


def _admired(pieces: Pieces) -> Iterator[Sentence]:
    """And for what somebody did."""
    for (who, deed), mock in product(pieces["deeds"], pieces["mock"]):
        yield Sentence(f"{who}{deed}，{mock}", deed, _labels(POSITIVE, "praise"))


def _bracketed(pieces: Pieces) -> Iterator[Sentence]:
    for (domain, trouble), pleased, bracket in product(_troubles(pieces), pieces["pleased"], pieces["brackets"]):
        yield Sentence(f"{pleased}{bracket}，{trouble}", trouble, _labels(NEGATIVE, domain=domain))


def _quoted(pieces: Pieces) -> Iterator[Sentence]:
    for (domain, trouble), slogan in product(_troubles(pieces), pieces["slogans"]):
        yield Sentence(f"“{slogan}”？{trouble}", trouble, _labels(NEGATIVE, domain=domain))
        yield Sentence(f"说好的“{slogan}”呢，{trouble}", trouble, _labels(NEGATIVE, "complaint", domain))


def _help(pieces: Pieces) -> Iterator[Sentence]:
    for danger, plea in product(pieces["dangers"], pieces["pleas"]):
        yield Sentence(f"{danger}，{plea}", danger, _labels(NEGATIVE, "help"))
        yield Sentence(f"{plea}！{danger}", danger, _labels(NEGATIVE, "help"))


def _reports(pieces: Pieces) -> Iterator[Sentence]:
    for (who, wrong), frame in product(pieces["wrongs"], pieces["tell"]):
        yield Sentence(frame.format(who + wrong), wrong, _labels(NEGATIVE, "report", danger="none"))


def _praise(pieces: Pieces) -> Iterator[Sentence]:
    for (who, deed), frame in product(pieces["deeds"], pieces["applaud"]):
        yield Sentence(frame.format(who, deed), deed, _labels(POSITIVE, "praise"))


def _ideas(pieces: Pieces) -> Iterator[Sentence]:
    for idea, frame in product(pieces["ideas"], pieces["soft"]):
        yield Sentence(frame.format(idea), idea, _labels(NEUTRAL, "suggestion"))


def _condolence(pieces: Pieces) -> Iterator[Sentence]:
    for mourned, frame in product(pieces["mourned"], pieces["wishes"]):
        yield Sentence(frame.format(mourned), mourned, _labels(NEUTRAL, "none", "none", "none"))


def _notices(pieces: Pieces) -> Iterator[Sentence]:
    for notice in pieces["notices"]:
        for text in (notice, f"【通知】{notice}", f"温馨提示：{notice}。", f"{notice}，特此公告", f"转：{notice}"):
            yield Sentence(text, notice, _labels(NEUTRAL, "none", danger="none"))


def _perils(pieces: Pieces) -> Iterator[Sentence]:
    """Dangers as they are told by who sees them, without a name for them."""
    for peril, frame in product(pieces["perils"], pieces["peril_frames"]):
        yield Sentence(frame.format(peril), peril, _labels(NEGATIVE, danger="danger"))


def _harmless(pieces: Pieces) -> Iterator[Sentence]:
    """What sounds like danger and is none: figures of speech, films, games, kitchens, drills, small mishaps."""
    for one, frame in product(pieces["harmless"], pieces["harmless_frames"]):
        yield Sentence(frame.format(one), one, _labels(danger="none"))


FORMS: tuple[Form, ...] = (
    _bare, _complaints, _private, _thanked, _improved, _thanked_in_vain, _said_to_be_solved, _burdens, _mockery, _meant,
    _admired, _bracketed, _quoted, _help, _reports, _praise, _ideas, _condolence, _notices, _perils,
    _harmless,
)  # fmt: skip

"""Asks an analyser all cases, by the very stages that label posts, and counts failures by phenomenon."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.lines import Line
from app.offline import offline
from core.records import JURISDICTION_SAMPLE
from nlp.analyse import Analyser
from tests.checklist.cases import Case

NOON = "2026-06-01T12:00:00+08:00"


@dataclass(frozen=True, slots=True)
class Row:
    """The failures of a phenomenon: each a case with the reason."""

    capability: str
    phenomenon: str
    ceiling: float
    cases: int
    failures: tuple[tuple[Case, str], ...]

    @property
    def rate(self) -> float:
        """The share of its cases that fail."""
        return len(self.failures) / self.cases


def run(cases: Sequence[Case], analyser: Analyser) -> list[Row]:
    """A row per phenomenon, in the order of the cases."""
    texts = [text for case in cases for text in case.texts]
    lines = [Line(number, {"text": text, "at": NOON}) for number, text in enumerate(texts)]
    understood, refused = offline(analyser, JURISDICTION_SAMPLE).understand(lines)
    if refused:
        raise ValueError(f"refused: {refused}")
    posts = iter(one.post for one in understood)
    asked: dict[tuple[str, str, float], list[tuple[Case, str]]] = {}
    for case in cases:
        fault = case.fault([next(posts) for _ in case.texts])
        asked.setdefault((case.capability, case.phenomenon, case.ceiling), []).append((case, fault))
    return [
        Row(*named, cases=len(answers), failures=tuple(answer for answer in answers if answer[1]))
        for named, answers in asked.items()
    ]


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown, and their sum."""
    lines = ["| capability | phenomenon | cases | failed | rate |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.capability} | {row.phenomenon} | {row.cases} | {len(row.failures)} | {row.rate:.0%} |" for row in rows
    ]
    cases, failed = sum(row.cases for row in rows), sum(len(row.failures) for row in rows)
    return "\n".join([*lines, f"| all | | {cases} | {failed} | {failed / cases:.0%} |"])

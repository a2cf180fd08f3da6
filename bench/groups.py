"""Where the cascade is worse: its accuracy by kinds of texts, beside that on the other texts of the same sets."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SHORT, LONG = 15, 120
"""Characters."""
FEWEST = 40
"""Smaller groups tell nothing."""
_EMOTICON = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]|\\[[\u4e00-\u9fff]{1,4}\\]")
_LATIN = re.compile("[a-z]")

GROUPS: dict[str, Callable[[str], bool]] = {
    f"short, under {SHORT} characters": lambda text: len(text) < SHORT,
    f"long, over {LONG} characters": lambda text: len(text) > LONG,
    "with emoji or an emoticon": lambda text: bool(_EMOTICON.search(text)),
    "with a negation": lambda text: bool(re.search("不|没|无|别", text)),
    "with a turn": lambda text: bool(re.search("但|可是|不过|然而|却", text)),
    "a question": lambda text: "?" in text,
    "an exclamation": lambda text: "!" in text,
    "with a hashtag": lambda text: text.count("#") > 1,
    "half Latin letters": lambda text: 2 * len(_LATIN.findall(text)) > len(text),
}
"""Of folded texts, whose signs are half-width."""


def table(answers: dict[str, tuple[Sequence[str], NDArray[np.bool_]]]) -> list[str]:
    """Rows of the groups that are worse or better beyond chance. `answers` has, by set, the texts and which were right."""
    lines = [
        "| set | group | texts | right | right of the others | difference (95 % interval) |",
        "|---|---|---|---|---|---|",
    ]
    for name, (texts, right) in answers.items():
        for group, belongs in GROUPS.items():
            inside = np.array([belongs(text) for text in texts])
            if min(inside.sum(), (~inside).sum()) < FEWEST:
                continue
            own, others = right[inside].mean(), right[~inside].mean()
            error = 1.96 * np.sqrt(_variance(right[inside]) + _variance(right[~inside]))
            if abs(own - others) > error:
                shown = f"{own - others:+.3f} ({own - others - error:+.3f} to {own - others + error:+.3f})"
                lines.append(f"| {name} | {group} | {inside.sum()} | {own:.3f} | {others:.3f} | {shown} |")
    return lines


def _variance(right: NDArray[np.bool_]) -> float:
    """Of a share."""
    share = right.mean()
    return float(share * (1 - share) / len(right))

"""Rows of figures with their goals."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Collects rows; prints each as it comes and all as a Markdown table at the end."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, goal: str, *, met: bool) -> None:
        """A figure, its goal, and whether it is met."""
        self.rows.append((what, figure, goal, "yes" if met else "**no**"))
        print(" · ".join(self.rows[-1]), flush=True)

    def table(self) -> str:
        """All rows as Markdown."""
        head = ["| what | measured | goal | met |", "|---|---|---|---|"]
        return "\n".join(head + [f"| {' | '.join(row)} |" for row in self.rows])


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

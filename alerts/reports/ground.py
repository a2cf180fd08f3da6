"""What every report is made from, and the links of its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from alerts.policy import Level
from alerts.reports.words import Words, piece
from core.ports import Index, Store
from core.records import Case, Clock
from core.records.reports import Line, Piece, ReportTable, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """`units` and `places` are names by id and code; `jurisdiction_name` names a division."""

    index: Index
    store: Store
    words: Words
    zone: ZoneInfo
    levels: tuple[Level, ...]
    units: Mapping[str, str]
    places: Mapping[str, str]
    jurisdiction_name: Callable[[str], str]

    def level(self, level: int) -> str:
        """The office's word for a level."""
        names = next((one.name for one in self.levels if one.level == level), {})
        return names.get(self.words.lang) or names.get("zh-Hans") or str(level)

    def unit(self, id_: str | None) -> str:
        """A unit's name; the id of one that is gone."""
        return self.units.get(id_, id_) if id_ else self.words.text("unit.none")

    def place(self, code: str | None) -> str:
        """A place's name, or its code."""
        return self.places.get(code, code) if code else ""

    def time(self, at: datetime | None) -> str:
        """A moment in the office's zone."""
        return "" if at is None else self.words.time(at, self.zone)


def cell(text: object, link: str = "") -> Line:
    """A cell of a table."""
    return (piece(text, link),)


def number(value: float, link: str = "") -> Piece:
    """A figure with its thousands apart, leading to what it counts."""
    small = f"{value:.1g}" if abs(value) < 0.1 else f"{value:,.1f}"
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 10 else small
    return Piece(text=text, link=link)


def posts_link(since: datetime | None = None, until: datetime | None = None, **filters: str) -> str:
    """The search that finds what a figure counts."""
    span = {"since": _wire(since), "until": _wire(until)}
    asked = {name: value for name, value in {**filters, **span}.items() if value}
    return f"#/posts?{urlencode({**asked, 'fold': '0'}, quote_via=quote)}"


def case_link(case: Case) -> str:
    """The page of a case."""
    return f"#/cases/{quote(case.id)}"


def cases_link(view: str) -> str:
    """A view of the inbox."""
    return f"#/cases?view={view}"


def incident_link(id_: str) -> str:
    """The page of an incident."""
    return f"#/incidents/{quote(id_)}"


def clock_status(clock: Clock, now: datetime) -> str:
    """`kept`, `late`, `over`, `running`, `paused` or `unknown`: how a clock stands at `now`."""
    if clock.stopped_at is not None:
        return "late" if clock.due_at is not None and clock.stopped_at > clock.due_at else "kept"
    if clock.due_at is None:
        return "unknown"
    if any(pause.until is None for pause in clock.pauses):
        return "paused"
    return "over" if clock.breached or clock.due_at <= now else "running"


def table_section(
    ground: Ground, name: str, columns: tuple[str, ...], rows: Sequence[tuple[Line, ...]], numbers: tuple[int, ...]
) -> Section:
    """A section that is a table; `numbers` are the columns with figures."""
    head = tuple(ground.words.text(f"column.{column}") for column in columns)
    table = ReportTable(head=head, rows=tuple(rows), numbers=numbers)
    return Section(name=name, title=ground.words.text(f"section.{name}"), table=table)


def _wire(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

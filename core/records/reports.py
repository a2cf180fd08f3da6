"""Reports: their content, from which every format is rendered."""

from datetime import datetime

from msgspec import Struct, field

from core.records.record import Record


class Piece(Struct, frozen=True, kw_only=True):
    """A run of text. `link` is the path of the page that shows what a number counts (`#/posts?...`), empty for plain text."""

    text: str
    link: str = ""


Line = tuple[Piece, ...]
"""A sentence, or the content of a cell."""


class ReportTable(Struct, frozen=True, kw_only=True):
    """`numbers` are the columns (from 0) that hold figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    numbers: tuple[int, ...] = ()


class Bar(Struct, frozen=True, kw_only=True):
    """One column of a chart: how many, and how many of them negative."""

    label: str
    posts: int
    negative: int


class ReportChart(Struct, frozen=True, kw_only=True):
    """Columns over time, with the sentence that says the same; `series` names all and negative posts."""

    sentence: str
    bars: tuple[Bar, ...]
    series: tuple[str, str]


class Section(Struct, frozen=True, kw_only=True):
    """`name` is the section's key, for templates that want this one alone. `machine`: a model or template wrote its text."""

    name: str
    title: str
    lines: tuple[Line, ...] = ()
    chart: ReportChart | None = None
    table: ReportTable | None = None
    machine: bool = False


class OfficeReport(Record, frozen=True, kw_only=True):
    """A report on a span (`since` inclusive, `until` exclusive), or on one case; words in the language `lang`.

    `kind` is `flash`, `daily`, `weekly`, `monthly` or `case`. `ai_label` is the visible label of machine-written text,
    `ai_metadata` the hidden one, which every file carries (《人工智能生成合成内容标识办法》).
    """

    id: str
    kind: str
    jurisdiction: str
    place: str
    lang: str
    title: str
    subtitle: str
    since: datetime
    until: datetime
    made_at: datetime
    made_by: str
    case: str | None = None
    sections: tuple[Section, ...] = ()
    note: str = ""
    ai_label: str = ""
    ai_metadata: dict[str, str] = field(default_factory=dict)


class ReportCard(Struct, frozen=True, kw_only=True):
    """A report without its content, as a list shows it."""

    id: str
    kind: str
    jurisdiction: str
    place: str
    lang: str
    title: str
    since: datetime
    until: datetime
    made_at: datetime
    made_by: str
    case: str | None = None

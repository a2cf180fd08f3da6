"""Which column of a table holds which field of a post, guessed with a reason for each, and the rows made into items."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from statistics import fmean

import msgspec
from msgspec import Struct

from core.clock import derived_id
from core.errors import Refused
from core.records import Reason
from crawlers.files.names import EXTRA, known_name, of_the_answer, personal, preference, similar_name
from crawlers.files.rows import Row
from nlp.admission import EXTRA_LIMIT, EXTRA_VALUE_LIMIT
from nlp.counts import parse_count
from nlp.times import parse_time

OMITTED = "omitted"
COUNTS = frozenset({"likes", "comments", "shares"})
_TEXTS = ("text", "html")
_MOST = 0.8
"""Share of the values that must look like something for the column to be that."""
_SHORTEST_TEXT = 6.0
"""Average letters of a column that may be taken for the text by its values alone."""
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class Column(Struct, frozen=True, kw_only=True):
    """What a column is taken for. `field` is a field of the push API, `extra` under the key `key`, or `omitted`.

    `reason` is `name` (people call it so), `similar_name`, `values` (they look like it), `longest_text`, `personal`
    (says who somebody is) or `unknown`, with its figures.
    """

    name: str
    field: str
    reason: Reason
    key: str = ""


class ColumnMapping(Struct, frozen=True, kw_only=True):
    """One entry per column of the table, in its order; columns that the mapping does not know go to `extra`."""

    columns: tuple[Column, ...]

    def column_of(self, field: str) -> str | None:
        """Name of the column that holds a field."""
        return next((column.name for column in self.columns if column.field == field), None)


def guess_mapping(columns: Sequence[str], sample: Sequence[Row]) -> ColumnMapping:
    """The likely meaning of each column, by its name first and by its values where names say nothing.

    Raises `Refused` (`no_text_column`) when nothing in the table could be what somebody wrote.
    """
    found: dict[str, tuple[str, Reason]] = {}
    _claim(found, columns, known_name, "name")
    _claim(found, columns, similar_name, "similar_name")
    values = {name: _values(sample, name) for name in columns if not (of_the_answer(name) or personal(name))}
    _claim_by_values(found, values)
    if not any(field in _TEXTS for field, _ in found.values()):
        _claim_text(found, values)
    for name in filter(personal, columns):
        found.setdefault(name, (OMITTED, Reason(code="personal")))
    return ColumnMapping(columns=tuple(_column(name, *found.get(name, (EXTRA, _UNKNOWN))) for name in columns))


_UNKNOWN = Reason(code="unknown")


def _column(name: str, field: str, reason: Reason) -> Column:
    field, _, key = field.partition(":")
    return Column(name=name, field=field, key=(key or name) if field == EXTRA else "", reason=reason)


def _claim(
    found: dict[str, tuple[str, Reason]], columns: Sequence[str], field_of: Callable[[str], str | None], code: str
) -> None:
    """Give every field that is still free to the column whose name is most usual for it."""
    taken = {field for field, _ in found.values()}
    claims: dict[str, list[str]] = {}
    for name in columns:
        field = field_of(name)
        if name not in found and field is not None and field not in taken:
            claims.setdefault(field, []).append(name)
    for field, names in claims.items():
        best = min(names, key=lambda name: preference(name, field))
        found[best] = field, Reason(code=code)


def _claim_by_values(found: dict[str, tuple[str, Reason]], values: Mapping[str, Sequence[str]]) -> None:
    """Times and addresses show themselves; ids, authors and counts do not."""
    for field, looks_like in (("at", _is_time), ("url", _is_address)):
        if any(taken == field for taken, _ in found.values()):
            continue
        for name, said in values.items():
            share = fmean(map(looks_like, said)) if said else 0.0
            if name not in found and share >= _MOST:
                found[name] = field, Reason(code="values", facts={"share": round(share, 2)})
                break


def _claim_text(found: dict[str, tuple[str, Reason]], values: Mapping[str, Sequence[str]]) -> None:
    """The column that says most; a title may stand in for the text, nothing else that has a field may."""
    free = {name: said for name, said in values.items() if found.get(name, ("title",))[0] in ("title", EXTRA)}
    prose = {name: fmean(map(len, said)) for name, said in free.items() if said and not _is_data(said)}
    longest = max(prose, key=lambda name: prose[name], default=None)
    if longest is None or (prose[longest] < _SHORTEST_TEXT and longest not in found):
        raise Refused(
            "no_text_column", "No column of the table looks like what somebody wrote; name one `text` or 内容."
        )
    found[longest] = "text", Reason(code="longest_text", facts={"letters": round(prose[longest], 1)})


def _values(sample: Sequence[Row], name: str) -> list[str]:
    return [text for row in sample if (text := _text(row.get(name)))]


def _is_data(said: Sequence[str]) -> bool:
    return fmean(_is_time(text) or _is_address(text) or not any(map(str.isalpha, text)) for text in said) > 0.5


def _is_time(text: str) -> bool:
    if text.isdecimal() and len(text) not in (8, 10, 13, 14):
        return False
    return len(text) >= 4 and parse_time(text, _ANY_MOMENT) is not None


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


_LOOKS: Mapping[str, Callable[[str], bool]] = {"jurisdiction": str.isdecimal, "author_since": _is_time}
"""What a value of a field that a post does not need must look like to go there."""


# --- rows ------------------------------------------------------------------------------------------------------------


def apply(mapping: ColumnMapping, row: Row) -> dict[str, object]:
    """The row as an item of the push API; empty cells are left out, and everything without a field goes to `extra`.

    A row without an id gets one from its content, so that the same row imported again is the same post. A count, a division
    code or the day of an account that is none stays in `extra`; there, texts are cut at what admission takes, with a mark.
    """
    item: dict[str, object] = {}
    extra: dict[str, str] = {}
    known = {column.name: column for column in mapping.columns}
    for name, value in row.items():
        column = known.get(name)
        if column is None or column.field == EXTRA:
            _put_extra(extra, column.key if column else name, value)
        elif column.field in COUNTS:
            _put_count(item, extra, column, value)
        elif column.field == OMITTED:
            continue
        elif column.field in _LOOKS and not _LOOKS[column.field](_text(value)):
            _put_extra(extra, name, value)
        elif text := _text(value):
            item[column.field] = text
    if extra:
        item[EXTRA] = {key[:64]: _cut(text) for key, text in islice(extra.items(), EXTRA_LIMIT)}
    if "id" not in item:
        item["id"] = derived_id(*(f"{name}={_text(value)}" for name, value in sorted(row.items())))
    return item


def _put_count(item: dict[str, object], extra: dict[str, str], column: Column, value: object) -> None:
    number = parse_count(value)
    if number is not None:
        item[column.field] = number
    elif text := _text(value):
        extra[column.name] = text


def _put_extra(extra: dict[str, str], key: str, value: object) -> None:
    """An `extra` that is an object (as the push API has it) is taken over key by key."""
    if key == EXTRA and isinstance(value, dict):
        extra |= {str(inner): text for inner, said in value.items() if (text := _text(said))}
    elif text := _text(value):
        extra[key] = text


def _cut(text: str) -> str:
    return text if len(text) <= EXTRA_VALUE_LIMIT else text[: EXTRA_VALUE_LIMIT - 1] + "…"


def _text(value: object) -> str:
    """A cell as text without blanks around it; lists and objects as JSON."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return str(value).strip()

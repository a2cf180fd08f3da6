"""A search as a table for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from api.wire import gives
from core.ports import FoundPost, PostPage, PostQuery

MOST_ROWS = 10_000
TIME = "%Y-%m-%d %H:%M:%S"
PAGE = 200
MARK = "\ufeff"
"""Without it, Excel takes UTF-8 for the machine's own code page."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run as a formula by spreadsheets (CWE-1236); what strangers wrote must not be."""
COLUMNS = (
    "id", "at", "source", "platform", "url", "title", "text", "sentiment", "emotion", "domain", "intent", "places", "risk",
    "likes", "comments", "shares", "copies", "incident", "gone_at",
)  # fmt: skip
CSV_TYPE = "text/csv; charset=utf-8"
CSV = gives("The table.", "text/csv")


def csv_of(search: Callable[[PostQuery], PostPage], query: PostQuery, zone: ZoneInfo) -> Iterator[str]:
    """The rows of a search, page by page; times in the office's zone."""
    yield MARK + _line(COLUMNS)
    left, cursor = MOST_ROWS, None
    while left > 0:
        page = search(replace(query, cursor=cursor, limit=min(PAGE, left)))
        yield "".join(_line(_row(found, zone)) for found in page.items)
        left -= len(page.items)
        cursor = page.cursor
        if cursor is None:
            return


def _row(found: FoundPost, zone: ZoneInfo) -> tuple[object, ...]:
    post, labels = found.post, found.post.labels
    return (
        post.id,
        post.at.astimezone(zone).strftime(TIME),
        post.source,
        post.platform,
        post.url or "",
        post.title,
        post.text,
        labels.sentiment.label,
        labels.emotion.label,
        labels.domain.label,
        labels.intent.label,
        " ".join(dict.fromkeys(place.name for place in labels.places)),
        " ".join(dict.fromkeys(hit.word for hit in labels.risk.hits)),
        post.likes,
        post.comments,
        post.shares,
        found.copies,
        found.incident or "",
        post.gone_at.astimezone(zone).strftime(TIME) if post.gone_at else "",
    )


def _line(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet runs it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell

"""A page read by its rules: rows of named values, and where the next page is."""

import json
from collections import Counter
from collections.abc import Mapping

from msgspec import Struct
from parsel import Selector

from core.records import Ending
from crawlers.pages.encoding import page_text
from crawlers.pages.signs import trouble_of
from crawlers.rules.language import Page
from crawlers.rules.picking import Node, rows, value
from crawlers.walks.steps import Trouble

Row = dict[str, str]
MOST_ROWS = 1000
DRIFTED_SHARE = 0.5
"""When more rows than this lack a field that they should have, the site was changed."""


class Read(Struct, frozen=True, kw_only=True):
    """What a page holds. `missing` counts rows without a required field; those rows are left out."""

    rows: list[Row]
    missing: dict[str, int]
    found: int
    next: str = ""


def read_page(page: Page, body: bytes, content_type: str, url: str, names: Mapping[str, str]) -> Read:
    """The rows of a page. Raises `Trouble`: a login, captcha or block page came, a check says so, or the site changed."""
    node = _parsed(page, body, content_type, url)
    for picks, check in page.check_picks:
        picked = value(node, picks, names)
        if picked and (not check.equals or picked in check.equals):
            raise Trouble(check.ending, check.say or f"The answer says {picked[:60]!r}.")
    nodes = rows(node, page.row_picks)[:MOST_ROWS] if page.rows is not None else [node]
    if not nodes:
        _explain_nothing(page, node, body, content_type, url)
    kept: list[Row] = []
    missing: Counter[str] = Counter()
    for one in nodes:
        if page.skip_picks and value(one, page.skip_picks, names):
            continue
        row = _row(page, one, names)
        lacking = [name for name in page.required if not row.get(name)]
        missing.update(lacking)
        if not lacking:
            kept.append(row)
    _hold_to_fields(page, kept, missing, (body, content_type, url))
    return Read(rows=kept, missing=dict(missing), found=len(kept), next=value(node, page.next_picks, names))


def _row(page: Page, node: Node, names: Mapping[str, str]) -> Row:
    row: Row = {}
    for name, picks in page.field_picks.items():
        found = value(node, picks, {**names, **row})
        if found:
            row[name] = found
    return row


def _hold_to_fields(page: Page, kept: list[Row], missing: Counter[str], answer: tuple[bytes, str, str]) -> None:
    listed = len(kept) + max(missing.values(), default=0)
    for name, count in missing.most_common(1):
        if count > DRIFTED_SHARE * listed:
            instead = trouble_of(*answer) if page.rows is None else None
            raise instead or Trouble(Ending.DRIFT, f"The field '{name}' is missing in {count} of {listed} rows.")


def _parsed(page: Page, body: bytes, content_type: str, url: str) -> Node:
    text = page_text(body, content_type)
    if page.json_in is not None:
        picked = value(Selector(text=text or " ", type="html"), page.json_picks, {})
        return _json(picked, body, content_type, url)
    if _wants_json(page):
        return _json(text, body, content_type, url)
    kind = "xml" if text.lstrip()[:5] == "<?xml" and "<html" not in text[:1000].lower() else "html"
    return Selector(text=text.partition("?>")[2] if kind == "xml" else (text or " "), type=kind)


def _wants_json(page: Page) -> bool:
    picks = [*page.row_picks, *page.container_picks, *(p for one in page.field_picks.values() for p in one)]
    return any(pick.json for pick in picks)


def _json(text: str, body: bytes, content_type: str, url: str) -> Node:
    try:
        node: Node = json.loads(text)
    except (ValueError, RecursionError) as error:
        found = trouble_of(body, content_type, url)
        raise found or Trouble(Ending.PARSE_ERROR, f"The answer is no JSON: {str(error)[:120]}.") from error
    return node


def _explain_nothing(page: Page, node: Node, body: bytes, content_type: str, url: str) -> None:
    """A page without rows: some other page that came instead, a changed site, or really nothing."""
    if page.container_picks and rows(node, page.container_picks):
        return
    found = trouble_of(body, content_type, url)
    if found is not None:
        raise found
    if page.container_picks:
        raise Trouble(Ending.DRIFT, "The place where rows stand is gone: the site seems to have been rebuilt.")

"""A search over time, and as a table."""

import csv
import io
from datetime import timedelta

import pytest

from api.exporting import harmless
from core.effects import Effects
from core.records import Role
from core.storage.sqlite import SqliteStorage
from tests.records import NOON, labels, post
from tests.unit.api.conftest import ClientOf


def test_a_search_is_counted_by_the_hour_and_over_days_by_the_offices_day(
    client_of: ClientOf, storage: SqliteStorage
) -> None:
    late = 16 * 60 + 30  # 04:30 of the next day in Shanghai
    storage.commit(
        Effects(
            posts=[
                post("a", "停水了"),
                post("b", "又停水", 61, labels=labels("positive")),
                post("c", "停水", late),
                post("d", "停水", late + 60 * 24 * 4),
            ]
        )
    )
    client = client_of(Role.VIEWER)
    short = client.get("/api/v1/posts/histogram", params={"q": "停水", "until": "2026-06-02T00:00:00Z"}).json()
    assert (short["step"], short["posts"]) == ("hour", 3)
    assert [(b["posts"], b["negative"], b["positive"]) for b in short["buckets"]] == [(1, 1, 0), (1, 0, 1), (1, 1, 0)]
    whole = client.get("/api/v1/posts/histogram", params={"q": "停水"}).json()
    assert (whole["step"], [b["posts"] for b in whole["buckets"]]) == ("day", [2, 1, 1])
    assert whole["buckets"][0]["at"] == "2026-06-01T00:00:00+08:00"


def test_a_search_is_taken_away_as_a_table_that_runs_nothing(client_of: ClientOf, storage: SqliteStorage) -> None:
    posts = [post(f"p{n}", '=HYPERLINK("http://evil")\n第二行,逗号', n) for n in range(450)]
    storage.commit(Effects(posts=[*posts, post("other", "下雨", jurisdiction="330106")]))
    answer = client_of(Role.RESPONDER).get("/api/v1/posts/export", params={"jurisdiction": "990100"})
    assert answer.headers["content-disposition"] == 'attachment; filename="posts.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 450
    assert rows[0]["text"] == '\'=HYPERLINK("http://evil")\n第二行,逗号'
    newest = (NOON + timedelta(minutes=449, hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    assert (rows[0]["at"], rows[0]["sentiment"]) == (newest, "negative")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_cell_that_looks_like_a_formula_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_a_viewer_takes_no_table_away(client_of: ClientOf) -> None:
    assert client_of(Role.VIEWER).get("/api/v1/posts/export").status_code == 403

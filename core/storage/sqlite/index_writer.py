"""Writes posts, incidents and the board's rollups, inside the caller's transaction.

A post's rowid is its time: seconds since 1970 in the high bits, a running number in the low ones. So 'newest first' is
the natural order of the table and of FTS5's matches, a time range is a rowid range, and a page's cursor is one number.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.codec import decode, encode
from core.records import AnalysedPost, Assignment, Incident
from core.storage.tables import millis
from core.storage.words import index_text

SEQUENCE_BITS = 24
HOUR_S = 3600
DIMENSIONS = ("all", "domain", "place", "source", "within")
"""`within`: a division and everything in it, each post once."""
DIGITS = (2, 4, 6, 9, 12)
"""Lengths of division codes."""
SENTIMENTS = ("negative", "neutral", "positive")

RollupKey = tuple[int, str, int, str]
Rollups = dict[RollupKey, Counter[str]]


def first_rowid(seconds: int) -> int:
    """The smallest rowid of a post published at that second or later."""
    return seconds << SEQUENCE_BITS


def write_posts(connection: Connection, posts: Sequence[AnalysedPost]) -> None:
    """Insert new posts and replace known ones (same id): index, text, places, copies and rollups follow."""
    latest = {p.id: p for p in posts}
    known = _known(connection, list(latest))
    rollups: Rollups = {}
    for id_, (rowid, body) in known.items():
        old, new = decode(body, AnalysedPost), latest.pop(id_)
        _count(rollups, old, -1)
        _replace(connection, rowid, old, new)
        _count(rollups, new, +1)
    _insert(connection, list(latest.values()))
    for post in latest.values():
        _count(rollups, post, +1)
    _write_rollups(connection, rollups)


def _known(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    found: dict[str, tuple[int, bytes]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ",".join("?" * len(some))
        rows = connection.exec_driver_sql(f"SELECT id, rowid, body FROM posts WHERE id IN ({marks})", tuple(some))
        found.update((id_, (rowid, body)) for id_, rowid, body in rows)
    return found


def _insert(connection: Connection, posts: Sequence[AnalysedPost]) -> None:
    if not posts:
        return
    rowids = _free_rowids(connection, posts)
    rows = [(rowid, *_columns(post)) for rowid, post in zip(rowids, posts, strict=True)]
    connection.exec_driver_sql(
        "INSERT INTO posts (rowid, id, jurisdiction, source, platform, sentiment, domain, lang, grp, copy, interactions,"
        " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    texts = [(rowid, index_text(post.search)) for rowid, post in zip(rowids, posts, strict=True)]
    connection.exec_driver_sql("INSERT INTO post_text (rowid, grams) VALUES (?, ?)", texts)
    _write_places(connection, zip(rowids, posts, strict=True))
    copies = Counter(p.group for p in posts if p.is_copy)
    if copies:
        rows_ = [(n, id_) for id_, n in copies.items()]
        connection.exec_driver_sql("UPDATE posts SET copies = copies + ? WHERE id = ?", rows_)


def _columns(post: AnalysedPost) -> tuple[str | int | bytes, ...]:
    labels = post.labels
    return (
        post.id,
        post.jurisdiction,
        post.source,
        post.platform,
        labels.sentiment.answer,
        labels.domain.label,
        post.lang,
        post.group or post.id,
        int(post.is_copy),
        post.interactions,
        encode(post),
    )


def _free_rowids(connection: Connection, posts: Sequence[AnalysedPost]) -> list[int]:
    """A rowid for each post: the next free number within its second."""
    seconds = [int(p.at.timestamp()) for p in posts]
    next_free: dict[int, int] = {}
    for second in set(seconds):
        newest = "SELECT max(rowid) FROM posts WHERE rowid >= ? AND rowid < ?"
        row = connection.exec_driver_sql(newest, (first_rowid(second), first_rowid(second + 1))).scalar_one()
        next_free[second] = first_rowid(second) if row is None else row + 1
    rowids: list[int] = []
    for second in seconds:
        rowids.append(next_free[second])
        next_free[second] += 1
    return rowids


def _replace(connection: Connection, rowid: int, old: AnalysedPost, new: AnalysedPost) -> None:
    """A post seen again: it keeps its rowid (its first time) and its incident."""
    sets = "jurisdiction=?, source=?, platform=?, sentiment=?, domain=?, lang=?, grp=?, copy=?, interactions=?, body=?"
    connection.exec_driver_sql(f"UPDATE posts SET {sets} WHERE rowid = ?", (*_columns(new)[1:], rowid))
    if old.search != new.search:
        _forget_text(connection, [(rowid, old)])
        connection.exec_driver_sql(
            "INSERT INTO post_text (rowid, grams) VALUES (?, ?)", (rowid, index_text(new.search))
        )
    _forget_places(connection, [(rowid, old)])
    _write_places(connection, [(rowid, new)])


def _forget_text(connection: Connection, posts: Iterable[tuple[int, AnalysedPost]]) -> None:
    # A contentless FTS5 table deletes by being told again what it had indexed.
    rows = [(rowid, index_text(post.search)) for rowid, post in posts]
    connection.exec_driver_sql("INSERT INTO post_text (post_text, rowid, grams) VALUES ('delete', ?, ?)", rows)


def _write_places(connection: Connection, posts: Iterable[tuple[int, AnalysedPost]]) -> None:
    rows = [(place.code, rowid) for rowid, post in posts for place in post.labels.places]
    if rows:
        connection.exec_driver_sql("INSERT OR IGNORE INTO post_places (code, post) VALUES (?, ?)", rows)


def _forget_places(connection: Connection, posts: Iterable[tuple[int, AnalysedPost]]) -> None:
    rows = [(place.code, rowid) for rowid, post in posts for place in post.labels.places]
    if rows:
        connection.exec_driver_sql("DELETE FROM post_places WHERE code = ? AND post = ?", rows)


def _count(rollups: Rollups, post: AnalysedPost, step: int) -> None:
    """Add a post to the rollups of its hour: over all, its domain, its places and what they lie in, its source."""
    labels = post.labels
    hour = int(post.at.timestamp()) // HOUR_S
    values = [(0, ""), (1, labels.domain.label), (3, post.source)]
    codes = {place.code for place in labels.places}
    values.extend((2, code) for code in codes)
    values.extend((4, code) for code in {code[:digits] for code in codes for digits in DIGITS if digits <= len(code)})
    for dimension, value in values:
        counter = rollups.setdefault((hour, post.jurisdiction, dimension, value), Counter())
        counter["posts"] += step
        counter[labels.sentiment.answer] += step


def _write_rollups(connection: Connection, rollups: Rollups) -> None:
    rows = [(*key, n["posts"], *(n[s] for s in SENTIMENTS)) for key, n in rollups.items() if any(n.values())]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET posts = posts + excluded.posts,"
            " negative = negative + excluded.negative, neutral = neutral + excluded.neutral,"
            " positive = positive + excluded.positive",
            rows,
        )


def write_incidents(connection: Connection, incidents: Iterable[Incident]) -> None:
    """Insert or replace incidents; an older version never replaces a newer one."""
    rows = [
        (
            i.id,
            i.jurisdiction,
            i.heat,
            millis(i.raised_at),
            millis(i.last_at),
            int(not i.is_listed),
            i.version,
            encode(i),
        )
        for i in incidents
    ]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET heat = excluded.heat,"
            " last_at = excluded.last_at, merged = excluded.merged, version = excluded.version, body = excluded.body"
            " WHERE excluded.version >= incidents.version",
            rows,
        )


def write_assignments(connection: Connection, assigned: Iterable[Assignment]) -> None:
    """Put posts into incidents (or out of them)."""
    rows = [(a.incident, a.post) for a in assigned]
    if rows:
        connection.exec_driver_sql("UPDATE posts SET incident = ? WHERE id = ?", rows)


def forget(connection: Connection, before: datetime, most: int) -> int:
    """Delete at most `most` of the posts published before then, with all that is kept of them; how many went."""
    oldest = "SELECT rowid, body FROM posts WHERE rowid < ? ORDER BY rowid LIMIT ?"
    rows = connection.exec_driver_sql(oldest, (first_rowid(int(before.timestamp())), most)).all()
    if rows:
        posts = [(rowid, decode(body, AnalysedPost)) for rowid, body in rows]
        _forget_text(connection, posts)
        _forget_places(connection, posts)
        connection.exec_driver_sql("DELETE FROM posts WHERE rowid = ?", [(rowid,) for rowid, _ in posts])
    connection.exec_driver_sql("DELETE FROM rollups WHERE hour < ?", (int(before.timestamp()) // HOUR_S,))
    connection.exec_driver_sql(
        "DELETE FROM incidents WHERE last_at < ? AND id NOT IN (SELECT incident FROM cases)", (millis(before),)
    )
    connection.exec_driver_sql("DELETE FROM seen WHERE at < ?", (millis(before),))
    return len(rows)


def remove(connection: Connection, jurisdiction: str) -> None:
    """Delete every post, incident and rollup of a jurisdiction."""
    rows = connection.exec_driver_sql("SELECT rowid, body FROM posts WHERE jurisdiction = ?", (jurisdiction,)).all()
    posts = [(rowid, decode(body, AnalysedPost)) for rowid, body in rows]
    if posts:
        _forget_text(connection, posts)
        _forget_places(connection, posts)
    for table in ("posts", "incidents", "rollups"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE jurisdiction = ?", (jurisdiction,))

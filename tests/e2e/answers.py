"""What a deployment has found, by id: the same for both runners, and for one that was hurt."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from core.ports import CaseQuery, IncidentQuery, Index, PostQuery, Storage, lag
from core.storage.postgres import PostgresStorage
from stream.topology import TOPOLOGY

PAGE = 200
QUIET = 3
"""So often in a row nothing may be waiting: a batch in hand is counted until its offset is committed."""


def everything(storage: Storage, words: Sequence[str] = ()) -> dict[str, Any]:
    """What a person would find, by id; `words` are searched for."""
    index = storage.index
    posts = _all(lambda cursor: index.posts(PostQuery(limit=PAGE, cursor=cursor)))
    incidents = _all(lambda cursor: index.incidents(IncidentQuery(limit=PAGE, cursor=cursor)))
    cases = _all(lambda cursor: storage.store.cases(CaseQuery(limit=PAGE, cursor=cursor)))
    newest = max(f.post.at for f in posts)
    first = min(f.post.at for f in posts)
    return {
        "posts": sorted(
            (f.post.id, f.incident or "", f.copies, f.interactions, f.post.labels.sentiment.label) for f in posts
        ),
        "incidents": sorted((i.id, i.title, i.posts, i.copies, i.authors, round(i.heat, 6)) for i in incidents),
        "cases": sorted((c.id, c.incident, c.level, c.unit) for c in cases),
        "found": {w: sorted(_ids(index, w)) for w in words},
        "figures": index.figures(first, newest, None),
    }


def drain(storage: PostgresStorage, give_up_s: float, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Wait until no step has anything to read and nothing is owed; does `meanwhile` again and again."""
    give_up = time.monotonic() + give_up_s
    quiet = 0
    while quiet < QUIET:
        meanwhile()
        waiting = {name: lag(storage.log, name, topic) for name, topic in TOPOLOGY.items()}
        owed = storage.waiting()
        quiet = 0 if any((*waiting.values(), *owed)) else quiet + 1
        assert time.monotonic() < give_up, f"waiting: {waiting}, owed to log and index: {owed}"
        time.sleep(0.5)


def _all(page: Callable[[str | None], Any]) -> list[Any]:
    items, cursor = [], None
    while True:
        got = page(cursor)
        items += got.items
        cursor = got.cursor
        if cursor is None:
            return items


def _ids(index: Index, words: str) -> list[str]:
    return [f.post.id for f in _all(lambda cursor: index.posts(PostQuery(words=words, limit=PAGE, cursor=cursor)))]

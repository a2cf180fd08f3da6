"""Posts that their source does not have any more: they stay, and say so."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from core.effects import Effects, Revise
from core.ports import Storage

AT_ONCE = 200


def mark_gone(storage: Storage, ids: Sequence[str], now: datetime) -> int:
    """Give those of these posts that are known a revision with `gone_at`; how many were not marked before.

    A post whose index is behind is left as it is. Raises `Conflict` where one was changed meanwhile.
    """
    marked = 0
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        seen = storage.store.seen(some)
        posts = [
            replace(post, gone_at=now, revision=post.revision + 1)
            for post in storage.index.posts_by_id(some)
            if post.gone_at is None and post.id in seen and seen[post.id].revision == post.revision
        ]
        if posts:
            revised = [Revise(post.id, post.revision, post.revision - 1) for post in posts]
            storage.commit(Effects(posts=posts, changes=[*revised]))
        marked += len(posts)
    return marked

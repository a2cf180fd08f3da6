"""The stage that makes a post out of a raw one: language, search copy, near-duplicates, and whether it is news at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.effects import Seen
from core.records import Post, RawPost
from nlp.admission import digest
from nlp.duplicates import HORIZON, WINDOW_SIZE, Window, fingerprints
from nlp.language import detect
from nlp.script import fold

_RAW_FIELDS = RawPost.__struct_fields__


class Memory(Protocol):
    """What the stage asks of the store (`core.ports.StageState`)."""

    def seen(self, ids: Sequence[str]) -> dict[str, Seen]: ...

    def seen_since(self, jurisdiction: str, since: datetime, limit: int) -> list[Seen]: ...


@dataclass(slots=True)
class Windows:
    """The near-duplicate windows by jurisdiction, rebuilt from memory when first needed, used longest ago first.

    While they hold more than `most` posts, those that were used longest ago are closed, but for one. A rebuilt window gives
    the groups of one that stayed, as after a restart, but for this: it knows the posts of its hours by their published
    times, so a group goes on that had a copy in them, though its first post is older.

    They run ahead of what is committed while a batch is under way: after a commit that failed, `forget` them.
    """

    size: int = WINDOW_SIZE
    horizon: timedelta = HORIZON
    most: int = 500_000
    _open: dict[str, Window] = field(default_factory=dict)

    def of(self, jurisdiction: str, memory: Memory, at: datetime) -> Window:
        """The window of a jurisdiction; `at` is the time of the post that asks first."""
        window = self._open.pop(jurisdiction, None)
        if window is None:
            window = Window(self.size, self.horizon)
            window.restore(memory.seen_since(jurisdiction, at - self.horizon, self.size))
        self._open[jurisdiction] = window
        return window

    def close_unused(self) -> None:
        """Between batches only: what is not committed cannot be rebuilt."""
        held = self.held
        for jurisdiction in list(self._open)[:-1]:
            if held <= self.most:
                return
            held -= len(self._open.pop(jurisdiction))

    @property
    def held(self) -> int:
        """Posts in all windows."""
        return sum(map(len, self._open.values()))

    def forget(self) -> None:
        """Drop all windows; the next batch reads them from memory again."""
        self._open.clear()


@dataclass(slots=True)
class Prepared:
    """What a batch gave: `posts` never seen before, `revised` ones with new content or counts, what to remember of both.

    A post that changes twice in one batch is there twice, in order. `repeated` counts posts already known as they are.
    """

    posts: list[Post] = field(default_factory=list)
    revised: list[Post] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    repeated: int = 0


def prepare(raws: Sequence[RawPost], memory: Memory, windows: Windows) -> Prepared:
    """Prepare a batch, in order. The answer does not depend on how posts are cut into batches."""
    prepared = Prepared()
    windows.close_unused()
    known = memory.seen([raw.id for raw in raws]) if raws else {}
    searches = [fold(f"{raw.title}\n{raw.text}") for raw in raws]
    for raw, search, fingerprint in zip(raws, searches, fingerprints(searches).tolist(), strict=True):
        earlier = known.get(raw.id)
        digest_ = digest(raw)
        if earlier is not None and earlier.digest == digest_:
            prepared.repeated += 1
            continue
        if earlier is None:
            group = windows.of(raw.jurisdiction, memory, raw.at).group_of(raw.id, fingerprint, raw.at)
            at, revision, into = raw.at, 0, prepared.posts
        else:  # a post keeps the time at which it was first published: pages and hours are cut by it
            group, at, revision, into = earlier.group, earlier.at, earlier.revision + 1, prepared.revised
        into.append(_post(raw, search, group, at, revision))
        known[raw.id] = Seen(raw.id, raw.jurisdiction, at, digest_, fingerprint, group, revision)
        prepared.seen.append(known[raw.id])
    return prepared


def _post(raw: RawPost, search: str, group: str, at: datetime, revision: int) -> Post:
    fields = {name: getattr(raw, name) for name in _RAW_FIELDS} | {"at": at}
    return Post(**fields, lang=detect(raw.text), search=search, group=group, revision=revision)

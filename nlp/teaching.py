"""What happens when a person corrects a label, or takes that back.

The correction, its audit row and the posts that it changes are one commit: the post itself and those alike, at most
`AT_ONCE` of the jurisdiction's newest. The rest follow by `Teacher.spread`, a chore, which also mends what a stage wrote
at the same moment without knowing of the correction.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from core.clock import NewId, Now, derived_id
from core.effects import Effects, Revise, Seen, Spread
from core.errors import Conflict, NotFound, Refused, RetryLater
from core.ports import FoundPost, Storage
from core.records import AnalysedPost, AuditRow, Correction
from nlp.corrections import CLASSES, Corrections, Found, model_label, told
from nlp.duplicates import alike, fingerprints

HORIZON = timedelta(days=30)
"""How old a post may be that another one's correction changes."""
AT_ONCE = 1_000
"""Posts that are changed while a person waits."""
LOOKED_AT = 20_000
"""The jurisdiction's newest posts, among which those are looked for."""
SETTLED = timedelta(seconds=5)
"""Older changes are known to every stage: what it writes from then on it writes with them."""
GIVEN_UP = timedelta(hours=1)
"""For so long a post is waited for whose newest form the index has not got."""
LONGEST_NOTE = 1_000
TICK = timedelta(milliseconds=1)
"""The Store's unit of time."""
ATTEMPTS = 3
PAGE = 5_000
CHUNK = 200
"""Posts changed in one commit of the chore: other writers wait for no longer than that takes."""


class Taught(Struct, frozen=True, kw_only=True):
    """The post as it is now, the corrections that stand for its text, and how many other posts were changed with it."""

    post: FoundPost
    corrections: list[Correction]
    alike: int = 0


@dataclass(slots=True)
class _Retold:
    """Posts with what is said of them now, and how many could not be told yet."""

    posts: list[AnalysedPost] = field(default_factory=list)
    revised: list[Revise] = field(default_factory=list)
    late: int = 0

    def effects(self) -> Effects:
        return Effects(posts=self.posts, changes=[*self.revised])


@dataclass(frozen=True, slots=True)
class Teacher:
    """Takes corrections and their withdrawals."""

    storage: Storage
    now: Now
    new_id: NewId

    def correct(self, post: str, wanted: Mapping[str, str], who: str, note: str = "") -> Taught:
        """Give a post these labels by head. What it has been given before, by whomever, changes nothing.

        Raises `Refused` for a label that there is not, `NotFound`, and `RetryLater` while the post is being changed.
        """
        _check(wanted, note)
        return self._again(lambda: self._correct(self._found(post), wanted, who, note))

    def withdraw(self, id_: str, who: str) -> Taught:
        """Take a correction back: what was said before it holds again. A second time changes nothing."""
        if self.storage.store.correction(id_) is None:
            raise NotFound(f"There is no correction {id_}.")
        return self._again(lambda: self._withdraw(id_, who))

    def spread(self) -> bool:
        """Bring one change to all posts alike of the last 30 days; whether there was one to bring."""
        now = self.now()
        changed = self.storage.store.unspread(now - SETTLED, 1)
        if not changed:
            return False
        one = changed[0]
        late = self._spread(one, now)
        if not late or one.changed_at < now - GIVEN_UP:
            self.storage.commit(Effects(changes=[Spread(one.id, one.changed_at)]))
        return not late

    def _again(self, attempt: Callable[[], Taught]) -> Taught:
        """A stage may see a post again at the same moment: then look at it anew."""
        for _ in range(ATTEMPTS - 1):
            try:
                return attempt()
            except Conflict:
                continue
        return attempt()

    def _found(self, id_: str) -> FoundPost:
        self.storage.index.catch_up()
        found = self.storage.index.post(id_)
        if found is None:
            raise NotFound(f"There is no post {id_}.")
        return found

    def _correct(self, found: FoundPost, wanted: Mapping[str, str], who: str, note: str) -> Taught:
        post, now = found.post, self.now()
        standing = self.storage.store.standing_corrections(post.jurisdiction)
        seen = self._seen(post)
        held = {h: f for h, f in Corrections.of(standing).find(post.search, seen.fingerprint).items() if not f.near}
        new = [
            Correction(
                id=self.new_id(),
                jurisdiction=post.jurisdiction,
                post=post.id,
                published=post.at,
                head=head,
                label=label,
                given=model_label(post.labels, head),
                model=post.labels.model,
                who=who,
                at=_later(now, held.get(head)),
                note=note,
                fingerprint=seen.fingerprint,
                text=post.search,
            )
            for head, label in wanted.items()
            if head not in held or held[head].correction.label != label
        ]
        audit = [_audit(c, "label.corrected", who, now, c.note) for c in new]
        return self._commit(found, seen, [*standing, *new], Effects(changes=[*new, *audit]))

    def _withdraw(self, id_: str, who: str) -> Taught:
        one, now = self.storage.store.correction(id_), self.now()
        if one is None:
            raise NotFound(f"There is no correction {id_}.")
        found = self._found(one.post)
        standing = self.storage.store.standing_corrections(one.jurisdiction)
        rest = [c for c in standing if c.id != id_]
        effects = Effects()
        if one.withdrawn_at is None:
            gone = replace(one, withdrawn_at=now, withdrawn_by=who)
            effects = Effects(changes=[gone, _audit(gone, "label.withdrawn", who, now)])
        return self._commit(found, self._seen(found.post), rest, effects)

    def _commit(self, found: FoundPost, seen: Seen, standing: Sequence[Correction], effects: Effects) -> Taught:
        if found.post.revision != seen.revision:
            raise RetryLater("this post is just being changed: try again in a moment")
        corrections = Corrections.of(standing)
        retold = self._retold(corrections, [seen, *self._alike(seen)] if effects else [seen])
        if effects or retold.posts:
            self.storage.commit(effects + retold.effects())
        post = next((p for p in retold.posts if p.id == seen.id), found.post)
        others = sum(p.id != seen.id for p in retold.posts)
        holding = [f.correction for f in corrections.find(post.search, seen.fingerprint).values()]
        return Taught(post=replace(found, post=post), corrections=holding, alike=others)

    def _seen(self, post: AnalysedPost) -> Seen:
        """What is remembered of the post; retention may have been faster."""
        known = self.storage.store.seen([post.id]).get(post.id)
        if known is not None:
            return known
        (print_,) = fingerprints([post.search]).tolist()
        return Seen(post.id, post.jurisdiction, post.at, "", print_, post.group, post.revision)

    def _alike(self, seen: Seen) -> list[Seen]:
        now = self.now()
        newest = self.storage.store.seen_before(seen.jurisdiction, (now + HORIZON, ""), now - HORIZON, LOOKED_AT)
        return [one for one in _near(newest, seen.fingerprint) if one.id != seen.id][: AT_ONCE - 1]

    def _retold(self, corrections: Corrections, seen: Sequence[Seen]) -> _Retold:
        """These posts with what is said of them now: those that change."""
        posts = {post.id: post for post in self.storage.index.posts_by_id([one.id for one in seen])}
        retold = _Retold()
        for one in seen:
            post = posts.get(one.id)
            if post is None:
                continue
            if post.revision != one.revision:  # the index has an older form: to write it again would bring that back
                retold.late += 1
                continue
            changed = told(post, corrections.find(post.search, one.fingerprint))
            if changed is not post:
                retold.posts.append(replace(changed, revision=one.revision + 1))
                if one.digest:
                    retold.revised.append(Revise(one.id, one.revision + 1, one.revision))
        return retold

    def _spread(self, one: Correction, now: datetime) -> int:
        """How many posts could not be told yet."""
        store = self.storage.store
        corrections = Corrections.of(store.standing_corrections(one.jurisdiction))
        self.storage.index.catch_up()
        before, late = (now + HORIZON, ""), 0
        while page := store.seen_before(one.jurisdiction, before, now - HORIZON, PAGE):
            for chunk in _chunks(_near(page, one.fingerprint)):
                retold = self._retold(corrections, chunk)
                late += retold.late
                if retold.posts:
                    self.storage.commit(retold.effects())
            before = (page[-1].at, page[-1].id)
        return late


def _check(wanted: Mapping[str, str], note: str) -> None:
    if not wanted:
        raise Refused("no_label", f"Name at least one of {', '.join(CLASSES)}.")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long", f"A note has at most {LONGEST_NOTE} characters.")
    for head, label in wanted.items():
        if label not in CLASSES.get(head, ()):
            raise Refused("no_such_label", f"{head} is one of {', '.join(CLASSES.get(head, ()))}.")


def _later(now: datetime, held: Found | None) -> datetime:
    """The last one wins, also when the clock was put back."""
    return now if held is None else max(now, held.correction.at + TICK)


def _chunks(seen: Sequence[Seen]) -> Iterator[list[Seen]]:
    rest = iter(seen)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _near(seen: Sequence[Seen], fingerprint: int) -> list[Seen]:
    prints = np.fromiter((one.fingerprint for one in seen), np.int64, len(seen))
    return [seen[index] for index in np.flatnonzero(alike(prints, fingerprint)).tolist()]


def _audit(one: Correction, action: str, who: str, at: datetime, why: str = "") -> AuditRow:
    return AuditRow(
        id=derived_id("audit", one.id, action),
        object=one.post,
        at=at,
        who=who,
        action=action,
        why=why,
        detail={"head": one.head, "from": one.given.label, "to": one.label, "correction": one.id},
        jurisdiction=one.jurisdiction,
    )

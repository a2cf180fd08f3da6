"""The stages as the runners see them: a batch of messages in, effects out.

Each is a thin adapter: decode, fetch what the judgement needs from the ports, call `nlp` or `alerts`, return. `forget`
drops what a stage holds in memory; a runner calls it after a commit that failed, and the stage reads its state anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from alerts.decide import decide
from alerts.drafts import Desk, Order, compose
from alerts.notices import Receivers
from alerts.policy import Policy
from alerts.rulebook import Book
from core.clock import derived_id
from core.codec import decode
from core.effects import Effects, Message, message
from core.errors import RetryLater
from core.ports import CaseQuery, Cases, Index, Outbox, PostQuery, StageState
from core.records import AnalysedPost as Post
from core.records import AuditRow, Case, CaseEvent, FactCard, Incident, RawPost, Regrouping
from core.topics import REGROUPING, Topic
from nlp.analyse import Analyser, analyse
from nlp.detect import Detectors, detect
from nlp.lessons import Lessons
from nlp.prepare import Prepared, Windows, prepare

PAST = 500
"""Cases among which answers to the like are looked for."""
INDEX_PATIENCE = timedelta(minutes=10)
"""How long a case waits for the index to have its incident; after that, it never will."""


class Stage(Protocol):
    """What a runner needs of a stage."""

    def __call__(self, batch: Sequence[Message], now: datetime, /) -> Effects:
        """What the batch changes; raises `RetryLater` when the same batch may succeed later."""
        ...

    def forget(self) -> None:
        """Drop what is held in memory; the next call reads the state of the last commit."""
        ...


@dataclass(frozen=True, slots=True)
class Understand:
    """prepare, then analyse: every post once, labelled, indexed; a post seen again with changes only updates the index.

    What people have taught (`lessons`) has the last word. Without lessons nothing is taught.
    """

    memory: StageState
    windows: Windows
    analyser: Analyser
    lessons: Lessons | None = None

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        raws = [decode(m.value, RawPost) for m in batch]
        prepared = prepare(raws, self.memory, self.windows)
        posts = self._labelled(prepared)
        new = posts[: len(prepared.posts)]
        messages = [message(Topic.POSTS_ANALYSED, p.jurisdiction, p.id, p) for p in new]
        return Effects(messages=messages, posts=posts, changes=[*prepared.seen])

    def _labelled(self, prepared: Prepared) -> list[Post]:
        """The new posts, then the revised ones; judged together, for their time is one, and the most pressing come first."""
        posts = [*prepared.posts, *prepared.revised]
        if self.lessons is None:
            return analyse(posts, self.analyser)
        self.lessons.look()
        prints = {(s.id, s.revision): s.fingerprint for s in prepared.seen}
        return self.lessons.tell(analyse(posts, self.lessons.analyser(self.analyser)), prints)

    def forget(self) -> None:
        self.windows.forget()
        if self.lessons is not None:
            self.lessons.look_again()


@dataclass(frozen=True, slots=True)
class Detect:
    """Posts into incidents, as people have it; the detector's state rows travel with the effects."""

    detectors: Detectors

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        return detect([_post_or_regrouping(m) for m in batch], self.detectors)

    def forget(self) -> None:
        self.detectors.forget()


def _post_or_regrouping(given: Message) -> Post | Regrouping:
    return decode(given.value, Regrouping) if given.id.startswith(REGROUPING) else decode(given.value, Post)


@dataclass(frozen=True, slots=True)
class Decide:
    """Incidents into cases by the policy; notices go to the outbox in the same commit."""

    cases: Cases
    outbox: Outbox
    book: Book
    link: str

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.book.current()

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        incidents = [decode(m.value, Incident) for m in batch]
        own = self.cases.cases_of([i.id for i in incidents])
        known = {incident: answering(case, self.cases) for incident, case in own.items()}
        return decide(incidents, known, self.policy, self.receivers(), now)

    def receivers(self) -> Receivers:
        """Who is told, as the Store has it now."""
        return Receivers(webhooks=self.outbox.webhooks(), channels=self.outbox.channels(), link=self.link)

    def forget(self) -> None:
        """Nothing is held."""


def answering(case: Case, cases: Cases) -> Case:
    """The case that answers for this one: itself, or the one that it was merged into, however often."""
    while case.merged_into is not None:
        into = cases.case(case.merged_into)
        if into is None:
            break
        case = into
    return case


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft for every case that opens, or a refusal that lists what to find out; refused ones are tried again as it grows."""

    index: Index
    cases: Cases
    desk: Callable[[str], Desk]
    facts: tuple[FactCard, ...]
    posts: int = 12

    def __call__(self, batch: Sequence[Message], now: datetime) -> Effects:
        events = [decode(m.value, CaseEvent) for m in batch]
        wanted = {e.case.id: e for e in events if e.type == "case.opened" or self._worth_another(e)}
        if wanted:
            self.index.catch_up()
        return sum((self.draft(event, now) for event in wanted.values()), Effects())

    def _worth_another(self, event: CaseEvent) -> bool:
        """Whether a case that grew still lacks a proposed draft; facts and posts may have come since."""
        if event.type not in ("case.updated", "case.level_raised") or event.case.answer is not None:
            return False
        return all(draft.status == "refused" for draft in self.cases.drafts(event.case.id)[:1])

    def draft(self, event: CaseEvent, now: datetime, who: str = "system", kind: str = "reply") -> Effects:
        """A draft for the case as it stands, with its audit row."""
        incident = self.index.incident(event.case.incident)
        if incident is None:
            if self.cases.case(event.case.id) is not None and now - event.at < INDEX_PATIENCE:
                raise RetryLater("the index does not have the incident of this case yet")
            return Effects()
        posts = self._told_of(incident)
        facts = [*self.facts, *self.cases.facts(incident.jurisdiction)]
        past = self.cases.cases(CaseQuery(jurisdiction=incident.jurisdiction, limit=PAST)).items
        order = Order(kind, past)
        draft = compose(event.case, incident, posts, facts, self.desk(incident.jurisdiction), now, order)
        row = AuditRow(
            id=derived_id("audit", draft.id),
            object=event.case.id,
            at=now,
            who=who,
            action=f"draft.{draft.status}",
            detail={"draft": draft.id, "method": draft.method},
            jurisdiction=event.case.jurisdiction,
        )
        told = CaseEvent(id=derived_id("event", draft.id), type=row.action, at=now, case=event.case, who=who)
        return Effects(messages=[message(Topic.CASES, told.case.jurisdiction, told.id, told)], changes=[draft, row])

    def _told_of(self, incident: Incident) -> list[Post]:
        """Its examples, then its newest posts."""
        newest = self.index.posts(PostQuery(incident=incident.id, fold=True, limit=self.posts)).items
        posts = [*self.index.posts_by_id(incident.examples), *(found.post for found in newest)]
        return list({post.id: post for post in posts}.values())

    def forget(self) -> None:
        """Nothing is held."""

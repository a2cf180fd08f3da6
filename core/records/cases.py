"""Cases with their clocks, audit and drafts."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from core.records.incidents import Reason
from core.records.record import Record


class CaseState(StrEnum):
    """The life of a case, in order."""

    EMERGING = "emerging"
    CONFIRMED = "confirmed"
    HANDLING = "handling"
    ANSWERED = "answered"
    EVALUATED = "evaluated"
    CLOSED = "closed"


class Pause(Struct, frozen=True, kw_only=True):
    """A time in which a clock did not run."""

    since: datetime
    until: datetime | None
    who: str
    reason: str


class Extension(Struct, frozen=True, kw_only=True):
    """More time for a clock: `by` is written as a limit is (`24h`, `20wd`).

    `warned` and `breached` are what was told of the clock before, so that the extension can be taken back.
    """

    at: datetime
    by: str
    who: str
    reason: str
    warned: tuple[float, ...] = ()
    breached: bool = False


class Clock(Struct, frozen=True, kw_only=True):
    """One statutory or agreed limit running on a case.

    `kind` names the row of the clock table (its limit, counting and legal source live there and are copied into `limit`,
    `counts` (`natural` or `working`), `source`). `due_at` is None while the calendar of a year it reaches is not
    published. `stopped_at` is when the duty was met; `warned` are the warning steps already sent (shares of the limit).
    `of` is the case that brought it in when it was merged into this one.
    """

    kind: str
    name: str
    started_at: datetime
    start_event: str
    limit: str
    counts: str
    source: str
    due_at: datetime | None
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    warned: tuple[float, ...] = ()
    breached: bool = False
    note: str = ""
    extensions: tuple[Extension, ...] = ()
    of: str | None = None


class TaskState(StrEnum):
    """Where a sub-task stands."""

    OPEN = "open"
    DONE = "done"
    RETURNED = "returned"


class Task(Struct, frozen=True, kw_only=True):
    """A part of a case that a unit is asked to do. `part`: `lead` (主办) or `support` (协办).

    `of` is the case that brought it in when it was merged into this one; `overdue`, once it was told that its time is over.
    """

    id: str
    unit: str
    part: str
    text: str
    given_by: str
    given_at: datetime
    due_at: datetime | None = None
    state: TaskState = TaskState.OPEN
    ended_by: str = ""
    ended_at: datetime | None = None
    note: str = ""
    overdue: bool = False
    of: str | None = None


class Tick(Struct, frozen=True, kw_only=True):
    """A step of the checklist that a person says is done; `of` is the case that brought it in when it was merged into this.

    Of cases that were merged several may have done the same step.
    """

    step: str
    at: datetime
    who: str
    note: str = ""
    of: str | None = None


class Joined(Struct, frozen=True, kw_only=True):
    """A case that was merged into this one, and what it brings as long as it is in.

    `level` is its own, or what its incident made of it since; `incident_version` the version of its incident that it was
    last judged by; `support` the units that this case would not have without it and others. It came with those that were
    `joined` to it.
    """

    case: str
    incident: str
    incident_version: int
    at: datetime
    who: str
    level: int
    support: tuple[str, ...] = ()
    joined: tuple["Joined", ...] = ()


class Own(Struct, frozen=True, kw_only=True):
    """What a case would be without those that were merged into it."""

    level: int
    peak_level: int


class Satisfaction(Struct, frozen=True, kw_only=True):
    """How satisfied the public was, from a survey or a follow-up call: 0 to 100, of how many answers, from where."""

    score: float
    answers: int
    source: str
    at: datetime
    who: str


class Before(Struct, frozen=True, kw_only=True):
    """What a case was before it was merged into another."""

    state: CaseState
    clocks: tuple[Clock, ...]
    aside: tuple[Clock, ...] = ()


class Case(Record, frozen=True, kw_only=True):
    """An incident that met a rule and now has a level, a unit and clocks. `level` 1 (gravest) to 4.

    `rule` and `reasons` say why it was opened and why it has its level; `unit` is the responsible unit's id, `support`
    further units, `owner` a user name, `supervisors` the units that watch it since a clock was broken (督办).
    `incident_version` is the version of the incident that it was last judged by. `version` grows by one with every saved
    change (optimistic concurrency).

    A level that a person set (`level_set_by`, `level_why`) holds against the rules until `level_until`. `recovered_at` is
    since when the public is quiet, `quiet_posts` how many posts there were, copies too, when it became so or the case was
    closed: what comes after is a flare-up, of which the last began at `loud_at`. `audiences` has the level of each unit whose
    own rules were met. `ticks` are the steps of its checklist that people did; the others follow from its record.

    `joined` are cases merged into this one, in order, and `own` is what it would be without them. `clocks` has one of each
    kind, the one that counts; the others of it and of those cases stand `aside`. A case in `merged_into` another does
    nothing itself and keeps in `before` what it was.
    """

    id: str
    incident: str
    jurisdiction: str
    title: str
    state: CaseState
    level: int
    rule: str
    opened_at: datetime
    updated_at: datetime
    version: int = 1
    unit: str | None = None
    support: tuple[str, ...] = ()
    owner: str | None = None
    domain: str = "none"
    place: str | None = None
    reasons: tuple[Reason, ...] = ()
    clocks: tuple[Clock, ...] = ()
    answer: str | None = None
    answered_at: datetime | None = None
    evaluation: dict[str, str | int | float] = field(default_factory=dict)
    heat: float = 0.0
    peak_level: int = 4
    level_set_by: str | None = None
    level_why: str = ""
    level_until: datetime | None = None
    incident_version: int = 0
    tasks: tuple[Task, ...] = ()
    supervisors: tuple[str, ...] = ()
    audiences: dict[str, int] = field(default_factory=dict)
    recovered_at: datetime | None = None
    quiet_posts: int | None = None
    loud_at: datetime | None = None
    satisfaction: Satisfaction | None = None
    joined: tuple[Joined, ...] = ()
    own: Own | None = None
    aside: tuple[Clock, ...] = ()
    merged_into: str | None = None
    before: Before | None = None
    ticks: tuple[Tick, ...] = ()


class CaseEvent(Record, frozen=True, kw_only=True):
    """Something that happened to a case. `type` is `case.opened`, `case.level`, `case.acknowledged`, ..."""

    id: str
    type: str
    at: datetime
    case: Case
    who: str = "system"
    why: str = ""


class AuditRow(Struct, frozen=True, kw_only=True):
    """Who changed what, when and why. `detail` is a small flat summary of the change, never a post's text.

    Rows of one `jurisdiction` (empty: of the whole deployment) are a chain of hashes: see `core.audit`.
    """

    id: str
    object: str
    at: datetime
    who: str
    action: str
    why: str = ""
    detail: dict[str, str | int | float] = field(default_factory=dict)
    jurisdiction: str = ""


class Citation(Struct, frozen=True, kw_only=True):
    """Evidence of one sentence: `kind` is `post`, `fact` (a fact card) or `case` (the case's own record)."""

    kind: str
    id: str


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of a draft with the evidence that supports it; `part` is its place in the form (`heard`, `known`, ...).

    `unsupported` are the figures, names and dates in it that its evidence does not hold, `forbidden` the promises and
    phrases of the tone rules that it holds; both are empty in what the machine wrote. `edited_by` is who changed it last.
    """

    part: str
    text: str
    cites: tuple[Citation, ...]
    unsupported: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    edited_by: str = ""


class Question(Struct, frozen=True, kw_only=True):
    """Something to find out before an answer can be given, and the unit that can."""

    text: str
    unit: str | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """What a draft may rest on: a post, a fact card, an answer that was given before, a passage of policy, the case itself.

    `owner` is the unit that answers for a fact, `source` where it was taken from, `reasons` why it is meant for the case.
    """

    kind: str
    id: str
    text: str
    title: str = ""
    owner: str = ""
    source: str = ""
    valid_until: datetime | None = None
    reasons: tuple[Reason, ...] = ()


class Edit(Struct, frozen=True, kw_only=True):
    """One sentence that a person changed. `before` empty: added; `after` empty: taken out."""

    at: datetime
    who: str
    before: str
    after: str
    why: str = ""


class Approval(Struct, frozen=True, kw_only=True):
    """Who approved (or rejected) a draft, when, with which words, at which version."""

    at: datetime
    who: str
    approved: bool
    version: int
    why: str = ""


class Draft(Record, frozen=True, kw_only=True):
    """A proposed answer, or a refusal.

    `status` is `proposed`, `refused`, `approved` or `rejected`; a refused draft has no sentences and lists its questions.
    `needed` persons must approve, more once the case became graver; an edit takes approvals back. `ai_label` is the visible
    label, `ai_metadata` the hidden one (《人工智能生成合成内容标识办法》, in force 2025-09-01). Nothing here is ever sent by
    the machine.
    """

    id: str
    case: str
    at: datetime
    status: str
    kind: str = "reply"
    sentences: tuple[Sentence, ...] = ()
    questions: tuple[Question, ...] = ()
    refusal: str = ""
    method: str = "template"
    ai_label: str = ""
    ai_metadata: dict[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    edits: tuple[Edit, ...] = ()
    approvals: tuple[Approval, ...] = ()
    needed: int = 1
    version: int = 1


class FactCard(Struct, frozen=True, kw_only=True):
    """A verified fact that a draft may use, with its owner and validity. `terms`: when any occurs in a case it applies.

    `unit` owns it; `withdrawn` cards are used no more. `version` grows by one with every saved change.
    """

    id: str
    jurisdiction: str
    part: str
    text: str
    unit: str
    source: str
    terms: tuple[str, ...] = ()
    domain: str | None = None
    place: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    withdrawn: bool = False
    updated_at: datetime | None = None
    updated_by: str = ""
    version: int = 1

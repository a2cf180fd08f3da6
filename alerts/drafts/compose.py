"""Writes a reply out of evidence, or says what is missing for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo

import msgspec

from alerts.drafts.check import unsupported
from alerts.drafts.evidence import holds_personal_number, topics, why_applies, written
from alerts.drafts.kinds import REPLY, Kind, load_kinds
from alerts.drafts.phrase import Phraser, accepted
from alerts.drafts.review import needed
from alerts.drafts.templates import Templates
from alerts.drafts.tone import forbidden
from alerts.notices.words import LEVELS
from core.clock import derived_id
from core.errors import RetryLater
from core.records import AnalysedPost, Case, Citation, Draft, Evidence, FactCard, Incident, Question, Reason, Sentence

MOST_CITED = 5
MOST_PAST = 3
"""Past answers beside a draft."""
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one time zone and no summer time."""

_PHRASED = frozenset({"heard", "known", "doing", "until", "follow_up"})


@dataclass(frozen=True, slots=True)
class Desk:
    """What the office knows of itself.

    `units` and `places` map ids and codes to names, `responsible` a domain to the id of its unit; `jurisdiction` is a
    name, `zone` that of the dates in a reply. Fewer posts than `fewest_posts` are too little to answer.
    """

    templates: Templates
    units: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    responsible: Mapping[str, str] = field(default_factory=dict)
    jurisdiction: str = ""
    fewest_posts: int = 1
    phraser: Phraser | None = None
    zone: tzinfo = CHINA


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What one reply is written from. `barred` are cards that would fit, were there no person's number in them."""

    case: Case
    incident: Incident
    desk: Desk
    now: datetime
    posts: Sequence[AnalysedPost]
    cards: Sequence[FactCard]
    barred: Sequence[FactCard]
    topics: Sequence[str]
    kind: Kind | None = None
    past: Sequence[Case] = ()
    why: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)

    @property
    def unit(self) -> str | None:
        return self.case.unit or self.desk.responsible.get(self.case.domain)

    @property
    def unit_name(self) -> str:
        return self.desk.units.get(self.unit or "", "")

    @property
    def today(self) -> str:
        local = self.now.astimezone(self.desk.zone)
        return f"{local.year}年{local.month}月{local.day}日"

    @property
    def due(self) -> str:
        """Until when the running clock lets the public wait for an answer; empty when none runs."""
        running = [
            clock.due_at
            for clock in self.case.clocks
            if clock.kind in self.desk.templates.until_clocks
            and clock.due_at is not None
            and clock.due_at > self.now
            and clock.stopped_at is None
            and all(pause.until is not None for pause in clock.pauses)
        ]
        if not running:
            return ""
        local = min(running).astimezone(self.desk.zone)
        minute = f"{local.minute}分" if local.minute else ""
        return f"{local.year}年{local.month}月{local.day}日{local.hour}时{minute}"

    @property
    def blanks(self) -> dict[str, str]:
        """What a line of the form may be filled in with."""
        local = self.now.astimezone(self.desk.zone)
        return {
            "topic": "、".join(self.topics),
            "title": self.case.title,
            "unit": self.unit_name,
            "date": self.today,
            "time": f"{self.today}{local.hour}时{local.minute:02}分",
            "jurisdiction": self.desk.jurisdiction,
            "level": LEVELS.get(self.case.level, str(self.case.level)),
            "posts": str(self.incident.copies),
            "authors": str(self.incident.authors),
            "heat": f"{self.case.heat:.0f}",
            "due": self.due,
        }

    def panel(self) -> tuple[Evidence, ...]:
        """Everything that may be cited, and past answers to read; each once."""
        place = self.desk.places.get(self.case.place or "", "")
        blanks = self.blanks
        record = [self.unit_name, self.desk.jurisdiction, place, self.today, self.due]
        if self.kind is not None:
            counts = f"{blanks['posts']}条 {blanks['authors']}人 热度{blanks['heat']}"
            record += [
                self.case.title,
                blanks["level"],
                blanks["time"],
                counts,
                *(self.topics if self.kind.internal else ()),
            ]
        found = [Evidence(kind="case", id=self.case.id, text="\n".join(record))]
        found += [
            Evidence(
                kind="fact",
                id=c.id,
                text=c.text,
                owner=c.unit,
                source=c.source,
                valid_until=c.valid_until,
                reasons=self.why.get(c.id, ()),
            )
            for c in self.cards
        ]
        found += [Evidence(kind="post", id=p.id, title=p.title, text=written(p), source=p.source) for p in self.posts]
        laws = load_kinds().laws if self.kind is not None and any(line.law for line in self.kind.lines) else ()
        found += [Evidence(kind="law", id=law.id, text=law.text, source=law.source) for law in laws]
        found += [
            Evidence(kind="answer", id=one.id, title=one.title, text=one.answer or "", owner=one.unit or "")
            for one in self.past
        ]
        return tuple(found)

    def evidence(self) -> dict[tuple[str, str], str]:
        """Text by kind and id of what may be cited."""
        return {(one.kind, one.id): one.text for one in self.panel()}


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for beside a reply from posts and facts: another `kind`, and cases whose answers may be read (`past`)."""

    kind: str = REPLY
    past: Sequence[Case] = ()


def compose(  # noqa: PLR0913, PLR0917  # all that a draft is made of
    case: Case,
    incident: Incident,
    posts: Sequence[AnalysedPost],
    facts: Sequence[FactCard],
    desk: Desk,
    now: datetime,
    order: Order = Order(),  # it is frozen
) -> Draft:
    """A proposed reply whose every sentence passed the citation check, or a refusal with its questions.

    Facts stand in the words of their cards; what is known and what is being done must both be there. What citizens said
    is attributed and never quoted; offensive posts are not cited. Nothing is promised: without an `until` card the reply
    names the limit of its answer clock (a fact of the case's own record) or nothing, without a `follow_up` card only to
    whom more can be told. The date is the day of the draft. A card with a person's number becomes a question.

    `method` is `template`, `phrased` when the desk's phraser changed a sentence, or `template (phraser failed)`.
    `ai_metadata` is the value of the `AIGC` field of GB 45438-2025: Label 1 (is generated), ContentProducer (this
    software, where the standard wants the registered producer's code) and ProduceID (the draft's id). ReservedCode1,
    ContentPropagator, PropagateID and ReservedCode2 are left to whoever publishes.
    """
    fit = [post for post in posts if post.labels.offensive.label != "offensive"]
    why = {card.id: why_applies(card, case, fit, now) for card in facts}
    meant = [card for card in facts if why[card.id]]
    cards = [card for card in meant if not holds_personal_number(card.text)]
    barred = [card for card in meant if card not in cards]
    kind, past = load_kinds().find(order.kind), _alike(order, case, incident)
    told = topics(incident, fit, cards)
    sheet = _Sheet(case, incident, desk, now, fit, cards, barred, told, kind, past, why)
    lacking = _lacking(sheet)
    if lacking:
        return _draft(sheet, "refused", questions=_questions(sheet, lacking), refusal=desk.templates.refusal)
    sentences, evidence = _form(sheet) if kind is None else _lines(sheet, kind), sheet.evidence()
    for sentence in sentences:
        if unsupported(sentence.text, _cited(sentence, evidence)):
            lacking = ["posts" if sentence.part == "heard" else "known"]
            return _draft(sheet, "refused", questions=_questions(sheet, lacking), refusal=desk.templates.refusal)
    sentences, method = _phrase(sentences, evidence, desk.phraser)
    sentences = tuple(msgspec.structs.replace(one, forbidden=forbidden(one.text)) for one in sentences)
    return _draft(sheet, "proposed", sentences=sentences, method=method, questions=_questions(sheet, []))


def _lacking(sheet: _Sheet) -> list[str]:
    have = {card.part for card in sheet.cards}
    needs = ("known", "doing") if sheet.kind is None else sheet.kind.needs
    lacking = [part for part in needs if part not in have]
    quotes = sheet.kind is None or any(line.posts for line in sheet.kind.lines)
    if len(sheet.posts) < sheet.desk.fewest_posts or (quotes and not sheet.topics):
        lacking.append("posts")
    if not sheet.unit_name:
        lacking.append("unit")
    return lacking


def _form(sheet: _Sheet) -> tuple[Sentence, ...]:
    """The parts in the order of a government reply; parts without evidence are left out."""
    words, unit = sheet.desk.templates, sheet.unit_name

    def own(part: str, text: str) -> Sentence:
        return Sentence(part=part, text=text, cites=(Citation(kind="case", id=sheet.case.id),))

    until = [own("until", words.until.format(due=sheet.due))] if sheet.due else []
    return (
        own("greeting", words.greeting),
        *_heard(sheet),
        own("by", words.by.format(unit=unit)),
        *_stated(sheet, "known", words.known_lead),
        *_stated(sheet, "doing", words.doing_lead),
        *(_stated(sheet, "until") or until),
        *(_stated(sheet, "follow_up") or [own("follow_up", words.follow_up.format(unit=unit))]),
        own("closing", words.thanks),
        own("closing", words.closing.format(unit=unit, date=sheet.today)),
    )


def _lines(sheet: _Sheet, kind: Kind) -> tuple[Sentence, ...]:
    """The lines of a kind, filled in; those without evidence are left out, and a lead opens one answer only."""
    made: list[Sentence] = []
    case = (Citation(kind="case", id=sheet.case.id),)
    for line in kind.lines:
        if line.cards:
            stated = _stated(sheet, line.cards, line.lead)
            made += [msgspec.structs.replace(one, part=line.part) for one in stated]
            if not stated and line.otherwise:
                made.append(Sentence(part=line.part, text=line.otherwise, cites=case))
        elif line.law:
            law = next(law for law in load_kinds().laws if law.id == line.law)
            made.append(Sentence(part=line.part, text=law.text, cites=(Citation(kind="law", id=law.id),)))
        elif not line.due or sheet.due:
            cites = (*_posts_cited(sheet), *case) if line.posts else case
            made.append(Sentence(part=line.part, text=line.text.format(**sheet.blanks), cites=cites))
    return tuple(made)


def _alike(order: Order, case: Case, incident: Incident) -> list[Case]:
    """The newest answered cases of the same matter, those first that people say the incident goes on with."""
    same = incident.continues
    answered = [one for one in order.past if one.answer and one.id != case.id]
    alike = [one for one in answered if one.incident in same or one.domain == case.domain]
    alike.sort(key=lambda one: one.answered_at or one.opened_at, reverse=True)
    return sorted(alike, key=lambda one: one.incident not in same)[:MOST_PAST]


def _posts_cited(sheet: _Sheet) -> tuple[Citation, ...]:
    """Posts that hold every topic between them, and further ones that hold any."""
    told = [post.id for post in sheet.posts if any(topic in written(post) for topic in sheet.topics)]
    # the posts cited must hold every topic between them, however many there are
    first = [next(p.id for p in sheet.posts if topic in written(p)) for topic in sheet.topics]
    return tuple(Citation(kind="post", id=id_) for id_ in list(dict.fromkeys([*first, *told]))[:MOST_CITED])


def _heard(sheet: _Sheet) -> list[Sentence]:
    cites = _posts_cited(sheet)
    stated = _stated(sheet, "heard")
    if stated:
        return [msgspec.structs.replace(sentence, cites=(*sentence.cites, *cites)) for sentence in stated]
    return [Sentence(part="heard", text=sheet.desk.templates.heard.format(topic="、".join(sheet.topics)), cites=cites)]


def _stated(sheet: _Sheet, part: str, lead: str = "") -> list[Sentence]:
    """The cards of a part, each as it stands; the first is opened by `lead` unless it has an opening of its own."""
    made: list[Sentence] = []
    for card in sheet.cards:
        if card.part != part:
            continue
        text = card.text.strip()
        text = text if text.endswith(("。", "！", "？")) else f"{text.rstrip('.,;，；')}。"
        opened = made or text.startswith(sheet.desk.templates.own_leads)
        cites = (Citation(kind="fact", id=card.id),)
        made.append(Sentence(part=part, text=text if opened else lead + text, cites=cites))
    return made


def _cited(sentence: Sentence, evidence: Mapping[tuple[str, str], str]) -> list[str]:
    return [evidence[cite.kind, cite.id] for cite in sentence.cites]


def _phrase(
    sentences: tuple[Sentence, ...], evidence: Mapping[tuple[str, str], str], phraser: Phraser | None
) -> tuple[tuple[Sentence, ...], str]:
    """The sentences in the phraser's words where these claim the same; citations stay as they are."""
    if phraser is None:
        return sentences, "template"
    open_ = [place for place, sentence in enumerate(sentences) if sentence.part in _PHRASED]
    try:
        offered = phraser([sentences[place].text for place in open_])
    except RetryLater:
        return sentences, "template (phraser failed)"
    made = list(sentences)
    for index, text in offered.items():
        sentence = sentences[open_[index]]
        if accepted(text, sentence.text, _cited(sentence, evidence)):
            made[open_[index]] = msgspec.structs.replace(sentence, text=text.strip())
    return tuple(made), "template" if tuple(made) == sentences else "phrased"


def _questions(sheet: _Sheet, lacking: Sequence[str]) -> tuple[Question, ...]:
    words = sheet.desk.templates
    texts = {
        "known": words.question_known,
        "doing": words.question_doing,
        "posts": words.question_posts,
        "unit": words.question_unit,
        "refute": words.question_refute,
    }
    asked = [Question(text=texts[part], unit=sheet.unit) for part in lacking]
    return (*asked, *(Question(text=words.question_card.format(card=c.id), unit=c.unit) for c in sheet.barred))


def _stored(one: Evidence) -> Evidence:
    """Evidence as a draft keeps it: without what people wrote, which retention deletes where it lies."""
    return msgspec.structs.replace(one, text="", title="") if one.kind == "post" else one


def _draft(
    sheet: _Sheet,
    status: str,
    *,
    questions: tuple[Question, ...],
    sentences: tuple[Sentence, ...] = (),
    refusal: str = "",
    method: str = "template",
) -> Draft:
    kind = REPLY if sheet.kind is None else sheet.kind.id
    id_ = derived_id("draft", sheet.case.id, kind, sheet.now.isoformat())
    return Draft(
        id=id_,
        case=sheet.case.id,
        at=sheet.now,
        status=status,
        kind=kind,
        evidence=tuple(map(_stored, sheet.panel())),
        needed=needed(sheet.case),
        sentences=sentences,
        questions=questions,
        refusal=refusal,
        method=method,
        ai_label=sheet.desk.templates.ai_label,
        ai_metadata={"Label": "1", "ContentProducer": "huiying", "ProduceID": id_},
    )

"""Writes a reply out of evidence, or says what is missing for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.drafts.check import unsupported
from alerts.drafts.templates import Templates
from core.clock import derived_id
from core.records import AnalysedPost, Case, Citation, Draft, FactCard, Incident, Question, Sentence

MOST_CITED = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """What the office knows of itself. `responsible` maps a domain to the id of its unit."""

    templates: Templates
    units: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    responsible: Mapping[str, str] = field(default_factory=dict)
    jurisdiction: str = ""
    fewest_posts: int = 1


def applies(card: FactCard, case: Case, posts: Sequence[AnalysedPost], now: datetime) -> bool:
    """Whether a card is valid now and meant for this case; a card that names no terms needs a domain or a place."""
    if card.jurisdiction != case.jurisdiction:
        return False
    if (card.valid_from and now < card.valid_from) or (card.valid_until and now >= card.valid_until):
        return False
    if (card.domain and card.domain != case.domain) or (card.place and card.place != case.place):
        return False
    if not card.terms:
        return bool(card.domain or card.place)
    said = "\n".join([case.title, *(f"{post.title}\n{post.text}" for post in posts)])
    return any(term in said for term in card.terms)


def _topic(incident: Incident, posts: Sequence[AnalysedPost]) -> str:
    texts = [f"{post.title}\n{post.text}" for post in posts]
    terms = [term.text for term in incident.terms if term.text.isalpha() and any(term.text in text for text in texts)]
    return "、".join(terms[:3])


def compose(
    case: Case, incident: Incident, posts: Sequence[AnalysedPost], facts: Sequence[FactCard], desk: Desk, now: datetime
) -> Draft:
    """A proposed reply whose every sentence passed the citation check, or a refusal with its questions.

    What citizens said is attributed and never quoted; offensive posts are not cited.
    """
    fit = [post for post in posts if post.labels.offensive.label != "offensive"]
    cards = [card for card in facts if applies(card, case, fit, now)]
    unit = case.unit or desk.responsible.get(case.domain)
    topic = _topic(incident, fit)
    have = {card.part for card in cards}
    lacking = [part for part in ("known", "doing") if part not in have]
    if len(fit) < desk.fewest_posts or not topic:
        lacking.append("posts")
    name = desk.units.get(unit or "", "")
    if lacking or not name:
        return _refused(case, desk, now, (lacking or ["known"], unit))
    heard = Sentence(
        part="heard",
        text=desk.templates.heard.format(topic=topic),
        cites=tuple(Citation(kind="post", id=post.id) for post in fit if _topic(incident, [post]))[:MOST_CITED],
    )
    sentences = _form(case, desk, name, heard, cards)
    evidence = {("post", post.id): f"{post.title}\n{post.text}" for post in fit}
    evidence |= {("fact", card.id): card.text for card in cards}
    evidence |= {("case", case.id): f"{name} {desk.jurisdiction} {desk.places.get(case.place or '', '')}"}
    for sentence in sentences:
        if unsupported(sentence.text, [evidence[cite.kind, cite.id] for cite in sentence.cites]):
            return _refused(case, desk, now, (["posts" if sentence.part == "heard" else "known"], unit))
    return Draft(
        id=derived_id("draft", case.id, now.isoformat()),
        case=case.id,
        at=now,
        status="proposed",
        sentences=sentences,
        ai_label=desk.templates.ai_label,
        ai_metadata={"Label": "1", "ContentProducer": "huiying", "ProduceID": case.id},
    )


def _form(case: Case, desk: Desk, name: str, heard: Sentence, cards: Sequence[FactCard]) -> tuple[Sentence, ...]:
    own = (Citation(kind="case", id=case.id),)

    def stated(part: str) -> list[Sentence]:
        chosen = [card for card in cards if card.part == part]
        return [Sentence(part=part, text=card.text, cites=(Citation(kind="fact", id=card.id),)) for card in chosen]

    words = desk.templates
    return (
        Sentence(part="greeting", text=words.greeting, cites=own),
        heard,
        *stated("known"),
        *stated("doing"),
        *(stated("until") or [Sentence(part="until", text=words.until.format(unit=name), cites=own)]),
        Sentence(part="follow_up", text=words.follow_up.format(unit=name), cites=own),
        Sentence(part="closing", text=words.closing.format(unit=name), cites=own),
    )


def _refused(case: Case, desk: Desk, now: datetime, why: tuple[Sequence[str], str | None]) -> Draft:
    lacking, unit = why
    texts = {
        "known": desk.templates.question_known,
        "doing": desk.templates.question_doing,
        "posts": desk.templates.question_posts,
    }
    return Draft(
        id=derived_id("draft", case.id, now.isoformat()),
        case=case.id,
        at=now,
        status="refused",
        questions=tuple(Question(text=texts[part], unit=unit) for part in lacking),
        refusal=desk.templates.refusal,
    )

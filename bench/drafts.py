"""Facts without evidence in drafts made from real messages and real replies, counted by a checker of its own.

It shares nothing with `alerts.drafts.check`: every figure, every Latin word and every run of two or more Chinese
characters beyond the fixed words of the form must stand in the evidence that the sentence cites.
"""

import csv
import gzip
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import msgspec

from alerts.drafts import Desk, Order, Phraser, compose, load_templates
from alerts.drafts.kinds import Kind, load_kinds
from bench.report import Report
from core.records import JURISDICTION_SAMPLE, AnalysedPost, Case, Clock, Draft, FactCard, Incident, Term
from tests import records
from tests.real import SHARED

REPLIES = SHARED / "gov_messages" / "replies.csv.gz"
ROWS = 300
SEED = 20260601
UNIT = "市民服务热线办公室"
DOMAIN = "城乡建设"
LIMIT = timedelta(hours=48)
_PIECE = re.compile(r"[\u4e00-\u9fff]{2,}|\d+|[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Matter:
    """A message, and the sentences of the real reply to it as fact cards."""

    case: Case
    incident: Incident
    post: AnalysedPost
    cards: tuple[FactCard, ...]
    reply: str

    @property
    def evidence(self) -> dict[tuple[str, str], str]:
        """What may be cited, in the words of the input."""
        day = records.NOON + timedelta(hours=8)
        limit = day + LIMIT
        own = f"{UNIT} {day.year}年{day.month}月{day.day}日 {limit.year}年{limit.month}月{limit.day}日{limit.hour}时"
        texts = {("case", self.case.id): own, ("post", self.post.id): f"{self.post.title}\n{self.post.text}"}
        return texts | {("fact", card.id): card.text for card in self.cards}


def run(folder: Path, report: Report) -> None:
    """Drafts with facts, without facts, with a lying phraser; and forged drafts, to see that the checker sees."""
    del folder
    if not REPLIES.exists():
        report.add("drafts", "no real replies beside the checkout", "-", met=False)
        return
    matters = _matters(random.Random(SEED))
    plain = [_draft(matter, matter.cards) for matter in matters]
    bare = [_draft(matter, ()) for matter in matters]
    lied = [_draft(matter, matter.cards, _liar(matters, place)) for place, matter in enumerate(matters)]
    refused = sum(draft.status == "refused" and bool(draft.questions) for draft in bare)
    report.add("drafts without fact cards that are refused", f"{refused} of {ROWS}", f"{ROWS}", met=refused == ROWS)
    for name, drafts in (("template", plain), ("lying phraser", lied)):
        made = [pair for pair in zip(matters, drafts, strict=True) if pair[1].status == "proposed"]
        facts = sum(len(_unsupported(*pair)) for pair in made)
        figure = f"{100 * facts / max(1, len(made)):.1f} ({len(made)} proposed of {ROWS})"
        report.add(f"unsupported facts per 100 drafts, {name}", figure, "0", met=facts == 0 and bool(made))
    likeness = [
        _rouge("".join(s.text for s in draft.sentences), m.reply) for m, draft in zip(matters, plain, strict=True)
    ]
    # the facts are sentences of the real reply, so this says how much of it a form with a few facts covers, no more
    report.add("ROUGE-2 (characters, F1) against the real reply, mean", f"{sum(likeness) / ROWS:.2f}", "-", met=True)
    _kinds(matters, report)
    taken = sum(draft.method == "phrased" for draft in lied)
    report.add("drafts in which harmless words of the liar were taken", f"{taken} of {ROWS}", "-", met=True)
    forged = [(matter, _forged(draft)) for matter, draft in zip(matters, plain, strict=True) if draft.sentences]
    seen = sum(bool(_unsupported(*pair)) for pair in forged)
    report.add("forged drafts that this checker sees", f"{seen} of {len(forged)}", "all", met=seen == len(forged))


def _rouge(text: str, other: str) -> float:
    """ROUGE-2 over characters: the harmonic mean of the shares of common pairs."""
    ours, theirs = (Counter(pairwise(one)) for one in (text, other))
    common = (ours & theirs).total()
    return 2 * common / max(1, ours.total() + theirs.total())


def _kinds(matters: Sequence[Matter], report: Report) -> None:
    """Every other kind with the same facts: what is proposed, and what of it no evidence holds."""
    for kind in load_kinds().kinds:
        desk = Desk(load_templates(), {"hotline": UNIT})
        drafts = [compose(m.case, m.incident, [m.post], m.cards, desk, records.NOON, Order(kind.id)) for m in matters]
        made = [pair for pair in zip(matters, drafts, strict=True) if pair[1].status == "proposed"]
        facts = sum(len(_unsupported_lines(matter, draft, kind)) for matter, draft in made)
        figure = f"{100 * facts / max(1, len(made)):.1f} ({len(made)} proposed of {ROWS})"
        report.add(f"unsupported facts per 100 drafts, kind {kind.id}", figure, "0", met=facts == 0)


def _unsupported_lines(matter: Matter, draft: Draft, kind: Kind) -> list[str]:
    """As `_unsupported`, over the words of the kind's own lines and what the record of the case holds."""
    fixed = [re.split(r"\{\w+\}", text) for line in kind.lines for text in (line.text, line.lead, line.otherwise)]
    stripped = {part.strip("，。：“”") for parts in fixed for part in parts}
    words = sorted((part for part in stripped if len(part) > 1), key=len, reverse=True)
    incident, day = matter.incident, records.NOON + timedelta(hours=8)
    own = f"{matter.case.title} 三级 {incident.copies} {incident.authors} {matter.case.heat:.0f} {day.hour} {day.minute:02}"
    laws = "\n".join(law.text for law in load_kinds().laws)
    evidence = re.sub(r"\s+", "", "\n".join([*matter.evidence.values(), own, laws]))
    figures = set(re.findall(r"\d+", "\n".join([*matter.evidence.values(), own, laws])))
    missing: list[str] = []
    for sentence in draft.sentences:
        text = sentence.text
        for part in words:
            text = text.replace(part, " ")
        pieces = _PIECE.findall(text)
        missing += [piece for piece in pieces if piece not in (figures if piece.isdigit() else evidence)]
    return missing


def _matters(chance: random.Random) -> list[Matter]:
    with gzip.open(REPLIES, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if len(_sentences(row["reply"])) >= 2]
    return [_matter(str(place), row, chance) for place, row in enumerate(chance.sample(rows, ROWS))]


def _sentences(reply: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"(?<=[。！？])", reply)]
    return [part for part in parts if 10 <= len(part) <= 150 and re.search("[\u4e00-\u9fff]{4}", part)]


def _matter(id_: str, row: dict[str, str], chance: random.Random) -> Matter:
    """Half of the cards apply by terms of the message, half by the domain of the case."""
    title, said = row["title"], _sentences(row["reply"])
    pairs = [
        title[at : at + 2] for at in range(len(title) - 1) if re.fullmatch("[\u4e00-\u9fff]{2}", title[at : at + 2])
    ]
    terms = sorted(set(pairs), key=lambda pair: (-row["body"].count(pair), pair))[:4]
    picked = sorted(chance.sample(range(len(said)), min(len(said), chance.randint(2, 4))))
    by_terms = bool(terms) and chance.random() < 0.5
    cards = tuple(
        FactCard(
            id=f"{id_}-{n}",
            jurisdiction=JURISDICTION_SAMPLE,
            part="known" if n % 2 == 0 else "doing",
            text=said[place],
            unit="hotline",
            source="bench",
            terms=tuple(terms[:2]) if by_terms else (),
            domain=None if by_terms else DOMAIN,
        )
        for n, place in enumerate(picked)
    )
    words = tuple(Term(text=term, weight=1.0) for term in terms)
    clock = Clock(
        kind="answer",
        name="answer",
        started_at=records.NOON,
        start_event="occurred",
        limit="48h",
        counts="natural",
        source="bench",
        due_at=records.NOON + LIMIT,
    )
    return Matter(
        records.case(title=title, unit="hotline", domain=DOMAIN, clocks=(clock,)),
        records.incident(title=title, domain=DOMAIN, terms=words),
        records.post(id_, row["body"], title=title),
        cards,
        row["reply"],
    )


def _draft(matter: Matter, cards: Sequence[FactCard], phraser: Phraser | None = None) -> Draft:
    desk = Desk(load_templates(), {"hotline": UNIT}, phraser=phraser)
    return compose(matter.case, matter.incident, [matter.post], cards, desk, records.NOON)


def _liar(matters: Sequence[Matter], place: int) -> Phraser:
    """Adds figures, places, bodies and promises, turns sentences round, swaps them; some wordings are harmless."""
    foreign = matters[place - 1].cards[0].text

    def lie(sentences: Sequence[str]) -> dict[int, str]:
        return {index: _lie(text, place + index, foreign) for index, text in enumerate(sentences)}

    return lie


def _lie(text: str, trick: int, foreign: str) -> str:
    body, end = text[:-1], text[-1]
    tricks = (
        f"{body}，共涉及37户{end}",
        f"{body}，地点在望江东路{end}",
        f"市督查专班{text}",
        f"{body}，并将赔偿全部损失{end}",
        re.sub(r"\d", lambda digit: str((int(digit.group()) + 1) % 10), text),
        text.replace("不", "").replace("未", "已"),
        foreign,
        text.replace("网友", "网民"),
    )
    return tricks[trick % len(tricks)]


def _forged(draft: Draft) -> Draft:
    """The draft with a figure changed in every fact, or with words of its own where there is none."""
    sentences = tuple(
        msgspec.structs.replace(one, text=_lie(one.text, 4 if re.search(r"\d", one.text) else 1, ""))
        for one in draft.sentences
        if one.part in {"known", "doing"}
    )
    return msgspec.structs.replace(draft, sentences=sentences)


def _unsupported(matter: Matter, draft: Draft) -> list[str]:
    """Pieces of a draft that neither the form nor the evidence cited by their sentence holds."""
    evidence = matter.evidence
    missing: list[str] = []
    for sentence in draft.sentences:
        known = re.sub(r"\s+", "", "\n".join(evidence[cite.kind, cite.id] for cite in sentence.cites))
        known = known.replace("网民", "网友")  # the one change of words that the liar may make
        whole = set(re.findall(r"\d+", known))
        pieces = _PIECE.findall(_beyond_form(sentence.text))
        missing += [piece for piece in pieces if piece not in (whole if piece.isdigit() else known)]
    return missing


def _beyond_form(text: str) -> str:
    """A sentence without the fixed words of the form."""
    words = load_templates()
    forms = [words.greeting, words.heard, words.by, words.until, words.follow_up, words.thanks, words.closing]
    fixed = [part for form in forms for part in re.split(r"\{\w+\}", form) if len(part.strip()) > 1]
    text = text.replace("网民", "网友")
    for part in [words.known_lead, words.doing_lead, *sorted(fixed, key=len, reverse=True)]:
        text = text.replace(part, " ")
    return text

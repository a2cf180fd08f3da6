"""The report on one case: 专报."""

from collections.abc import Sequence
from datetime import timedelta

from alerts.reports.ground import Ground, case_link, cell, clock_status, number, posts_link, table_section
from alerts.reports.words import percent
from core.ports import FoundPost, PostQuery
from core.records import AuditRow, Case, Draft, Incident
from core.records.reports import Bar, Line, ReportChart, Section

MOST_VOICES = 8
LONGEST_VOICE = 160
MOST_STEPS = 30


def special(ground: Ground, case: Case, incident: Incident) -> tuple[tuple[Section, ...], str, dict[str, str]]:
    """The sections on a case, with the label and hidden label of the machine's own text when a draft is among them."""
    store = ground.store
    posts = ground.index.posts(PostQuery(incident=incident.id, fold=True, limit=50)).items
    drafts = [draft for draft in store.drafts(case.id) if case.answer is None]
    newest = drafts[0] if drafts else None
    parts = [
        _facts(ground, case, incident),
        _volume(ground, incident),
        _voices(ground, posts),
        _clocks(ground, case),
        _course(ground, store.audit(case.id)),
        _answer(ground, case),
        *([_draft(ground, newest)] if newest is not None else []),
        *([_evaluation(ground, case)] if case.answer is not None else []),
    ]
    shown = tuple(p for p in parts if p.lines or (p.chart and p.chart.bars) or (p.table and p.table.rows))
    if newest is None or newest.status == "refused":
        return shown, "", {}
    return shown, newest.ai_label, dict(newest.ai_metadata)


def _facts(ground: Ground, case: Case, incident: Incident) -> Section:
    words, link = ground.words, posts_link(incident=incident.id)
    said = sum(incident.sentiment.values())
    negative = incident.sentiment.get("negative", 0)
    lines = [
        words("facts.span", first=ground.time(incident.first_at), last=ground.time(incident.last_at)),
        words(
            "facts.size",
            copies=number(incident.copies, link),
            posts=number(incident.posts, link),
            authors=number(incident.authors),
            speed=number(incident.speed),
            baseline=number(incident.baseline),
        ),
        words(
            "facts.sentiment",
            negative=number(negative, posts_link(incident=incident.id, sentiment="negative")),
            share=percent(negative, said),
            domain=words.code("domain", incident.domain),
        ),
        words(
            "facts.case",
            level=ground.level(case.level),
            state=words.code("state", case.state.value),
            unit=ground.unit(case.unit),
        ),
    ]
    if incident.terms:
        lines.append(words("facts.terms", terms="、".join(term.text for term in incident.terms[:8])))
    return Section(name="facts", title=words.text("section.facts"), lines=tuple(lines), machine=True)


def _volume(ground: Ground, incident: Incident) -> Section:
    """Posts of the incident's last hours; how many of an hour were negative is not kept."""
    end = incident.last_at.replace(minute=0, second=0, microsecond=0)
    first = end - timedelta(hours=len(incident.series) - 1)
    bars = tuple(
        Bar(label=ground.time(first + timedelta(hours=i)), posts=posts, negative=0)
        for i, posts in enumerate(incident.series)
    )
    peak = max(bars, key=lambda bar: bar.posts, default=None)
    words = ground.words
    share = percent(incident.sentiment.get("negative", 0), sum(incident.sentiment.values()))
    sentence = words.text("chart.sentence", peak=peak.label, posts=peak.posts, share=share) if peak else ""
    chart = ReportChart(sentence=sentence, bars=bars, series=(words.text("chart.all"), ""))
    return Section(name="volume", title=words.text("section.volume"), chart=chart)


def _voices(ground: Ground, posts: Sequence[FoundPost]) -> Section:
    loudest = sorted(posts, key=lambda found: (-found.copies, found.post.at))[:MOST_VOICES]
    rows = [
        (
            cell(ground.time(found.post.at)),
            cell(_shortened(found.post.text), posts_link(incident=found.incident or "")),
            (number(found.copies),),
        )
        for found in loudest
    ]
    return table_section(ground, "voices", ("time", "voice", "copies"), rows, (2,))


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_VOICE else flat[: LONGEST_VOICE - 1] + "…"


def _clocks(ground: Ground, case: Case) -> Section:
    rows = [
        (
            cell(clock.name),
            cell(ground.time(clock.due_at)),
            cell(ground.words.code("clock", clock_status(clock, case.updated_at))),
        )
        for clock in case.clocks
    ]
    return table_section(ground, "clocks", ("clock", "due", "status"), rows, ())


def _course(ground: Ground, audit: Sequence[AuditRow]) -> Section:
    words = ground.words
    rows = [
        (
            cell(ground.time(row.at)),
            cell(words.code("audit", row.action)),
            cell(words.text("who.system") if row.who == "system" else row.who),
            cell("" if row.who == "system" else row.why),
        )
        for row in [row for row in audit if row.action != "case.updated"][-MOST_STEPS:]
    ]
    return table_section(ground, "course", ("time", "what", "who", "why"), rows, ())


def _answer(ground: Ground, case: Case) -> Section:
    words = ground.words
    lines: tuple[Line, ...] = (words("answer.none"),)
    if case.answer is not None:
        lines = (words("answer.at", at=ground.time(case.answered_at)), cell(case.answer, case_link(case)))
    return Section(name="answer", title=words.text("section.answer"), lines=lines)


def _draft(ground: Ground, draft: Draft) -> Section:
    if draft.status == "refused":
        asked = tuple(
            ground.words("question", text=question.text, unit=ground.unit(question.unit))
            for question in draft.questions
        )
        return Section(name="questions", title=ground.words.text("section.questions"), lines=asked, machine=True)
    lines = tuple(cell(sentence.text) for sentence in draft.sentences)
    return Section(name="draft", title=ground.words.text("section.draft"), lines=lines, machine=True)


def _evaluation(ground: Ground, case: Case) -> Section:
    words = ground.words
    lines = tuple(cell(f"{words.code('fact', name)}: {value}") for name, value in case.evaluation.items())
    title = words.text("section.evaluation")
    return Section(name="evaluation", title=title, lines=lines or (words("evaluation.none"),))

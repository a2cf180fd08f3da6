"""Kinds, tone, edits, approval and files of drafts."""

import io
import json
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PdfReader

from alerts.drafts import Desk, Order, compose, load_templates
from alerts.drafts.cards import read_cards
from alerts.drafts.kinds import load_kinds
from alerts.drafts.papers import PAPERS
from alerts.drafts.review import approved, edited, rejected, with_posts, without_posts
from alerts.drafts.tone import forbidden, load_tone, tone
from core.errors import IllegalMove, Refused
from core.records import Citation, Draft, FactCard, Sentence, Term
from tests.office_files import document, workbook
from tests.records import NOON, case, incident, post

CHINA = ZoneInfo("Asia/Shanghai")
DESK = Desk(load_templates(), {"water": "区水务局"}, jurisdiction="云湾区")
CASE = case(unit="water", level=3, title="滨河花园停水", domain="城乡建设", heat=42.0)
INCIDENT = incident(terms=(Term(text="停水", weight=1.0),))
POSTS = [post("p1", "滨河花园停水两天了"), post("p2", "停水了，没人管")]


def card(part: str, text: str, **more: object) -> FactCard:
    given: dict[str, object] = {"id": f"f-{part}", "jurisdiction": "990100", "unit": "water", "source": "抢修单"}
    return FactCard(**{**given, "part": part, "text": text, "terms": ("停水",), **more})


CARDS = [
    card("known", "供水主管破裂，影响320户。"),
    card("doing", "已关闭阀门并开挖抢修。"),
    card("refute", "网传水源被投毒的信息不实。"),
    card("until", "预计6月2日18时恢复供水。"),
]


def made(kind: str = "reply", cards: list[FactCard] = CARDS, **changes: object) -> Draft:
    return compose(replace(CASE, **changes), INCIDENT, POSTS, cards, DESK, NOON, Order(kind))


@pytest.mark.parametrize("kind", ["reply", *(k.id for k in load_kinds().kinds)])
def test_every_kind_says_only_what_its_evidence_holds(kind: str):
    draft = made(kind)
    assert (draft.status, draft.kind) == ("proposed", kind)
    texts = {(e.kind, e.id): e.text for e in with_posts(draft, POSTS).evidence}
    for sentence in draft.sentences:
        assert all((c.kind, c.id) in texts for c in sentence.cites), sentence
    assert draft.ai_label
    assert not any(s.unsupported or s.forbidden for s in draft.sentences)


@pytest.mark.parametrize(
    ("kind", "cards", "status"),
    [
        ("reply", CARDS[:1], "refused"),
        ("statement", CARDS[:1], "refused"),
        ("questions", [], "refused"),
        ("special", [], "refused"),
        ("refutation", CARDS[:2], "refused"),
        ("refutation", CARDS[2:3], "proposed"),
        ("brief", [], "proposed"),
        ("disclosure", [], "proposed"),
    ],
)
def test_a_kind_refuses_without_the_facts_that_it_needs_and_asks_the_unit_that_can_answer(
    kind: str, cards: list[FactCard], status: str
):
    draft = made(kind, cards)
    assert draft.status == status
    if status == "refused":
        assert not draft.sentences
        assert {q.unit for q in draft.questions} == {"water"}


def test_a_flash_report_has_the_figures_of_the_case():
    text = "".join(s.text for s in made("brief").sentences)
    assert "相关信息15条，涉及作者10人，热度42" in text
    assert "三级" in text


def test_a_withdrawn_card_is_used_no_more():
    assert made(cards=[replace(c, withdrawn=True) for c in CARDS]).status == "refused"


def test_answers_given_to_the_like_stand_beside_a_draft():
    past = case("c9", domain="城乡建设", answer="去年已答复。", answered_at=NOON, unit="water")
    draft = compose(
        CASE, INCIDENT, POSTS, CARDS, DESK, NOON, Order("reply", [past, replace(past, id="c8", domain="x")])
    )
    assert [(e.id, e.text) for e in draft.evidence if e.kind == "answer"] == [("c9", "去年已答复。")]


def test_what_was_answered_when_it_happened_before_comes_first_whatever_its_matter():
    newer = [case(f"c{n}", domain="城乡建设", answer="别的事。", answered_at=NOON, unit="water") for n in range(5)]
    before = replace(newer[0], id="c9", incident="i0", domain="x", answer="上次已抢修。", answered_at=CASE.opened_at)
    linked = replace(INCIDENT, continues=("i0",))
    draft = compose(CASE, linked, POSTS, CARDS, DESK, NOON, Order("reply", [*newer, before]))
    answers = [e.text for e in draft.evidence if e.kind == "answer"]
    assert (answers[0], len(answers)) == ("上次已抢修。", 3)


def test_a_stored_draft_holds_no_words_of_citizens_and_shows_them_while_they_are_stored():
    draft = made()
    stored = json.dumps([e.text for e in draft.evidence if e.kind == "post"])
    assert json.loads(stored) == ["", ""]
    assert "停水两天" in with_posts(draft, POSTS).evidence[-2].text
    assert without_posts(with_posts(draft, POSTS)) == draft


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("我们保证明天通水。", "promise"),
        ("个别群众无理取闹。", "blame"),
        ("将全额赔偿。", "payment"),
        ("此事不归我局管。", "absolve"),
        ("已启动农民工工资保证金垫付。", None),
        ("供水主管破裂。", None),
    ],
)
def test_promises_and_blame_are_forbidden(text: str, rule: str | None):
    assert [hit.rule for hit in tone(text) if hit.severity == "forbidden"] == ([rule] if rule else [])
    assert bool(forbidden(text)) == (rule is not None)
    assert {r.severity for r in load_tone()} == {"forbidden", "advice"}


def sentences(draft: Draft, **changed: str) -> list[Sentence]:
    return [replace(s, text=changed.get(s.part, s.text)) for s in draft.sentences]


def test_an_edit_is_checked_against_its_evidence_kept_with_who_and_takes_approvals_back():
    draft = approved(with_posts(made(), POSTS), "a", "", False, NOON)
    assert draft.status == "approved"
    changed = edited(draft, sentences(draft, known="经核实，供水主管破裂，影响9999户。"), "b", "更正", NOON)
    assert (changed.status, changed.approvals) == ("proposed", ())
    assert [(e.who, e.why, "320户" in e.before, "9999户" in e.after) for e in changed.edits] == [
        ("b", "更正", True, True)
    ]
    wrong = next(s for s in changed.sentences if s.part == "known")
    assert wrong.unsupported == ("9999户",)
    assert wrong.edited_by == "b"
    with pytest.raises(Refused, match="9999户"):
        approved(changed, "a", "", False, NOON)
    with pytest.raises(Refused):
        approved(changed, "a", " ", True, NOON)
    assert approved(changed, "a", "水务局电话确认", True, NOON).status == "approved"


def test_at_grave_levels_two_different_persons_approve():
    draft = made(level=2)
    once = approved(draft, "a", "", False, NOON)
    assert (draft.needed, once.status) == (2, "proposed")
    with pytest.raises(Refused) as refused:
        approved(once, "a", "", False, NOON)
    assert refused.value.code == "approved_already"
    assert approved(once, "b", "", False, NOON).status == "approved"


def test_a_rejected_or_refused_draft_cannot_be_approved():
    draft = made()
    with pytest.raises(Refused):
        rejected(draft, "a", "", NOON)
    gone = rejected(draft, "a", "数字待核", NOON)
    for one in (gone, made(cards=[])):
        with pytest.raises(IllegalMove):
            approved(one, "b", "", False, NOON)
    with pytest.raises(IllegalMove):
        edited(made(cards=[]), draft.sentences, "a", "", NOON)
    assert edited(with_posts(gone, POSTS), sentences(gone, known="供水主管破裂。"), "a", "", NOON).status == "proposed"


def test_evidence_that_is_not_there_cannot_be_cited():
    draft = made()
    strange = Sentence(part="known", text="x", cites=(Citation(kind="fact", id="f-none"),))
    with pytest.raises(Refused):
        edited(draft, [strange], "a", "", NOON)


@given(st.lists(st.sampled_from(["edit", "edit2", "approve a", "approve b", "reject", "bad"]), max_size=12))
def test_whatever_people_do_nothing_is_approved_but_by_enough_persons_over_the_last_words(steps: list[str]):
    draft = with_posts(made(level=1), POSTS)
    chance = random.Random(1)
    for step in steps:
        words = {"known": f"供水主管破裂{'。' * chance.randint(1, 3)}"} if step == "edit" else {}
        try:
            if step.startswith("approve"):
                draft = approved(draft, step[-1], "", False, NOON)
            elif step == "reject":
                draft = rejected(draft, "c", "y", NOON)
            elif step == "bad":
                draft = edited(draft, sentences(draft, doing="我们保证解决。"), "d", "", NOON)
            else:
                draft = edited(draft, sentences(draft, **words), "d", "", NOON)
        except (Refused, IllegalMove):
            continue
    if draft.status == "approved":
        assert len({a.who for a in draft.approvals if a.approved}) >= 2
        assert not any(s.unsupported or s.forbidden for s in draft.sentences)


def test_files_carry_the_label_where_it_is_seen_and_where_machines_look():
    draft = approved(made("statement"), "审核员", "", False, NOON)
    word = docx.Document(io.BytesIO(PAPERS["docx"][1](draft, CHINA, NOON)))
    said = "\n".join(p.text for p in word.paragraphs)
    assert "影响320户" in said
    assert "审核员（2026-06-01 12:00）" in word.sections[0].footer.paragraphs[0].text
    assert "人工智能" in word.sections[0].footer.paragraphs[0].text
    assert json.loads(word.core_properties.keywords)["AIGC"]["ProduceID"] == draft.id
    pdf = PdfReader(io.BytesIO(PAPERS["pdf"][1](draft, CHINA, NOON)))
    assert pdf.metadata is not None
    assert json.loads(pdf.metadata["/AIGC"])["AIGC"]["Label"] == "1"
    assert "影响320户" in pdf.pages[0].extract_text().replace("\n", "")
    assert "未经审核" in PAPERS["txt"][1](made(), CHINA, NOON).decode()


@given(st.text(max_size=200))
def test_no_words_break_a_file(text: str):
    one = Sentence(part="known", text=text, cites=())
    draft = Draft(id="d", case="c", at=NOON, status="proposed", sentences=(one,), ai_label="AI")
    for _, make in PAPERS.values():
        assert make(draft, CHINA, NOON)


HEADER: list[object] = ["部分", "内容", "单位", "来源", "关键词", "失效"]
ROWS: list[list[object]] = [
    ["事实", "供水主管破裂。", "区水务局", "抢修单", "停水、爆管", datetime(2026, 6, 9)],  # noqa: DTZ001
    ["措施", "联系人 13900001111。", "区水务局", "记录", "停水", None],
    ["事实", "无主的事实。", "无此单位", "记录", "停水", None],
    ["known", "有日期的事实。", "water", "记录", "停水", "2026年6月9日"],
    ["known", "坏日期。", "water", "记录", "停水", "明天"],
    ["known", "", "water", "记录", "停水", None],
]


TABLE = [HEADER, *ROWS]
UNITS = {"区水务局": "water", "water": "water"}


@pytest.mark.parametrize("data", [workbook(TABLE), document(TABLE)], ids=["xlsx", "docx"])
def test_cards_come_from_workbooks_and_documents_with_an_answer_for_each_row(data: bytes):
    rows = read_cards(data, "990100", UNITS, CHINA)
    assert [r.code for r in rows] == ["", "personal_number", "no_such_unit", "", "bad_time", "bad_text"]
    first, fourth = rows[0].card, rows[3].card
    assert first is not None
    assert fourth is not None
    assert (first.part, first.unit, first.terms) == ("known", "water", ("停水", "爆管"))
    assert first.valid_until == fourth.valid_until == datetime(2026, 6, 8, 16, tzinfo=UTC)
    assert [r.card for r in read_cards(data, "990100", UNITS, CHINA)] == [r.card for r in rows], "the same ids again"


@pytest.mark.parametrize(
    "data", [b"", b"not a zip", workbook(TABLE)[:500], workbook(TABLE).replace(b"workbook", b"wxrkbook")]
)
def test_what_is_no_file_of_cards_is_refused(data: bytes):
    with pytest.raises(Refused) as refused:
        read_cards(data, "990100", UNITS, CHINA)
    assert refused.value.code == "bad_file"


@given(st.binary(max_size=60), st.integers(0, 4000))
def test_no_damaged_file_crashes_the_reader(noise: bytes, place: int):
    data = workbook(TABLE)
    with suppress(Refused):
        read_cards(data[:place] + noise + data[place + len(noise) :], "990100", UNITS, CHINA)


def test_a_card_in_force_is_one_whose_time_has_come_and_not_gone():
    soon = [replace(c, valid_from=NOON + timedelta(hours=1)) for c in CARDS]
    past = [replace(c, valid_until=NOON) for c in CARDS]
    assert made(cards=soon).status == made(cards=past).status == "refused"

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.drafts.compose import Desk, compose
from alerts.drafts.evidence import holds_personal_number, topics, why_applies
from alerts.drafts.templates import SHIPPED, load_templates
from alerts.policy import load_policy
from app.sample import POLICY
from core.errors import ConfigurationError, RetryLater
from core.records import AnalysedPost, Case, CaseState, Clock, Draft, FactCard, Incident, Label, Labels, Offence, Pause
from core.records import Term as Word

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""One o'clock in the morning of 3 March in China."""
DESK = Desk(load_templates(), {"water": "测试水务局"}, responsible={"water": "water"})
TEXTS = {"known": "主管道于3月1日破裂", "doing": "抢修队正在更换管道。", "until": "3月5日前恢复供水。"}


def post(text: str = "又停水了，已经三天", offensive: str = "clean", id_: str = "p1") -> AnalysedPost:
    one = Label(label="x", probs={"x": 1.0})
    offence = Offence(label=offensive, prob=0.5)
    labels = Labels(sentiment=one, emotion=one, domain=one, intent=one, offensive=offence, danger=one)
    times = {"at": NOW, "seen_at": NOW}
    return AnalysedPost(id=id_, source="s", platform="x", jurisdiction="1", text=text, labels=labels, **times)


def card(part: str, text: str = "", **more: object) -> FactCard:
    fields = {"jurisdiction": "1", "terms": ("停水",), "text": text or TEXTS[part], **more}
    return FactCard(id=part, part=part, unit="water", source="s", **fields)


def clock(**more: object) -> Clock:
    fields = {"kind": "answer", "due_at": NOW + timedelta(hours=47, minutes=30), **more}
    return Clock(
        name="n", started_at=NOW, start_event="first_seen", limit="48h", counts="natural", source="s", **fields
    )


def incident(*terms: str) -> Incident:
    figures = {"posts": 1, "copies": 1, "authors": 1, "heat": 1.0, "speed": 1.0, "baseline": 0.0, "burst": 1.0}
    times = {"first_at": NOW, "last_at": NOW, "raised_at": NOW}
    words = tuple(Word(text=term, weight=1.0) for term in terms)
    return Incident(id="i", jurisdiction="1", title="停水", domain="water", terms=words, **figures, **times)


def draft(
    cards: Sequence[FactCard], posts: Sequence[AnalysedPost], desk: Desk = DESK, clocks: tuple[Clock, ...] = ()
) -> Draft:
    shared = {"jurisdiction": "1", "title": "停水", "domain": "water", "level": 3, "rule": "r", "clocks": clocks}
    case = Case(id="c", incident="i", state=CaseState.EMERGING, opened_at=NOW, updated_at=NOW, **shared)
    return compose(case, incident("停水"), posts, cards, desk, NOW)


def said(made: Draft) -> list[tuple[str, str]]:
    return [(sentence.part, sentence.text) for sentence in made.sentences]


def test_a_reply_has_the_form_of_a_government_reply_and_cites_every_sentence():
    made = draft([card("known"), card("doing")], [post()])
    assert said(made) == [
        ("greeting", "您好！"),
        ("heard", "网友反映的停水有关情况已收悉。"),
        ("by", "该事项由测试水务局办理，现答复如下。"),
        ("known", "经核实，主管道于3月1日破裂。"),
        ("doing", "目前，抢修队正在更换管道。"),
        ("follow_up", "如有补充情况，请与测试水务局联系。"),
        ("closing", "感谢您的关心与监督！"),
        ("closing", "测试水务局 2026年3月3日"),
    ]
    assert [{(cite.kind, cite.id) for cite in sentence.cites} for sentence in made.sentences][:5] == [
        {("case", "c")},
        {("post", "p1")},
        {("case", "c")},
        {("fact", "known")},
        {("fact", "doing")},
    ]
    assert made.method == "template"


def test_a_draft_says_visibly_and_in_its_data_that_a_machine_wrote_it():
    for made in (draft([card("known"), card("doing")], [post()]), draft([], [post()])):
        assert made.ai_label == "人工智能辅助生成"
        assert made.ai_metadata == {"Label": "1", "ContentProducer": "huiying", "ProduceID": made.id}


@pytest.mark.parametrize(
    ("clocks", "until"),
    [
        ((), []),
        ((clock(),), ["该事项的答复时限为2026年3月5日0时30分。"]),
        (
            (clock(), clock(kind="authoritative", due_at=NOW + timedelta(hours=5))),
            ["该事项的答复时限为2026年3月3日6时。"],
        ),
        ((clock(kind="internal-report"),), []),
        ((clock(stopped_at=NOW),), []),
        ((clock(due_at=None),), []),
        ((clock(due_at=NOW),), []),
        ((clock(pauses=(Pause(since=NOW, until=None, who="w", reason="r"),)),), []),
    ],
)
def test_without_a_card_nothing_is_promised_beyond_the_limit_that_runs(clocks: tuple[Clock, ...], until: list[str]):
    made = draft([card("known"), card("doing")], [post()], clocks=clocks)
    assert [text for part, text in said(made) if part == "until"] == until


def test_cards_speak_for_every_part_they_are_written_for():
    cards = [card("known"), card("doing"), card("until"), card("heard", "您反映的停水一事已收悉。")]
    made = draft([*cards, card("follow_up", "可拨打12345询问。")], [post()], clocks=(clock(),))
    spoken = dict(said(made))
    assert spoken["until"] == "3月5日前恢复供水。"
    assert spoken["heard"] == "您反映的停水一事已收悉。"
    assert spoken["follow_up"] == "可拨打12345询问。"
    heard = next(sentence for sentence in made.sentences if sentence.part == "heard")
    assert [(cite.kind, cite.id) for cite in heard.cites] == [("fact", "heard"), ("post", "p1")]


@pytest.mark.parametrize(
    ("cards", "posts"),
    [
        ([], [post()]),
        ([card("known")], [post()]),
        ([card("known", valid_until=NOW), card("doing")], [post()]),
        ([card("known", valid_from=NOW + timedelta(1)), card("doing")], [post()]),
        ([card("known", jurisdiction="2"), card("doing")], [post()]),
        ([card("known", terms=()), card("doing")], [post()]),
        ([card("known"), card("doing")], []),
        ([card("known"), card("doing")], [post(offensive="offensive")]),
        ([card("known"), card("doing")], [post("与此无关")]),
    ],
)
def test_short_evidence_is_refused_with_questions_to_the_unit(cards: list[FactCard], posts: list[AnalysedPost]):
    made = draft(cards, posts)
    assert (made.status, made.sentences) == ("refused", ())
    assert made.questions
    assert {question.unit for question in made.questions} == {"water"}


def test_without_a_unit_nobody_answers():
    made = draft([card("known"), card("doing")], [post()], Desk(DESK.templates, {}))
    assert [question.text for question in made.questions] == [DESK.templates.question_unit]


@pytest.mark.parametrize(
    "number", ["13800138000", "138 0013 8000", "１３８００１３８０００", "110101199003074514", "110101900307451"]
)
def test_a_card_with_a_persons_number_becomes_a_question(number: str):
    made = draft([card("known", f"联系人电话{number}。"), card("doing")], [post()])
    assert made.status == "refused"
    assert any("known" in question.text for question in made.questions)
    assert number not in str(made)


@pytest.mark.parametrize(
    "text", ["拨打12345", "0731-84080766", "2026年3月2日12时", "共1200000000元", "单号20260302001"]
)
def test_public_numbers_are_no_persons(text: str):
    assert not holds_personal_number(text)


@pytest.mark.parametrize(
    ("words", "texts", "terms", "heard"),
    [
        (["停水"], ["停水"], (), ("停水",)),
        (["张伟", "王建国", "停水"], ["张伟说停水，王建国也说"], (), ("停水",)),
        (["手机号", "停水"], ["停水了，请打[手机号]"], (), ("停水",)),
        (["手机号"], ["请打[手机号]"], (), ()),
        (["停电"], ["停水"], (), ()),
        (["怎么", "停水"], ["怎么又停水"], ("停水", "断水"), ("停水",)),
        (["停水"], ["停水断水爆管", "断水"], ("停水", "断水", "爆管"), ("断水", "爆管")),
        (["<b>", "１２３"], ["<b>１２３"], (), ()),
    ],
)
def test_what_was_heard_is_named_by_safe_words_of_the_posts(
    words: list[str], texts: list[str], terms: tuple[str, ...], heard: tuple[str, ...]
):
    posts = [post(text, id_=str(place)) for place, text in enumerate(texts)]
    assert topics(incident(*words), posts, [card("known", terms=terms)]) == heard


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=24)


@given(HAN)
def test_any_unit_can_sign(name: str):
    desk = Desk(DESK.templates, {"water": name}, responsible={"water": "water"})
    assert draft([card("known"), card("doing")], [post()], desk).status == "proposed"


def test_every_unit_and_fact_that_ships_passes_the_check():
    policy = load_policy(POLICY)
    names = [unit.name for unit in policy.units]
    for name in [*names, "市政府", "区医院", "和平区政府", "市公安局交通警察支队"]:
        desk = Desk(DESK.templates, {"water": name}, responsible={"water": "water"})
        assert draft([card("known"), card("doing")], [post()], desk).status == "proposed", name
    for fact in policy.facts:
        shipped = msgspec.structs.replace(fact, jurisdiction="1", terms=("停水",))
        cards = [card("known"), card("doing"), shipped]
        assert draft(cards, [post()]).status == "proposed", fact.id


def _says(*wordings: str) -> Desk:
    offered = dict(enumerate(wordings))
    return Desk(DESK.templates, DESK.units, responsible=DESK.responsible, phraser=lambda _: offered)


def test_a_phraser_changes_words_sentence_by_sentence_and_never_citations():
    template = draft([card("known"), card("doing")], [post()])
    desk = _says("网民反映的停水有关情况已收悉。", "经核实，3月9日主管道破裂。", "目前，抢修队正在更换管道。")
    made = draft([card("known"), card("doing")], [post()], desk)
    assert made.method == "phrased"
    assert dict(said(made))["heard"] == "网民反映的停水有关情况已收悉。"
    assert said(made)[2:] == said(template)[2:]
    assert [sentence.cites for sentence in made.sentences] == [sentence.cites for sentence in template.sentences]


def test_a_phraser_whose_every_wording_is_thrown_away_leaves_the_template():
    made = draft([card("known"), card("doing")], [post()], _says("市长高度重视停水问题。"))
    assert (made.method, said(made)) == ("template", said(draft([card("known"), card("doing")], [post()])))


def test_a_failing_phraser_leaves_the_template_and_is_named():
    def fail(_: Sequence[str]) -> dict[int, str]:
        raise RetryLater("down")

    desk = Desk(DESK.templates, DESK.units, responsible=DESK.responsible, phraser=fail)
    made = draft([card("known"), card("doing")], [post()], desk)
    assert (made.status, made.method) == ("proposed", "template (phraser failed)")


def test_a_phraser_is_not_asked_about_a_refusal():
    def fail(_: Sequence[str]) -> dict[int, str]:
        raise AssertionError

    assert draft([], [post()], Desk(DESK.templates, DESK.units, phraser=fail)).status == "refused"


def test_a_broken_template_file_is_named_with_its_line(tmp_path: Path):
    path = tmp_path / "t.yaml"
    path.write_text('a: "b"\nc: [', "utf-8")
    with pytest.raises(ConfigurationError, match=r"t\.yaml:\d"):
        load_templates(path)


@pytest.mark.parametrize(("old", "new"), [("{topic}", "{what}"), ("{topic}", "{"), ("greeting:", "greting:")])
def test_a_blank_that_nothing_fills_is_a_mistake_of_the_file(tmp_path: Path, old: str, new: str):
    path = tmp_path / "t.yaml"
    path.write_text(SHIPPED.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError, match=r"t\.yaml"):
        load_templates(path)


def why(given_card: FactCard, posts: Sequence[str], **more: object) -> list[str]:
    """Why the card is meant for a case about lunch in a school: the codes of the reasons."""
    fields: dict[str, object] = {
        "title": "学校午餐",
        "domain": "教育文体",
        "place": "990100001101",
        "unit": "edu",
        **more,
    }
    case = Case(
        id="c", incident="i", jurisdiction="1", level=3, rule="r", state=CaseState.EMERGING, opened_at=NOW,
        updated_at=NOW, **fields,  # type: ignore[arg-type]  # fields of Case
    )  # fmt: skip
    found = [post(text, id_=str(n)) for n, text in enumerate(posts)]
    return [reason.code for reason in why_applies(given_card, case, found, NOW)]


LUNCH = ["孩子吃了午餐不舒服"] * 9


def test_a_term_that_one_post_mentions_by_the_way_brings_no_card_of_another_matter():
    assert why(card("known"), [*LUNCH, "上周停水，这周又出事"]) == []
    assert why(card("known"), [*LUNCH[:5], *["停水三天了"] * 5]) == ["fact.term"]


def test_a_title_names_the_matter_whatever_the_posts_say():
    assert why(card("known"), LUNCH, title="停水") == ["fact.title"]


@pytest.mark.parametrize("more", [{"unit": "water"}, {"support": ("water",)}])
def test_the_unit_that_handles_a_case_answers_what_few_ask(more: dict[str, object]):
    asked = [*LUNCH, "是停水导致的吗"]
    assert why(card("known"), asked) == []
    assert why(card("known"), asked, **more) == ["fact.term"]
    assert why(card("known"), [*LUNCH * 3, "是停水导致的吗"], **more) == []


def test_a_card_of_a_place_is_for_what_lies_in_it_and_nowhere_else():
    street = card("known", terms=(), place="990100001")
    assert why(street, LUNCH) == ["fact.place"]
    assert why(street, LUNCH, place="990100002101") == []
    assert why(street, LUNCH, place=None) == []


def test_all_that_a_card_names_must_fit_and_is_told():
    both = card("known", domain="教育文体", terms=("午餐",))
    assert why(both, LUNCH) == ["fact.title", "fact.domain"]
    assert why(both, LUNCH, domain="城乡建设") == []


def test_a_draft_says_why_each_fact_is_in_it():
    made = draft([card("known"), card("doing")], [post()])
    facts = [one for one in made.evidence if one.kind == "fact"]
    assert [[(r.code, r.facts["term"]) for r in one.reasons] for one in facts] == [[("fact.title", "停水")]] * 2

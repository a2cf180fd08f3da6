from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.drafts.check import unsupported
from alerts.drafts.compose import Desk, compose
from alerts.drafts.templates import load_templates
from core.errors import ConfigurationError
from core.records import AnalysedPost, Case, CaseState, Draft, FactCard, Incident, Label, Labels, Offence, Term

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DESK = Desk(load_templates(), {"water": "测试水务局"}, responsible={"water": "water"})


def post(offensive: str = "clean") -> AnalysedPost:
    one = Label(label="x", probs={"x": 1.0})
    labels = Labels(sentiment=one, emotion=one, domain=one, intent=one, offensive=Offence(label=offensive, prob=0.5))
    times = {"at": NOW, "seen_at": NOW}
    return AnalysedPost(
        id="p1", source="s", platform="x", jurisdiction="1", text="又停水了，已经三天", labels=labels, **times
    )


def card(part: str, **more: object) -> FactCard:
    text = {"known": "主管道于3月1日破裂。", "doing": "抢修队正在更换管道。"}[part]
    return FactCard(id=part, jurisdiction="1", part=part, text=text, unit="water", source="s", terms=("停水",), **more)


def draft(cards: list[FactCard], posts: list[AnalysedPost]) -> Draft:
    shared = {"jurisdiction": "1", "title": "停水", "domain": "water"}
    case = Case(
        id="c", incident="i", state=next(iter(CaseState)), level=3, rule="r", opened_at=NOW, updated_at=NOW, **shared
    )
    figures = {"posts": 1, "copies": 1, "authors": 1, "heat": 1.0, "speed": 1.0, "baseline": 0.0, "burst": 1.0}
    times = {"first_at": NOW, "last_at": NOW, "raised_at": NOW}
    incident = Incident(id="i", terms=(Term(text="停水", weight=1.0),), **shared, **figures, **times)
    return compose(case, incident, posts, cards, DESK, NOW)


def test_a_reply_cites_evidence_in_every_sentence_and_attributes_what_was_heard():
    made = draft([card("known"), card("doing")], [post()])
    assert made.status == "proposed"
    assert all(sentence.cites for sentence in made.sentences)
    assert [s.text for s in made.sentences if s.part == "heard"] == ["网友反映的停水有关情况已收悉。"]
    assert made.ai_label


@pytest.mark.parametrize(
    ("cards", "posts"),
    [
        ([], [post()]),
        ([card("known")], [post()]),
        ([card("known", valid_until=NOW), card("doing")], [post()]),
        ([card("known", valid_from=NOW + timedelta(1)), card("doing")], [post()]),
        ([card("known"), card("doing")], []),
        ([card("known"), card("doing")], [post("offensive")]),
    ],
)
def test_short_evidence_is_refused_with_questions_to_the_unit(cards: list[FactCard], posts: list[AnalysedPost]):
    made = draft(cards, posts)
    assert (made.status, made.sentences) == ("refused", ())
    assert made.questions
    assert {question.unit for question in made.questions} == {"water"}


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [("共12户", "共120户"), ("3月2日恢复", "3月1日恢复"), ("三天内", "两天内"), ("由水务局负责", "由住建局负责")],
)
def test_a_claim_beyond_the_evidence_is_named(sentence: str, evidence: str):
    assert unsupported(sentence, [evidence])


@pytest.mark.parametrize(("sentence", "evidence"), [("共１２户", "12户"), ("十二天", "12天"), ("水务局", "某市水务局")])
def test_the_same_claim_in_another_spelling_is_supported(sentence: str, evidence: str):
    assert unsupported(sentence, [evidence]) == []


def test_a_broken_template_file_is_named_with_its_line(tmp_path: Path):
    path = tmp_path / "t.yaml"
    path.write_text('a: "b"\nc: [', "utf-8")
    with pytest.raises(ConfigurationError, match=r"t\.yaml:\d"):
        load_templates(path)

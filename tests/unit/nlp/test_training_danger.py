"""What the danger head learns from: which real texts are none, and that nothing that is measured is learnt."""

import csv
import gzip
from pathlib import Path

from nlp.duplicates import fingerprints, repeated
from nlp.labels import DANGER
from nlp.script import fold
from nlp.training.danger import WRITTEN, dangers
from nlp.training.data import Example
from tests.checklist.cases import HELD_OUT, load

SAID = {
    "甲": "看了好几遍还是不明白怎么回事",
    "乙": "这家店以后不会再去了，服务太差",
    "丙": "主持人说得有道理，支持一下",
    "丁": "价格涨成这样谁还买得起呢",
}


def table(path: Path, **columns: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def made(folder: Path) -> tuple[list[Example], dict[str, list[Example]]]:
    """The task of a small world; what is written stands apart."""
    texts = [
        "今天的晚霞很美，散步回家",
        "我家楼上着火了，快来人啊",
        "小区消防演练，模拟三楼起火",
        "路边的花都开了，春天来了",
    ]
    table(folder / "incidents" / "weibo_stream.csv.gz", date=["2020-03-01"] * 3 + ["2020-02-15"], text=texts)
    table(folder / "incidents" / "comments_by_incident.csv.gz", incident=list(SAID), content=list(SAID.values()))
    letters = {"title": ["停车", "漏电"], "query": ["小区停车位太少了", "路灯杆漏电，一碰就触电"]}
    table(folder / "gov_messages" / "mayor_mailbox.csv.gz", **letters)
    for name in ("replies", "domain_labelled"):
        table(folder / "gov_messages" / f"{name}.csv.gz", title=[], body=[])
    table(
        folder / "gov_messages" / "hot_issue_stream.csv.gz", title=["幼儿园学费又涨价了，家长们"], body=["家长都有意见"]
    )
    task = dangers(folder)
    return [e for e in task.train if e.origin != WRITTEN], task.dev


def test_texts_without_a_word_of_danger_and_those_whose_words_speak_of_none_are_none(tmp_path: Path) -> None:
    train, dev = made(tmp_path)
    learnt = {e.text for e in train}
    assert {
        fold("今天的晚霞很美，散步回家"),
        fold("小区消防演练，模拟三楼起火"),
        fold("停车\n小区停车位太少了"),
    } <= learnt
    assert not [e for e in train if "着火" in e.text or "漏电" in e.text]
    assert {e.label for e in train} == {"none"}
    assert {e.text[:8] for e in dev["letters"]} == {"幼儿园学费又涨价"}
    assert [e.text for e in dev["microblogs"]] == [fold("路边的花都开了，春天来了")]


def test_an_incidents_comments_are_learnt_or_measured_with_never_both(tmp_path: Path) -> None:
    train, dev = made(tmp_path)
    learnt, measured = (
        {e.text for e in part} & {fold(text) for text in SAID.values()} for part in (train, dev["comments"])
    )
    assert len(learnt) + len(measured) == len(SAID)
    assert learnt
    assert measured
    assert not learnt & measured


def test_sentences_that_are_measured_with_are_not_learnt_not_even_nearly(tmp_path: Path) -> None:
    made(tmp_path)
    task = dangers(tmp_path)
    written = [e.text for e in task.train if e.origin == WRITTEN]
    asked = [e.text for e in task.dev["danger"]] + [
        fold(text) for case in load(HELD_OUT) if "danger" in case.expect for text in case.texts
    ]
    assert len(written) > 1000
    assert len(asked) == 220
    assert not repeated(fingerprints(asked), fingerprints(written)).any()
    assert {e.label for e in task.dev["danger"]} == {DANGER, "none"}

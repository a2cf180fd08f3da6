import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import msgspec
import pytest
import yaml

from app.sample import FILE, POLICY, generate, load_sample, sample_places
from app.sample.__main__ import DEFAULT_SEED, packed
from app.sample.manner import copied, mistyped
from app.sample.material import Voice
from core.records import JURISDICTION_SAMPLE, FactCard
from nlp.places import load_gazetteer
from nlp.risk import load_risk_lexicon
from nlp.script import to_simplified

END = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
LIVE = 60


@pytest.fixture(scope="module")
def posts() -> list[dict[str, object]]:
    return load_sample(END)


def test_shipped_file_is_what_the_script_makes() -> None:
    made = packed(generate(DEFAULT_SEED))

    assert gzip.decompress(FILE.read_bytes()) == gzip.decompress(made)


def test_another_seed_tells_it_otherwise() -> None:
    assert generate(1) != generate(2)


def test_it_begins_when_it_is_told_to() -> None:
    assert END <= datetime.fromisoformat(str(generate(1, END)[0]["at"])) < END + timedelta(hours=1)


def test_last_post_is_published_at_the_asked_end_and_distances_stay(posts: list[dict[str, object]]) -> None:
    original = [json.loads(line) for line in gzip.decompress(FILE.read_bytes()).splitlines()]
    moved = [datetime.fromisoformat(str(post["at"])) for post in posts]
    before = [datetime.fromisoformat(post["at"]) for post in original]

    assert moved[-1] == END
    assert [b - a for a, b in pairwise(moved)] == [b - a for a, b in pairwise(before)]


def test_posts_are_some_2000_in_time_order_over_two_days(posts: list[dict[str, object]]) -> None:
    times = [datetime.fromisoformat(str(post["at"])) for post in posts]

    assert 1_800 <= len(posts) <= 2_200
    assert times == sorted(times)
    assert timedelta(hours=40) < times[-1] - times[0] <= timedelta(hours=48)


def test_posts_have_distinct_ids_and_the_sample_jurisdiction(posts: list[dict[str, object]]) -> None:
    assert len({post["id"] for post in posts}) == len(posts)
    assert {post["jurisdiction"] for post in posts} == {JURISDICTION_SAMPLE}
    assert all(str(post["text"]).strip() for post in posts)


def test_no_slot_is_left_unfilled(posts: list[dict[str, object]]) -> None:
    assert not [post for post in posts if set("{}\n") & set(f"{post['text']}{post.get('title', '')}")]


def test_texts_vary_come_in_both_scripts_and_on_several_platforms(posts: list[dict[str, object]]) -> None:
    texts = [str(post["text"]) for post in posts]
    traditional = sum(to_simplified(text) != text for text in texts) / len(texts)

    assert len(set(texts)) > 0.8 * len(texts)
    assert 0.04 < traditional < 0.1
    assert len(Counter(post["platform"] for post in posts)) == 6


def test_the_live_tail_begins_a_new_incident(posts: list[dict[str, object]]) -> None:
    told = [to_simplified(str(post["text"])) for post in posts]

    assert sum("金街站" in text or "2号线" in text for text in told[-LIVE:]) >= 30
    assert sum("金街站" in text for text in told[:-LIVE]) <= 2


@pytest.mark.parametrize(
    ("words", "at_least"),
    [
        ("停水", 30),
        ("实验小学", 80),
        ("讨薪", 20),
        ("老街", 20),
        ("施工", 20),
        ("电动车", 20),
        ("积水", 15),
        ("云麓", 30),
    ],
)
def test_each_incident_is_told(posts: list[dict[str, object]], words: str, at_least: int) -> None:
    assert sum(words in to_simplified(str(post["text"])) for post in posts) >= at_least


def test_telephone_numbers_are_visibly_made_up(posts: list[dict[str, object]]) -> None:
    digits = [word for post in posts for word in _digits(str(post["text"])) if len(word) == 11]

    assert digits
    assert all("000000" in number for number in digits)


def test_places_of_the_district_are_found_and_none_outside_it(posts: list[dict[str, object]]) -> None:
    gazetteer = load_gazetteer(sample_places())
    places = [
        place
        for post in posts
        for place in gazetteer.find(to_simplified(str(post["text"])).lower(), JURISDICTION_SAMPLE)
    ]

    assert len(places) > 800
    assert all(place.code.startswith(("9901", JURISDICTION_SAMPLE)) for place in places)


def test_risk_words_of_the_incidents_are_found(posts: list[dict[str, object]]) -> None:
    lexicon = load_risk_lexicon()
    categories = {hit.category for post in posts for hit in lexicon.score(str(post["text"])).hits}

    assert categories >= {"outage", "food_poisoning", "wage_arrears", "fire", "flood", "rumour"}


def test_units_and_facts_fit_together() -> None:
    units = yaml.safe_load((POLICY / "units.yaml").read_text(encoding="utf-8"))
    facts = msgspec.convert(yaml.safe_load((POLICY / "facts.yaml").read_text(encoding="utf-8")), list[FactCard])
    places = {entry.code for entry in sample_places()}

    assert {fact.unit for fact in facts} <= {unit["id"] for unit in units}
    assert {fact.part for fact in facts} == {"heard", "known", "doing", "follow_up"}
    assert all(set(unit["places"]) <= places for unit in units)
    assert [unit["id"] for unit in units if unit.get("lead")] == ["district-office"]


@pytest.mark.parametrize("subject", ["停水", "实验小学"])
def test_facts_answer_every_part_of_a_reply(subject: str) -> None:
    facts = msgspec.convert(yaml.safe_load((POLICY / "facts.yaml").read_text(encoding="utf-8")), list[FactCard])

    assert {fact.part for fact in facts if subject in fact.terms} == {"heard", "known", "doing", "follow_up"}


def test_a_voice_deals_every_option_before_it_repeats() -> None:
    voice = Voice(Random(1))
    options = ["一", "二", "三"]

    assert {voice.pick(options) for _ in options} == set(options)


def test_a_text_tells_of_one_place() -> None:
    voice = Voice(Random(1))

    first, second = voice.fill("{where}/{where}", {"where": ["东门", "西门", "南门"]}).split("/")

    assert first == second


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(KeyError):
        Voice(Random(1)).fill("{nowhere}", {"where": ["东门"]})


def test_a_copy_keeps_the_words() -> None:
    assert all("水管爆了" in copied("水管爆了！", Random(seed)) for seed in range(20))


def test_a_text_without_a_chance_for_an_error_stays() -> None:
    assert mistyped("晴", Random(1)) == "晴"


def _digits(text: str) -> list[str]:
    return "".join(letter if letter.isascii() and letter.isdigit() else " " for letter in text).split()

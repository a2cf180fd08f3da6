"""One jurisdiction's detector: when it raises, what it says, and that neither batches nor restarts change it."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.records import JURISDICTION_SAMPLE, AnalysedPost, Risk, RiskHit
from nlp.incidents.accounts import RiskCount, together
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from tests.records import NOON, label, labels, post
from tests.unit.nlp.detecting import (
    CONFIG,
    HARBOUR,
    MATTERS,
    PARTS,
    REMARKS,
    SCHOOL,
    TOLD,
    Run,
    by_version,
    cut,
    stream,
    streams,
    told,
)


@given(streams, st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_restart_from_rows_goes_on_as_if_uninterrupted(
    drawn: list[tuple[int, int, int, int, bool]], places: list[int]
) -> None:
    small = DetectorConfig(max_clusters=4)
    whole, restarted = Run(small), Run(small)
    for batch in cut(stream(drawn), places):
        whole.give(batch)
        restarted.restart()
        restarted.give(batch)
    assert restarted.outcome == whole.outcome


@given(streams, st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_batches_change_nothing(drawn: list[tuple[int, int, int, int, bool]], places: list[int]) -> None:
    one, many = Run(), Run()
    posts = stream(drawn)
    one.give(posts)
    for batch in cut(posts, places):
        many.give(batch)
    assert many.assigned == one.assigned
    assert many.incidents == one.incidents
    assert by_version(many.milestones) == by_version(one.milestones)


def test_rules_judge_each_of_the_first_posts_and_then_every_growth_by_a_tenth() -> None:
    posts = [
        post(f"p{n}", f"{MATTERS[0]}，{REMARKS[n % 9]}{n}", minutes=n / 60, author=f"a{n}", group=f"p{n}")
        for n in range(60)
    ]
    run = Run()
    for start in range(0, 60, 3):
        run.give(posts[start : start + 3])
    copies = [incident.copies for incident in run.milestones]
    assert copies[:3] == list(range(copies[0], copies[0] + 3))
    assert all(10 * after >= 11 * before for before, after in pairwise(copies))
    assert copies[-1] < 60
    assert run.passing[-1].copies == 60
    versions = [incident.version for incident in run.milestones]
    assert versions == sorted(set(versions))
    run.give([post("later", MATTERS[1], minutes=1 + 11)])
    assert [(incident.copies, incident.milestone) for incident in run.milestones[-1:]] == [(60, True)]
    run.give([post("much-later", MATTERS[2], minutes=1 + 30)])
    assert len(run.milestones) == len(versions) + 1


def matter(count: int, **more: object) -> list[AnalysedPost]:
    return [post(f"p{n}", f"{MATTERS[0]}，{REMARKS[n % len(REMARKS)]}", minutes=n, **more) for n in range(count)]


def test_parts_of_one_happening_become_one_incident_and_its_posts_follow() -> None:
    run = Run()
    for part in PARTS:
        run.give(told(part, PARTS.index(part), HARBOUR, "outage"))
    (kept,) = (one for one in run.incidents.values() if one.merged_into is None)
    merged = [one for one in run.incidents.values() if one.merged_into is not None]
    assert merged
    into = {one.id: one.merged_into for one in merged}
    assert {into.get(to, to) for to in into.values()} == {kept.id}, "at once, or by way of another"
    assert all(kept.raised_at <= one.raised_at for one in merged)
    assert set(run.where.values()) == {kept.id}
    judged = [one for one in run.milestones if one.id == kept.id]
    assert all(any(one.copies > gone.copies for one in judged) for gone in merged), "what it has become is judged"
    assert kept.posts == kept.copies == len(run.where) == 24
    assert [row for row in run.rows if row.startswith("h/")] == [f"h/{kept.id}"]


@given(st.lists(st.tuples(st.sampled_from(TOLD), st.integers(0, 90), st.integers(0, 9)), min_size=20, max_size=120))
@settings(max_examples=60, deadline=None)
def test_an_incident_counts_the_posts_that_were_assigned_to_it(drawn: list[tuple[str, int, int]]) -> None:
    run = Run()
    at = 0
    for number, (text, minutes, author) in enumerate(drawn):
        at += minutes
        run.give([post(f"p{number}", text, minutes=at, group=f"p{number}", author=f"a{author}")])
    counted = Counter(to for to in run.where.values() if to is not None)
    assert {one.id: one.copies for one in run.incidents.values() if one.merged_into is None} == counted


def test_merging_is_the_same_for_every_cut_and_restart() -> None:
    posts = [one for number, part in enumerate(PARTS) for one in told(part, number, HARBOUR, "outage")]
    alone = [post(f"alone-{n}", text, minutes=8.5 + 2 * n) for n, text in enumerate(MATTERS)]
    posts = sorted([*posts, *alone], key=lambda one: one.at)
    small = DetectorConfig(max_clusters=4)
    whole = Run(small)
    whole.give(posts)
    assert any(one.merged_into for one in whole.incidents.values())
    for place in range(1, len(posts)):
        parted = Run(small)
        parted.give(posts[:place])
        parted.restart()
        parted.give(posts[place:])
        assert parted.assigned == whole.assigned
        assert parted.incidents == whole.incidents
        assert parted.rows.keys() == whole.rows.keys()


def test_two_matters_of_one_place_stay_apart() -> None:
    run = Run()
    run.give(told(PARTS[0], 0, HARBOUR, "outage"))
    run.give(told("工地半夜打桩噪音", 1, HARBOUR, "noise", linked="滨河花园"))
    assert [one.merged_into for one in run.incidents.values()] == [None, None]


def test_one_matter_of_two_places_stays_two() -> None:
    run = Run()
    run.give(told(PARTS[0], 0, HARBOUR, "outage"))
    run.give(told(PARTS[1], 1, SCHOOL, "outage"))
    assert [one.merged_into for one in run.incidents.values()] == [None, None]


def test_a_place_alone_makes_no_incident() -> None:
    chat = ["吃面真香", "晚霞好看", "夜跑打卡", "停车转圈", "小狗走丢", "球赛赢了", "下班散步", "花都开了"]
    quiet = replace(labels(sentiment="positive", domain="none", places=(HARBOUR,)), intent=label("none", "complaint"))
    run = Run()
    run.give([post(f"p{n}", f"滨河花园{text}", minutes=n, labels=quiet) for n, text in enumerate(chat)])
    assert run.incidents == {}


def test_everyday_talk_is_no_incident() -> None:
    quiet = replace(labels(sentiment="negative", domain="none"), intent=label("none", "complaint"))
    run = Run()
    run.give([post(f"p{n}", f"今天又失眠了{REMARKS[n % 9]}", minutes=120 * n, labels=quiet) for n in range(30)])
    assert run.incidents == {}


def test_earlier_posts_are_assigned_when_the_incident_is_raised() -> None:
    run = Run()
    run.give(matter(8))
    (incident,) = run.incidents.values()
    known = {one.post: one.known_at for one in Detector(JURISDICTION_SAMPLE, CONFIG).observe(matter(8)).assigned}
    assert set(known) == {f"p{n}" for n in range(8)}
    assert known["p0"] == incident.raised_at > incident.first_at
    assert known["p7"] == NOON + timedelta(minutes=7)


def test_it_says_why_and_shows_real_words() -> None:
    run = Run()
    run.give(matter(9))
    (incident,) = run.incidents.values()
    assert incident.title in {one.text for one in matter(9)}
    assert {reason.code for reason in incident.reasons} == {"burst", "volume", "negative"}
    assert incident.burst > CONFIG.burst_score(per_day=480)
    assert incident.terms
    assert all(term.text in MATTERS[0] and term.posts == 9 for term in incident.terms[:2])
    assert incident.posts == incident.authors == sum(incident.series) == 9
    assert incident.sentiment == {"negative": 9}
    assert set(incident.examples) <= {f"p{n}" for n in range(9)}


def test_two_posts_of_grave_risk_are_enough() -> None:
    grave = replace(labels(), risk=Risk(score=0.9, hits=(RiskHit(category="casualties", word="伤亡", weight=0.9),)))
    run = Run()
    run.give(matter(2, labels=grave))
    (incident,) = run.incidents.values()
    assert [reason.code for reason in incident.reasons if reason.code == "risk"] == ["risk"]
    assert incident.risk.hits[0].word == "伤亡"


def test_a_danger_that_one_post_names_and_another_does_not_is_one_danger() -> None:
    named = replace(
        labels(), risk=Risk(score=0.6, hits=(RiskHit(category="collapse", word="塌方", weight=0.6, danger=True),))
    )
    unnamed = replace(
        labels(), risk=Risk(score=0.5, hits=(RiskHit(category="danger", word="陷下去", weight=0.5, danger=True),))
    )
    run = Run()
    run.give([replace(one, labels=told) for one, told in zip(matter(2), (named, unnamed), strict=True)])
    assert run.incidents == {}, "two dangers would be grave, and two posts enough"


def test_a_danger_that_no_word_names_is_one_more_beside_a_risk_that_is_no_danger() -> None:
    def weighs(**risks: RiskCount) -> float:
        return round(together(risks), 3)

    unnamed, fire = RiskCount("陷下去", 0.5, 2, True), RiskCount("着火", 0.6, 2, True)
    outage = RiskCount("停水", 0.4, 2)
    assert weighs(danger=unnamed, outage=outage) == 0.7
    assert weighs(danger=unnamed, fire=fire) == 0.6, "one danger"
    assert weighs(danger=unnamed, fire=fire, outage=outage) == 0.76
    assert weighs() == 0.0


def test_a_risk_that_one_post_speaks_of_is_no_risk_of_the_incident() -> None:
    fire, flood = RiskHit(category="fire", word="起火", weight=0.9), RiskHit(category="flood", word="内涝", weight=0.6)
    stray = replace(labels(), risk=Risk(score=0.9, hits=(fire,)))
    shared = replace(labels(), risk=Risk(score=0.6, hits=(flood,)))
    plain = matter(8)
    run = Run()
    run.give([*(replace(one, labels=shared) for one in plain[:2]), *plain[2:7], replace(plain[7], labels=stray)])
    (incident,) = run.incidents.values()
    assert incident.risk == Risk(score=0.6, hits=(flood,))
    (reason,) = (reason for reason in incident.reasons if reason.code == "risk")
    assert reason.facts == {"word": "内涝", "category": "flood", "posts": 2}


def test_three_plain_posts_are_not_an_incident() -> None:
    run = Run()
    run.give(matter(3))
    assert run.incidents == {}
    assert run.assigned == []


def test_later_sights_and_posts_without_words_leave_no_trace() -> None:
    run = Run()
    run.give([post("emoji", "😀😀"), post("seen", MATTERS[0], revision=1), post("half", "\ud83d")])
    assert run.assigned == []
    assert set(run.rows) == {"course", "d/城乡建设"}, "only counted"


def test_a_silent_cluster_is_closed_and_its_row_deleted() -> None:
    run = Run()
    run.give([post("early", MATTERS[0])])
    early = {key for key in run.rows if key.startswith("c/")}
    run.give([post("late", MATTERS[1], minutes=60 * 24 * 400)])
    assert early
    assert not early & set(run.rows)


def test_open_clusters_are_bounded() -> None:
    run = Run(DetectorConfig(max_clusters=3))
    run.give([post(f"p{n}", text, minutes=n) for n, text in enumerate(MATTERS)])
    assert len([key for key in run.rows if not key.startswith(("s/", "d/"))]) == 1 + 3


def test_rows_stay_small() -> None:
    """More distinct posts, copies, hours, authors, sources and places than a row holds."""
    run = Run()
    for n in range(600):
        text = f"{MATTERS[0]}{REMARKS[n % 9]}{chr(0x4E00 + 7 * n) * 2}{chr(0x5E00 + 11 * n)}"
        one = post(f"{n:020x}", text, 6 * n, author=f"a{n % 50}", likes=300, source=f"source-{n % 20}.example")
        run.give([one, replace(one, id=f"{n + 600:020x}", author=f"a{n % 60}")])
    assert 8000 < max(len(row.value or b"") for key, row in run.rows.items() if key.startswith("c/")) < 9000
    assert max(len(row.value or b"") for row in run.rows.values()) < 9000


def wave(accounts: int, seconds: float, **more: object) -> list[AnalysedPost]:
    """The first post of the matter again, by so many accounts within that time."""
    text = f"{MATTERS[0]}，{REMARKS[0]}"
    step = seconds / 60 / accounts
    return [post(f"w{n}", text, minutes=20 + n * step, group="p0", author=f"w{n}", **more) for n in range(accounts)]


def test_a_wave_of_the_same_text_is_marked_and_makes_no_people_and_no_sharper_burst() -> None:
    run, alone = Run(), Run()
    alone.give([*matter(9), *wave(7, 60)])
    run.give([*matter(9), *wave(60, 60)])
    (marked,), (before,) = run.incidents.values(), alone.incidents.values()
    assert [reason.facts for reason in marked.reasons if reason.code == "coordinated"] == [{"posts": 53}]
    assert marked.authors == before.authors
    assert marked.speed == 2 * 9, "copies up to as many as the distinct posts"
    assert marked.burst <= before.burst
    assert marked.copies == 69, "none is lost"


def test_four_young_accounts_are_a_wave_and_told_as_such() -> None:
    opened = NOON.date() - timedelta(days=5)
    for since, reasons in (
        (opened, {"coordinated": 2, "young_accounts": 2}),
        (opened - timedelta(days=60), {}),
        (None, {}),
    ):
        run = Run()
        run.give([*matter(9), *wave(5, 60, author_since=since)])
        (incident,) = run.incidents.values()
        codes = ("coordinated", "young_accounts")
        assert {reason.code: reason.facts["posts"] for reason in incident.reasons if reason.code in codes} == reasons


def test_reposts_and_copies_over_hours_are_no_wave() -> None:
    for copies in (wave(60, 60, root="p0"), wave(60, 60 * 60 * 6)):
        run = Run()
        run.give([*matter(9), *copies])
        (incident,) = run.incidents.values()
        assert "coordinated" not in {reason.code for reason in incident.reasons}
        assert incident.authors > 60

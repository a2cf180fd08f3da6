"""One jurisdiction's detector: when it raises, what it says, and that neither batches nor restarts change it."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.effects import StateRow
from core.records import JURISDICTION_SAMPLE, AnalysedPost, Assignment, Incident, Place, Risk, RiskHit
from nlp.incidents.config import DetectorConfig
from nlp.incidents.detector import Detector
from tests.records import NOON, label, labels, post

CONFIG = DetectorConfig()
MATTERS = (
    "云湾花园三号楼水泵房停水",
    "青石路口搅拌站夜里噪音扬尘",
    "晨光幼儿园门口校车乱停堵路",
    "滨河公园湖面大量死鱼发臭",
    "望月山隧道渗水车辆打滑追尾",
)
LINKED = (0, 1)
"""Matters that are told of one place with one risk, so that their incidents may merge."""

REMARKS = [
    "没人管",
    "太气人了",
    "孩子怎么办",
    "已经第三天",
    "请尽快处理",
    "电话打不通",
    "老人受不了",
    "现场有照片",
    "都在等答复",
]

HARBOUR, SCHOOL = (
    Place(code="990100001101", name="滨河花园", text="滨河花园"),
    Place(code="990100001104", name="实验小学", text="实验小学"),
)
PARTS = ("水管爆裂路面塌了", "龙头放出黄水有怪味", "抢购矿泉水排起长队")
"""What is said of one burst main; the parts share no word."""

facts = st.tuples(
    st.integers(0, len(MATTERS) - 1),
    st.integers(0, len(REMARKS) - 1),
    st.integers(-60 * 48, 60 * 24 * 20),
    st.integers(0, 5),
    st.booleans(),
)

near = st.tuples(st.integers(0, 1), st.integers(0, 8), st.integers(0, 200), st.integers(0, 5), st.just(False))
streams = st.lists(facts, min_size=15, max_size=60) | st.lists(near, min_size=15, max_size=60)
"""Far apart, or two linked matters within hours: a fifth of these merge."""


def stream(drawn: list[tuple[int, int, int, int, bool]]) -> list[AnalysedPost]:
    """Posts of a few matters, some late, some copies of the first of their matter."""
    first: dict[int, str] = {}
    posts = []
    outage = Risk(score=0.6, hits=(RiskHit(category="outage", word="停水", weight=0.6),))
    for number, (matter, remark, minutes, author, copied) in enumerate(drawn):
        id_ = f"p{number}"
        group = first.setdefault(matter, id_) if copied else id_
        text = f"{MATTERS[matter]}，{REMARKS[remark]}"
        told = replace(labels(places=(HARBOUR,)), risk=outage) if matter in LINKED else labels()
        posts.append(post(id_, text, minutes, group=group, author=f"author-{author}", likes=remark, labels=told))
    return posts


class Run:
    """What comes out of a detector that is given batches, and restarted from its rows where told."""

    def __init__(self, config: DetectorConfig = CONFIG) -> None:
        self.config = config
        self.rows: dict[str, StateRow] = {}
        self.detector = Detector(JURISDICTION_SAMPLE, config)
        self.assigned: list[object] = []
        self.incidents: dict[str, Incident] = {}
        self.milestones: list[Incident] = []
        self.passing: list[Incident] = []

    def give(self, posts: list[AnalysedPost]) -> None:
        seen = self.detector.observe(posts)
        self.assigned += seen.assigned
        for row in seen.rows:
            self.rows.pop(row.key, None)
            if row.value is not None:
                self.rows[row.key] = row
        for incident in seen.incidents:
            self.incidents[incident.id] = replace(incident, milestone=True)
        for incident in seen.told:
            (self.milestones if incident.milestone else self.passing).append(incident)

    def restart(self) -> None:
        rows = [self.rows[key] for key in sorted(self.rows)]
        self.detector = Detector(JURISDICTION_SAMPLE, self.config, rows)

    @property
    def outcome(self) -> tuple[object, ...]:
        return self.assigned, self.incidents, self.milestones, {key: row.value for key, row in self.rows.items()}


def cut(posts: list[AnalysedPost], places: list[int]) -> list[list[AnalysedPost]]:
    bounds = [0, *sorted(place % (len(posts) + 1) for place in places), len(posts)]
    return [posts[start:end] for start, end in pairwise(bounds)]


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


def by_version(told: list[Incident]) -> list[Incident]:
    return sorted(told, key=lambda incident: (incident.id, incident.version))


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


@given(st.lists(facts, max_size=40))
@settings(max_examples=40, deadline=None)
def test_one_author_never_makes_an_incident(drawn: list[tuple[int, int, int, int, bool]]) -> None:
    run = Run()
    run.give([replace(one, author="the-only-one") for one in stream(drawn)])
    assert run.incidents == {}


@given(st.lists(facts, min_size=12, max_size=40))
@settings(max_examples=40, deadline=None)
def test_an_added_copy_never_lowers_heat(drawn: list[tuple[int, int, int, int, bool]]) -> None:
    posts = stream([(0, remark, minutes, author, False) for _, remark, minutes, author, _ in drawn])
    newest = max(one.at for one in posts)
    base, copied = Run(), Run()
    last = replace(post("last", f"{MATTERS[0]}，急", author="z"), at=newest)
    base.give([*posts, last])
    copied.give([*posts, last, replace(last, id="copy", group="last", author="y")])
    for id_, incident in base.incidents.items():
        assert copied.incidents[id_].heat >= incident.heat


def matter(count: int, **more: object) -> list[AnalysedPost]:
    return [post(f"p{n}", f"{MATTERS[0]}，{REMARKS[n % len(REMARKS)]}", minutes=n, **more) for n in range(count)]


def told(part: str, start: int, place: Place, category: str, linked: str = "滨河花园停水") -> list[AnalysedPost]:
    """Eight posts of one part of a happening; every fourth also names the whole."""
    risk = Risk(score=0.6, hits=(RiskHit(category=category, word="停水", weight=0.6),))
    said = replace(labels(places=(place,)), risk=risk)
    texts = [f"{linked if n % 4 == 3 else place.text}{part}{REMARKS[n]}" for n in range(8)]
    return [post(f"{part}-{n}", text, minutes=start + n, labels=said) for n, text in enumerate(texts)]


def where(run: Run) -> dict[str, str | None]:
    return {one.post: one.incident for one in run.assigned if isinstance(one, Assignment)}


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
    assert set(where(run).values()) == {kept.id}
    judged = [one for one in run.milestones if one.id == kept.id]
    assert all(any(one.copies > gone.copies for one in judged) for gone in merged), "what it has become is judged"
    assert kept.posts == kept.copies == len(where(run)) == 24
    assert [row for row in run.rows if row.startswith("h/")] == [f"h/{kept.id}"]


TOLD = [f"{text}，{remark}" for text in (*MATTERS, *PARTS) for remark in ("", *REMARKS)]
"""Eighty sentences, ten of each matter: some share words, some hours."""


@given(st.lists(st.tuples(st.sampled_from(TOLD), st.integers(0, 90), st.integers(0, 9)), min_size=20, max_size=120))
@settings(max_examples=60, deadline=None)
def test_an_incident_counts_the_posts_that_were_assigned_to_it(drawn: list[tuple[str, int, int]]) -> None:
    run = Run()
    at = 0
    for number, (text, minutes, author) in enumerate(drawn):
        at += minutes
        run.give([post(f"p{number}", text, minutes=at, group=f"p{number}", author=f"a{author}")])
    counted = Counter(to for to in where(run).values() if to is not None)
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
    assert incident.burst > CONFIG.burst_score
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
    assert list(run.rows) == ["course"]


def test_a_silent_cluster_is_closed_and_its_row_deleted() -> None:
    run = Run()
    run.give([post("early", MATTERS[0])])
    early = set(run.rows) - {"course"}
    run.give([post("late", MATTERS[1], minutes=60 * 24 * 400)])
    assert early
    assert not early & set(run.rows)


def test_open_clusters_are_bounded() -> None:
    run = Run(DetectorConfig(max_clusters=3))
    run.give([post(f"p{n}", text, minutes=n) for n, text in enumerate(MATTERS)])
    assert len(run.rows) == 1 + 3


def test_rows_stay_small() -> None:
    run = Run()
    posts = [
        post(f"{n:020x}", f"{MATTERS[0]}{REMARKS[n % 9]}{chr(0x4E00 + 7 * n) * 2}{chr(0x5E00 + 11 * n)}", minutes=n)
        for n in range(1500)
    ]
    run.give(posts)
    (cluster,) = (row for key, row in run.rows.items() if key != "course" and len(row.value or b"") > 1000)
    assert len(cluster.value or b"") < 9000

"""Detectors that are given streams of posts, for tests of what comes out."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from core.effects import StateRow
from core.records import JURISDICTION_SAMPLE, AnalysedPost, Assignment, Incident, Place, Regrouping, Risk, RiskHit
from nlp.incidents.config import DetectorConfig
from nlp.incidents.corrected import Link
from nlp.incidents.detector import Detector
from tests.records import labels, post

T = TypeVar("T")
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
        self.assigned: list[Assignment] = []
        self.refused: list[Regrouping] = []
        self.links: list[Link] = []
        self.incidents: dict[str, Incident] = {}
        self.milestones: list[Incident] = []
        self.passing: list[Incident] = []

    def give(self, posts: Sequence[AnalysedPost | Regrouping]) -> None:
        seen = self.detector.observe(posts)
        self.assigned += seen.assigned
        self.refused += seen.refused
        self.links += seen.links
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
    def where(self) -> dict[str, str | None]:
        """The incident of each post, as it was last said."""
        return {one.post: one.incident for one in self.assigned}

    @property
    def outcome(self) -> tuple[object, ...]:
        return self.assigned, self.incidents, self.milestones, {key: row.value for key, row in self.rows.items()}


def cut(posts: Sequence[T], places: list[int]) -> list[list[T]]:
    bounds = [0, *sorted(place % (len(posts) + 1) for place in places), len(posts)]
    return [list(posts[start:end]) for start, end in pairwise(bounds)]


def told(part: str, start: int, place: Place, category: str, linked: str = "滨河花园停水") -> list[AnalysedPost]:
    """Eight posts of one part of a happening; every fourth also names the whole."""
    risk = Risk(score=0.6, hits=(RiskHit(category=category, word="停水", weight=0.6),))
    said = replace(labels(places=(place,)), risk=risk)
    texts = [f"{linked if n % 4 == 3 else place.text}{part}{REMARKS[n]}" for n in range(8)]
    return [post(f"{part}-{n}", text, minutes=start + n, labels=said) for n, text in enumerate(texts)]


TOLD = [f"{text}，{remark}" for text in (*MATTERS, *PARTS) for remark in ("", *REMARKS)]
"""Eighty sentences, ten of each matter: some share words, some hours."""


def by_version(told: list[Incident]) -> list[Incident]:
    return sorted(told, key=lambda incident: (incident.id, incident.version))

"""The stage: what a batch of posts becomes, and that memory carries everything."""

from core.codec import decode
from core.effects import Effects, StateRow
from core.records import AnalysedPost, Incident
from core.topics import Topic
from nlp.detect import Detectors, detect
from nlp.incidents.config import DetectorConfig
from tests.records import post

FLAT = "云湾花园三号楼的水泵房又停水了"


class Memory:
    """Rows as a store keeps them."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], StateRow] = {}

    def state(self, stage: str, jurisdiction: str) -> list[StateRow]:
        return [row for key, row in sorted(self.rows.items()) if key[:2] == (stage, jurisdiction)]

    def commit(self, effects: Effects) -> None:
        for row in effects.changes:
            assert isinstance(row, StateRow)
            key = (row.stage, row.jurisdiction, row.key)
            if row.value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = row


def outage(count: int, jurisdiction: str = "990100") -> list[AnalysedPost]:
    """Neighbours who complain of the same pump, each in other words."""
    ends = [
        "物业没人接电话",
        "孩子没法洗澡",
        "老人下楼提水",
        "已经第二天了",
        "什么时候来修",
        "邻居都在骂",
        "饭也做不了",
        "求通知时间",
    ]
    return [
        post(f"{jurisdiction}-{n}", f"{FLAT}，{ends[n % len(ends)]}", minutes=n, jurisdiction=jurisdiction)
        for n in range(count)
    ]


def test_an_incident_is_told_with_its_posts_and_state() -> None:
    effects = detect(outage(8), Detectors(Memory()))
    (incident,) = effects.incidents
    assert {(told.topic, told.key) for told in effects.messages} == {(Topic.INCIDENTS, "990100")}
    versions = [decode(told.value, Incident) for told in effects.messages]
    assert [told.id for told in effects.messages] == [f"{incident.id}:{one.version}" for one in versions]
    assert [one.posts for one in versions] == list(range(versions[0].posts, 9))
    assert versions[-1] == incident
    assert {one.post for one in effects.assigned} == {f"990100-{n}" for n in range(8)}
    assert effects.changes


def test_jurisdictions_do_not_mix() -> None:
    mixed = [one for pair in zip(outage(8), outage(8, "990200"), strict=True) for one in pair]
    effects = detect(mixed, Detectors(Memory()))
    assert [incident.jurisdiction for incident in effects.incidents] == ["990100", "990200"]
    assert [incident.posts for incident in effects.incidents] == [8, 8]


def test_after_a_failed_commit_the_same_batch_gives_the_same() -> None:
    memory = Memory()
    detectors = Detectors(memory)
    memory.commit(detect(outage(3), detectors))
    batch = outage(8)[3:]
    first = detect(batch, detectors)
    detectors.forget()
    assert detect(batch, detectors) == first


def test_nothing_in_gives_nothing_out() -> None:
    assert not detect([], Detectors(Memory()))


def test_report_all_assigns_every_post_with_words_at_once() -> None:
    posts = [*outage(2), post("alone", "滨江大道的银杏叶子全黄了")]
    effects = detect(posts, Detectors(Memory(), DetectorConfig(report_all=True)))
    assert [one.post for one in effects.assigned] == ["990100-0", "990100-1", "alone"]
    assert len({one.incident for one in effects.assigned}) == 2
    assert effects.incidents == []

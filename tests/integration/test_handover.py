"""Detection that changes hands in the middle: incidents, their posts and the state are those of one detector."""

import asyncio
from pathlib import Path
from time import monotonic

from msgspec.structs import replace

from core.codec import decode, encode
from core.effects import Message
from core.records import AnalysedPost, Incident, Regroup, Regrouping
from core.topics import REGROUPING, Topic
from nlp.detect import Detectors
from nlp.incidents.detector import STAGE, Detector
from stream.distributed import Agent, Tools
from stream.stages import Detect
from stream.topology import Step
from tests.integration.distributed import PARTITIONS, tools
from tests.records import NOON, post
from tests.servers.distributed import Distributed
from tests.unit.nlp.detecting import CONFIG, HARBOUR, MATTERS, PARTS, REMARKS, told

LONG_S = 60
JURISDICTIONS = [f"3301{n:02}" for n in range(8)]
HALF = 30


def stream(jurisdiction: str) -> list[AnalysedPost | Regrouping]:
    """Posts of a happening whose parts merge, of two more matters, and the word of somebody who works on the first."""
    parts = [one for number, part in enumerate(PARTS) for one in told(part, number, HARBOUR, "outage")]
    others = [
        post(f"{matter}-{n}", f"{MATTERS[matter]}，{REMARKS[n % 9]}", minutes=n * 2 + matter)
        for matter in (3, 4)
        for n in range(18)
    ]
    posts = [
        replace(one, id=jurisdiction + one.id, group=jurisdiction + one.id, jurisdiction=jurisdiction)
        for one in sorted([*parts, *others], key=lambda one: one.at)
    ]
    first = Detector(jurisdiction, CONFIG).observe(posts[:HALF]).incidents[0]
    held = Regrouping(
        id=f"h{jurisdiction}", jurisdiction=jurisdiction, kind=Regroup.HELD, incident=first.id, who="li", at=NOON
    )
    return [*posts[:HALF], held, *posts[HALF:]]


def message_of(one: AnalysedPost | Regrouping) -> Message:
    id_ = REGROUPING + one.id if isinstance(one, Regrouping) else one.id
    return Message(topic=Topic.POSTS_ANALYSED, key=one.jurisdiction, id=id_, value=encode(one))


def milestones(incidents: list[Incident]) -> dict[tuple[str, int], Incident]:
    return {(one.id, one.version): one for one in incidents if one.milestone}


def done(servers: Distributed) -> int:
    return sum(servers.log.progress("detect", Topic.POSTS_ANALYSED, part).position for part in range(PARTITIONS))


async def reached(servers: Distributed, number: int) -> None:
    give_up = monotonic() + LONG_S
    while await asyncio.to_thread(done, servers) < number:
        assert monotonic() < give_up, f"{done(servers)} of {number}"
        await asyncio.sleep(0.05)


def agent(servers: Distributed, given: Tools) -> Agent:
    return Agent(Step("detect", Topic.POSTS_ANALYSED, Detect(Detectors(servers.storage.store))), given)


async def test_incidents_are_the_same_when_partitions_change_hands_in_the_middle(
    servers: Distributed, tmp_path: Path
) -> None:
    given = tools(servers, tmp_path, batch=16)
    streams = {jurisdiction: stream(jurisdiction) for jurisdiction in JURISDICTIONS}
    turns = [one for at_once in zip(*streams.values(), strict=True) for one in at_once]
    third = len(turns) // 3
    leaver, heir = agent(servers, given), agent(servers, given)
    servers.log.append([message_of(one) for one in turns[:third]])
    await leaver.start()
    await reached(servers, third)
    servers.log.append([message_of(one) for one in turns[third : 2 * third]])
    await heir.start()  # the group shares its partitions anew
    await leaver.stop()
    servers.log.append([message_of(one) for one in turns[2 * third :]])
    await reached(servers, len(turns))
    await heir.stop()

    servers.storage.sweep()
    logged = [m for part in range(PARTITIONS) for m in servers.log.read(Topic.INCIDENTS, 0, 10_000, part)]
    expected = {id_: Detector(id_, CONFIG).observe(posts) for id_, posts in streams.items()}
    alone = [one for seen in expected.values() for one in seen.told]
    assert any(one.merged_into for one in alone)
    assert milestones([decode(m.value, Incident) for m in logged]) == milestones(alone)
    for id_, seen in expected.items():
        state = {row.key: row.value for row in servers.storage.store.state(STAGE, id_)}
        assert state == {row.key: row.value for row in seen.rows if row.value is not None}

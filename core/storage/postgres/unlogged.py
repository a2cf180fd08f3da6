"""What a commit gives to the index and no message of the log tells: later sights of posts, memberships, removals.

It goes to the log too, in a topic that only a rebuild of the index reads: without it, a lost index would come back without
the incident of any post. Each message has the number of the work for the index (`unindexed.seq`), which is the version of
its memberships, so that writing it again changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from core.codec import encode
from core.effects import Effects, Message, StateRow
from core.records import AnalysedPost, Assignment, Incident
from core.topics import Topic

CHUNK_BYTES = 512 * 1024
"""Of one message, before the piece that exceeds it: with the longest post it is still far below Kafka's `MAX_RECORD`."""


class IndexChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of `Topic.INDEX_CHANGES`.

    `removed` is a jurisdiction; `until` has by topic the last number that its partition had given out by then: messages
    up to it are gone with the jurisdiction.
    """

    version: int
    posts: list[AnalysedPost] = []
    incidents: list[Incident] = []
    assigned: list[Assignment] = []
    removed: str = ""
    until: dict[str, int] = {}


def unlogged(effects: Effects, version: int, removed: Mapping[str, dict[str, int]]) -> list[Message]:
    """Messages with what a commit gives to the index and no message of its own holds; usually one or none.

    `removed` has for each jurisdiction that goes what `IndexChange.until` needs. Messages of a jurisdiction share its
    partition. A membership does not say whose it is: it goes where its commit was read from.
    """
    changes = [(key, IndexChange(version=version, removed=key, until=until)) for key, until in removed.items()]
    values = [(key, encode(change)) for key, change in changes]
    shares: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for key, kind, value in _pieces(effects):
        shares[key].append((kind, value))
    values += [(key, _joined(version, chunk)) for key, share in shares.items() for chunk in _chunks(share)]
    return [
        Message(topic=Topic.INDEX_CHANGES, key=key, id=f"{version}:{number}", value=value)
        for number, (key, value) in enumerate(values)
    ]


def _pieces(effects: Effects) -> Iterator[tuple[str, str, bytes]]:
    """(key, field, JSON) of each record that is in no message: of a post that came and changed in one batch, the change."""
    told = {message.value for message in effects.messages}
    for kind, records in (("posts", effects.posts), ("incidents", effects.incidents)):
        for record in records:
            value = encode(record)
            if value not in told:
                yield record.jurisdiction, kind, value
    key = _key(effects) if effects.assigned else ""
    for one in effects.assigned:
        yield key, "assigned", encode(one)


def _key(effects: Effects) -> str:
    keys = [m.key for m in effects.messages]
    keys += [change.jurisdiction for change in effects.changes if isinstance(change, StateRow)]
    return keys[0] if keys else ""


def _chunks(share: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    chunk: list[tuple[str, bytes]] = []
    size = 0
    for kind, value in share:
        chunk.append((kind, value))
        size += len(value)
        if size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _joined(version: int, chunk: Iterable[tuple[str, bytes]]) -> bytes:
    fields: dict[str, list[msgspec.Raw]] = defaultdict(list)
    for kind, value in chunk:
        fields[kind].append(msgspec.Raw(value))
    return _json({"version": version, **fields})


_json = msgspec.json.Encoder().encode

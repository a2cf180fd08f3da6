"""What the steps of the pipeline look at, and what they hand on and settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from alerts.escalation import People
from alerts.notices.plan import Plan, Route
from core.records import Case, Channel, Delivery, Notice, NoticeState, Silence


class Heard(Struct, frozen=True, kw_only=True):
    """What a group has been told. `firing`: of each case that is not over, what was said.

    `began` is when the group was told first (steps of its interval are counted from there), `told_at` when last.
    """

    jurisdiction: str
    began: datetime
    told_at: datetime
    firing: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices that are told together. Empty `notices`: what was told before is said again."""

    group: str
    jurisdiction: str
    route: Route
    notices: tuple[Notice, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """The world as the steps see it; `open_cases` are all that may inhibit, `cases` those that notices are about.

    `heard` is by group, `sent` by channel: when it was sent to lately. `link` is the address of the board, `key` signs
    the links that acknowledge.
    """

    plan: Plan
    now: datetime
    people: People = field(default_factory=People)
    cases: Mapping[str, Case] = field(default_factory=dict)
    open_cases: Sequence[Case] = ()
    channels: Sequence[Channel] = ()
    silences: Sequence[Silence] = ()
    heard: Mapping[str, Heard] = field(default_factory=dict)
    sent: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    link: str = ""
    key: bytes = b""


@dataclass(slots=True)
class Settled:
    """What a round decided: notices as they are from now on, messages to send, and what is to be remembered.

    `held` are those that wait on, by reason. A group in `heard` that maps to None is forgotten.
    """

    notices: list[Notice] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    heard: dict[tuple[str, str], Heard | None] = field(default_factory=dict)
    sent: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)

    def drop(self, notices: Sequence[Notice], reason: str, now: datetime) -> None:
        """Nobody is told of these, and why."""
        self.notices += [replace(n, state=NoticeState.DROPPED, reason=reason, settled_at=now) for n in notices]

    def hold(self, notices: Sequence[Notice], reason: str) -> None:
        """These wait on, and why."""
        self.held.update((n.id, reason) for n in notices)

    def tell(self, bundle: Bundle, made: Sequence[Delivery], now: datetime) -> None:
        """These are in the messages `made`."""
        self.deliveries += made
        ids = tuple(one.id for one in made)
        self.notices += [
            replace(
                n,
                state=NoticeState.TOLD,
                reason=bundle.why,
                settled_at=now,
                group=bundle.group,
                deliveries=ids,
            )
            for n in bundle.notices
        ]


JUDGED = frozenset({"case.opened", "case.level_raised", "case.level_lowered"})
"""Events by which the rules say again what they said. Any other happens once: a person's act, a step of a clock, a turn."""


def said(notice: Notice) -> str:
    """What a notice says of its case, so that the same is not said twice."""
    return f"{notice.event}|{notice.level}|{'' if notice.event in JUDGED else notice.id}"


def encode_heard(heard: Heard | None) -> bytes | None:
    """A group's memory as a row of the state holds it; None deletes it."""
    return None if heard is None else msgspec.json.encode(heard)

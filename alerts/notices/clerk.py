"""Runs the pipeline over what the Store holds: one round is one commit, and of two processes at it one has a Conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from alerts.notices.events import Receivers
from alerts.notices.explain import Explained, explained
from alerts.notices.pipeline import dispatch
from alerts.notices.plan import Plan
from alerts.notices.scene import Heard, Scene, Settled, encode_heard
from alerts.notices.watch import CHAIN, STAGE, Watched, escalate, expiring
from alerts.office import people_of
from alerts.policy import Policy
from core.codec import decode
from core.effects import Effects, SettleNotice, StateRow
from core.ports import CaseQuery, Store
from core.records import Case, Notice, NoticeState, Silence

MOST_WAITING = 20_000
MOST_CASES = 10_000
SENT = "sent "
"""Keys of the state rows that hold when a channel was sent to lately; those of groups begin with their route's id."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """`link` is the address of the board, `key` signs the links that acknowledge."""

    store: Store
    policy: Policy
    plan: Plan
    zone: ZoneInfo
    link: str = ""
    key: bytes = b""

    def tell(self, now: datetime) -> Effects:
        """What is to be written so that all that is due now is told."""
        waiting = self.store.waiting(MOST_WAITING)
        heard, sent = self._memory()
        if not waiting and not heard:
            return Effects()
        settled = dispatch(waiting, self._scene(waiting, heard, sent, now))
        return _effects(settled, {n.id: n for n in waiting})

    def explain(self, case: Case, event: str, at: datetime, now: datetime) -> list[Explained]:
        """What the steps would decide at a time of what waits of the case and, if `event` is given, of one more of now."""
        waiting = self.store.waiting(MOST_WAITING)
        would_be = Notice(
            id="would-be",
            event=event,
            at=now,
            jurisdiction=case.jurisdiction,
            level=case.level,
            case=case.id,
            unit=case.unit,
        )
        waiting += [would_be] if event else []
        mine = [one for one in waiting if one.case == case.id]
        heard, sent = self._memory()
        return explained(mine, waiting, self._scene(waiting, heard, sent, at))

    def watch(self, cases: Sequence[Case], receivers: Receivers, now: datetime) -> Effects:
        """Escalations that are due among these open cases, and fact cards that expire."""
        people = people_of(self.policy, self.store, self.zone)
        rows = [row for row in self.store.states(STAGE) if row.key.startswith(CHAIN)]
        said = {row.key.removeprefix(CHAIN): int(row.value or b"0") for row in rows}
        made = escalate(Watched(cases, said, people, receivers), now)
        made.changes += expiring([*self.policy.facts, *self.store.all_facts()], now)
        open_ = {case.id for case in cases}
        gone = [row for row in rows if row.key.removeprefix(CHAIN) not in open_]
        made.changes += [StateRow(STAGE, row.jurisdiction, row.key, None) for row in gone]
        return made

    def _memory(self) -> tuple[dict[str, Heard], dict[str, tuple[datetime, ...]]]:
        """What groups have heard, and when channels were sent to."""
        rows = self.store.states(STAGE)
        heard = {r.key: decode(r.value or b"", Heard) for r in rows if not r.key.startswith((CHAIN, SENT))}
        sent = {
            r.key.removeprefix(SENT): decode(r.value or b"[]", tuple[datetime, ...])
            for r in rows
            if r.key.startswith(SENT)
        }
        return heard, sent

    def _scene(
        self,
        waiting: Sequence[Notice],
        heard: Mapping[str, Heard],
        sent: Mapping[str, tuple[datetime, ...]],
        now: datetime,
    ) -> Scene:
        open_cases = self.store.cases(CaseQuery(open=True, limit=MOST_CASES)).items
        cases = {case.id: case for case in open_cases}
        for id_ in {n.case for n in waiting if n.case} - set(cases):
            found = self.store.case(id_)
            if found is not None:
                cases[id_] = found
        return Scene(
            plan=self.plan,
            now=now,
            people=people_of(self.policy, self.store, self.zone),
            cases=cases,
            open_cases=open_cases,
            channels=self.store.channels(),
            silences=self.store.kept(Silence),
            heard=heard,
            sent=sent,
            link=self.link,
            key=self.key,
        )


def _effects(settled: Settled, waiting: Mapping[str, Notice]) -> Effects:
    held = [
        replace(waiting[id_], reason=reason) for id_, reason in settled.held.items() if waiting[id_].reason != reason
    ]
    return Effects(
        changes=[
            *(SettleNotice(n, NoticeState.WAITING) for n in (*settled.notices, *held)),
            *settled.deliveries,
            *(StateRow(STAGE, code, group, encode_heard(h)) for (code, group), h in settled.heard.items()),
            *(StateRow(STAGE, "", SENT + channel, msgspec.json.encode(at)) for channel, at in settled.sent.items()),
        ]
    )

"""Plays the bundled sample as if it were live: its past at once, its last minutes post by post."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from alerts.policy import Policy
from app.sample import load_sample
from app.sample.past import handled, old_cases
from core.clock import Now
from core.effects import Effects, StateRow
from core.errors import Conflict, IllegalMove, Refused
from core.ports import Storage
from core.records import JURISDICTION_SAMPLE
from nlp.intake import Intake

log = structlog.get_logger()

STAGE = "sample"
TAIL = 60
"""How many posts are played live."""
GAP_S = 1.2
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Player:
    """Feeds the sample into the intake.

    `stopped` says when to give up (the server stops, the sample was removed) and is asked while `pushing` is held, so that
    nothing is sent after a removal. `drained` returns when all that was sent has passed the pipeline.
    """

    storage: Storage
    intake: Intake
    policy: Policy
    now: Now
    stopped: Callable[[], bool]
    pushing: asyncio.Lock
    drained: Callable[[], Awaitable[None]]

    def played_before(self) -> bool:
        """Whether this data directory had the sample before (then it is not played again, removed or not)."""
        return bool(self.storage.store.state(STAGE, ""))

    async def play(self) -> None:
        """Play once; returns at the end."""
        if await asyncio.to_thread(self.played_before):
            return
        items = await asyncio.to_thread(load_sample, self.now() + timedelta(seconds=TAIL * GAP_S))
        past, live = items[:-TAIL], items[-TAIL:]
        for start in range(0, len(past), CHUNK):
            await self._push(past[start : start + CHUNK])
        await asyncio.to_thread(self.storage.commit, Effects(changes=[StateRow(STAGE, "", "played", b"1")]))
        await self._settle_past()
        log.info("sample_playing", past=len(past), live=len(live))
        for item in live:
            if self.stopped():
                return
            await self._push([{**item, "at": self.now().isoformat()}])
            await asyncio.sleep(GAP_S)

    async def _settle_past(self) -> None:
        """Old cases get the life that an office would have given them; what people have begun to handle is left to them."""
        await self.drained()
        if self.stopped():
            return
        for case, incident in await asyncio.to_thread(lambda: list(old_cases(self.storage, self.now()))):
            try:
                await asyncio.to_thread(self.storage.commit, handled(case, incident, self.policy, self.now()))
            except (Conflict, IllegalMove, Refused) as error:
                log.info("sample_case_left", case=case.id, reason=str(error))

    async def _push(self, items: list[dict[str, Any]]) -> None:
        async with self.pushing:
            if not self.stopped():
                await asyncio.to_thread(self.intake.receive, items, "sample", JURISDICTION_SAMPLE)

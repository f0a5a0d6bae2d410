"""Broadcasts on their way: a few at a time into the outbox, each woman looked at once more, and what became of it
written back.

* Only a few seconds' worth waits in the outbox, so that a pause or an end acts within seconds.
* Who must not get it any more is skipped with the reason; who sits over her questions, or whose hour it is not, waits.
* What is under way stands in the database, and is found anew at each step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from storage import broadcasts, holding, notices, recipients, segments
from storage.broadcasts import BroadcastState, Rules, cause_of
from storage.circumstances import Circumstances, know
from storage.database import Conflict, Database, Tx
from storage.journal import Journal
from storage.mail import Urgency
from storage.notices import NewNotice
from storage.segments import MaySend

BATCH = 50
"""Recipients in one commit: enough to share its cost, few enough for a short write transaction (design.md D11)."""

PER_SECOND = 29.0
"""How many leave in a second where no more are paid for (`bot/pacing.py`)."""

WINDOW_SECONDS = 7.0
"""So many seconds' worth may wait in the outbox: longer than a tick takes to come, short enough to stop soon."""

LOOK_AGAIN = timedelta(seconds=1)
SITTING_AGAIN = timedelta(minutes=10)
"""When somebody who sits over her questions is looked at again."""


class Mailings:
    """Sends what is to be sent of broadcasts. `busy` says whether there may be more to do within a second."""

    def __init__(
        self,
        database: Database,
        *,
        may_send: MaySend,
        rules: Rules | None = None,
        per_second: float = PER_SECOND,
        journal: Journal | None = None,
    ) -> None:
        self._database = database
        self._may_send = may_send
        self._rules = rules or Rules()
        self._window = round(per_second * WINDOW_SECONDS)
        self._journal = journal
        self._turn = asyncio.Lock()
        self.busy = False

    async def step(self) -> int:
        """Look at every broadcast that is due, and fill the outbox; returns how many recipients were handed over."""
        async with self._turn:
            async with self._database.read() as tx:
                found = await broadcasts.due(tx)
                if found and await holding.since(tx) is not None:
                    found = []
            handed = 0
            for broadcast, state in found:
                handed += await self._attend(broadcast, state)
            self.busy = bool(found)
            return handed

    async def _attend(self, broadcast: int, state: BroadcastState) -> int:
        if state is BroadcastState.SCHEDULED:
            with suppress(Conflict):  # taken back or called off in this very moment
                async with self._database.transact() as tx:
                    if not await broadcasts.put_down_beyond(tx, broadcast, state):
                        await broadcasts.begin(tx, broadcast, rules=self._rules)
        handed = 0
        while True:
            async with self._database.transact() as tx:
                moved = await self._move_on(tx, broadcast)
            handed += moved
            if moved < BATCH:
                return handed

    async def _move_on(self, tx: Tx, broadcast: int) -> int:
        """One commit: what became of those on their way, and the next few; returns how many were looked at."""
        state = await broadcasts.state_of(tx, broadcast)
        if state is BroadcastState.SENDING and await broadcasts.put_down_beyond(tx, broadcast, state):
            state = BroadcastState.PAUSED
        leaves_at = await recipients.settle(tx, broadcast, cause_of(broadcast))
        looked_at = 0
        if state is BroadcastState.SENDING:
            room = self._window - await recipients.in_outbox(tx)
            looked_at = await self._hand_over(tx, broadcast, limit=min(BATCH, room)) if room > 0 else 0
        await self._plan_next_look(tx, broadcast, state, leaves_at=tx.now if looked_at else leaves_at)
        return looked_at

    async def _hand_over(self, tx: Tx, broadcast: int, *, limit: int) -> int:
        """Give the next few to the courier, skip or postpone them; returns how many were looked at."""
        women = await recipients.due(tx, broadcast, limit)
        hers = await know(tx, women)
        reasons = await segments.why_not(tx, hers)
        later = await self._later(tx, {woman: her for woman, her in hers.items() if woman not in reasons})
        ready = [woman for woman in women if woman not in reasons and woman not in later]
        content = await broadcasts.content_of(tx, broadcast)
        new = [NewNotice(woman, content, cause_of(broadcast)) for woman in ready]
        await notices.leave(tx, new, urgency=Urgency.BROADCAST)
        await recipients.posted(tx, broadcast, ready)
        await recipients.skip(tx, broadcast, reasons)
        await recipients.postpone(tx, broadcast, later)
        if self._journal is not None:
            await self._journal.hand_over(tx, broadcast, women=ready)
        return len(women)

    async def _later(self, tx: Tx, hers: Mapping[int, Circumstances]) -> dict[int, datetime]:
        """Who of these must wait, and until when."""
        busy = await segments.sitting(tx, hers)
        later = dict.fromkeys(busy, tx.now + SITTING_AGAIN)
        for woman, her in hers.items():
            allowed = self._may_send(segments.hours_of(her), tx.now)
            if allowed > tx.now:
                later[woman] = allowed
        return later

    @staticmethod
    async def _plan_next_look(tx: Tx, broadcast: int, state: BroadcastState, *, leaves_at: datetime | None) -> None:
        """When somebody must look at it again: soon while something is on its way; once nobody waits it is over."""
        waits_until = await recipients.next_at(tx, broadcast) if state is BroadcastState.SENDING else None
        moments = [moment for moment in (waits_until, leaves_at) if moment is not None]
        if moments:
            await broadcasts.look_again(tx, broadcast, max(min(moments), tx.now + LOOK_AGAIN))
        elif state is BroadcastState.SENDING:
            await broadcasts.finish(tx, broadcast)
        elif state is not BroadcastState.SCHEDULED:
            await broadcasts.look_again(tx, broadcast, None)

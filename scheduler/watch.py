"""The watch: says when something was due to leave and nothing left.

* It looks at what is, not at what the tick or the courier say of themselves: whatever stops them, this shows it. Only
  of a step that failed does it ask the tick, since nothing else shows it until the next day.
* The alarm is one case of staff's, raised once and ended by itself; each raising is told in the log.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from scheduler.cadence import Open, Remind
from scheduler.checkins import TRY_AGAIN, Checkins
from storage import cases, due
from storage.database import Database, Tx
from storage.due import DueCheckin

log = logging.getLogger(__name__)

LATE = timedelta(hours=1)
"""What was due for longer than this and has not left is told."""

IN_HAND = timedelta(minutes=10)
"""What is due for less than this may be on its way at this very moment."""

UNTIL_TOMORROW = timedelta(hours=26)
"""A reminder that fails on our side is tried again on the next day, in the same part of it."""

ENOUGH = 200
"""So many due check-ins are looked at: if those that wait longest left, the others do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How many check-ins should have been spoken of and were not, whether what was posted does not leave, and of how
    many open ones the last step failed."""

    overdue: int
    outbox_stands_still: bool
    failed: int = 0

    @property
    def wrong(self) -> bool:
        """Whether somebody must look into it."""
        return self.overdue > 0 or self.outbox_stands_still or self.failed > 0


class Watch:
    """Looks whether what was due has left."""

    def __init__(self, database: Database, checkins: Checkins) -> None:
        self._database = database
        self._checkins = checkins

    async def look(self) -> bool:
        """Raise the alarm, or end it; returns whether something is wrong."""
        async with self._database.read() as tx:
            seen = await self.see(tx)
            raised = await cases.alarm_since(tx) is not None
        if seen.wrong:
            log.error("something was due, and nothing left", extra={"action": "nothing_left", **asdict(seen)})
        if seen.wrong != raised:
            async with self._database.transact() as tx:
                await cases.set_alarm(tx, wanted=seen.wrong)
        return seen.wrong

    async def see(self, tx: Tx) -> Seen:
        """How things are now; nothing is changed by it."""
        soon = await due.due(tx, ENOUGH, by=tx.now + TRY_AGAIN)
        overdue = [row for row in soon if self._should_have_left(row, tx.now)]
        failed = [id_ for id_, at in self._checkins.failed.items() if at > tx.now - UNTIL_TOMORROW]
        still = await due.outbox_stands_still(tx, tx.now - LATE)
        return Seen(len(overdue), outbox_stands_still=still, failed=await due.still_open(tx, failed))

    def _should_have_left(self, row: DueCheckin, now: datetime) -> bool:
        """Whether an invitation or reminder has been due for an hour, or one that fails again and again could have left
        then, and is not just being seen to."""
        if row.next_at <= now - LATE:
            return self._speaks(row, row.next_at) or self._speaks(row, now)
        if now - IN_HAND < row.next_at <= now:
            return False
        return self._speaks(row, now) and self._speaks(row, now - LATE - IN_HAND)

    def _speaks(self, row: DueCheckin, at: datetime) -> bool:
        try:
            return isinstance(self._checkins.decide(row, at), Open | Remind)
        except Exception:  # the tick tells of it, and nobody else's check-in waits for it
            return False

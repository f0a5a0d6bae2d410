"""The watch: says when something was due to leave and nothing left.

* It looks at what is, not at what the tick or the courier say of themselves: whatever stops them, this shows it.
* The alarm is one case of staff's, raised once and ended by itself; each raising is told in the log.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from scheduler.cadence import Open
from scheduler.checkins import TRY_AGAIN, Checkins
from storage import cases, due
from storage.database import Database
from storage.due import DueCheckin
from storage.fates import CheckinState

log = logging.getLogger(__name__)

LATE = timedelta(hours=1)
"""What was due for longer than this and has not left is told."""

IN_HAND = timedelta(minutes=10)
"""What is due for less than this may be on its way at this very moment."""

ENOUGH = 200
"""So many due check-ins are looked at: if those that wait longest left, the others do."""


class Watch:
    """Looks whether what was due has left."""

    def __init__(self, database: Database, checkins: Checkins) -> None:
        self._database = database
        self._checkins = checkins

    async def look(self) -> bool:
        """Raise the alarm, or end it; returns whether something is wrong."""
        async with self._database.read() as tx:
            soon = await due.due(tx, ENOUGH, by=tx.now + TRY_AGAIN)
            overdue = [row for row in soon if self._should_have_left(row, tx.now)]
            nothing_leaves = await due.outbox_stands_still(tx, tx.now - LATE)
            raised = await cases.alarm_since(tx) is not None
        wrong = bool(overdue) or nothing_leaves
        if wrong:
            told = {"action": "nothing_left", "checkins": len(overdue), "outbox_stands_still": nothing_leaves}
            log.error("something was due, and nothing left", extra=told)
        if wrong != raised:
            async with self._database.transact() as tx:
                await cases.set_alarm(tx, wanted=wrong)
        return wrong

    def _should_have_left(self, row: DueCheckin, now: datetime) -> bool:
        """Whether an invitation could have left an hour ago, can leave now, and is not just being seen to."""
        if row.state is not CheckinState.EXPECTED or now - IN_HAND < row.next_at <= now:
            return False
        return all(self._checkins.decide(row, moment) == Open() for moment in (now, now - LATE - IN_HAND))

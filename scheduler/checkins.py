"""The ledger's due rows, decided and acted upon: inviting, reminding, closing.

* What is due is decided by `cadence` alone; here the decision becomes an event in her chat and a change of the row,
  in one commit.
* A row is claimed by writing: what an invitation or reminder is caused by is unique, so that none leaves twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from scheduler import cadence
from scheduler.cadence import Close, Decision, LedgerRow, Nothing, Open, Postpone, Reach, Remind
from scheduler.calendar import Preferences, Slot
from scheduler.dialogue import CheckinDue, ReminderDue, TimeIsUp, WindowClosed
from scheduler.plan import Plan
from scheduler.runner import Happening, Runner
from storage import interviews, ledger
from storage.database import Database, Tx
from storage.fates import CheckinState, Fate, Reason
from storage.interviews import Conversation
from storage.ledger import DueCheckin
from storage.mail import Urgency
from storage.vault import Place

BATCH = 100
TRY_AGAIN = timedelta(hours=1)
"""After an invitation that failed on our side: soon enough for her window, late enough for somebody to mend it."""


class Checkins:
    """Acts upon what is due."""

    def __init__(self, database: Database, runner: Runner, *, plan: Plan) -> None:
        self._database = database
        self._runner = runner
        self._plan = plan

    async def take_due(self, limit: int = BATCH) -> int:
        """Decide and act upon check-ins whose moment has come; returns how many were looked at."""
        async with self._database.transact() as tx:
            rows = await ledger.due(tx, limit)
            if rows:
                await self._act(tx, rows)
            return len(rows)

    async def end_expired(self, limit: int = BATCH) -> int:
        """End conversations whose own time is over; returns how many."""
        async with self._database.transact() as tx:
            over = await interviews.expired(tx, limit)
            endings = [
                Happening(f"session:{c.id}:expire:{c.sprint}", c.lane, c.chat_id, TimeIsUp(tx.now), Urgency.REMINDER)
                for c in over
            ]
            await self._runner.step(tx, endings)
            return len(over)

    async def _act(self, tx: Tx, rows: Sequence[DueCheckin]) -> None:
        decided = _one_a_lane([(row, self._decide(row, tx.now)) for row in rows], tx.now)
        spoken = [(row, decision) for row, decision in decided if _speaks(row, decision)]
        happenings = await _happenings(tx, spoken)
        taken = await self._runner.step(tx, happenings)
        failed = {h.checkin_id for h in happenings if h.origin in taken.failed}
        await self._write(tx, [(row, decision) for row, decision in decided if row.id not in failed])
        await ledger.look_again(tx, [(row.id, tx.now + TRY_AGAIN) for row, _ in decided if row.id in failed])

    async def _write(self, tx: Tx, decided: Sequence[tuple[DueCheckin, Decision]]) -> None:
        invited: list[tuple[int, datetime]] = []
        reminded: list[tuple[int, datetime]] = []
        later: list[tuple[int, datetime]] = []
        closed: list[tuple[int, Fate, Reason | None]] = []
        for row, decision in decided:
            match decision:
                case Open():
                    after = replace(_row(row), state=CheckinState.INVITED, invited_at=tx.now)
                    invited.append((row.id, self._next_look(after, row, now=tx.now)))
                case Remind(number):
                    after = replace(_row(row), reminded_at=tx.now, reminders_sent=number, resting_until=None)
                    reminded.append((row.id, self._next_look(after, row, now=tx.now)))
                case Postpone(until) | Nothing(until):
                    later.append((row.id, until))
                case Close(fate, reason):
                    closed.append((row.id, fate, reason))
                case _:
                    assert_never(decision)
        await ledger.invited(tx, invited)
        await ledger.reminded(tx, reminded)
        await ledger.look_again(tx, later)
        await ledger.close(tx, closed)

    def _decide(self, row: DueCheckin, now: datetime) -> Decision:
        return cadence.decide(_row(row), self._facts(row), now=now, plan=self._plan)

    def _next_look(self, after: LedgerRow, row: DueCheckin, *, now: datetime) -> datetime:
        decision = cadence.decide(after, self._facts(row), now=now, plan=self._plan)
        return decision.until if isinstance(decision, Nothing | Postpone) else row.closes_at

    def _facts(self, row: DueCheckin) -> cadence.Facts:
        if not (row.enrolled and row.consented):
            reach = Reach.NOT_ENROLLED
        elif row.lane is None:
            reach = Reach.NO_CHAT
        else:
            reach = Reach.REACHABLE
        return cadence.Facts(reach, self._is_busy(row), Preferences(ZoneInfo(row.zone), Slot(row.slot)))

    def _is_busy(self, row: DueCheckin) -> bool:
        """Whether another conversation stands open in her chat, of a kind that is not to be interrupted."""
        if row.open_session_dialogue is None or row.open_session_checkin == row.id:
            return False
        return not self._runner.gives_way(row.open_session_dialogue)


def _speaks(row: DueCheckin, decision: Decision) -> bool:
    """Whether the decision reaches her chat: an invitation, a reminder, or the end of an open conversation."""
    return isinstance(decision, Open | Remind) or (isinstance(decision, Close) and row.sitting_lane is not None)


def _one_a_lane(decided: Sequence[tuple[DueCheckin, Decision]], now: datetime) -> list[tuple[DueCheckin, Decision]]:
    """Of several check-ins of one woman that speak at once, all but the first wait their turn."""
    speaking: set[str | None] = set()
    result: list[tuple[DueCheckin, Decision]] = []
    for row, decision in decided:
        lane = row.sitting_lane if isinstance(decision, Close) else row.lane
        if _speaks(row, decision) and lane in speaking:
            result.append((row, Postpone(now + TRY_AGAIN)))
            continue
        if _speaks(row, decision):
            speaking.add(lane)
        result.append((row, decision))
    return result


async def _happenings(tx: Tx, spoken: Sequence[tuple[DueCheckin, Decision]]) -> list[Happening]:
    closing = [row.sitting_lane for row, decision in spoken if isinstance(decision, Close) and row.sitting_lane]
    sittings = await interviews.open_in(tx, closing)
    return [
        _ending(tx, row, sittings[row.sitting_lane])
        if isinstance(decision, Close) and row.sitting_lane is not None
        else _asking(tx, row, decision)
        for row, decision in spoken
    ]


def _ending(tx: Tx, row: DueCheckin, sitting: Conversation) -> Happening:
    event = WindowClosed(tx.now, row.id)
    return Happening(f"checkin:{row.id}:close", sitting.lane, sitting.chat_id, event, Urgency.REMINDER, row.id)


def _asking(tx: Tx, row: DueCheckin, decision: Decision) -> Happening:
    assert row.lane is not None
    assert row.account is not None
    assert row.chat_id is not None
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.account), row.chat_id))
    if isinstance(decision, Remind):
        origin = f"checkin:{row.id}:remind:{decision.number}"
        event = ReminderDue(tx.now, row.id, decision.number)
        return Happening(origin, row.lane, chat_id, event, Urgency.REMINDER, row.id)
    origin = f"checkin:{row.id}:invite:{int(row.opens_at.timestamp())}"
    return Happening(origin, row.lane, chat_id, CheckinDue(tx.now, row.id), Urgency.INVITATION, row.id)


def _row(row: DueCheckin) -> LedgerRow:
    assert row.state in (CheckinState.EXPECTED, CheckinState.INVITED, CheckinState.STARTED)
    return LedgerRow(
        point=row.point,
        state=row.state,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        invited_at=row.invited_at,
        reminded_at=row.reminded_at,
        reminders_sent=row.reminders_sent,
        last_heard_at=row.last_heard_at,
        resting_until=row.resting_until,
        help_asked_at=row.help_asked_at,
    )

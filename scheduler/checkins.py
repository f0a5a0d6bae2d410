"""The ledger's due rows, decided and acted upon: inviting, reminding, asking for a call, closing.

* What is due is decided by `cadence` alone, from what is true at this moment; here the decision becomes an event in her
  chat and a change of the row, in one commit.
* A row is claimed by writing: what an invitation or reminder is caused by is unique, so that none leaves twice.
* A row that can't be decided or spoken of is told in the log and tried again; its neighbours go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from scheduler import cadence
from scheduler.applied import Plans
from scheduler.batch import Happening
from scheduler.cadence import CallFor, Close, Decision, Facts, LedgerRow, Nothing, Open, Postpone, Remind
from scheduler.calendar import Preferences, Slot
from scheduler.dialogue import CheckinDue, ReminderDue, TimeIsUp, WindowClosed
from scheduler.overlap import Rival
from scheduler.runner import Runner
from storage import due, interviews, leaving, ledger, revisions
from storage.database import Database, Tx
from storage.due import DueCheckin
from storage.fates import CheckinState, Fate, Reason
from storage.interviews import Conversation
from storage.mail import Urgency
from storage.revisions import Cause
from storage.vault import Place, Unsealable

log = logging.getLogger(__name__)

BATCH = 50
"""Check-ins in one commit: enough to share its cost, few enough to keep the write transaction short (design.md D11)."""

A_TICK = 1000
"""The most that one tick looks at: after an outage the rest waits for the next, and the chats get a word in between."""

TRY_AGAIN = timedelta(hours=1)
"""After an invitation that failed on our side: soon enough for her window, late enough for somebody to mend it."""

NO_MAIL: frozenset[Urgency] = frozenset()
"""What waits in the outbox of most check-ins."""

HER_TURN = timedelta(minutes=1)
"""Until what was said in a chat at this tick shows in what is decided about her other check-ins."""


class Checkins:
    """Acts upon what is due."""

    def __init__(self, database: Database, runner: Runner, *, plans: Plans) -> None:
        self._database = database
        self._runner = runner
        self._plans = plans
        self.failed: dict[int, datetime] = {}
        """When what was to be said of these check-ins failed last, on our side; it has not been said since."""

    async def take_due(self, limit: int = A_TICK) -> int:
        """Decide and act upon check-ins whose moment has come, a batch in a commit; returns how many were looked at.

        Where nothing is due this costs one look at an index.
        """
        async with self._database.read() as tx:
            if not await due.any_due(tx):
                return 0
        taken = 0
        while taken < limit:
            looked_at = await self._take_batch(min(BATCH, limit - taken))
            taken += looked_at
            if looked_at < BATCH:
                break
        return taken

    async def _take_batch(self, limit: int) -> int:
        async with self._database.transact() as tx:
            rows = await due.due(tx, limit)
            if rows:
                await self._act(tx, rows)
            return len(rows)

    async def end_expired(self, limit: int = BATCH) -> int:
        """End conversations whose own time is over; returns how many."""
        async with self._database.read() as tx:
            if not await due.any_expired(tx):
                return 0
        async with self._database.transact() as tx:
            over = await interviews.expired(tx, limit)
            endings = [
                Happening(
                    f"session:{c.id}:expire:{c.sprint}",
                    c.lane,
                    c.chat_id,
                    TimeIsUp(tx.now),
                    Urgency.REMINDER,
                    participant_id=c.participant_id,
                )
                for c in over
            ]
            await self._runner.step(tx, endings)
            return len(over)

    async def _act(self, tx: Tx, rows: Sequence[DueCheckin]) -> None:
        waits = await _what_waits(tx, rows)
        each = [(row, self._decide_or_tell(row, waits.get(row.id, NO_MAIL), now=tx.now)) for row in rows]
        decided = _one_a_lane(each, tx.now)
        happenings = await _happenings(tx, [(row, decision) for row, decision in decided if _speaks(row, decision)])
        taken = await self._runner.step(tx, happenings)
        said = {h.checkin_id for h in happenings if h.origin not in taken.failed}
        failed = {row.id for row, decision in decided if _speaks(row, decision) and row.id not in said}
        self.failed = {id_: at for id_, at in self.failed.items() if id_ not in said} | dict.fromkeys(failed, tx.now)
        unmade = [row.id for row, decision in decided if _ends_unmade(row, decision, waits=waits.get(row.id, NO_MAIL))]
        await leaving.never_made(tx, set(unmade) - failed, next_at=tx.now)
        await self._write(tx, [(row, decision) for row, decision in decided if row.id not in failed])
        again = [(row.id, _before_it_closes(row, tx.now + TRY_AGAIN, now=tx.now)) for row in rows if row.id in failed]
        await ledger.look_again(tx, again)

    async def _write(self, tx: Tx, decided: Sequence[tuple[DueCheckin, Decision]]) -> None:
        invited: list[tuple[int, datetime]] = []
        reminded: list[tuple[int, datetime]] = []
        called: list[tuple[int, int, datetime]] = []
        later: list[tuple[int, datetime]] = []
        closed: list[tuple[int, Fate, Reason | None]] = []
        for row, decision in decided:
            match decision:
                case Open():
                    invited.append((row.id, self._next_look(row, decision, now=tx.now)))
                case Remind():
                    reminded.append((row.id, self._next_look(row, decision, now=tx.now)))
                case CallFor():
                    called.append((row.her.participant, row.id, self._next_look(row, decision, now=tx.now)))
                case Postpone(until) | Nothing(until):
                    later.append((row.id, until))
                case Close(fate, reason):
                    closed.append((row.id, fate, reason))
                case _:
                    assert_never(decision)
        again = {row.id for row, _ in decided if row.invited_at is not None}
        await revisions.keep(tx, again & {id_ for id_, _ in invited}, cause=Cause.INVITED_AGAIN)
        await ledger.invited(tx, invited)
        await ledger.reminded(tx, reminded)
        await ledger.called_for(tx, called)
        await ledger.look_again(tx, later)
        await ledger.close(tx, closed)

    def decide(self, row: DueCheckin, now: datetime) -> Decision:
        """What to do with this check-in at that moment, by what was found of it. Raises whatever comes of a store that
        holds what nobody can read of her, such as a zone that there is not."""
        return cadence.decide(row_of(row), self._facts(row), now=now, plan=self._plans.get(row.plan))

    def _decide_or_tell(self, row: DueCheckin, waits: frozenset[Urgency], *, now: datetime) -> Decision:
        """The same; what cannot be decided is told in the log and tried again, and keeps nobody else waiting."""
        try:
            return self._decide_given(row, waits, now=now)
        except Exception as error:
            told = {"action": "row_undecidable", "checkin": row.id, "error": type(error).__name__}
            log.error("a check-in cannot be decided", extra=told)  # what the store holds is not for the log
            return Postpone(_before_it_closes(row, now + TRY_AGAIN, now=now))

    def _decide_given(self, row: DueCheckin, waits: frozenset[Urgency], *, now: datetime) -> Decision:
        """What to do, given what of this check-in's waits in the outbox: she is not reminded of what has not reached
        her, and one that closes before its invitation has left was never made."""
        decision = self.decide(row, now)
        if _ends_unmade(row, decision, waits=waits):
            return self.decide(replace(row, state=CheckinState.EXPECTED, invited_at=None), now)
        if isinstance(decision, Remind) and waits:
            return Postpone(_before_it_closes(row, now + TRY_AGAIN, now=now))
        return decision

    def _next_look(self, row: DueCheckin, done: Open | Remind | CallFor, *, now: datetime) -> datetime:
        after = cadence.after(row_of(row), done, at=now)
        decision = cadence.decide(after, self._facts(row), now=now, plan=self._plans.get(row.plan))
        return decision.until if isinstance(decision, Nothing | Postpone) else now

    def _facts(self, row: DueCheckin) -> Facts:
        return facts_of(row, in_other_sitting=self._is_busy(row))

    def _is_busy(self, row: DueCheckin) -> bool:
        """Whether a conversation stands open in her chat that is not to be interrupted, and that is neither this
        check-in's nor one's beside it."""
        if row.talk is None or row.talk.checkin == row.id:
            return False
        if any(other.id == row.talk.checkin for other in row.beside):
            return False
        return not self._runner.gives_way(row.talk.dialogue)


def row_of(row: DueCheckin) -> LedgerRow:
    """The check-in as it is decided about."""
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
        called_for_at=row.called_for_at,
        instrument=row.instrument,
        due_on=row.due_on,
    )


def facts_of(row: DueCheckin, *, in_other_sitting: bool) -> Facts:
    """What is true of the woman whose check-in this is, as it was found, but for the chat that she may be busy in."""
    her = row.her
    reach, since = her.reach
    return Facts(
        reach=reach,
        in_other_sitting=in_other_sitting,
        preferences=Preferences(ZoneInfo(her.zone), Slot(her.slot), frozenset(int(day) for day in her.days or "")),
        reach_since=since,
        rest=her.rest(row.series),
        rivals=tuple(Rival(other.instrument, other.due_on, other.closes_at) for other in row.beside),
        reminders=her.reminders,
    )


def _before_it_closes(row: DueCheckin, moment: datetime, *, now: datetime) -> datetime:
    """That moment, or her deadline if it comes first and is still to come."""
    return min(moment, row.closes_at) if now < row.closes_at else moment


async def _what_waits(tx: Tx, rows: Sequence[DueCheckin]) -> Mapping[int, frozenset[Urgency]]:
    lanes = {lane for row in rows if row.state is not CheckinState.EXPECTED for lane in (row.lane, row.sitting_lane)}
    return await leaving.waiting_by_checkin(tx, lanes - {None})


def _ends_unmade(row: DueCheckin, decision: Decision, *, waits: frozenset[Urgency]) -> bool:
    """Whether the check-in ends while its invitation is still to leave."""
    return isinstance(decision, Close) and row.state is CheckinState.INVITED and Urgency.INVITATION in waits


def _speaks(row: DueCheckin, decision: Decision) -> bool:
    """Whether the decision reaches her chat: an invitation, a reminder, or the end of an open conversation."""
    return isinstance(decision, Open | Remind) or (isinstance(decision, Close) and row.sitting_lane is not None)


def _one_a_lane(decided: Iterable[tuple[DueCheckin, Decision]], now: datetime) -> list[tuple[DueCheckin, Decision]]:
    """Of several check-ins of one woman that speak at once, all but the first wait their turn."""
    speaking: set[str | None] = set()
    result: list[tuple[DueCheckin, Decision]] = []
    for row, decision in decided:
        lane = row.sitting_lane if isinstance(decision, Close) else row.lane
        if _speaks(row, decision) and lane in speaking:
            result.append((row, Postpone(_before_it_closes(row, now + HER_TURN, now=now))))
            continue
        if _speaks(row, decision):
            speaking.add(lane)
        result.append((row, decision))
    return result


async def _happenings(tx: Tx, spoken: Sequence[tuple[DueCheckin, Decision]]) -> list[Happening]:
    """What happens in the chats; a chat that can't be read is told in the log and left out."""
    closing = [row.sitting_lane for row, decision in spoken if isinstance(decision, Close) and row.sitting_lane]
    sittings = await interviews.open_in(tx, closing)
    happenings: list[Happening] = []
    for row, decision in spoken:
        if isinstance(decision, Close) and row.sitting_lane is not None:
            happenings.append(_ending(tx, row, sittings[row.sitting_lane, row.her.participant]))
            continue
        try:
            happenings.append(_asking(tx, row, decision))
        except (Unsealable, ValueError):
            log.error("a chat cannot be read", extra={"action": "chat_unreadable", "checkin": row.id})
    return happenings


def _ending(tx: Tx, row: DueCheckin, sitting: Conversation) -> Happening:
    event = WindowClosed(tx.now, row.id)
    origin = f"checkin:{row.id}:close:{int(tx.now.timestamp())}"
    return _for_her(row, Happening(origin, sitting.lane, sitting.chat_id, event, Urgency.REMINDER))


def _for_her(row: DueCheckin, happening: Happening) -> Happening:
    return replace(happening, checkin_id=row.id, participant_id=row.her.participant)


def _asking(tx: Tx, row: DueCheckin, decision: Decision) -> Happening:
    """The event of an invitation or reminder. Its origin names the opening too: a row that was reopened asks anew."""
    chat = row.her.chat
    assert chat is not None
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", chat.account), chat.chat_id))
    if isinstance(decision, Remind):
        opened = int((row.invited_at or row.opens_at).timestamp())
        origin = f"checkin:{row.id}:remind:{opened}:{decision.number}"
        event = ReminderDue(tx.now, row.id, decision.number)
        return _for_her(row, Happening(origin, chat.lane, chat_id, event, Urgency.REMINDER))
    origin = f"checkin:{row.id}:invite:{int(row.opens_at.timestamp())}"
    return _for_her(row, Happening(origin, chat.lane, chat_id, CheckinDue(tx.now, row.id), Urgency.INVITATION))

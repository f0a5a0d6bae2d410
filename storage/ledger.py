"""The ledger of check-ins: one row for each expected woman and point, from the day she is registered until its fate.

* A row is open, with an owner and a next moment at which somebody must look at it, or closed with exactly one fate
  (the schema insists).
* `next_at` is that moment, and the index on it is all that the tick reads: its cost follows what is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, literal_column, select, update

from storage import bulk, cases
from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.looks import BOT as BOT
from storage.looks import look_at_late
from storage.records import Entry, Writer
from storage.schema import checkins

STAFF = "staff"
"""The owner of the rows that wait for staff; the others are the BOT's."""


class NewCheckin(NamedTuple):
    """One expected check-in as the plan gives it; `fate` only where it is closed from the start."""

    participant: int
    plan: str
    point: str
    series: str
    instrument: str
    state: CheckinState
    next_at: datetime | None
    due_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    fate: Fate | None = None
    reason: Reason | None = None


_AT_FIRST = bulk.Shape(
    checkins,
    (
        *("id", "participant_id", "plan", "point", "series", "instrument", "added_at", "state", "owner", "due_on"),
        *("opens_at", "closes_at", "next_at", "fate", "fate_reason", "closed_at"),
    ),
)


async def expect(tx: Tx, rows: Sequence[NewCheckin]) -> None:
    """Write expected check-ins; raises Conflict where a participant already has one for that plan and point."""
    first = tx.ids.random() >> 1  # ids in a row, from a random one on: scattered over the index they cost far more
    await _AT_FIRST.insert(tx, [_values(row, first + number, now=tx.now) for number, row in enumerate(rows)])


def _values(row: NewCheckin, id_: int, *, now: datetime) -> tuple[Any, ...]:
    """In the order of the table."""
    closed = row.state is CheckinState.CLOSED
    return (
        *(id_, row.participant, row.plan, row.point, row.series, row.instrument, now),
        row.state.value,  # plain text: sqlite3 is slow with anything that merely behaves like it
        None if closed else STAFF if row.state is CheckinState.WAITING_FOR_DATE else BOT,
        *(row.due_on, row.opens_at, row.closes_at, None if closed else row.next_at),
        *(row.fate and row.fate.value, row.reason and row.reason.value, now if closed else None),
    )


async def look_again(tx: Tx, moments: Sequence[tuple[int, datetime]]) -> None:
    """Nothing to do for these check-ins before these moments."""
    statement = update(checkins).where(checkins.c.id == bindparam("checkin")).values(next_at=bindparam("moment"))
    await tx.run(statement, [{"checkin": checkin, "moment": moment} for checkin, moment in moments])


async def invited(tx: Tx, moments: Sequence[tuple[int, datetime]]) -> None:
    """These check-ins were opened now; look again at these moments. Only one that was still expected changes."""
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"), checkins.c.state == CheckinState.EXPECTED)
        .values(state=CheckinState.INVITED, invited_at=tx.now, next_at=bindparam("moment"))
    )
    await tx.run(statement, [{"checkin": checkin, "moment": moment} for checkin, moment in moments])


async def reminded(tx: Tx, moments: Sequence[tuple[int, datetime]]) -> None:
    """She was reminded now of these check-ins; look again at these moments."""
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"))
        .values(
            reminded_at=tx.now,
            reminders_sent=checkins.c.reminders_sent + 1,
            resting_until=None,
            next_at=bindparam("moment"),
        )
    )
    await tx.run(statement, [{"checkin": checkin, "moment": moment} for checkin, moment in moments])


async def called_for(tx: Tx, rows: Sequence[tuple[int, int, datetime]]) -> None:
    """Staff are asked to call these women about these check-ins (participant, check-in, when to look again)."""
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"))
        .values(called_for_at=tx.now, next_at=bindparam("moment"))
    )
    await tx.run(statement, [{"checkin": checkin, "moment": moment} for _, checkin, moment in rows])
    await cases.ask_for_calls(tx, [(participant, checkin) for participant, checkin, _ in rows])


async def close(tx: Tx, ends: Sequence[tuple[int, Fate, Reason | None]]) -> None:
    """Give these check-ins their fate. One that is closed already keeps the fate that it has.

    Nobody needs to call her any more about one that did not end for want of reaching her, or of an hour for it. What
    had to wait for one of these is looked at now: its own window may end today.
    """
    if not ends:
        return
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"), checkins.c.state != CheckinState.CLOSED)
        .values(
            state=CheckinState.CLOSED,
            fate=bindparam("ends_as"),
            fate_reason=bindparam("because"),
            closed_at=tx.now,
            owner=None,
            next_at=None,
        )
    )
    await tx.run(statement, [{"checkin": id_, "ends_as": fate, "because": reason} for id_, fate, reason in ends])
    await cases.settle_calls(tx, [id_ for id_, fate, reason in ends if not _may_be_called(fate, reason)])
    await look_at_late(tx, [id_ for id_, _, _ in ends])


def _may_be_called(fate: Fate, reason: Reason | None) -> bool:
    return fate is Fate.UNREACHABLE or reason is Reason.NO_ALLOWED_HOUR


async def heard(tx: Tx, checkin_ids: Sequence[int]) -> None:
    """She did something in these check-ins just now: nobody needs to call her."""
    statement = update(checkins).where(checkins.c.id == bindparam("checkin")).values(last_heard_at=tx.now)
    await tx.run(statement, [{"checkin": checkin} for checkin in checkin_ids])
    await cases.settle_calls(tx, checkin_ids, whichever=True)


async def next_look_at(tx: Tx) -> datetime | None:
    """When the bot must look at the next check-in, or None if none is its own."""
    waiting = checkins.c.state != literal_column("'closed'")  # as a literal, for the sake of the index
    found = await tx.run(select(func.min(checkins.c.next_at)).where(waiting, checkins.c.owner == BOT))
    moment: datetime | None = found.scalar_one()
    return moment


async def funnel(tx: Tx) -> list[tuple[str, str, str | None, int]]:
    """How many check-ins stand where: (point, state, fate, count), in the plan's order of due dates."""
    statement = (
        select(checkins.c.point, checkins.c.state, checkins.c.fate, func.count())
        .group_by(checkins.c.point, checkins.c.state, checkins.c.fate)
        .order_by(func.min(checkins.c.due_on), checkins.c.point, checkins.c.state, checkins.c.fate)
    )
    return [tuple(row) for row in await tx.run(statement)]


# --- records that the check-in dialogue returns


@dataclass(frozen=True, slots=True)
class CheckinStarted:
    """She began to answer."""


@dataclass(frozen=True, slots=True)
class CheckinPutOff:
    """She answered the invitation with "later": it comes again at `until`, at her own wish."""

    until: datetime


@dataclass(frozen=True, slots=True)
class CheckinResting:
    """She pauses in the middle and wants to go on at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class HelpAskedInCheckin:
    """She asked for somebody instead of answering, or beside it: that is contact, whatever else becomes of it."""


@dataclass(frozen=True, slots=True)
class LeftForNow:
    """She left the chat in the middle of whatever it was: nothing reminds her before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class CheckinEnded:
    """The sitting is over, with this fate."""

    fate: Fate
    reason: Reason | None = None


# Expected, too: she may have said "later" and then begin all the same. No IN: that goes with one row at a time only.
_NOT_STARTED = (checkins.c.state == CheckinState.INVITED) | (checkins.c.state == CheckinState.EXPECTED)


async def _started(tx: Tx, entries: Sequence[Entry[CheckinStarted]]) -> None:
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"), _NOT_STARTED)
        .values(state=CheckinState.STARTED, started_at=tx.now)
    )
    await tx.run(statement, [{"checkin": entry.checkin_id} for entry in entries])


async def _put_off(tx: Tx, entries: Sequence[Entry[CheckinPutOff]]) -> None:
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"), checkins.c.state == CheckinState.INVITED)
        .values(state=CheckinState.EXPECTED, opens_at=bindparam("moment"), next_at=bindparam("moment"))
    )
    await tx.run(statement, [{"checkin": entry.checkin_id, "moment": entry.record.until} for entry in entries])


async def _resting(tx: Tx, entries: Sequence[Entry[CheckinResting]]) -> None:
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"), checkins.c.state == CheckinState.STARTED)
        .values(resting_until=bindparam("moment"), next_at=bindparam("moment"))
    )
    await tx.run(statement, [{"checkin": entry.checkin_id, "moment": entry.record.until} for entry in entries])


async def _left(tx: Tx, entries: Sequence[Entry[LeftForNow]]) -> None:
    hers = (checkins.c.participant_id == bindparam("woman")) & (checkins.c.state != CheckinState.CLOSED)
    earlier = checkins.c.next_at < bindparam("moment")
    invited, started = (checkins.c.state == state for state in (CheckinState.INVITED, CheckinState.STARTED))
    moments = [{"woman": entry.participant_id, "moment": entry.record.until} for entry in entries]
    of_the_bot = checkins.c.owner == BOT
    resting = update(checkins).where(hers, of_the_bot, started).values(resting_until=bindparam("moment"))
    await tx.run(resting, moments)
    later = update(checkins).where(hers, of_the_bot, invited | started, earlier).values(next_at=bindparam("moment"))
    await tx.run(later, moments)


async def _help_asked(tx: Tx, entries: Sequence[Entry[HelpAskedInCheckin]]) -> None:
    statement = update(checkins).where(checkins.c.id == bindparam("checkin")).values(help_asked_at=tx.now)
    await tx.run(statement, [{"checkin": entry.checkin_id} for entry in entries])


async def _ended(tx: Tx, entries: Sequence[Entry[CheckinEnded]]) -> None:
    await close(tx, [(e.checkin_id, e.record.fate, e.record.reason) for e in entries if e.checkin_id is not None])


WRITERS: dict[type, Writer] = {
    CheckinStarted: _started,
    CheckinPutOff: _put_off,
    CheckinResting: _resting,
    LeftForNow: _left,
    HelpAskedInCheckin: _help_asked,
    CheckinEnded: _ended,
}

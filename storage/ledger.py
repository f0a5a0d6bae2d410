"""The ledger of check-ins: one row for each expected woman and point, from the day she is registered until its fate.

* A row is open, with an owner and a next moment at which somebody must look at it, or closed with exactly one fate
  (the schema insists).
* `next_at` is that moment, and the index on it is all that the tick reads: its cost follows what is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update

from storage.database import Tx
from storage.fates import CheckinState, Fate, Reason
from storage.people import Purpose
from storage.records import Entry, Writer
from storage.schema import accounts, checkins, consents, participants, preferences, sessions

BOT, STAFF = "bot", "staff"


@dataclass(frozen=True, slots=True)
class NewCheckin:
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


async def expect(tx: Tx, rows: Sequence[NewCheckin]) -> None:
    """Write expected check-ins; raises Conflict where a participant already has one for that plan and point."""
    await tx.run(checkins.insert(), [_row(tx, row) for row in rows])


def _row(tx: Tx, row: NewCheckin) -> dict[str, Any]:
    closed = row.state is CheckinState.CLOSED
    return {
        "id": tx.ids.random(),
        "participant_id": row.participant,
        "plan": row.plan,
        "point": row.point,
        "series": row.series,
        "instrument": row.instrument,
        "added_at": tx.now,
        "state": row.state,
        "owner": None if closed else STAFF if row.state is CheckinState.WAITING_FOR_DATE else BOT,
        "due_on": row.due_on,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "next_at": None if closed else row.next_at,
        "fate": row.fate,
        "fate_reason": row.reason,
        "closed_at": tx.now if closed else None,
    }


@dataclass(frozen=True, slots=True)
class DueCheckin:
    """An open check-in whose moment has come, with what must be known to decide about it."""

    id: int
    participant: int
    plan: str
    point: str
    instrument: str
    state: CheckinState
    opens_at: datetime
    closes_at: datetime
    invited_at: datetime | None
    reminded_at: datetime | None
    reminders_sent: int
    last_heard_at: datetime | None
    resting_until: datetime | None
    help_asked_at: datetime | None
    zone: str
    slot: str
    enrolled: bool
    consented: bool
    lane: str | None
    chat_id: bytes | None
    account: int | None
    open_session_checkin: int | None
    open_session_dialogue: str | None
    sitting_lane: str | None
    """Where its own conversation is open, even if that chat is no longer hers or has blocked us."""


async def due(tx: Tx, limit: int) -> list[DueCheckin]:
    """The check-ins that somebody must look at now, the longest due first."""
    reachable = (
        select(accounts.c.participant_id, func.max(accounts.c.linked_at).label("linked_at"))
        .where(accounts.c.unlinked_at.is_(None), accounts.c.blocked_at.is_(None))
        .group_by(accounts.c.participant_id)
        .subquery()
    )
    latest_consent = (
        select(consents.c.given)
        .where(consents.c.participant_id == checkins.c.participant_id, consents.c.purpose == Purpose.FOLLOW_UP)
        .order_by(consents.c.at.desc(), consents.c.id)
        .limit(1)
        .scalar_subquery()
    )
    sitting = sessions.alias()
    other = checkins.alias()
    # A sitting whose check-in has its fate is open to corrections only: it keeps nobody waiting.
    over = exists().where(other.c.id == sessions.c.checkin_id, other.c.state == CheckinState.CLOSED)
    statement = (
        select(
            checkins,
            preferences.c.zone,
            preferences.c.slot,
            participants.c.enrolled_at,
            latest_consent.label("consented"),
            accounts.c.lane,
            accounts.c.chat_id,
            accounts.c.id.label("account"),
            sessions.c.checkin_id.label("open_session_checkin"),
            sessions.c.dialogue.label("open_session_dialogue"),
            sitting.c.lane.label("sitting_lane"),
        )
        .join(participants, participants.c.id == checkins.c.participant_id)
        .join(preferences, preferences.c.participant_id == checkins.c.participant_id)
        .outerjoin(reachable, reachable.c.participant_id == checkins.c.participant_id)
        .outerjoin(
            accounts,
            (accounts.c.participant_id == checkins.c.participant_id) & (accounts.c.linked_at == reachable.c.linked_at),
        )
        .outerjoin(sessions, (sessions.c.lane == accounts.c.lane) & sessions.c.closed_at.is_(None) & ~over)
        .outerjoin(sitting, (sitting.c.checkin_id == checkins.c.id) & sitting.c.closed_at.is_(None))
        .where(checkins.c.state != CheckinState.CLOSED, checkins.c.owner == BOT, checkins.c.next_at <= tx.now)
        .order_by(checkins.c.next_at)
        .limit(limit)
    )
    return [_due(row) for row in await tx.run(statement)]


def _due(row: Any) -> DueCheckin:
    return DueCheckin(
        id=row.id,
        participant=row.participant_id,
        plan=row.plan,
        point=row.point,
        instrument=row.instrument,
        state=CheckinState(row.state),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        invited_at=row.invited_at,
        reminded_at=row.reminded_at,
        reminders_sent=row.reminders_sent,
        last_heard_at=row.last_heard_at,
        resting_until=row.resting_until,
        help_asked_at=row.help_asked_at,
        zone=row.zone,
        slot=row.slot,
        enrolled=row.enrolled_at is not None,
        consented=bool(row.consented),
        lane=row.lane,
        chat_id=row.chat_id,
        account=row.account,
        open_session_checkin=row.open_session_checkin,
        open_session_dialogue=row.open_session_dialogue,
        sitting_lane=row.sitting_lane,
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


async def close(tx: Tx, ends: Sequence[tuple[int, Fate, Reason | None]]) -> None:
    """Give these check-ins their fate. One that is closed already keeps the fate that it has."""
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


async def heard(tx: Tx, checkin_ids: Sequence[int]) -> None:
    """She did something in these check-ins just now."""
    statement = update(checkins).where(checkins.c.id == bindparam("checkin")).values(last_heard_at=tx.now)
    await tx.run(statement, [{"checkin": checkin} for checkin in checkin_ids])


async def next_look_at(tx: Tx) -> datetime | None:
    """When the bot must look at the next check-in, or None if none is its own."""
    found = await tx.run(select(func.min(checkins.c.next_at)).where(checkins.c.owner == BOT))
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
class CheckinEnded:
    """The sitting is over, with this fate."""

    fate: Fate
    reason: Reason | None = None


_NOT_STARTED = (CheckinState.INVITED, CheckinState.EXPECTED)
"""Expected, too: she may have said "later" and then begin all the same."""


async def _started(tx: Tx, entries: Sequence[Entry[CheckinStarted]]) -> None:
    statement = (
        update(checkins)
        .where(checkins.c.id == bindparam("checkin"), checkins.c.state.in_(_NOT_STARTED))
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


async def _help_asked(tx: Tx, entries: Sequence[Entry[HelpAskedInCheckin]]) -> None:
    statement = update(checkins).where(checkins.c.id == bindparam("checkin")).values(help_asked_at=tx.now)
    await tx.run(statement, [{"checkin": entry.checkin_id} for entry in entries])


async def _ended(tx: Tx, entries: Sequence[Entry[CheckinEnded]]) -> None:
    await close(tx, [(e.checkin_id, e.record.fate, e.record.reason) for e in entries if e.checkin_id is not None])


WRITERS: dict[type, Writer] = {
    CheckinStarted: _started,
    CheckinPutOff: _put_off,
    CheckinResting: _resting,
    HelpAskedInCheckin: _help_asked,
    CheckinEnded: _ended,
}

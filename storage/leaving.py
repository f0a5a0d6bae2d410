"""What is checked of something unasked at the moment of leaving, and what becomes of it if it may not.

* Her wishes are those of this moment, whenever it was posted: a stop, a pause, a death, a consent that was withdrawn.
* A reminder that she has answered meanwhile, and whatever is about a check-in that is over, has nothing left to ask.
* An invitation or reminder that fails on our side was never made, and may be made again tomorrow; one that leaves late
  counts from when it left.
* News of what she asked for reach her in a rest, too, and where she asked for it after she wished to be left alone.
* What one of these holds back is dropped for good, and says why; an invitation that never left was never made.
* Taking buttons or messages away says nothing to her, and is never held back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, Text, bindparam, case, cast, func, literal_column, select, update

from conversations.speech import Interviewed, PromptPlayed, Said
from storage import pauses
from storage.cases import case_told_of
from storage.database import Tx
from storage.fates import CheckinState
from storage.mail import Claimed, MailState, Parcel, Urgency, parcel_of
from storage.people import Purpose
from storage.schema import cases, checkins, consents, outbox, participants, preferences, sessions, stops

LATE = timedelta(hours=1)
"""What left by more than this after it was posted counts from when it left."""


class Held(StrEnum):
    """Why something unasked is dropped, as its row in the outbox says."""

    STOPPED = "stopped"
    PAUSED = "paused"
    DIED = "died"
    WITHDRAWN = "consent_withdrawn"
    OVERTAKEN = "overtaken"  # answered meanwhile, or its window is over


@dataclass(frozen=True, slots=True)
class HerHours:
    """When she likes to be written to: zone, slot, and the digits of the days (Monday is 0; none: all).

    `plan` is that of the check-in which the parcel is about, or else the one that was named for her; where neither is,
    it follows from centre and cohort. `closes_at` is when that check-in has nothing more to ask.
    """

    zone: str
    slot: str
    days: str | None = None
    plan: str | None = None
    centre: str | None = None
    cohort: str | None = None
    closes_at: datetime | None = None


def is_checked(parcel: Parcel) -> bool:
    """Whether this says something to a woman who did not ask for it just now."""
    return _says(parcel) and parcel.urgency.keeps_hours and parcel.participant_id is not None


def _says(parcel: Parcel) -> bool:
    return isinstance(parcel.speech, Said | Interviewed | PromptPlayed)


async def may_leave(tx: Tx, parcel: Parcel) -> HerHours | Held:
    """Her hours as they are now, or why a parcel that `is_checked` must not leave any more."""
    latest_consent = (
        select(consents.c.given)
        .where(consents.c.participant_id == participants.c.id, consents.c.purpose == Purpose.FOLLOW_UP)
        .order_by(consents.c.at.desc(), consents.c.id)
        .limit(1)
        .scalar_subquery()
    )
    stopped = select(stops.c.at).where(stops.c.participant_id == participants.c.id, stops.c.lifted_at.is_(None))
    now = (stopped.scalar_subquery().label("stopped_at"), latest_consent.label("consented"))
    named = func.coalesce(checkins.c.plan, participants.c.plan).label("plan")
    who = (participants.c.died_on, participants.c.centre, participants.c.cohort, named)
    about = (checkins.c.series, checkins.c.state, checkins.c.closes_at, checkins.c.resting_until)
    statement = (
        select(preferences, *who, *now, *about)
        .join(participants, participants.c.id == preferences.c.participant_id)
        .outerjoin(sessions, sessions.c.id == parcel.session_id)
        .outerjoin(checkins, checkins.c.id == sessions.c.checkin_id)
        .where(participants.c.id == parcel.participant_id)
    )
    her = (await tx.run(statement)).one()
    if her.died_on is not None:
        return Held.DIED
    if her.stopped_at is not None and not await _asked_since(tx, parcel, her.stopped_at):
        return Held.STOPPED
    if her.consented is False:
        return Held.WITHDRAWN
    if parcel.urgency.unasked and await _rests(tx, parcel, series=her.series, zone=her.zone):
        return Held.PAUSED
    if not _asks(parcel) or her.state is None:
        return HerHours(her.zone, her.slot, her.days, her.plan, her.centre, her.cohort)
    if her.state == CheckinState.CLOSED or her.closes_at <= tx.now:
        return Held.OVERTAKEN
    if parcel.urgency is Urgency.REMINDER and await _is_overtaken(tx, parcel, her):
        return Held.OVERTAKEN
    return HerHours(her.zone, her.slot, her.days, her.plan, her.centre, her.cohort, her.closes_at)


def _asks(parcel: Parcel) -> bool:
    """Whether this is an invitation or a reminder."""
    return _says(parcel) and (parcel.urgency is Urgency.INVITATION or _REMINDER.match(parcel.origin) is not None)


async def _asked_since(tx: Tx, parcel: Parcel, stopped_at: datetime) -> bool:
    if parcel.urgency is not Urgency.NEWS:
        return False
    opened = await tx.run(select(cases.c.opened_at).where(cases.c.id == case_told_of(parcel.origin)))
    return bool(opened.scalar_one() > stopped_at)


async def _rests(tx: Tx, parcel: Parcel, *, series: str | None, zone: str) -> bool:
    assert parcel.participant_id is not None
    today = tx.now.astimezone(ZoneInfo(zone)).date()
    hers = (await pauses.running(tx, [parcel.participant_id])).get(parcel.participant_id, ())
    silenced = {one.series for one in hers if one.until_on is None or today < one.until_on}
    return pauses.EVERYTHING in silenced or series in silenced


_REMINDER = re.compile(r"checkin:\d+:remind:")
"""How the origin of a reminder begins (`scheduler/checkins.py`); a closing has the same urgency."""


async def _is_overtaken(tx: Tx, parcel: Parcel, row: Any) -> bool:
    """Whether the check-in has gone on since this reminder was posted. A tap on an old button alone is no answer: what
    waits here brings the buttons that work."""
    if row.state not in (CheckinState.INVITED, CheckinState.STARTED) or row.resting_until is not None:
        return True
    posted = select(outbox.c.id).where(outbox.c.origin == parcel.origin).scalar_subquery()
    replies = (outbox.c.session_id == parcel.session_id) & (outbox.c.urgency == Urgency.REPLY)
    since = await tx.run(select(outbox).where(outbox.c.id > posted, replies))
    return any(one.message_id is not None or (one.payload and _says(parcel_of(tx, one))) for one in since)


async def drop(tx: Tx, parcel_ids: Sequence[int], why: Held) -> None:
    """These parcels never leave, and their check-ins were not invited by them: those may be, for the same cause."""
    invitations = select(outbox).where(outbox.c.id.in_(parcel_ids), outbox.c.urgency == Urgency.INVITATION)
    for row in list(await tx.run(invitations)):
        await _take_back(tx, row, next_at=tx.now)
    statement = update(outbox).where(outbox.c.id == bindparam("parcel"))
    dropped = statement.values(state=MailState.DROPPED, reason=why, payload=None, done_at=tx.now)
    await tx.run(dropped, [{"parcel": id_} for id_ in parcel_ids])


async def give_up(tx: Tx, parcel: Parcel) -> None:
    """This parcel failed for good on our side. An invitation was then never made, nor a reminder counted; from tomorrow
    on, on her wall, it may be made again."""
    if not _asks(parcel):
        return
    hers = select(preferences.c.zone).where(preferences.c.participant_id == parcel.participant_id)
    zone = (await tx.run(hers)).scalar_one_or_none()
    here = tx.now.astimezone(UTC if zone is None else ZoneInfo(zone))
    tomorrow = datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo).astimezone(UTC)
    next_at = case((checkins.c.closes_at < tomorrow, checkins.c.closes_at), else_=tomorrow)
    if parcel.urgency is Urgency.INVITATION:
        await _take_back(tx, parcel, next_at=next_at)
    else:
        await _uncount(tx, parcel, next_at=next_at)


async def _take_back(tx: Tx, parcel: Any, *, next_at: datetime | ColumnElement[datetime]) -> None:
    invited = (checkins.c.id == _asked_by(parcel)) & (checkins.c.state == CheckinState.INVITED)
    taken_back = {"state": CheckinState.EXPECTED, "invited_at": None, "next_at": next_at}
    await tx.run(update(checkins).where(invited).values(**taken_back))
    await _free_cause(tx, parcel.origin)


async def _uncount(tx: Tx, parcel: Parcel, *, next_at: ColumnElement[datetime]) -> None:
    asked = _REMINDER.match(parcel.origin)
    assert asked is not None
    earlier = select(func.max(outbox.c.done_at)).where(_begins(asked.group()), outbox.c.message_id.is_not(None))
    reminded = (checkins.c.id == _asked_by(parcel)) & (checkins.c.reminders_sent > 0) & checkins.c.state.in_(_ASKED)
    uncounted = {"reminders_sent": checkins.c.reminders_sent - 1, "reminded_at": earlier.scalar_subquery()}
    await tx.run(update(checkins).where(reminded).values(next_at=next_at, **uncounted))
    await _free_cause(tx, parcel.origin)


async def left(tx: Tx, claimed: Claimed) -> None:
    """This parcel has left just now. Where that is late, her silence counts from now: what comes next must not follow
    on its heels."""
    parcel = claimed.parcel
    at_once = claimed.attempts == 1 and parcel.ready_at is not None and tx.now - parcel.ready_at < LATE
    if at_once or not _asks(parcel):
        return
    since = checkins.c.invited_at if parcel.urgency is Urgency.INVITATION else checkins.c.reminded_at
    late = (checkins.c.id == _asked_by(parcel)) & checkins.c.state.in_(_ASKED) & (since < tx.now - LATE)
    await tx.run(update(checkins).where(late).values({since: tx.now}))


_ASKED = (CheckinState.INVITED, CheckinState.STARTED)


def _asked_by(parcel: Any) -> ScalarSelect[int]:
    return select(sessions.c.checkin_id).where(sessions.c.id == parcel.session_id).scalar_subquery()


async def _free_cause(tx: Tx, origin: str) -> None:
    """What caused this parcel, and whatever was posted with it, may cause it anew."""
    posted = _begins(origin.rpartition(":")[0] + ":")
    await tx.run(update(outbox).where(posted).values(origin=outbox.c.origin + ":" + cast(outbox.c.id, Text)))


def _begins(prefix: str) -> ColumnElement[bool]:
    """Whether an origin begins with this, which ends in a colon; found by the index of origins."""
    return (outbox.c.origin >= prefix) & (outbox.c.origin < prefix[:-1] + ";")


async def drop_what_waits(tx: Tx, participant: int, why: Held) -> None:
    """Whatever waits in the outbox to reach her, and is no reply, never leaves."""
    waiting = select(outbox).where(outbox.c.participant_id == participant, outbox.c.state == MailState.READY)
    parcels = [(row.id, parcel_of(tx, row)) for row in await tx.run(waiting)]
    await drop(tx, [id_ for id_, parcel in parcels if is_checked(parcel)], why)


async def waiting_by_checkin(tx: Tx, lanes: Collection[str | None]) -> dict[int, frozenset[Urgency]]:
    """What waits for these chats or is on its way there, by the check-in that it belongs to."""
    if not lanes:
        return {}
    waits = outbox.c.state.in_((literal_column("'ready'"), literal_column("'claimed'")))  # as literals, for the index
    statement = select(sessions.c.checkin_id, outbox.c.urgency).join(sessions, sessions.c.id == outbox.c.session_id)
    found: dict[int, frozenset[Urgency]] = {}
    for checkin, urgency in await tx.run(statement.where(outbox.c.lane.in_(lanes), waits)):
        if checkin is not None:
            found[checkin] = found.get(checkin, frozenset()) | {Urgency(urgency)}
    return found

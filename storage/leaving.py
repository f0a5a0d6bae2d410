"""What is checked of something unasked at the moment of leaving, and what becomes of it if it may not.

* Her wishes are those of this moment, whenever it was posted: a stop, a pause, a death, a consent that was withdrawn.
* A reminder that she has answered meanwhile, or whose window is over, has nothing left to ask.
* News of what she asked for reach her in a rest, too, and where she asked for it after she wished to be left alone.
* What one of these holds back is dropped for good, and says why; an invitation that never left was never made.
* Taking buttons or messages away says nothing to her, and is never held back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Text, bindparam, case, cast, func, select, update

from conversations.speech import Interviewed, PromptPlayed, Said
from storage import pauses
from storage.cases import case_told_of
from storage.database import Tx
from storage.fates import CheckinState
from storage.mail import MailState, Parcel, Urgency, parcel_of
from storage.people import Purpose
from storage.schema import cases, checkins, consents, outbox, participants, preferences, sessions, stops


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
    it follows from centre and cohort.
    """

    zone: str
    slot: str
    days: str | None = None
    plan: str | None = None
    centre: str | None = None
    cohort: str | None = None


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
    about = (checkins.c.series, checkins.c.state, checkins.c.resting_until)
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
    if _REMINDER.match(parcel.origin) and await _is_overtaken(tx, parcel, her):
        return Held.OVERTAKEN
    return HerHours(her.zone, her.slot, her.days, her.plan, her.centre, her.cohort)


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
    await _take_back(tx, parcel_ids)
    invited = outbox.c.urgency == Urgency.INVITATION
    statement = (
        update(outbox)
        .where(outbox.c.id == bindparam("parcel"))
        .values(
            state=MailState.DROPPED,
            reason=why,
            payload=None,
            done_at=tx.now,
            origin=case((invited, outbox.c.origin + ":" + cast(outbox.c.id, Text)), else_=outbox.c.origin),
        )
    )
    await tx.run(statement, [{"parcel": id_} for id_ in parcel_ids])


async def _take_back(tx: Tx, parcel_ids: Sequence[int]) -> None:
    invited_by = (
        select(sessions.c.checkin_id)
        .join(outbox, outbox.c.session_id == sessions.c.id)
        .where(outbox.c.id == bindparam("parcel"), outbox.c.urgency == Urgency.INVITATION)
    )
    statement = (
        update(checkins)
        .where(checkins.c.id.in_(invited_by.scalar_subquery()), checkins.c.state == CheckinState.INVITED)
        .values(state=CheckinState.EXPECTED, invited_at=None, next_at=tx.now)
    )
    await tx.run(statement, [{"parcel": id_} for id_ in parcel_ids])


async def drop_what_waits(tx: Tx, participant: int, why: Held) -> None:
    """Whatever waits in the outbox to reach her, and is no reply, never leaves."""
    waiting = select(outbox).where(outbox.c.participant_id == participant, outbox.c.state == MailState.READY)
    parcels = [(row.id, parcel_of(tx, row)) for row in await tx.run(waiting)]
    await drop(tx, [id_ for id_, parcel in parcels if is_checked(parcel)], why)

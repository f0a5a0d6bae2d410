"""What is checked of something unasked at the moment of leaving, and what becomes of it if it may not.

* Her wishes are those of this moment, whenever it was posted: a stop, a pause, a death, a consent that was withdrawn.
* News of what she asked for reach her in a rest, too, and where she asked for it after she wished to be left alone.
* What one of these holds back is dropped for good, and says why; an invitation that never left was never made.
* Taking buttons or messages away says nothing to her, and is never held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Text, bindparam, cast, select, update

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


@dataclass(frozen=True, slots=True)
class HerHours:
    """When she likes to be written to: zone, slot, and the digits of the days (Monday is 0; none: all)."""

    zone: str
    slot: str
    days: str | None = None


def is_checked(parcel: Parcel) -> bool:
    """Whether this says something to a woman who did not ask for it just now."""
    says = isinstance(parcel.speech, Said | Interviewed | PromptPlayed)
    return says and parcel.urgency.keeps_hours and parcel.participant_id is not None


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
    statement = (
        select(preferences, participants.c.died_on, *now)
        .join(participants, participants.c.id == preferences.c.participant_id)
        .where(participants.c.id == parcel.participant_id)
    )
    her = (await tx.run(statement)).one()
    if her.died_on is not None:
        return Held.DIED
    if her.stopped_at is not None and not await _asked_since(tx, parcel, her.stopped_at):
        return Held.STOPPED
    if her.consented is False:
        return Held.WITHDRAWN
    if parcel.urgency.unasked and await _rests(tx, parcel, tx.now.astimezone(ZoneInfo(her.zone)).date()):
        return Held.PAUSED
    return HerHours(her.zone, her.slot, her.days)


async def _asked_since(tx: Tx, parcel: Parcel, stopped_at: datetime) -> bool:
    if parcel.urgency is not Urgency.NEWS:
        return False
    opened = await tx.run(select(cases.c.opened_at).where(cases.c.id == case_told_of(parcel.origin)))
    return bool(opened.scalar_one() > stopped_at)


async def _rests(tx: Tx, parcel: Parcel, today: date) -> bool:
    assert parcel.participant_id is not None
    hers = (await pauses.running(tx, [parcel.participant_id])).get(parcel.participant_id, ())
    series = {one.series for one in hers if one.until_on is None or today < one.until_on}
    if not series or pauses.EVERYTHING in series:
        return bool(series)
    about = select(checkins.c.series).join(sessions, sessions.c.checkin_id == checkins.c.id)
    found = await tx.run(about.where(sessions.c.id == parcel.session_id))
    return found.scalar_one_or_none() in series


async def drop(tx: Tx, parcel_ids: Sequence[int], why: Held) -> None:
    """These parcels never leave, and their check-ins were not invited by them. What caused one may cause it anew."""
    await _take_back(tx, parcel_ids)
    statement = (
        update(outbox)
        .where(outbox.c.id == bindparam("parcel"))
        .values(
            state=MailState.DROPPED,
            reason=why,
            payload=None,
            done_at=tx.now,
            origin=outbox.c.origin + ":" + cast(outbox.c.id, Text),
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

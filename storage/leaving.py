"""What is checked of something unasked at the moment of leaving, and what becomes of it if it may not.

* Her wishes are those of this moment, whenever it was posted: a stop, a pause, a death, a consent that was withdrawn.
* A reminder that she has answered meanwhile, and whatever is about a check-in that is over, has nothing left to ask.
* Of what she asked for only this is checked: that her phone is not in other hands.
* An invitation or reminder that fails on our side was never made, and may be made again tomorrow; one that leaves late
  counts from when it left.
* News of what she asked for reach her in a rest, too, and where she asked for it after she wished to be left alone.
* What one of these holds back is dropped for good, and says why; an invitation that never left was never made.
* Taking buttons or messages away says nothing to her, and is never held back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Text, bindparam, case, cast, func, select, update

from conversations.speech import Interviewed, PromptPlayed, Said
from storage import revisions
from storage.circumstances import Circumstances, know
from storage.database import Tx
from storage.fates import CheckinState, Reason
from storage.mail import OPEN, READY, Claimed, MailState, Parcel, Urgency, parcel_of
from storage.pauses import EVERYTHING
from storage.revisions import Cause
from storage.schema import cases, checkins, outbox, requests, sessions
from storage.schema import revisions as revisions_kept
from storage.vault import Unsealable

LATE = timedelta(hours=1)
"""What left by more than this after it was posted counts from when it left."""

ONE_DAY = timedelta(days=1)


class Held(StrEnum):
    """Why something unasked is dropped, as its row in the outbox says."""

    STOPPED = "stopped"
    PAUSED = "paused"
    DIED = "died"
    FROZEN = "frozen"  # her phone may be in other hands
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
    return is_hers(parcel) and parcel.urgency.keeps_hours


def is_hers(parcel: Parcel) -> bool:
    """Whether this says something to a woman, asked for or not: even a reply is not for whoever else has her phone."""
    return _says(parcel) and parcel.participant_id is not None


def _says(parcel: Parcel) -> bool:
    return isinstance(parcel.speech, Said | Interviewed | PromptPlayed)


async def may_leave(tx: Tx, parcels: Sequence[Parcel]) -> list[HerHours | Held | None]:
    """Of each of these parcels, all of which are such as `is_hers`: her hours as they are now, or why it must not leave
    any more. None for what leaves at any hour: what she asked for just now, and what staff answer her."""
    whose = [(parcel, parcel.participant_id) for parcel in parcels if parcel.participant_id is not None]
    women = await know(tx, {woman for _, woman in whose})
    each = [(parcel, women[woman]) for parcel, woman in whose]
    about = await _about(tx, parcels)
    since = await _since(tx, each, about)
    words: list[HerHours | Held | None] = []
    for parcel, her in each:
        if is_checked(parcel) or _of_what_she_asked(parcel):
            word = _word(parcel, her, about=about.get(parcel.session_id), since=since, now=tx.now)
            words.append(word if is_checked(parcel) or isinstance(word, Held) else None)
        else:
            words.append(None if her.frozen_at is None else Held.FROZEN)
    return words


def _of_what_she_asked(parcel: Parcel) -> bool:
    """Whether staff tell her this of what she asked for, of them or by law."""
    return parcel.origin.startswith(("case:", "request:"))


def _told_of(parcel: Parcel) -> str:
    """The case or request of which she is told: "case:ID", "request:NUMBER"."""
    return ":".join(parcel.origin.split(":")[:2])


@dataclass(frozen=True, slots=True)
class _About:
    """The check-in that a parcel belongs to, as it stands."""

    plan: str
    series: str
    state: CheckinState
    closes_at: datetime | None
    resting_until: datetime | None

    def is_over(self, at: datetime) -> bool:
        """Whether it has nothing more to ask; one that has lost its date does not have it now."""
        return self.state is CheckinState.CLOSED or self.closes_at is None or self.closes_at <= at

    @property
    def waits_for_her(self) -> bool:
        """Whether she was asked, and has not said when she goes on."""
        return self.state in _ASKED and self.resting_until is None


_ASKED = (CheckinState.INVITED, CheckinState.STARTED)


@dataclass(frozen=True, slots=True)
class _Since:
    """When what news tell of was opened, as `_told_of` names it, and the origins of reminders she has replied to."""

    opened: Mapping[str, datetime]
    answered: Collection[str]


def _word(parcel: Parcel, her: Circumstances, *, about: _About | None, since: _Since, now: datetime) -> HerHours | Held:
    if her.died_on is not None:
        return Held.DIED
    if her.frozen_at is not None:
        return Held.FROZEN
    if her.stopped_at is not None and not _asked_after(parcel, her.stopped_at, since=since):
        return Held.STOPPED
    if her.consented is False:
        return Held.WITHDRAWN
    if parcel.urgency.unasked and her.rests(EVERYTHING if about is None else about.series, now):
        return Held.PAUSED
    plan = her.plan if about is None else about.plan
    hours = HerHours(her.zone, her.slot, her.days, plan, her.centre, her.cohort)
    if about is None or not _asks(parcel):
        return hours
    done = parcel.urgency is Urgency.REMINDER and (not about.waits_for_her or parcel.origin in since.answered)
    return Held.OVERTAKEN if done or about.is_over(now) else replace(hours, closes_at=about.closes_at)


def _asks(parcel: Parcel) -> bool:
    """Whether this is an invitation or a reminder."""
    return _says(parcel) and _is_invitation_or_reminder(parcel)


def _is_invitation_or_reminder(parcel: Any) -> bool:
    """The same of a parcel, or its row, of which it is not known whether it says anything."""
    return parcel.urgency == Urgency.INVITATION or _REMINDER.match(parcel.origin) is not None


_REMINDER = re.compile(r"checkin:\d+:remind:")
"""How the origin of a reminder begins (`scheduler/checkins.py`); a closing has the same urgency."""


def _asked_after(parcel: Parcel, stopped_at: datetime, *, since: _Since) -> bool:
    if not _of_what_she_asked(parcel):
        return False
    opened_at = since.opened.get(_told_of(parcel))
    return opened_at is not None and opened_at > stopped_at


async def _about(tx: Tx, parcels: Sequence[Parcel]) -> dict[int | None, _About]:
    wanted = {parcel.session_id for parcel in parcels if parcel.session_id is not None}
    rows = await tx.run(_ABOUT, [{"sessions": list(wanted)}]) if wanted else ()
    return {
        row.id: _About(row.plan, row.series, CheckinState(row.state), row.closes_at, row.resting_until) for row in rows
    }


async def _since(tx: Tx, each: Sequence[tuple[Parcel, Circumstances]], about: Mapping[int | None, _About]) -> _Since:
    """What it takes to know of some parcels alone; most need none of it."""
    told = {_told_of(one) for one, her in each if her.stopped_at is not None and _of_what_she_asked(one)}
    waiting = {session for session, checkin in about.items() if checkin.waits_for_her}
    reminders = [one for one, _ in each if one.session_id in waiting and one.urgency is Urgency.REMINDER and _asks(one)]
    return _Since(await _opened(tx, told), await _answered(tx, reminders))


async def _opened(tx: Tx, told: Collection[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for kind, statement in _OPENED.items() if told else ():
        ids = [int(one.partition(":")[2]) for one in told if one.startswith(kind)]
        found |= {f"{kind}:{row.id}": row.at for row in await tx.run(statement, [{"ids": ids}])}
    return found


async def _answered(tx: Tx, reminders: Sequence[Parcel]) -> set[str]:
    """The origins of those of these reminders after which their conversation has gone on. A tap on an old button alone
    is no answer: what waits here brings the buttons that work."""
    origins = {parcel.origin for parcel in reminders}
    if not origins:
        return set()
    among = {"origins": list(origins), "sessions": list({parcel.session_id for parcel in reminders})}
    posted: dict[int, set[str]] = {}
    answered: set[str] = set()
    for row in await tx.run(_POSTED_SINCE, [among]):
        before = posted.setdefault(row.session_id, set())
        if row.origin in origins:
            before.add(row.origin)
        elif row.urgency == Urgency.REPLY and _has_said(tx, row):
            answered |= before
    return answered


def _has_said(tx: Tx, row: Any) -> bool:
    if row.message_id is not None or row.payload is None:
        return row.message_id is not None
    parcel = _read(tx, row)
    return parcel is not None and _says(parcel)


def _read(tx: Tx, row: Any) -> Parcel | None:
    """The parcel of this row; None where it cannot be read, and is set aside when its turn comes."""
    try:
        return parcel_of(tx, row)
    except (Unsealable, ValueError):
        return None


def _many(name: str) -> Any:
    return bindparam(name, expanding=True)


# Built once: SQLAlchemy takes longer to build and recognise the one than SQLite to answer it.
_ABOUT = (
    select(sessions.c.id, *(checkins.c[name] for name in ("plan", "series", "state", "closes_at", "resting_until")))
    .join(checkins, checkins.c.id == sessions.c.checkin_id)
    .where(sessions.c.id.in_(_many("sessions")))
)
_OPENED = {
    kind: select(of.label("id"), at.label("at")).where(of.in_(_many("ids")))
    for kind, of, at in (("case", cases.c.id, cases.c.opened_at), ("request", requests.c.number, requests.c.asked_at))
}
_FIRST = select(func.min(outbox.c.id)).where(outbox.c.origin.in_(_many("origins"))).scalar_subquery()
_POSTED_SINCE = (
    select(outbox).where(outbox.c.id >= _FIRST, outbox.c.session_id.in_(_many("sessions"))).order_by(outbox.c.id)
)


async def drop(tx: Tx, parcel_ids: Sequence[int], why: Held) -> None:
    """These parcels never leave, and their check-ins were not invited by them: those may be, for the same cause."""
    invitations = select(outbox).where(outbox.c.id.in_(parcel_ids), outbox.c.urgency == Urgency.INVITATION)
    for row in list(await tx.run(invitations)):
        await _take_back(tx, row, next_at=tx.now)
    await _drop(tx, parcel_ids, why)


async def _drop(tx: Tx, parcel_ids: Sequence[int], why: Held) -> None:
    statement = update(outbox).where(outbox.c.id == bindparam("parcel"))
    dropped = statement.values(state=MailState.DROPPED, reason=why, payload=None, done_at=tx.now)
    await tx.run(dropped, [{"parcel": id_} for id_ in parcel_ids])


async def give_up(tx: Tx, parcel: Parcel) -> None:
    """This parcel failed for good on our side. An invitation was then never made, nor a reminder counted; from tomorrow
    on, on her wall, it may be made again."""
    if _asks(parcel):
        await _never_left(tx, parcel)


async def give_up_unread(tx: Tx, parcel_ids: Sequence[int]) -> None:
    """The same of parcels that were set aside because nobody can read them. What else was posted with one does not
    leave without it; where something of it has reached her, she was asked."""
    if not parcel_ids:
        return
    for row in list(await tx.run(select(outbox).where(outbox.c.id.in_(parcel_ids)))):
        if not _is_invitation_or_reminder(row):
            continue
        beside = list(await tx.run(select(outbox).where(_begins(_cause(row.origin)), outbox.c.id != row.id)))
        if all(one.message_id is None for one in beside):
            await _drop(tx, [one.id for one in beside if one.state == MailState.READY], Held.OVERTAKEN)
            await _never_left(tx, row)


async def _never_left(tx: Tx, parcel: Any) -> None:
    woman = parcel.participant_id
    her = (await know(tx, [] if woman is None else [woman])).get(woman)
    tomorrow = tx.now + ONE_DAY if her is None else her.start_of(her.today(tx.now) + ONE_DAY)
    next_at = case((checkins.c.closes_at < tomorrow, checkins.c.closes_at), else_=tomorrow)
    if parcel.urgency == Urgency.INVITATION:
        await _take_back(tx, parcel, next_at=next_at)
    else:
        await _uncount(tx, parcel, next_at=next_at)


async def _take_back(tx: Tx, parcel: Any, *, next_at: datetime | ColumnElement[datetime]) -> None:
    about = await tx.run(select(sessions.c.checkin_id).where(sessions.c.id == parcel.session_id))
    await never_made(tx, [id_ for id_ in about.scalars() if id_ is not None], next_at=next_at)
    await _free_cause(tx, parcel.origin)


async def never_made(tx: Tx, checkin_ids: Collection[int], *, next_at: datetime | ColumnElement[datetime]) -> None:
    """Of these check-ins those that stand as invited were not, or not again; what the ledger said of them is kept. So
    of what her death has closed: should she live, she was not asked."""
    if not checkin_ids:
        return
    stands = select(checkins.c.id).where(checkins.c.id.in_(checkin_ids))
    ids = list((await tx.run(stands.where(checkins.c.state == CheckinState.INVITED))).scalars())
    mourned = list((await tx.run(stands.where(checkins.c.fate_reason == Reason.DIED))).scalars())
    await revisions.keep(tx, [*ids, *mourned], cause=Cause.NEVER_LEFT)
    taken_back = {"state": CheckinState.EXPECTED, "invited_at": _INVITED_BEFORE, "next_at": next_at}
    await tx.run(update(checkins).where(checkins.c.id.in_(ids)).values(**taken_back))
    await tx.run(update(checkins).where(checkins.c.id.in_(mourned)).values(invited_at=_INVITED_BEFORE))


_INVITED_BEFORE = (
    select(revisions_kept.c.invited_at)
    .where(revisions_kept.c.checkin_id == checkins.c.id, revisions_kept.c.cause == Cause.INVITED_AGAIN)
    .where(revisions_kept.c.at == checkins.c.invited_at)
    .limit(1)
    .correlate(checkins)
    .scalar_subquery()
)
"""When she was invited to it before, if this is an invitation that she had put off."""


async def _uncount(tx: Tx, parcel: Any, *, next_at: ColumnElement[datetime]) -> None:
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
    invites = parcel.urgency is Urgency.INVITATION
    since = checkins.c.invited_at if invites else checkins.c.reminded_at
    late = (checkins.c.id == _asked_by(parcel)) & checkins.c.state.in_(_ASKED) & (since < tx.now - LATE)
    ids = list((await tx.run(select(checkins.c.id).where(late))).scalars())
    await revisions.keep(tx, ids if invites else [], cause=Cause.LEFT_LATE)
    await tx.run(update(checkins).where(checkins.c.id.in_(ids)).values({since: tx.now}))


def _asked_by(parcel: Any) -> ScalarSelect[int]:
    return select(sessions.c.checkin_id).where(sessions.c.id == parcel.session_id).scalar_subquery()


async def _free_cause(tx: Tx, origin: str) -> None:
    """What caused this parcel, and whatever was posted with it, may cause it anew."""
    await tx.run(
        update(outbox).where(_begins(_cause(origin))).values(origin=outbox.c.origin + ":" + cast(outbox.c.id, Text))
    )


def _cause(origin: str) -> str:
    """How the origins of all begin that was posted for the same cause as this."""
    return origin.rpartition(":")[0] + ":"


def _begins(prefix: str) -> ColumnElement[bool]:
    """Whether an origin begins with this, which ends in a colon; found by the index of origins."""
    return (outbox.c.origin >= prefix) & (outbox.c.origin < prefix[:-1] + ";")


async def drop_what_waits(tx: Tx, participant: int, why: Held) -> None:
    """Whatever waits in the outbox to reach her, and is no reply, never leaves."""
    waiting = select(outbox).where(outbox.c.participant_id == participant, READY)
    parcels = [(row.id, _read(tx, row)) for row in await tx.run(waiting)]
    await drop(tx, [id_ for id_, parcel in parcels if parcel is not None and is_checked(parcel)], why)


async def waiting_by_checkin(tx: Tx, lanes: Collection[str | None]) -> dict[int, frozenset[Urgency]]:
    """What waits for these chats or is on its way there, by the check-in that it belongs to."""
    if not lanes:
        return {}
    statement = select(sessions.c.checkin_id, outbox.c.urgency).join(sessions, sessions.c.id == outbox.c.session_id)
    found: dict[int, frozenset[Urgency]] = {}
    for checkin, urgency in await tx.run(statement.where(outbox.c.lane.in_(lanes), OPEN)):
        if checkin is not None:
            found[checkin] = found.get(checkin, frozenset()) | {Urgency(urgency)}
    return found

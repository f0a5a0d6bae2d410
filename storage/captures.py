"""Interviews that a member of staff holds, on the phone or face to face: what she can ask, who asks, and how it ends.

* A check-in is asked in one place at a time: whoever takes it up ends what stood open of it, in the woman's own chat or
  in another member's; what she answered there is kept, and gone on from.
* Whoever acts upon what is no longer so gets a Conflict, and looks again.
* What may be asked of whom is the caseload's: of others' women nothing is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select, update

from conversations.speech import Speech
from storage import audit, calls, ledger, members
from storage.calls import Attempt, Channel, Disposition
from storage.circumstances import Reach, know
from storage.consents import purposes_of, spoken_of
from storage.database import Conflict, Tx
from storage.fates import CheckinState
from storage.interviews import PHONE, Conversation, end, open_about
from storage.mail import Parcel, Urgency, post
from storage.members import Member, visible_to
from storage.records import Entry, Writer
from storage.schema import captures, checkins, participants, preferences, sessions, staff, vault
from storage.vault import Place


class How(StrEnum):
    """How an interview by staff ended."""

    COMPLETED = "completed"
    HANDED_BACK = "handed_back"  # she goes on in her own chat
    LEFT = "left"  # its time was over
    TAKEN_OVER = "taken_over"  # by another member of staff, or begun anew


@dataclass(frozen=True, slots=True)
class Her:
    """The woman who is to be asked: her name, where her clock is, what she consents to, whether she wishes to be left
    alone, whether her own chat reaches her, and of which purposes she has said yes or no."""

    participant: int
    name: str
    zone: str
    purposes: tuple[str, ...]
    stopped: bool
    reachable: bool = False
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ToAsk:
    """A check-in of hers that has a date."""

    id: int
    plan: str
    point: str
    instrument: str
    state: CheckinState
    due_on: date
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is asking her about a check-in now, and since when."""

    capture: int
    staff: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class HerToAsk:
    """A woman with her check-ins that are not over, by date."""

    her: Her
    checkins: tuple[ToAsk, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One check-in with the woman whose it is, who is asking her, and what stands open about it in her own chat."""

    her: Her
    checkin: ToAsk
    holder: Holder | None
    talk: Conversation | None


@dataclass(frozen=True, slots=True)
class CheckinsToAsk:
    """What this woman can be asked about, if the member of staff may see her."""

    member: Member
    participant: int

    async def find(self, tx: Tx) -> HerToAsk | None:
        """She and her check-ins."""
        her = await _her(tx, self.member, participants.c.id == self.participant)
        if her is None:
            return None
        open_ones = checkins.c.state.not_in((CheckinState.CLOSED, CheckinState.WAITING_FOR_DATE))
        hers = select(checkins).where(checkins.c.participant_id == self.participant, open_ones)
        return HerToAsk(her, tuple([_to_ask(row) for row in await tx.run(hers.order_by(checkins.c.due_on))]))


@dataclass(frozen=True, slots=True)
class CheckinToAsk:
    """One check-in, if the member of staff may see the woman whose it is."""

    member: Member
    checkin: int

    async def find(self, tx: Tx) -> Subject | None:
        """The check-in, closed or not, with all that asking takes."""
        row = (await tx.run(select(checkins).where(checkins.c.id == self.checkin))).one_or_none()
        if row is None or row.due_on is None:
            return None
        her = await _her(tx, self.member, participants.c.id == row.participant_id)
        if her is None:
            return None
        return Subject(her, _to_ask(row), await _holder(tx, self.checkin), await open_about(tx, self.checkin))


async def _her(tx: Tx, member: Member, which: Any) -> Her | None:
    columns = (participants.c.id, vault.c.name, preferences.c.zone)
    joined = select(*columns).join(vault, vault.c.participant_id == participants.c.id)
    seen = joined.join(preferences, preferences.c.participant_id == participants.c.id).where(which, visible_to(member))
    row = (await tx.run(seen)).one_or_none()
    if row is None:
        return None
    reach, _ = (await know(tx, [row.id]))[row.id].reach
    name = tx.vault.open_text(Place("vault", "name", row.id), row.name) or ""
    purposes = (await purposes_of(tx, [row.id])).get(row.id, ())
    stopped = reach in (Reach.STOPPED, Reach.DEAD)
    said = await spoken_of(tx, row.id)
    return Her(row.id, name, row.zone, purposes, stopped, reachable=reach is Reach.REACHABLE, said=said)


def _to_ask(row: Any) -> ToAsk:
    state = CheckinState(row.state)
    return ToAsk(row.id, row.plan, row.point, row.instrument, state, row.due_on, row.closes_at)


def _held(checkin: int) -> Select[Any]:
    return select(captures).where(captures.c.checkin_id == checkin, captures.c.ended_at.is_(None))


async def _holder(tx: Tx, checkin: int) -> Holder | None:
    held = (await tx.run(_held(checkin))).one_or_none()
    if held is None:
        return None
    row = (await tx.run(select(staff).where(staff.c.id == held.staff_id))).one()
    return Holder(held.id, held.staff_id, members.name_of(tx, row), held.began_at)


# --- records that the room returns


@dataclass(frozen=True, slots=True)
class CaptureBegan:
    """This member of staff asks her now. Raises Conflict where anybody does already."""

    staff: int
    mode: str


@dataclass(frozen=True, slots=True)
class CaptureFreed:
    """An interview that somebody else was holding, or nobody any more, is over. Raises Conflict if it was before."""

    capture: int
    by: int


@dataclass(frozen=True, slots=True)
class SittingTaken:
    """What stands open of it in her own chat, as it stood when it was looked at, is over; this is said there."""

    talk: Conversation
    said: tuple[Speech, ...]


@dataclass(frozen=True, slots=True)
class CaptureWent:
    """She has said something to this member of staff."""

    staff: int


@dataclass(frozen=True, slots=True)
class CaptureEnded:
    """This member of staff asks no more."""

    staff: int
    how: How


async def _freed(tx: Tx, entries: Sequence[Entry[CaptureFreed]]) -> None:
    for entry in entries:
        over = update(captures).where(captures.c.id == entry.record.capture, captures.c.ended_at.is_(None))
        if not (await tx.run(over.values(ended_at=tx.now, ended_how=How.TAKEN_OVER))).rowcount:
            raise Conflict("that interview is over")
        await audit.append(tx, [audit.Act(audit.acting(entry.record.by), "capture_freed", str(entry.participant_id))])


async def _began(tx: Tx, entries: Sequence[Entry[CaptureBegan]]) -> None:
    rows = [
        {
            "id": tx.ids.random(),
            "checkin_id": entry.checkin_id,
            "staff_id": entry.record.staff,
            "mode": entry.record.mode,
            "began_at": tx.now,
        }
        for entry in entries
    ]
    await tx.run(captures.insert(), rows)
    acts = [(audit.acting(e.record.staff), "capture_began", str(e.participant_id), e.record.mode) for e in entries]
    await audit.append(tx, [audit.Act(*act) for act in acts])


async def _sittings_taken(tx: Tx, entries: Sequence[Entry[SittingTaken]]) -> None:
    for entry in entries:
        talk = entry.record.talk
        as_it_was = (sessions.c.id == talk.id) & (sessions.c.sprint == talk.sprint) & sessions.c.closed_at.is_(None)
        if (await tx.run(select(sessions.c.id).where(as_it_was))).first() is None:
            raise Conflict("she has gone on in her own chat")
        await end(tx, [talk.id])
        await post(tx, [_told(entry, speech, place=place) for place, speech in enumerate(entry.record.said)])


def _told(entry: Entry[SittingTaken], speech: Speech, *, place: int) -> Parcel:
    talk = entry.record.talk
    return Parcel(
        origin=f"{entry.origin}:taken:{place}",
        lane=talk.lane,
        chat_id=talk.chat_id,
        speech=speech,
        urgency=Urgency.NEWS,
        participant_id=talk.participant_id,
        session_id=talk.id,
    )


async def _went(tx: Tx, entries: Sequence[Entry[CaptureWent]]) -> None:
    for entry in entries:
        hers = _held(entry.checkin_id or 0).where(captures.c.staff_id == entry.record.staff)
        if (await tx.run(hers)).first() is None:
            raise Conflict("somebody else asks her now")
    await ledger.heard(tx, [entry.checkin_id for entry in entries if entry.checkin_id is not None])


async def _ended(tx: Tx, entries: Sequence[Entry[CaptureEnded]]) -> None:
    for entry in entries:
        held = (captures.c.checkin_id == entry.checkin_id) & captures.c.ended_at.is_(None)
        over = update(captures).where(held, captures.c.staff_id == entry.record.staff)
        ending = over.values(ended_at=tx.now, ended_how=entry.record.how).returning(captures.c.mode)
        mode = (await tx.run(ending)).scalar_one_or_none()
        if mode is not None:
            act = (audit.acting(entry.record.staff), "capture_ended", str(entry.participant_id), entry.record.how.value)
            await audit.append(tx, [audit.Act(*act)])
            await _attempted(tx, entry, mode=mode)


async def _attempted(tx: Tx, entry: Entry[CaptureEnded], *, mode: str) -> None:
    """Whoever was asked was reached, when she last said something: that is an attempt like any other, and whoever was
    to call her by then, about whatever, need not: a task asks for her, and not for an answer."""
    met = Disposition.INTERVIEWED if entry.record.how is How.COMPLETED else Disposition.PARTIAL
    channel = Channel.PHONE if mode == PHONE else Channel.VISIT
    attempt = Attempt(met, channel, checkin=entry.checkin_id, at=entry.at.astimezone(UTC))
    by = audit.acting(entry.record.staff)
    await calls.record(tx, entry.participant_id or 0, attempt, by=by, try_again_at=tx.now)


WRITERS: dict[type, Writer] = {
    CaptureFreed: _freed,
    CaptureBegan: _began,
    SittingTaken: _sittings_taken,
    CaptureWent: _went,
    CaptureEnded: _ended,
}
"""To be called after the ledger's own writers: what was said is heard, whatever it was."""

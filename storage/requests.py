"""What women ask for by law: to see what is kept of them, to correct or erase it, or to have something done no more.

* Each has a number that she is told at once, and a clock in working days of the office: 20 to answer her, and 15 more
  to do what she was granted (LFPDPPP 2025); each may be made as long again, once, for a reason that is kept.
* Nothing is granted before it is known that it is she who asks.
* What she asked by and why a term was made longer goes when she is erased; number, days and answer stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from conversations.speech import Button, Phrase, Said
from storage import audit, cases_office, erasure, installation, people
from storage.database import Tx
from storage.erasure import Cause, Standing, Wish
from storage.mail import Parcel, Urgency, post
from storage.members import SEES_ALL
from storage.phones import alert, phones
from storage.records import Entry, Writer
from storage.schema import requests, staff
from storage.stops import How
from storage.vault import Place

ANSWER_DAYS, CARRY_OUT_DAYS = 20, 15
"""Working days to answer a request, and then to do what was granted (LFPDPPP 2025)."""

WARN_DAYS = 3
"""Working days before a term ends at which coordinators are told."""

NUMBER = "request_number"
"""The fact that says which number was given last."""

TO_THE_QUEUE = Button("rights.list", Phrase("staff.rights_back"))


class Kind(StrEnum):
    """What she asks for. The values are stored."""

    ACCESS = "acceso"
    CORRECT = "correccion"
    ERASE = "cancelacion"
    OBJECT = "oposicion"


class State(StrEnum):
    """Where it stands: to be answered, granted and still to be done, or over."""

    OPEN = "open"
    GRANTED = "granted"
    CLOSED = "closed"


class Answer(StrEnum):
    """How it was answered."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"  # she has changed her mind, or it was not she


@dataclass(frozen=True, slots=True)
class Request:
    """One request as staff see it; `name` and `record_id` are empty of whom nothing is known any more. `erasure`: that
    by which she is set aside. `due_on` is the last day of the term that runs."""

    number: int
    woman: int
    kind: Kind
    state: State
    asked_at: datetime
    words: str
    due_on: date
    name: str
    record_id: str
    taken_by: int | None
    proved: bool
    extended: bool
    erasure: Standing | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """She asks for something. `proved` says how it is known that it is she (None: it is not); `settled`: she has it
    already."""

    participant: int
    kind: Kind
    words: str = ""
    proved: str | None = None
    settled: bool = False


async def open_request(tx: Tx, asked: Asked, *, erased: int | None = None) -> tuple[int, date]:
    """Write it down; returns its number, and the day by which she is answered."""
    number = int(await installation.recall(tx, NUMBER) or 0) + 1
    await installation.remember(tx, {NUMBER: str(number)})
    office = await cases_office.office(tx)
    due = office.day_after(tx.now, ANSWER_DAYS)
    sealed = tx.vault.seal_text(_words(number), asked.words or None)
    row: dict[str, Any] = {
        "number": number,
        "participant_id": asked.participant,
        "erasure_id": erased,
        "kind": asked.kind,
        "words": sealed,
        "state": State.OPEN,
        "asked_at": tx.now,
        "asked_how": How.CHAT,
        "answer_by_on": due,
    }
    if asked.proved is not None:
        row |= {"proved_how": asked.proved, "proved_at": tx.now}
    if asked.settled:
        row |= {"state": State.CLOSED, "answer": Answer.GRANTED, "answered_at": tx.now, "carried_out_at": tx.now}
    await tx.run(requests.insert().values(row))
    await audit.append(tx, [audit.Act("participant", "request_opened", str(asked.participant), str(number))])
    return number, due


def _words(number: int) -> Place:
    return Place("requests", "words", number)


# --- what staff see


_OPEN = requests.c.state != State.CLOSED


async def standing(tx: Tx, number: int | None = None) -> list[Request]:
    """What is not over, the first to be due first; or only that of this number. What this gives names people."""
    which = _OPEN if number is None else _OPEN & (requests.c.number == number)
    rows = list(await tx.run(select(requests).where(which).order_by(requests.c.number)))
    aside = {one.woman: one for one in await erasure.set_aside(tx)}
    found = [await _request(tx, row, aside.get(row.participant_id)) for row in rows]
    return sorted(found, key=lambda one: (one.due_on, one.number))


async def _request(tx: Tx, row: Any, aside: Standing | None) -> Request:
    name, record_id = ("", "") if aside is None else (aside.notes.name, aside.notes.record_id)
    if aside is None and (cards := await people.cards(tx, row.participant_id)):
        name, record_id = cards[0].name, cards[0].record_id
    granted = row.state == State.GRANTED
    return Request(
        number=row.number,
        woman=row.participant_id,
        kind=Kind(row.kind),
        state=State(row.state),
        asked_at=row.asked_at,
        words=tx.vault.open_text(_words(row.number), row.words) or "",
        due_on=row.carry_out_by_on if granted else row.answer_by_on,
        name=name,
        record_id=record_id,
        taken_by=row.taken_by,
        proved=row.proved_at is not None,
        extended=(row.carry_out_extended if granted else row.answer_extended) is not None,
        erasure=aside,
    )


@dataclass(frozen=True, slots=True)
class Requests:
    """All that is not over."""

    async def find(self, tx: Tx) -> list[Request]:
        """They, the first to be due first."""
        return await standing(tx)


@dataclass(frozen=True, slots=True)
class OneRequest:
    """The request of this number, if it is not over."""

    number: int

    async def find(self, tx: Tx) -> Request | None:
        """It."""
        return next(iter(await standing(tx, self.number)), None)


# --- what staff do


async def take(tx: Tx, one: Request, *, by: int | None) -> None:
    """Somebody sees to it."""
    await tx.run(update(requests).where(requests.c.number == one.number).values(taken_by=by))
    await _note(tx, one, action="request_taken", by=by)


async def prove(tx: Tx, one: Request, how: str, *, by: int | None) -> None:
    """It is she who asks, as staff found out in this way."""
    proved = {"proved_how": how, "proved_at": tx.now}
    await tx.run(update(requests).where(requests.c.number == one.number).values(proved))
    if one.erasure is not None:
        await erasure.prove(tx, one.erasure.id, how=how, by=audit.acting(by))
    await _note(tx, one, action="request_proved", detail=how, by=by)


async def answer(tx: Tx, one: Request, said: Answer, *, by: int | None) -> bool:
    """Answer her. False for what is answered already, or would be granted to nobody knows whom."""
    if one.state is not State.OPEN or (said is Answer.GRANTED and not one.proved):
        return False
    values: dict[str, Any] = {"answer": said, "answered_at": tx.now, "answered_by": by, "warned_at": None}
    if said is Answer.GRANTED:
        office = await cases_office.office(tx)
        values |= {"state": State.GRANTED, "carry_out_by_on": office.day_after(tx.now, CARRY_OUT_DAYS)}
    else:
        values["state"] = State.CLOSED
    await tx.run(update(requests).where(requests.c.number == one.number).values(values))
    await _note(tx, one, action="request_answered", detail=said, by=by)
    return True


async def extend(tx: Tx, one: Request, reason: str, *, by: int | None) -> bool:
    """Make the term that runs as long again. False where it was made longer before."""
    if one.extended:
        return False
    office = await cases_office.office(tx)
    row = (await tx.run(select(requests).where(requests.c.number == one.number))).one()
    granted = one.state is State.GRANTED
    since, days = (row.answered_at, CARRY_OUT_DAYS) if granted else (row.asked_at, ANSWER_DAYS)
    due, why = ("carry_out_by_on", "carry_out_extended") if granted else ("answer_by_on", "answer_extended")
    sealed = tx.vault.seal_text(Place("requests", why, one.number), reason)
    values = {due: office.day_after(since, 2 * days), why: sealed, "warned_at": None}
    await tx.run(update(requests).where(requests.c.number == one.number).values(values))
    await _note(tx, one, action="request_extended", by=by)
    return True


async def carry_out(tx: Tx, one: Request, *, by: int | None) -> bool:
    """What was granted is done. False for what was not granted."""
    if one.state is not State.GRANTED:
        return False
    done = {"state": State.CLOSED, "carried_out_at": tx.now, "carried_out_by": by}
    await tx.run(update(requests).where(requests.c.number == one.number).values(done))
    await _note(tx, one, action="request_carried_out", by=by)
    return True


async def put_back(tx: Tx, one: Request, how: str, *, by: int | None) -> bool:
    """She does not want to be erased, or it was not she who asked. False once her week is over."""
    aside = one.erasure
    if aside is None or aside.undo_until <= tx.now:
        return False
    await erasure.undo(tx, aside, by=audit.acting(by), how=how)
    over = {"state": State.CLOSED, "answer": Answer.WITHDRAWN, "answered_at": tx.now, "answered_by": by}
    hers = (requests.c.participant_id == one.woman) & (requests.c.kind == Kind.ERASE) & _OPEN
    await tx.run(update(requests).where(hers).values(over | {"carry_out_by_on": None}))
    return True


async def _note(tx: Tx, one: Request, *, action: str, by: int | None, detail: str = "") -> None:
    told = f"{one.number} {detail}".strip()
    await audit.append(tx, [audit.Act(audit.acting(by), action, str(one.woman), told)])


# --- clocks


async def overdue(tx: Tx) -> tuple[int, int]:
    """How many are not over, and of how many the day has passed."""
    today = (await cases_office.office(tx)).wall(tx.now).date()
    found = [_due(row) for row in await tx.run(select(requests).where(_OPEN))]
    return len(found), sum(day < today for day in found)


def _due(row: Any) -> date:
    day: date = row.carry_out_by_on if row.state == State.GRANTED else row.answer_by_on
    return day


async def warn(tx: Tx) -> int:
    """Tell coordinators, once, of the terms that end soon; returns of how many."""
    rows = list(await tx.run(select(requests).where(_OPEN, requests.c.warned_at.is_(None))))
    office = await cases_office.office(tx)
    soon = [row.number for row in rows if _due(row) <= office.day_after(tx.now, WARN_DAYS)]
    if soon:
        await tx.run(update(requests).where(requests.c.number.in_(soon)).values(warned_at=tx.now))
        await _tell_staff(tx, Phrase("staff.rights_due", {"count": len(soon)}), origin=f"rights:{tx.ids.random():x}")
    return len(soon)


async def _tell_staff(tx: Tx, phrase: Phrase, *, origin: str) -> None:
    lead = await phones(tx, staff.c.role.in_(SEES_ALL))
    await post(tx, [alert(tx, phone, phrase, origin=origin, onward=TO_THE_QUEUE) for phone in lead])


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """She wants that nothing is kept of her, or takes back that we may."""

    participant: int
    proved: str | None = None
    cause: Cause = Cause.ERASED


@dataclass(frozen=True, slots=True)
class Done:
    """What a member of staff did with a request: `what` is one of DEEDS, `with_` how, or why."""

    number: int
    what: str
    staff: int
    with_: str = ""


async def _asked(tx: Tx, entries: Sequence[Entry[Asked]]) -> None:
    for entry in entries:
        number, due = await open_request(tx, entry.record)
        told, settled = _told(number, due), entry.record.settled
        said = Said(Phrase("rights.noted", told) if settled else Phrase("rights.receipt", told))
        hers = (entry.participant_id, entry.session_id)
        # As urgent as an alert: it comes after what she is told at once.
        await post(tx, [Parcel(f"{entry.origin}:receipt", entry.lane, entry.chat_id, said, Urgency.ALERT, *hers)])
        if not settled:
            await _tell_staff(tx, Phrase("staff.rights_new"), origin=f"{entry.origin}:rights")


def _told(number: int, due: date) -> dict[str, str | int]:
    return {"number": number, "day": f"{due.day}/{due.month}/{due.year}"}


async def _erasure_asked(tx: Tx, entries: Sequence[Entry[ErasureAsked]]) -> None:
    for entry in entries:
        record = entry.record
        number, due = await open_request(tx, Asked(record.participant, Kind.ERASE, proved=record.proved))
        said = Phrase("rights.erased", _told(number, due))
        wish = Wish("participant", record.cause, record.proved, f"{entry.origin}:", said)
        made = await erasure.erase(tx, record.participant, wish)
        await tx.run(update(requests).where(requests.c.number == number).values(erasure_id=made))
        await _tell_staff(tx, Phrase("staff.rights_new"), origin=f"{entry.origin}:rights")


async def _done(tx: Tx, entries: Sequence[Entry[Done]]) -> None:
    for entry in entries:
        did = entry.record
        found = await standing(tx, did.number)
        for one in found:
            match did.what:
                case "take":
                    await take(tx, one, by=did.staff)
                case "prove":
                    await prove(tx, one, did.with_, by=did.staff)
                case "extend":
                    await extend(tx, one, did.with_, by=did.staff)
                case "done":
                    await carry_out(tx, one, by=did.staff)
                case "undo":
                    await put_back(tx, one, did.with_, by=did.staff)
                case _:
                    await answer(tx, one, Answer(did.what), by=did.staff)


WRITERS: dict[type, Writer] = {Asked: _asked, Done: _done}
CLOSING: dict[type, Writer] = {ErasureAsked: _erasure_asked}
"""To be called after all else that a step has caused is written, what she is told too: then she is gone."""

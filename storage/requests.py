"""What women ask for by law: to see what is kept of them, to correct or erase it, or to have something done no more.

* Each has a number that she is told at once, and a clock (`storage/request_terms.py`); each term may be made as long
  again, once, for a reason that is kept.
* Nothing is granted before it is known that it is she who asks, and nothing denied without a reason in words for her.
* Whatever staff answer, she reads in her chat, or they are told that it is theirs to tell (`storage/request_news.py`).
* What she asked by and why a term was made longer goes when she is erased; number, days and answer stay.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from conversations.speech import Phrase, Said, TapAnswered
from storage import audit, cases_office, erasure, installation, people, request_news
from storage.database import Conflict, Tx
from storage.erasure import Cause, Standing, Wish
from storage.mail import Parcel, Urgency, post
from storage.records import Entry, Writer
from storage.request_kinds import Answer, Kind, State
from storage.request_news import News
from storage.request_terms import ANSWER_DAYS, CARRY_OUT_DAYS, OPEN, due_on, tell_staff
from storage.schema import requests
from storage.stops import How
from storage.vault import Place

NUMBER = "request_number"
"""The fact that says which number was given last."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as staff see it; `name` and `record_id` are empty of whom nothing is known any more. `erasure`: that
    by which she is set aside. `due_on` is the last day of the term that runs, and `days_left` how many working days
    away that is, below 0 once it is over. `reached`: she reads the answer in her chat. `replaced`: she is set aside,
    and her record_id is somebody else's by now."""

    number: int
    woman: int
    kind: Kind
    state: State
    asked_at: datetime
    words: str
    due_on: date
    days_left: int
    name: str
    record_id: str
    taken_by: int | None
    proved: bool
    extended: bool
    reached: bool
    erasure: Standing | None = None
    replaced: bool = False


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


async def standing(tx: Tx, number: int | None = None) -> list[Request]:
    """What is not over, the first to be due first; or only that of this number. What this gives names people."""
    which = OPEN if number is None else OPEN & (requests.c.number == number)
    rows = list(await tx.run(select(requests).where(which).order_by(requests.c.number)))
    aside = {one.woman: one for one in await erasure.set_aside(tx)}
    reached = await request_news.reached(tx, [(row.participant_id, row.asked_at) for row in rows])
    office = await cases_office.office(tx)
    found = [
        replace(
            await _request(tx, row, aside.get(row.participant_id)),
            days_left=office.days_left(tx.now, due_on(row)),
            reached=row.participant_id in reached,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.due_on, one.number))


async def _request(tx: Tx, row: Any, aside: Standing | None) -> Request:
    name, record_id = ("", "") if aside is None else (aside.notes.name, aside.notes.record_id)
    replaced = aside is not None and bool(await people.known_record_ids(tx, [record_id]))
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
        due_on=due_on(row),
        days_left=0,
        name=name,
        record_id=record_id,
        taken_by=row.taken_by,
        proved=row.proved_at is not None,
        extended=(row.carry_out_extended if granted else row.answer_extended) is not None,
        reached=False,
        erasure=aside,
        replaced=replaced,
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


async def take(tx: Tx, one: Request, *, by: int | None) -> bool:
    """Somebody sees to it, whoever did before."""
    await tx.run(update(requests).where(requests.c.number == one.number).values(taken_by=by))
    await _note(tx, one, action="request_taken", by=by)
    return True


async def prove(tx: Tx, one: Request, how: str, *, by: int | None) -> bool:
    """It is she who asks, as staff found out in this way; the last word on it stands."""
    proved = {"proved_how": how, "proved_at": tx.now}
    await tx.run(update(requests).where(requests.c.number == one.number).values(proved))
    if one.erasure is not None:
        await erasure.prove(tx, one.erasure.id, how=how, by=audit.acting(by))
    await _note(tx, one, action="request_proved", detail=how, by=by)
    return True


async def grant(tx: Tx, one: Request, *, by: int | None) -> bool:
    """What she asks for will be done, and she is told until when. False for what is answered already, or would be
    granted to nobody knows whom."""
    if one.state is not State.OPEN or not one.proved:
        return False
    office = await cases_office.office(tx)
    due = office.day_after(tx.now, CARRY_OUT_DAYS)
    await _answer(tx, one, {"answer": Answer.GRANTED, "state": State.GRANTED, "carry_out_by_on": due}, by=by)
    await request_news.tell(tx, _news(one, request_news.GRANTED, day=due))
    return True


async def deny(tx: Tx, one: Request, why: str, *, by: int | None) -> bool:
    """It will not be done; she is told `why`, in words for her, and where she can complain. False for what is answered
    already, or a denial without a reason."""
    if one.state is not State.OPEN or not why.strip():
        return False
    sealed = tx.vault.seal_text(Place("requests", "denied_why", one.number), why)
    await _answer(tx, one, {"answer": Answer.DENIED, "state": State.CLOSED, "denied_why": sealed}, by=by)
    await request_news.tell(tx, _news(one, request_news.DENIED, why=why))
    return True


async def _answer(tx: Tx, one: Request, values: dict[str, Any], *, by: int | None) -> None:
    values |= {"answered_at": tx.now, "answered_by": by, "warned_at": None}
    await tx.run(update(requests).where(requests.c.number == one.number).values(values))
    await _note(tx, one, action="request_answered", detail=values["answer"], by=by)


def _news(one: Request, what: str, *, day: date | None = None, why: str = "") -> News:
    return News(one.number, one.woman, one.asked_at, what, day, why)


async def extend(tx: Tx, one: Request, reason: str, *, by: int | None) -> bool:
    """Make the term that runs as long again, and tell her. False where it was made longer before."""
    if one.extended:
        return False
    office = await cases_office.office(tx)
    row = (await tx.run(select(requests).where(requests.c.number == one.number))).one()
    granted = one.state is State.GRANTED
    since, days = (row.answered_at, CARRY_OUT_DAYS) if granted else (row.asked_at, ANSWER_DAYS)
    due, why = ("carry_out_by_on", "carry_out_extended") if granted else ("answer_by_on", "answer_extended")
    sealed = tx.vault.seal_text(Place("requests", why, one.number), reason)
    last = office.day_after(since, 2 * days)
    longer = update(requests).where(requests.c.number == one.number).values({due: last, why: sealed, "warned_at": None})
    await tx.run(longer)
    await _note(tx, one, action="request_extended", by=by)
    await request_news.tell(tx, _news(one, request_news.LONGER, day=last))
    return True


async def carry_out(tx: Tx, one: Request, *, by: int | None) -> bool:
    """What was granted is done, and she is told. False for what was not granted."""
    if one.state is not State.GRANTED:
        return False
    done = {"state": State.CLOSED, "carried_out_at": tx.now, "carried_out_by": by}
    await tx.run(update(requests).where(requests.c.number == one.number).values(done))
    await _note(tx, one, action="request_carried_out", by=by)
    await request_news.tell(tx, _news(one, request_news.DONE))
    return True


async def put_back(tx: Tx, one: Request, how: str, *, by: int | None) -> bool:
    """She does not want to be erased, or it was not she who asked. False once her week is over, or while her record_id
    is somebody else's."""
    aside = one.erasure
    if aside is None or aside.undo_until <= tx.now or one.replaced:
        return False
    await erasure.undo(tx, aside, by=audit.acting(by), how=how)
    over = {"state": State.CLOSED, "answer": Answer.WITHDRAWN, "answered_at": tx.now, "answered_by": by}
    hers = (requests.c.participant_id == one.woman) & (requests.c.kind == Kind.ERASE) & OPEN
    await tx.run(update(requests).where(hers).values(over | {"carry_out_by_on": None}))
    return True


async def _note(tx: Tx, one: Request, *, action: str, by: int | None, detail: str = "") -> None:
    told = f"{one.number} {detail}".strip()
    await audit.append(tx, [audit.Act(audit.acting(by), action, str(one.woman), told)])


# --- records that dialogues return


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """She wants that nothing is kept of her, or takes back that we may, by this `tap`: the answer to it is all that
    tells her the number, and stands nowhere."""

    participant: int
    tap: str
    proved: str | None = None
    cause: Cause = Cause.ERASED


@dataclass(frozen=True, slots=True)
class Done:
    """What a member of staff did with a request (one of _DEEDS), and how, or why."""

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
            await tell_staff(tx, Phrase("staff.rights_new"), origin=f"{entry.origin}:rights")


def _told(number: int, due: date) -> dict[str, str | int]:
    return {"number": number, "day": f"{due.day}/{due.month}/{due.year}"}


async def _erasure_asked(tx: Tx, entries: Sequence[Entry[ErasureAsked]]) -> None:
    for entry in entries:
        record = entry.record
        number, _ = await open_request(tx, Asked(record.participant, Kind.ERASE, proved=record.proved))
        flashed = TapAnswered(record.tap, Phrase("rights.erased", {"number": number}))
        await post(tx, [Parcel(f"{entry.origin}:erased", entry.lane, entry.chat_id, flashed)])
        wish = Wish("participant", record.cause, record.proved, f"{entry.origin}:")
        made = await erasure.erase(tx, record.participant, wish)
        await tx.run(update(requests).where(requests.c.number == number).values(erasure_id=made))
        aside = None if made is None else await erasure.by_id(tx, made)
        urgent = aside is not None and aside.notes.in_danger
        told = Phrase("staff.rights_urgent" if urgent else "staff.rights_new")
        await tell_staff(tx, told, origin=f"{entry.origin}:rights")


Deed = Callable[[Tx, Request, Done], Awaitable[bool]]

_DEEDS: Mapping[str, Deed] = {
    "take": lambda tx, one, did: take(tx, one, by=did.staff),
    "phone": lambda tx, one, did: _phone_read(tx, one, by=did.staff),
    "prove": lambda tx, one, did: prove(tx, one, did.with_, by=did.staff),
    "extend": lambda tx, one, did: extend(tx, one, did.with_, by=did.staff),
    "granted": lambda tx, one, did: grant(tx, one, by=did.staff),
    "denied": lambda tx, one, did: deny(tx, one, did.with_, by=did.staff),
    "done": lambda tx, one, did: carry_out(tx, one, by=did.staff),
    "undo": lambda tx, one, did: put_back(tx, one, did.with_, by=did.staff),
}


async def _phone_read(tx: Tx, one: Request, *, by: int) -> bool:
    await audit.append(tx, [audit.Act(audit.acting(by), "phone_read", str(one.woman))])
    return True


async def _done(tx: Tx, entries: Sequence[Entry[Done]]) -> None:
    """Raises Conflict if somebody else has done meanwhile what leaves nothing to do."""
    for did in (entry.record for entry in entries):
        found = await standing(tx, did.number)
        if not found or not await _DEEDS[did.what](tx, found[0], did):
            raise Conflict(f"nothing is left to be {did.what}")


WRITERS: dict[type, Writer] = {Asked: _asked, Done: _done}
CLOSING: dict[type, Writer] = {ErasureAsked: _erasure_asked}
"""To be called after all else that a step has caused is written, what she is told too: then she is gone."""

"""Who is to be called, what became of each attempt, and the words that give nothing away.

* The list shows record_ids and no names or numbers; those come with the words for one call, and reading them is
  written down.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.contacts import cell, named_by
from bot.cli.opening import open_plans, open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import find
from bot.cli.upcoming import NAMELESS
from bot.settings import read_settings
from locales.catalog import SPANISH, load_catalog
from scheduler.calendar import local_day
from scheduler.calling import Outcome, hours_of, settle, try_again
from storage import calls, contacts, people, roster
from storage.calls import MEANINGS, ONLY_SHE, Attempt, Channel, Disposition, Task
from storage.database import Tx
from storage.imports.cells import read_phone
from storage.people import Card
from storage.vault import Unsealable


def print_calls(*, as_json: bool) -> None:
    """Print who is to be called, the most pressing first."""

    async def work() -> tuple[datetime, list[tuple[Card, Task]], list[str]]:
        async with open_store(read_settings()) as database, database.read() as tx:
            listed = await calls.call_list(tx)
            found, damaged = [], list(listed.unreadable)
            for task in listed.tasks:
                try:
                    found += [(card, task) for card in await people.cards(tx, task.participant)]
                except Unsealable:
                    damaged.append(task.participant)
            names = await people.record_ids(tx, damaged)
            return tx.now, found, [names.get(woman, NAMELESS) for woman in damaged]

    now, found, damaged = asyncio.run(work())
    if as_json:
        print_json([_told(card, task, now=now) for card, task in found])
    else:
        for card, task in found:
            typer.echo(_line(card, task, now=now))
        typer.echo(f"{len(found)} to call", err=True)
    for record_id in damaged:
        typer.echo(f"left out: {record_id}: something that is kept of her cannot be read", err=True)


def _told(card: Card, task: Task, *, now: datetime) -> dict[str, Any]:
    """A call as programs read it."""
    told = asdict(task)
    del told["participant"]
    return {"record_id": card.record_id, **told, "days_silent": (now - task.silent_since).days}


def _line(card: Card, task: Task, *, now: datetime) -> str:
    """A call as people read it, by her own clock."""
    zone = ZoneInfo(card.zone)
    phone = "no phone" if not task.has_phone else "phone is wrong" if task.phone_wrong else "phone known"
    cells = (
        card.record_id,
        f"due {task.due_at.astimezone(zone).isoformat(' ', 'minutes')}",
        f"silent {(now - task.silent_since).days} days",
        f"about {task.point or '-'}",
        f"closes {'-' if task.closes_at is None else local_day(task.closes_at, zone)}",
        phone,
        f"tried {task.tried}",
        f"contacts {task.contacts}",
        *(("needs " + ", ".join(task.needs),) if task.needs else ()),
    )
    return "\t".join(cells)


# --- an attempt


@dataclass(frozen=True, slots=True)
class Told:
    """What staff tell of an attempt; `again_on` is the day on which she wishes to be tried again, if she named one."""

    disposition: str
    channel: str
    contact: int | None = None
    note: str | None = None
    new_phone: str | None = None
    again_on: date | None = None


def record_attempt(record_id: str, told: Told) -> None:
    """Keep an attempt to reach her, and say what follows. Raises Refused for whatever cannot be."""
    attempt, settings = _attempt(told), read_settings()

    async def work() -> tuple[bool, datetime, ZoneInfo]:
        async with open_store(settings) as database, database.transact() as tx:
            participant = await find(tx, record_id)
            if attempt.contact is not None and await named_by(tx, attempt.contact) != participant:
                raise Refused(f"contact {attempt.contact} was not named by {record_id}")
            plans = await open_plans(tx, settings, keep=False)
            (follower,) = await roster.followers(tx, [participant])
            her, calendar = hours_of(follower, plans=plans)
            if told.again_on is not None and told.again_on <= local_day(tx.now, her.zone):
                raise Refused(f"--again {told.again_on}: name a day after today")
            again_at = try_again(tx.now, her, calendar=calendar, on=told.again_on)
            over = await settle(tx, participant, Outcome(attempt, "command", again_at), plans=plans)
            return over, again_at, her.zone

    over, again_at, zone = asyncio.run(work())
    meaning = MEANINGS[attempt.disposition]
    typer.echo(f"{record_id}: {attempt.disposition} (AAPOR {meaning.aapor}): {meaning.gloss}")
    typer.echo("no call is due" if over else f"call again {again_at.astimezone(zone).isoformat(' ', 'minutes')}")
    if advice := _ADVICE.get(attempt.disposition):
        typer.echo(advice.format(record_id=record_id), err=True)


_ADVICE = {
    Disposition.DIED: "nothing is sent to her again; today stands for the day, until you correct it:"
    " hilo participants set {record_id} --died DATE (or no, if it was a mistake)",
    Disposition.IN_PRISON: "she rests (reingreso) until her next release is known:"
    " hilo participants set {record_id} --release DATE",
    Disposition.UNABLE: "to let her rest: hilo participants pause {record_id} --kind hospital --until DATE",
    Disposition.INTERVIEWED: "her check-in stays open: what she answered by voice cannot be entered here yet",
}


def _attempt(told: Told) -> Attempt:
    disposition = Disposition(told.disposition)
    if told.contact is not None and disposition in ONLY_SHE:
        raise Refused(f"{disposition} is said of her alone: leave out --contact")
    if disposition is Disposition.CHANGED_NUMBER and told.new_phone is None:
        raise Refused(
            f"{disposition} needs --new-phone; if nobody knows it, say {Disposition.DISCONNECTED}"
            f" or {Disposition.WRONG_NUMBER}"
        )
    phone = None if told.new_phone is None else cell(read_phone, told.new_phone, option="--new-phone")
    return Attempt(disposition, Channel(told.channel), told.contact, told.note, phone)


# --- the words


def print_script(record_id: str | None, contact: int | None, *, caller: str | None) -> None:
    """Print whom to call and what to say; that it was read is written down. Raises Refused if there is nobody."""

    async def work() -> str:
        async with open_store(read_settings()) as database, database.transact() as tx:
            me = caller or load_catalog().text("staff.call.caller", SPANISH)
            if contact is None:
                return await _script_for_her(tx, record_id or "", me)
            return await _script_for_contact(tx, contact, me)

    typer.echo(asyncio.run(work()))


async def _script_for_her(tx: Tx, record_id: str, caller: str) -> str:
    participant = await find(tx, record_id)
    her = await calls.callee(tx, participant)
    if her.phone is None:
        raise Refused(f"{record_id} has no phone number: see hilo contacts list {record_id}")
    wrong = " (not hers, as far as is known)" if her.phone_wrong else ""
    said = load_catalog().text("staff.call.her", SPANISH, called=her.called, caller=caller)
    return f"{her.phone}{wrong}\n{said}"


async def _script_for_contact(tx: Tx, contact: int, caller: str) -> str:
    participant = await named_by(tx, contact)
    her, them = await calls.callee(tx, participant), await contacts.contact(tx, contact)
    assert them is not None, "named_by has just found it"
    wrong = "" if them.wrong_at is None else " (not theirs, as far as is known)"
    texts = load_catalog()
    said = texts.text("staff.call.contact", SPANISH, called=her.called, name=them.name, caller=caller)
    return f"{them.phone}{wrong}\n{said}"

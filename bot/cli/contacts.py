"""Whom staff may ask after a woman: kept with her permission, shown on request, forgotten when it is taken back.

* No contact without her permission: the way in which she gave it has no default.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import find
from bot.settings import read_settings
from scheduler.calendar import day_start, local_day
from storage import contacts, freezing, people
from storage.contacts import Contact, NewContact, Relation
from storage.database import Tx
from storage.freezing import Unsafe
from storage.imports.cells import CellRefused, read_name, read_phone
from storage.people import Card
from storage.stops import How

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    """A contact as staff type it: the day on which she permitted it (None: today), and by which way."""

    name: str
    phone: str
    relation: str
    how: str
    on: date | None = None


def keep_contact(record_id: str, named: Named) -> None:
    """Keep somebody whom she permits to be asked. Raises Refused for an unknown woman, a cell that can't be, or a day
    to come."""
    name, phone = cell(read_name, named.name, option="--name"), cell(read_phone, named.phone, option="--phone")

    async def work() -> int:
        async with open_store(read_settings()) as database, database.transact() as tx:
            participant = await find(tx, record_id)
            (card,) = await people.cards(tx, participant)
            zone = ZoneInfo(card.zone)
            if named.on is not None and named.on > local_day(tx.now, zone):
                raise Refused(f"--on {named.on}: that day has not come yet")
            at = tx.now if named.on is None else day_start(named.on, zone)
            kept = NewContact(name, phone, Relation(named.relation), at, How(named.how))
            return await contacts.add_contact(tx, participant, kept)

    typer.echo(f"kept for {record_id}: contact {asyncio.run(work())}")


def cell(read: Callable[[str], T], text: str, *, option: str) -> T:
    """What an option says, read as a cell of a file is. Raises Refused, and never repeats it."""
    try:
        return read(text)
    except CellRefused as problem:
        raise Refused(f"{option}: {problem}") from None


def print_contacts(record_id: str, *, as_json: bool) -> None:
    """Print whom she permits to be asked; that they were read is written down. Raises Refused for an unknown woman."""

    async def work() -> tuple[Card, list[Contact]]:
        async with open_store(read_settings()) as database, database.transact() as tx:
            participant = await find(tx, record_id)
            (card,) = await people.cards(tx, participant)
            return card, await contacts.contacts_of(tx, participant)

    card, found = asyncio.run(work())
    if as_json:
        print_json([_told(contact) for contact in found])
        return
    for contact in found:
        typer.echo(_line(contact, ZoneInfo(card.zone)))
    typer.echo(f"{len(found)} contacts of {card.record_id}", err=True)


def _told(contact: Contact) -> dict[str, Any]:
    """A contact as programs read it. Its id is a text: programs that know no whole numbers of 63 bits would bend it."""
    return {
        "id": str(contact.id),
        "name": contact.name or None,
        "phone": contact.phone or None,
        "relation": contact.relation,
        "permitted_at": contact.permitted_at,
        "permitted_how": contact.permitted_how,
        "withdrawn_at": contact.withdrawn_at,
        "wrong_at": contact.wrong_at,
        "unsafe_at": contact.unsafe_at,
    }


def _line(contact: Contact, zone: ZoneInfo) -> str:
    permitted = f"permitted {local_day(contact.permitted_at, zone)} ({contact.permitted_how})"
    if contact.withdrawn_at is not None:
        return f"{contact.id}\twithdrawn {local_day(contact.withdrawn_at, zone)}\t{contact.relation}\t{permitted}"
    if contact.unsafe_at is not None:
        return f"{contact.id}\t{contact.name}\tnot safe\t{contact.relation}\t{permitted}"
    wrong = "" if contact.wrong_at is None else "\twrong number"
    return f"{contact.id}\t{contact.name}\t{contact.phone}\t{contact.relation}\t{permitted}{wrong}"


def withdraw_contact(contact: int) -> None:
    """Forget a contact. Raises Refused if there is no such, or it was withdrawn already."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            if not await contacts.withdraw(tx, contact):
                raise Refused(no_contact(contact))

    asyncio.run(work())
    typer.echo(f"withdrawn: contact {contact}; name and number are forgotten")


def mark_contact_unsafe(contact: int) -> None:
    """Offer this contact to nobody again. Raises Refused if there is none that may be called."""

    async def work() -> None:
        async with open_store(read_settings()) as database, database.transact() as tx:
            await freezing.mark_unsafe(tx, await named_by(tx, contact), Unsafe.CONTACT, by=None, contact=contact)

    asyncio.run(work())
    typer.echo(f"not safe: contact {contact}; nobody is told the number again")


def no_contact(contact: int) -> str:
    """What is said of an id that leads to nobody."""
    return f"there is no contact {contact} who may be called: hilo contacts list RECORD_ID shows who may"


async def named_by(tx: Tx, contact: int) -> int:
    """Who named this contact. Raises Refused if there is none that may be called."""
    participant = await contacts.named_by(tx, contact)
    if participant is None:
        raise Refused(no_contact(contact))
    return participant

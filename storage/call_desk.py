"""Whom a member of staff is to call, one woman at a time, and who has taken charge of which call.

* Of women who are not hers nothing is found; a number that is wrong or not safe is never told.
* A call is in one pair of hands: whoever opens a number takes charge, and whoever comes second learns who has it.
* That a number was read is written down.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import audit, calls, people, roster
from storage.calls import Channel, Disposition, Task
from storage.cases import CALL
from storage.contacts import Relation
from storage.database import Conflict, Tx
from storage.members import Member, name_of, visible_to
from storage.people import Card
from storage.records import Entry, Writer
from storage.roster import Follower
from storage.schema import attempts, cases, contacts, participants, staff, vault
from storage.vault import Place, Unsealable

log = logging.getLogger(__name__)

_ACTING = audit.acting(0).removesuffix("0")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An attempt as whoever calls next should know it; `by` is the name of who made it ("": the command line)."""

    at: datetime
    disposition: Disposition
    channel: Channel
    asked_contact: bool
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Call:
    """An open call: the task, the woman, her hours, what was tried since she is known, the latest attempt first.

    `owner` has taken charge of it; whoever has left the team has not. `number` is its place among `of`.
    """

    task: Task
    card: Card
    hours: Follower
    earlier: tuple[Earlier, ...]
    owner: int | None
    owner_name: str
    unsafe: bool
    number: int = 1
    of: int = 1

    @property
    def woman(self) -> int:
        """Her internal id."""
        return self.task.participant

    @property
    def callable(self) -> bool:
        """Whether she has a number that may be called."""
        return self.task.has_phone and not self.task.phone_wrong


@dataclass(frozen=True, slots=True)
class CallOf:
    """The open call of this woman, for a member of staff who may see her."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> Call | None:
        """It, or None where nobody is to call her, or she is another's."""
        tasks = await calls.to_call(tx, self.member)
        place = next((n for n, task in enumerate(tasks, start=1) if task.participant == self.woman), None)
        return None if place is None else await _call(tx, tasks[place - 1], number=place, of=len(tasks))


@dataclass(frozen=True, slots=True)
class NextCall:
    """The call that comes after this woman's in the member's list, or the first of all.

    Whoever is to be tried again later comes after all who can be called now.
    """

    member: Member
    after: int = 0

    async def find(self, tx: Tx) -> Call | None:
        """It, or None after the last, or where nobody is to be called."""
        found = await calls.to_call(tx, self.member)
        tasks = sorted(found, key=lambda task: task.tried > 0 and task.due_at > tx.now)
        seen = next((n for n, task in enumerate(tasks, start=1) if task.participant == self.after), 0)
        for number, task in enumerate(tasks[seen:], start=seen + 1):
            try:
                return await _call(tx, task, number=number, of=len(tasks))
            except (Unsealable, ValueError):  # the next can be called all the same
                told = {"action": "call_unreadable", "participant": task.participant}
                log.error("a call cannot be shown", extra=told)
        return None


async def _call(tx: Tx, task: Task, *, number: int, of: int) -> Call:
    (card,) = await people.cards(tx, task.participant)
    (hours,) = await roster.followers(tx, [task.participant])
    unsafe = select(vault.c.phone_unsafe_at).where(vault.c.participant_id == task.participant)
    owner = (await tx.run(_owner(task.participant))).first()
    return Call(
        task=task,
        card=card,
        hours=hours,
        earlier=await _earlier(tx, task.participant),
        owner=None if owner is None else owner.id,
        owner_name="" if owner is None else name_of(tx, owner),
        unsafe=(await tx.run(unsafe)).scalar_one() is not None,
        number=number,
        of=of,
    )


def _owner(woman: int) -> Any:
    return (
        select(staff)
        .join(cases, cases.c.owner_id == staff.c.id)
        .where(*_open_call(woman), staff.c.revoked_at.is_(None))
    )


def _open_call(woman: int) -> tuple[Any, ...]:
    return (cases.c.participant_id == woman, cases.c.kind == CALL, cases.c.closed_at.is_(None))


async def _earlier(tx: Tx, woman: int) -> tuple[Earlier, ...]:
    rows = (await tx.run(select(attempts).where(attempts.c.participant_id == woman))).all()
    by = {row.tried_by: int(row.tried_by.removeprefix(_ACTING)) for row in rows if row.tried_by.startswith(_ACTING)}
    known = await tx.run(select(staff).where(staff.c.id.in_(by.values())))
    names = {row.id: name_of(tx, row) for row in known}
    found = [
        Earlier(
            at=row.at,
            disposition=Disposition(row.disposition),
            channel=Channel(row.channel),
            asked_contact=row.contact_id is not None,
            by=names.get(by.get(row.tried_by, 0), ""),
            note=tx.vault.open_text(Place("attempts", "note", row.id), row.note) or "",
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


# --- numbers


@dataclass(frozen=True, slots=True)
class Number:
    """Whom to ask for, how she is called, and the number ("" where there is none that may be called); who calls."""

    called: str
    phone: str
    caller: str


@dataclass(frozen=True, slots=True)
class NumberOf:
    """Her own number, for a member of staff who may see her."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> Number | None:
        """It, or None where there is no such woman for this member."""
        hers = select(vault).join(participants, participants.c.id == vault.c.participant_id)
        row = (await tx.run(hers.where(participants.c.id == self.woman, visible_to(self.member)))).first()
        if row is None:
            return None
        fit = row.phone_wrong_at is None and row.phone_unsafe_at is None
        phone = tx.vault.open_text(Place("vault", "phone", self.woman), row.phone if fit else None)
        return Number(_called(tx, row), phone or "", await _name(tx, self.member))


@dataclass(frozen=True, slots=True)
class Askable:
    """Somebody whom she permitted to be asked after her, and who may be called."""

    id: int
    name: str
    phone: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Askables:
    """Whom she permitted to be asked after her, for a member of staff who may see her."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> list[Askable]:
        """Those who may be called, in the order of her permissions."""
        return [
            _askable(tx, row) for row in await tx.run(_askables(self.member, contacts.c.participant_id == self.woman))
        ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A contact with the call that they may help with, how she is called, and who calls."""

    call: Call
    them: Askable
    number: Number


@dataclass(frozen=True, slots=True)
class AskableOf:
    """One contact of a woman who is to be called, for a member of staff who may see her."""

    member: Member
    contact: int

    async def find(self, tx: Tx) -> Asked | None:
        """The contact, or None where there is none who may be called, or nobody is to call her."""
        row = (await tx.run(_askables(self.member, contacts.c.id == self.contact))).first()
        if row is None:
            return None
        call = await CallOf(self.member, row.participant_id).find(tx)
        number = await NumberOf(self.member, row.participant_id).find(tx)
        return None if call is None or number is None else Asked(call, _askable(tx, row), number)


def _askables(member: Member, which: Any) -> Any:
    fit = contacts.c.withdrawn_at.is_(None) & contacts.c.wrong_at.is_(None) & contacts.c.unsafe_at.is_(None)
    return (
        select(contacts)
        .join(participants, participants.c.id == contacts.c.participant_id)
        .where(which, fit, visible_to(member))
        .order_by(contacts.c.permitted_at, contacts.c.id)
    )


def _askable(tx: Tx, row: Any) -> Askable:
    name, phone = (
        tx.vault.open(Place("contacts", column, row.id), sealed).decode()
        for column, sealed in (("name", row.name), ("phone", row.phone))
    )
    return Askable(row.id, name, phone, Relation(row.relation))


def _called(tx: Tx, row: Any) -> str:
    called = tx.vault.open_text(Place("vault", "called", row.participant_id), row.called)
    name = tx.vault.open_text(Place("vault", "name", row.participant_id), row.name) or ""
    return called or name.partition(" ")[0]


async def _name(tx: Tx, member: Member) -> str:
    row = (await tx.run(select(staff).where(staff.c.id == member.staff))).one()
    return name_of(tx, row).partition(" ")[0]


# --- who has it


@dataclass(frozen=True, slots=True)
class CallTaken:
    """A member of staff takes charge of a woman's call, which `was` in those hands until then (None: nobody's), and
    reads a number: hers, or (`contact`) that of somebody she named."""

    woman: int
    by: int
    was: int | None
    contact: bool = False


@dataclass(frozen=True, slots=True)
class ContactsRead:
    """A member of staff reads whom this woman permitted to be asked after her."""

    woman: int
    by: int


async def in_charge(tx: Tx, woman: int) -> int | None:
    """Who has taken charge of her open call; None for nobody, or where none is open."""
    owner = (await tx.run(_owner(woman))).first()
    return None if owner is None else int(owner.id)


async def _taken(tx: Tx, entries: Sequence[Entry[CallTaken]]) -> None:
    """Raises Conflict if the call is over, or in other hands than it was."""
    for one in (entry.record for entry in entries):
        if await in_charge(tx, one.woman) != one.was:
            raise Conflict("somebody else has taken this call")
        taking = update(cases).where(*_open_call(one.woman)).values(owner_id=one.by)
        if (await tx.run(taking)).rowcount == 0:
            raise Conflict("this call is over")
        what = "contact_phone_read" if one.contact else "phone_read"
        await audit.append(tx, [audit.Act(audit.acting(one.by), what, str(one.woman))])


async def _contacts_read(tx: Tx, entries: Sequence[Entry[ContactsRead]]) -> None:
    read = [entry.record for entry in entries]
    await audit.append(tx, [audit.Act(audit.acting(one.by), "contacts_read", str(one.woman)) for one in read])


WRITERS: dict[type, Writer] = {CallTaken: _taken, ContactsRead: _contacts_read}

"""The phones of staff, and what they are told there without having asked.

* Whoever has left, and a chat that lets nothing in, is told nothing.
* An alert leaves our hands: it names nobody. It belongs to no conversation, so that what its button shows is a message
  of its own, and it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from conversations.speech import Button, Phrase, Said
from storage.database import Tx
from storage.mail import Parcel, Urgency
from storage.members import Member, Role
from storage.schema import accounts, staff
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Phone:
    """The chat of a member of staff; `account` is what links it."""

    account: int
    lane: str
    chat_id: int
    member: Member


def reached(*more: Any) -> Select[Any]:
    """The rows of `accounts` and `staff` of every phone that can be told something now, as `phone_of` reads them."""
    columns = (accounts.c.id.label("account"), accounts.c.lane, accounts.c.chat_id, accounts.c.staff_id, staff.c.role)
    return (
        select(*columns, *more)
        .join(staff, staff.c.id == accounts.c.staff_id)
        .where(accounts.c.unlinked_at.is_(None), accounts.c.blocked_at.is_(None), staff.c.revoked_at.is_(None))
    )


def phone_of(tx: Tx, row: Any) -> Phone:
    """The phone of such a row."""
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.account), row.chat_id))
    return Phone(row.account, row.lane, chat_id, Member(row.staff_id, Role(row.role)))


async def phones(tx: Tx, which: ColumnElement[bool]) -> list[Phone]:
    """The phones of these members (a condition on `staff`) that can be told something now."""
    return [phone_of(tx, row) for row in await tx.run(reached().where(which))]


def alert(tx: Tx, phone: Phone, phrase: Phrase, *, origin: str, onward: Button | None = None) -> Parcel:
    """What tells her this, with the button that leads on."""
    said = Said(phrase, () if onward is None else ((onward,),), tx.ids.random())
    return Parcel(f"{origin}:alert:{phone.account}", phone.lane, phone.chat_id, said, Urgency.ALERT)

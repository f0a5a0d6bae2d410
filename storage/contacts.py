"""Whom staff may ask after her: people she named, each with her permission and how she gave it.

* Nobody is kept without her permission: when and by which way she gave it stands with each.
* Whoever is withdrawn, by her or at their own wish, is not called again, and what names them is forgotten at once.
* Reading a name or a number is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from storage import audit
from storage.database import Tx
from storage.schema import contacts
from storage.stops import How
from storage.vault import Place


class Relation(StrEnum):
    """Who the contact is to her."""

    PARENT = "madre_padre"
    SIBLING = "hermana_hermano"
    CHILD = "hija_hijo"
    PARTNER = "pareja"
    RELATIVE = "otra_familiar"
    FRIEND = "amistad"
    NEIGHBOUR = "vecina"
    WORK = "trabajo"
    OTHER = "otra"


@dataclass(frozen=True, slots=True)
class NewContact:
    """Somebody she named; `permitted_at` and `permitted_how` are her permission. `phone` has ten digits."""

    name: str
    phone: str
    relation: Relation
    permitted_at: datetime
    permitted_how: How


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as staff see it. One that was withdrawn has neither name nor phone any more; of one that is not safe no
    phone is told."""

    id: int
    participant: int
    name: str
    phone: str
    relation: Relation
    permitted_at: datetime
    permitted_how: How
    withdrawn_at: datetime | None
    wrong_at: datetime | None
    unsafe_at: datetime | None


async def add_contact(tx: Tx, participant: int, contact: NewContact) -> int:
    """Keep somebody she named; returns the contact's id."""
    id_ = tx.ids.random()
    await tx.run(
        contacts.insert().values(
            id=id_,
            participant_id=participant,
            name=_sealed(tx, id_, name=contact.name),
            phone=_sealed(tx, id_, phone=contact.phone),
            relation=contact.relation,
            permitted_at=contact.permitted_at,
            permitted_how=contact.permitted_how,
        )
    )
    await audit.append(tx, [audit.Act("command", "contact_added", str(participant), contact.permitted_how)])
    return id_


async def contacts_of(tx: Tx, participant: int) -> list[Contact]:
    """Everybody she named, in the order of her permissions, withdrawn ones too; that they were read is written down."""
    hers = select(contacts).where(contacts.c.participant_id == participant)
    found = [_contact(tx, row) for row in await tx.run(hers.order_by(contacts.c.permitted_at, contacts.c.id))]
    if found:
        await audit.append(tx, [audit.Act("command", "contacts_read", str(participant))])
    return found


async def contact(tx: Tx, id_: int) -> Contact | None:
    """One contact, or None if there is no such; that it was read is written down."""
    row = (await tx.run(select(contacts).where(contacts.c.id == id_))).first()
    if row is None:
        return None
    await audit.append(tx, [audit.Act("command", "contacts_read", str(row.participant_id))])
    return _contact(tx, row)


async def named_by(tx: Tx, id_: int) -> int | None:
    """Who named this contact, if she or they have not withdrawn it and it is safe; reads nothing that is sealed."""
    may_be_called = contacts.c.withdrawn_at.is_(None) & contacts.c.unsafe_at.is_(None)
    hers = select(contacts.c.participant_id).where(contacts.c.id == id_, may_be_called)
    found: int | None = (await tx.run(hers)).scalar_one_or_none()
    return found


async def withdraw(tx: Tx, id_: int, *, by: str = "command") -> bool:
    """This contact is not called again, and what names them is gone. False if there is no such, or none any more."""
    forgotten = {"name": _sealed(tx, id_, name=""), "phone": _sealed(tx, id_, phone="")}
    standing = (contacts.c.id == id_) & contacts.c.withdrawn_at.is_(None)
    gone = update(contacts).where(standing).values(withdrawn_at=tx.now, **forgotten)
    row = (await tx.run(gone.returning(contacts.c.participant_id))).first()
    if row is None:
        return False
    await audit.append(tx, [audit.Act(by, "contact_withdrawn", str(row.participant_id))])
    return True


async def number_is_wrong(tx: Tx, id_: int) -> None:
    """The contact's number is not theirs, or leads nowhere."""
    await tx.run(update(contacts).where(contacts.c.id == id_).values(wrong_at=tx.now))


async def change_phone(tx: Tx, id_: int, phone: str) -> None:
    """The contact has this number from now on."""
    values = {"phone": _sealed(tx, id_, phone=phone), "wrong_at": None}
    await tx.run(update(contacts).where(contacts.c.id == id_).values(values))


def _sealed(tx: Tx, id_: int, **cell: str) -> bytes:
    ((column, text),) = cell.items()
    return tx.vault.seal(Place("contacts", column, id_), text.encode())


def _contact(tx: Tx, row: Any) -> Contact:
    return Contact(
        id=row.id,
        participant=row.participant_id,
        name=tx.vault.open(Place("contacts", "name", row.id), row.name).decode(),
        phone="" if row.unsafe_at else tx.vault.open(Place("contacts", "phone", row.id), row.phone).decode(),
        relation=Relation(row.relation),
        permitted_at=row.permitted_at,
        permitted_how=How(row.permitted_how),
        withdrawn_at=row.withdrawn_at,
        wrong_at=row.wrong_at,
        unsafe_at=row.unsafe_at,
    )

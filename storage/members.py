"""The members of staff: who they are, what they may do, whose women are theirs, and whose hand holds the phone.

* A name is sealed; a PIN is kept as a hash, the secret of an authenticator app sealed. A new chat asks for it.
* Whoever is shut out is so in the commit that records it: the chat is nobody's, and nothing stays open in it.
* A caseload is a filter on women; coordinators and admins have none, and see everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, true, update

from conversations.speech import CommandsListed
from storage import audit
from storage.audit import acting
from storage.database import Conflict, Tx
from storage.invitations import Invitation, invite
from storage.mail import Parcel, post
from storage.records import Entry, Writer
from storage.schema import accounts, invitations, participants, sessions, staff, timers
from storage.vault import Place


class Role(StrEnum):
    """What a member of staff may do: the table in `bot/staff/permissions.py` says it, verb by verb."""

    STAFF = "staff"
    COORDINATOR = "coordinator"
    ADMIN = "admin"
    AUDITOR = "auditor"


SEES_ALL = frozenset({Role.COORDINATOR, Role.ADMIN})
SEES_OWN = frozenset({Role.STAFF})


@dataclass(frozen=True, slots=True)
class Member:
    """The member of staff whose chat this is; `seen_at` is when she last did anything here, `tries` how many wrong
    PINs she has typed since the last right one."""

    staff: int
    role: Role
    pin: bool = False
    authenticator: bool = False
    seen_at: datetime | None = None
    tries: int = 0


def visible_to(member: Member) -> ColumnElement[bool]:
    """Which women she may see, as a condition on `participants`: her own, all, or none."""
    if member.role in SEES_ALL:
        return true()
    if member.role in SEES_OWN:
        return participants.c.staff_id == member.staff
    return ~true()


async def invite_staff(tx: Tx, name: str, role: Role, *, token: str | None = None, by: int | None = None) -> Invitation:
    """Register a member of staff and keep the invitation that links her phone."""
    member = tx.ids.random()
    sealed = tx.vault.seal_text(Place("staff", "name", member), name)
    await tx.run(staff.insert().values(id=member, name=sealed, role=role, added_at=tx.now))
    return await invite(tx, word=None, token=token, by=by, staff_id=member)


@dataclass(frozen=True, slots=True)
class Listed:
    """One member of staff as the list shows her; `women` are those of her caseload."""

    staff: int
    name: str
    role: Role
    linked: bool
    women: int
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody who is in the team now."""

    async def find(self, tx: Tx) -> list[Listed]:
        """The members of staff by name."""
        return await listed(tx)


async def listed(tx: Tx, *, revoked: bool = False) -> list[Listed]:
    """The members of staff by name; with `revoked`, those who were."""
    women = select(func.count()).where(participants.c.staff_id == staff.c.id).scalar_subquery()
    chat = select(accounts.c.id).where(accounts.c.staff_id == staff.c.id, accounts.c.unlinked_at.is_(None)).exists()
    rows = await tx.run(select(staff, women.label("women"), chat.label("linked")))
    found = [
        Listed(row.id, name_of(tx, row), Role(row.role), bool(row.linked), row.women, row.revoked_at)
        for row in rows
        if revoked == (row.revoked_at is not None)
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def name_of(tx: Tx, row: Any) -> str:
    """The name in a row of `staff`."""
    return tx.vault.open_text(Place("staff", "name", row.id), row.name) or ""


# --- records that her desk returns


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """She is at work at her desk; `proved`: she has just shown that it is she, by the code of that `step` if she uses
    an authenticator app."""

    staff: int
    proved: bool = False
    step: int | None = None


@dataclass(frozen=True, slots=True)
class PinChosen:
    """From now on her desk opens to the PIN of this hash (`storage.words.Hashed`)."""

    staff: int
    pin_hash: str


@dataclass(frozen=True, slots=True)
class PinForgotten:
    """She may choose another PIN, and does without an authenticator app: `by` whom she was let."""

    staff: int
    by: int | None


@dataclass(frozen=True, slots=True)
class AuthenticatorChosen:
    """From now on her desk opens to the codes of an app that has this secret."""

    staff: int
    secret: str


@dataclass(frozen=True, slots=True)
class MemberInvited:
    """Somebody is to join the team by this token; with `staff`, she has been here, and lost her phone."""

    token: str
    name: str = ""
    role: Role = Role.STAFF
    staff: int | None = None
    by: int | None = None


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """What she may do from now on, and the commands that her chats are to list."""

    staff: int
    role: Role
    by: int
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PinMissed:
    """A PIN was typed that is not hers."""

    staff: int


async def _seen(tx: Tx, entries: Sequence[Entry[MemberSeen]]) -> None:
    seen = update(staff).where(staff.c.id == bindparam("member"))
    await tx.run(seen.values(seen_at=tx.now), [{"member": entry.record.staff} for entry in entries])
    proved = [{"member": e.record.staff, "step": e.record.step} for e in entries if e.record.proved]
    used = func.coalesce(bindparam("step", type_=staff.c.authenticator_step.type), staff.c.authenticator_step)
    await tx.run(seen.values(pin_tries=0, authenticator_step=used), proved)


async def _pin_chosen(tx: Tx, entries: Sequence[Entry[PinChosen]]) -> None:
    chosen = update(staff).where(staff.c.id == bindparam("member"))
    rows = [{"member": entry.record.staff, "hash": entry.record.pin_hash} for entry in entries]
    await tx.run(chosen.values(pin_hash=bindparam("hash"), pin_tries=0, authenticator=None), rows)
    await audit.append(tx, [audit.Act(acting(e.record.staff), "pin_chosen", str(e.record.staff)) for e in entries])


async def _pin_forgotten(tx: Tx, entries: Sequence[Entry[PinForgotten]]) -> None:
    for entry in entries:
        await forget_pin(tx, entry.record.staff, by=entry.record.by)


async def forget_pin(tx: Tx, member: int, *, by: int | None = None) -> None:
    """Let her choose another PIN: whoever knows her tells that it is she who asks."""
    nothing = {"pin_hash": None, "pin_tries": 0, "authenticator": None, "seen_at": None}
    await tx.run(update(staff).where(staff.c.id == member).values(nothing))
    await audit.append(tx, [audit.Act(acting(by), "pin_forgotten", str(member))])


async def ask_anew(tx: Tx, them: Collection[int]) -> None:
    """Their desks are shut until they show that it is they: whose phone it is that came in is not known."""
    await tx.run(update(staff).where(staff.c.id.in_(them)).values(seen_at=None))


async def _authenticator_chosen(tx: Tx, entries: Sequence[Entry[AuthenticatorChosen]]) -> None:
    for entry in entries:
        member = entry.record.staff
        sealed = tx.vault.seal_text(Place("staff", "authenticator", member), entry.record.secret)
        await tx.run(update(staff).where(staff.c.id == member).values(authenticator=sealed, pin_tries=0))
    await audit.append(
        tx, [audit.Act(acting(e.record.staff), "authenticator_chosen", str(e.record.staff)) for e in entries]
    )


async def _invited(tx: Tx, entries: Sequence[Entry[MemberInvited]]) -> None:
    for record in (entry.record for entry in entries):
        if record.staff is None:
            await invite_staff(tx, record.name, record.role, token=record.token, by=record.by)
        else:
            await shut_out(tx, record.staff)
            await invite(tx, word=None, token=record.token, by=record.by, staff_id=record.staff)


async def _role_changed(tx: Tx, entries: Sequence[Entry[RoleChanged]]) -> None:
    """Whoever was revoked meanwhile stays so. Raises Conflict if nobody would be admin any more."""
    before = await admins(tx)
    for record in (entry.record for entry in entries):
        open_one = (staff.c.id == record.staff) & staff.c.revoked_at.is_(None)
        await tx.run(update(staff).where(open_one).values(role=record.role))
        await _list_commands(tx, record.staff, record.commands)
        await audit.append(tx, [audit.Act(acting(record.by), "role_changed", str(record.staff), record.role)])
    if before and not await admins(tx):
        raise Conflict("nobody would be admin any more")


async def admins(tx: Tx) -> int:
    """How many may do everything; where there was one, there must always be one."""
    left = select(func.count()).select_from(staff).where(staff.c.role == Role.ADMIN, staff.c.revoked_at.is_(None))
    return int((await tx.run(left)).scalar_one())


async def _pin_missed(tx: Tx, entries: Sequence[Entry[PinMissed]]) -> None:
    missed = update(staff).where(staff.c.id == bindparam("member")).values(pin_tries=staff.c.pin_tries + 1)
    await tx.run(missed, [{"member": entry.record.staff} for entry in entries])
    await audit.append(tx, [audit.Act(acting(e.record.staff), "pin_missed", str(e.record.staff)) for e in entries])


WRITERS: dict[type, Writer] = {
    MemberSeen: _seen,
    PinChosen: _pin_chosen,
    PinMissed: _pin_missed,
    PinForgotten: _pin_forgotten,
    AuthenticatorChosen: _authenticator_chosen,
    MemberInvited: _invited,
    RoleChanged: _role_changed,
}


async def _list_commands(tx: Tx, member: int, commands: tuple[str, ...]) -> None:
    """Let every chat of hers list these from now on."""
    chats = list(await tx.run(select(accounts).where(accounts.c.staff_id == member, accounts.c.unlinked_at.is_(None))))
    parcels = [
        Parcel(
            origin=f"commands:{tx.ids.random()}",
            lane=chat.lane,
            chat_id=int(tx.vault.open(Place("accounts", "chat_id", chat.id), chat.chat_id)),
            speech=CommandsListed(commands),
        )
        for chat in chats
    ]
    await post(tx, parcels)


async def shut_out(tx: Tx, member: int) -> None:
    """Her chats are nobody's and list no commands, what was open in them is gone, and no link of hers works."""
    await _list_commands(tx, member, ())
    hers = accounts.c.staff_id == member
    lanes = select(accounts.c.lane).where(hers, accounts.c.unlinked_at.is_(None)).scalar_subquery()
    left = select(sessions.c.id).where(sessions.c.lane.in_(lanes), sessions.c.closed_at.is_(None))
    await tx.run(delete(timers).where(timers.c.session_id.in_(left)))
    over = update(sessions).where(sessions.c.lane.in_(lanes), sessions.c.closed_at.is_(None))
    await tx.run(over.values(closed_at=tx.now, state=None))
    await tx.run(update(accounts).where(hers, accounts.c.unlinked_at.is_(None)).values(unlinked_at=tx.now))
    unused = (invitations.c.staff_id == member) & invitations.c.used_at.is_(None)
    await tx.run(update(invitations).where(unused, invitations.c.revoked_at.is_(None)).values(revoked_at=tx.now))

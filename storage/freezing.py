"""A phone that may be in the wrong hands: everything stops at one word, and nothing of hers stays in the chats.

* Freezing acts in the commit that records it: her chats are nobody's, links are void, what waits to leave never does,
  and what the last 48 hours left in her chats is deleted.
* A chat that other women share stays theirs: what waits for them leaves, and it is cleared as after a silence.
* Only a coordinator ends it, and she comes back by a new link: no chat is hers again by itself.
* A number, a contact or a chat that is marked as not safe is offered to nobody again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select, update

from conversations.speech import ChatCleaned
from storage import audit, cleaning, invitations
from storage.cases import open_and_tell
from storage.cases_kinds import RISK
from storage.contacts import named_by
from storage.database import Tx
from storage.leaving import Held
from storage.looks import look_now
from storage.mail import READY, MailState, Parcel, post
from storage.members import Member, visible_to
from storage.records import Entry, Writer
from storage.schema import accounts, contacts, messages, outbox, participants, sessions, timers, vault
from storage.traces import DELETABLE
from storage.vault import Place


async def freeze(tx: Tx, woman: int, *, actor: str) -> bool:
    """From this moment nothing reaches her; `actor` is who wants it so, for the audit. False if that was so already."""
    open_one = (participants.c.id == woman) & participants.c.frozen_at.is_(None)
    if (await tx.run(update(participants).where(open_one).values(frozen_at=tx.now))).rowcount == 0:
        return False
    chats = (await tx.run(select(accounts).where(accounts.c.participant_id == woman))).all()
    shared = await _shared(tx, woman, [row.lane for row in chats])
    await _drop(tx, woman, [row.lane for row in chats if row.unlinked_at is None])
    await _clean(tx, [row for row in chats if row.lane not in shared])
    await cleaning.lock(tx, [woman], among=shared)
    await lock_accounts(tx, woman)
    await invitations.void(tx, woman)
    await look_now(tx, [woman])
    await audit.append(tx, [audit.Act(actor, "frozen", str(woman))])
    return True


async def thaw(tx: Tx, woman: int, *, by: int | None) -> bool:
    """She may come back by a new link. False if she was not frozen."""
    frozen = (participants.c.id == woman) & participants.c.frozen_at.is_not(None)
    if (await tx.run(update(participants).where(frozen).values(frozen_at=None))).rowcount == 0:
        return False
    await audit.append(tx, [audit.Act(audit.acting(by), "thawed", str(woman))])
    return True


async def is_frozen(tx: Tx, woman: int) -> bool:
    """Whether nothing may reach her now."""
    frozen = (participants.c.id == woman) & participants.c.frozen_at.is_not(None)
    return (await tx.run(select(participants.c.id).where(frozen))).first() is not None


async def lock_accounts(tx: Tx, woman: int) -> None:
    """No chat is hers any more, and no conversation of hers is open."""
    hers = accounts.c.participant_id == woman
    await tx.run(update(accounts).where(hers, accounts.c.unlinked_at.is_(None)).values(unlinked_at=tx.now))
    left = select(sessions.c.id).where(sessions.c.participant_id == woman, sessions.c.closed_at.is_(None))
    await tx.run(delete(timers).where(timers.c.session_id.in_(left)))
    over = update(sessions).where(sessions.c.participant_id == woman, sessions.c.closed_at.is_(None))
    await tx.run(over.values(closed_at=tx.now, state=None))


async def _shared(tx: Tx, woman: int, lanes: Sequence[str]) -> set[str]:
    """Which of these chats are another woman's, too."""
    others = accounts.c.participant_id.is_distinct_from(woman) & accounts.c.unlinked_at.is_(None)
    return set((await tx.run(select(accounts.c.lane).where(accounts.c.lane.in_(lanes), others))).scalars())


async def _drop(tx: Tx, woman: int, lanes: Sequence[str]) -> None:
    """Whatever waits to leave for her never does, replies too, nor what is in her chats for nobody by name."""
    nobodys = outbox.c.lane.in_(lanes) & outbox.c.participant_id.is_(None)
    hers = (outbox.c.participant_id == woman) | nobodys
    waiting = update(outbox).where(hers, READY)
    await tx.run(waiting.values(state=MailState.DROPPED, reason=Held.FROZEN, payload=None, done_at=tx.now))


async def _clean(tx: Tx, chats: Sequence[Any]) -> None:
    """Delete from the chats that are hers alone what Telegram lets us delete, hers and ours."""
    by_lane = {row.lane: row for row in chats}
    recent = messages.c.deleted_at.is_(None) & (messages.c.sent_at > tx.now - DELETABLE)
    there = select(messages.c.lane, messages.c.session_id).where(messages.c.lane.in_(by_lane), recent).distinct()
    parcels = []
    for lane, session in await tx.run(there):
        if session is not None:
            row = by_lane[lane]
            chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.id), row.chat_id))
            origin = f"frozen:{tx.ids.random()}:clean"
            parcels.append(Parcel(origin, lane, chat_id, ChatCleaned(session), session_id=session))
    await post(tx, parcels)


# --- what is not safe


class Unsafe(StrEnum):
    """What is marked as not safe."""

    NUMBER = "numero"
    CHAT = "cuenta"
    CONTACT = "contacto"


async def mark_unsafe(tx: Tx, woman: int, what: Unsafe, *, by: int | None, contact: int | None = None) -> None:
    """Her number, the chats that were hers so far, or one contact whom she named, is not safe. Such a chat is nobody's
    from now on, whoever opens a link in it; no link that she has not used works any more."""
    match what:
        case Unsafe.NUMBER:
            await tx.run(update(vault).where(vault.c.participant_id == woman).values(phone_unsafe_at=tx.now))
        case Unsafe.CHAT:
            hers = (accounts.c.participant_id == woman) & accounts.c.unsafe_at.is_(None)
            await tx.run(update(accounts).where(hers).values(unsafe_at=tx.now))
            await lock_accounts(tx, woman)
        case Unsafe.CONTACT:
            hers = (contacts.c.participant_id == woman) & (contacts.c.id == contact)
            await tx.run(update(contacts).where(hers).values(unsafe_at=tx.now))
    await invitations.void(tx, woman)
    await audit.append(tx, [audit.Act(audit.acting(by), "marked_unsafe", str(woman), what)])


def something_unsafe() -> ColumnElement[bool]:
    """Who has anything marked as not safe, as a condition on `participants`."""
    number = exists().where(vault.c.participant_id == participants.c.id, vault.c.phone_unsafe_at.is_not(None))
    chat = exists().where(accounts.c.participant_id == participants.c.id, accounts.c.unsafe_at.is_not(None))
    contact = exists().where(contacts.c.participant_id == participants.c.id, contacts.c.unsafe_at.is_not(None))
    return number | chat | contact


@dataclass(frozen=True, slots=True)
class NamedBy:
    """The woman who named this contact, if the member of staff may see her and the contact may be called."""

    member: Member
    contact: int

    async def find(self, tx: Tx) -> int | None:
        """Her id."""
        woman = await named_by(tx, self.contact)
        hers = select(participants.c.id).where(participants.c.id == woman, visible_to(self.member))
        found: int | None = (await tx.run(hers)).scalar_one_or_none()
        return found


# --- records that a desk returns


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing reaches her from now on; or (not `frozen`) she may come back by a new link."""

    woman: int
    by: int
    frozen: bool = True


@dataclass(frozen=True, slots=True)
class MarkedUnsafe:
    """This of hers is not safe; `contact` is one whom she named."""

    woman: int
    what: Unsafe
    by: int
    contact: int | None = None


@dataclass(frozen=True, slots=True)
class DuressGiven:
    """She gave the code that she gives where somebody makes her."""


async def _duress(tx: Tx, entries: Sequence[Entry[DuressGiven]]) -> None:
    """Nothing reaches that chat any more, and the team is told at once."""
    women = [entry.participant_id for entry in entries if entry.participant_id is not None]
    for woman in women:
        await freeze(tx, woman, actor="participant")
    await open_and_tell(tx, women, RISK, origin=entries[0].origin)


async def _frozen(tx: Tx, entries: Sequence[Entry[Frozen]]) -> None:
    for record in (entry.record for entry in entries):
        if record.frozen:
            await freeze(tx, record.woman, actor=audit.acting(record.by))
        else:
            await thaw(tx, record.woman, by=record.by)


async def _marked(tx: Tx, entries: Sequence[Entry[MarkedUnsafe]]) -> None:
    for record in (entry.record for entry in entries):
        await mark_unsafe(tx, record.woman, record.what, by=record.by, contact=record.contact)


WRITERS: dict[type, Writer] = {Frozen: _frozen, MarkedUnsafe: _marked, DuressGiven: _duress}

"""A woman comes back by a new link after a call: her old chats are locked at once, and her history stays hers.

* Whoever has had a chat, is frozen, or has anything marked as not safe gets no link in any other way.
* Whoever calls asks for two things that do not stand in the chat; the answers never leave the card of whoever asks.
* Where anything of hers is marked as not safe, all is frozen, or a call has failed, a second person must agree before a
  link is drawn.
* After a call that failed nobody asks again before WAIT is over, and after MOST_FAILED she comes in person: who knows
  one answer more each time must not come in. Once she has come in by a link, earlier calls count no more.
* Whoever only forgot her code is asked the same, and is read one that counts once; her chat stays hers.
* Who asked, who agreed and when stand in the store and in the audit trail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select, update

from storage import audit, cases_office, invitations
from storage.database import Conflict, Tx
from storage.freezing import lock_accounts, something_unsafe, thaw
from storage.gates import give_reset
from storage.invitations import Key
from storage.members import Member, visible_to
from storage.records import Entry, Lengthy, Writer
from storage.schema import accounts, gates, participants, recoveries
from storage.words import hashed


class Fact(StrEnum):
    """What can be asked in the call: known to the programme, and to her, and to no chat."""

    BIRTH_YEAR = "anio"
    RELEASE = "salida"
    CENTRE = "centro"
    SCHOOLING = "estudios"


NEEDED = 2
"""Facts that must be right."""

WAIT = timedelta(hours=24)
"""How long after a call that failed nothing is asked: whoever needs help is called back the next day."""

MOST_FAILED = 3
"""Calls that failed, after which none is taken up again."""


def first_link() -> ColumnElement[bool]:
    """Who may have a link without a call, as a condition on `participants`: whoever never had a chat, and of whom
    nothing is frozen or marked as not safe."""
    return participants.c.enrolled_at.is_(None) & ~_needs_another()


def _needs_another() -> ColumnElement[bool]:
    """For whom a second person must agree after the call."""
    failed = exists().where(recoveries.c.participant_id == participants.c.id, _gave_nothing())
    return participants.c.frozen_at.is_not(None) | something_unsafe() | failed


def _gave_nothing() -> ColumnElement[bool]:
    """After which calls nobody got a link, and she has not come in since, as a condition on `recoveries`."""
    hers = accounts.c.participant_id == recoveries.c.participant_id
    came_in = exists().where(hers, accounts.c.linked_at > recoveries.c.decided_at).correlate_except(accounts)
    return recoveries.c.granted.is_(False) & ~came_in


@dataclass(frozen=True, slots=True)
class _Failed:
    """How many of her calls failed, and until when nothing is asked after the last (None: it may be asked now)."""

    calls: int
    until: datetime | None

    @property
    def shut(self) -> bool:
        """Whether nothing may be asked now."""
        return self.until is not None or self.calls >= MOST_FAILED


async def _failed_calls(tx: Tx, woman: int) -> _Failed:
    hers = select(recoveries.c.decided_at).where(recoveries.c.participant_id == woman, _gave_nothing())
    ended = list((await tx.run(hers)).scalars())
    until = max(ended) + WAIT if ended else tx.now
    return _Failed(len(ended), until if until > tx.now else None)


async def may_be_invited(tx: Tx, woman: int) -> bool:
    """Whether a link may be drawn for her without a call."""
    return (await tx.run(select(participants.c.id).where(participants.c.id == woman, first_link()))).first() is not None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the programme knows of her that can be asked, whether another person must agree, and whether a link needs
    no call at all."""

    known: tuple[tuple[Fact, str | int | date], ...]
    second_person: bool
    first_link: bool
    asked_by: int | None = None
    """Who has asked already, and waits for the second person."""

    failed: int = 0
    """Calls that failed since she last came in."""

    not_before: datetime | None = None
    """Until when nothing is asked after the last of these, on the wall of the office."""

    has_code: bool = False
    """Whether a code is asked of her: she chose one, or shares her chat."""


@dataclass(frozen=True, slots=True)
class RecoveryFacts:
    """What is to be asked of this woman, for a member of staff who may see her."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> Facts | None:
        """It; None where there is no such woman for her."""
        guards = (_needs_another().label("second_person"), first_link().label("first_link"))
        hers = select(participants, *guards).where(participants.c.id == self.woman, visible_to(self.member))
        row = (await tx.run(hers)).first()
        if row is None:
            return None
        told = zip(Fact, (row.birth_year, row.release_on, row.centre, row.schooling), strict=True)
        known = tuple((fact, value) for fact, value in told if value is not None)
        waiting, failed = await _waiting(tx, self.woman), await _failed_calls(tx, self.woman)
        until = None if failed.until is None else (await cases_office.office(tx)).wall(failed.until)
        asked = await _is_asked_for_a_code(tx, self.woman)
        return Facts(known, bool(row.second_person), bool(row.first_link), waiting, failed.calls, until, asked)


async def _is_asked_for_a_code(tx: Tx, woman: int) -> bool:
    others = accounts.alias()
    beside = others.c.unlinked_at.is_(None) & (others.c.lane == accounts.c.lane) & (others.c.participant_id != woman)
    hers = accounts.c.unlinked_at.is_(None) & (accounts.c.participant_id == woman)
    shared = select(accounts.c.id).where(hers, select(others.c.id).where(beside).exists())
    coded = select(gates.c.participant_id).where(gates.c.participant_id == woman, gates.c.kind.is_not(None))
    return bool((await tx.run(select(coded.exists() | shared.exists()))).scalar_one())


async def _waiting(tx: Tx, woman: int) -> int | None:
    """Who asked for her recovery, where a second person has not decided yet."""
    open_one = (recoveries.c.participant_id == woman) & recoveries.c.decided_at.is_(None)
    found: int | None = (await tx.run(select(recoveries.c.asked_by).where(open_one))).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class RecoveryAsked:
    """In a call with her, so many facts were right: her old chats are locked, and she comes in by this key; without one
    a second person must agree first."""

    woman: int
    by: int
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class RecoveryDecided:
    """A second person agrees, and she comes in by this key; or (without one) does not."""

    woman: int
    by: int
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class RecoveryFailed:
    """Whoever was called did not know the answers."""

    woman: int
    by: int


@dataclass(frozen=True, slots=True)
class FreshCode(Lengthy):
    """Four numbers that let her in until she has chosen others, and what is kept of them."""

    async def find(self, tx: Tx) -> tuple[str, str]:
        """Others each time; any of them, since they count for a day and a chat slows whoever guesses."""
        code = f"{tx.ids.pick(10_000):04}"
        return code, await asyncio.to_thread(hashed, code)


@dataclass(frozen=True, slots=True)
class CodeReset:
    """In a call with her, so many facts were right: the numbers of this hash, which are read to her, let her in."""

    woman: int
    by: int
    code_hash: str = field(repr=False)


async def _code_reset(tx: Tx, entries: Sequence[Entry[CodeReset]]) -> None:
    """Raises Conflict where a call has failed meanwhile, or more than one person is needed."""
    for record in (entry.record for entry in entries):
        doubtful = select(participants.c.id).where(participants.c.id == record.woman, _needs_another())
        if (await _failed_calls(tx, record.woman)).shut or (await tx.run(doubtful)).first() is not None:
            raise Conflict("a call has failed, or another person must agree")
        await give_reset(tx, record.woman, record.code_hash)
        await audit.append(tx, [audit.Act(audit.acting(record.by), "code_reset", str(record.woman))])


async def _asked(tx: Tx, entries: Sequence[Entry[RecoveryAsked]]) -> None:
    """Raises Conflict where a second person is needed after all, somebody has asked already, or a call has just
    failed."""
    for record in (entry.record for entry in entries):
        if (await _failed_calls(tx, record.woman)).shut:
            raise Conflict("a call has failed")
        doubtful = select(participants.c.id).where(participants.c.id == record.woman, _needs_another())
        if record.key is not None and (await tx.run(doubtful)).first() is not None:
            raise Conflict("a second person must agree")
        await lock_accounts(tx, record.woman)
        await audit.append(tx, [audit.Act(audit.acting(record.by), "recovery_asked", str(record.woman))])
        if record.key is not None:
            await invitations.give(tx, record.woman, record.key, by=record.by)
        else:
            asked = {"participant_id": record.woman, "asked_by": record.by, "asked_at": tx.now}
            await tx.run(recoveries.insert().values(id=tx.ids.random(), **asked))


async def _decided(tx: Tx, entries: Sequence[Entry[RecoveryDecided]]) -> None:
    """Raises Conflict where nobody has asked, or the same person has; what was frozen is thawed by a granted one."""
    for record in (entry.record for entry in entries):
        open_one = (recoveries.c.participant_id == record.woman) & recoveries.c.decided_at.is_(None)
        granted = record.key is not None
        another = open_one & (recoveries.c.asked_by != record.by) if granted else open_one
        decided = {"decided_by": record.by, "decided_at": tx.now, "granted": granted}
        if (await tx.run(update(recoveries).where(another).values(decided))).rowcount == 0:
            raise Conflict("there is nothing to decide for this person")
        action = "recovery_granted" if granted else "recovery_refused"
        await audit.append(tx, [audit.Act(audit.acting(record.by), action, str(record.woman))])
        if record.key is not None:
            await thaw(tx, record.woman, by=record.by)
            await invitations.give(tx, record.woman, record.key, by=record.by)


async def came_in_person(tx: Tx, woman: int) -> None:
    """Whoever holds the command line vouches that she stands before somebody: her old chats are locked."""
    await lock_accounts(tx, woman)
    await audit.append(tx, [audit.Act(audit.acting(None), "recovery_granted", str(woman), "in_person")])


async def _failed(tx: Tx, entries: Sequence[Entry[RecoveryFailed]]) -> None:
    """Kept as what was asked and refused at once."""
    failed = [entry.record for entry in entries]
    over = {"asked_at": tx.now, "decided_at": tx.now, "granted": False}
    rows = [{"participant_id": one.woman, "asked_by": one.by, "decided_by": one.by, **over} for one in failed]
    await tx.run(recoveries.insert(), [{"id": tx.ids.random(), **row} for row in rows])
    await audit.append(tx, [audit.Act(audit.acting(one.by), "recovery_failed", str(one.woman)) for one in failed])


WRITERS: dict[type, Writer] = {
    RecoveryAsked: _asked,
    RecoveryDecided: _decided,
    RecoveryFailed: _failed,
    CodeReset: _code_reset,
}

"""A woman comes back by a new link after a call: her old chats are locked at once, and her history stays hers.

* Whoever calls asks for two things that do not stand in the chat; the answers never leave the card of whoever asks.
* Where anything of hers is marked as not safe, or all is frozen, a second person must agree before a link is drawn.
* Who asked, who agreed and when stand in the store and in the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select, update

from storage import audit
from storage.database import Conflict, Tx
from storage.freezing import is_unsafe, lock_accounts, thaw
from storage.members import Member, visible_to
from storage.records import Entry, Writer
from storage.schema import participants, recoveries


class Fact(StrEnum):
    """What can be asked in the call: known to the programme, and to her, and to no chat."""

    BIRTH_YEAR = "anio"
    RELEASE = "salida"
    CENTRE = "centro"
    SCHOOLING = "estudios"


NEEDED = 2
"""Facts that must be right."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the programme knows of her that can be asked, and whether another person must agree."""

    known: tuple[tuple[Fact, str | int | date], ...]
    second_person: bool
    asked_by: int | None = None
    """Who has asked already, and waits for the second person."""


@dataclass(frozen=True, slots=True)
class RecoveryFacts:
    """What is to be asked of this woman, for a member of staff who may see her."""

    member: Member
    woman: int

    async def find(self, tx: Tx) -> Facts | None:
        """It; None where there is no such woman for her."""
        hers = select(participants).where(participants.c.id == self.woman, visible_to(self.member))
        row = (await tx.run(hers)).first()
        if row is None:
            return None
        told = zip(Fact, (row.birth_year, row.release_on, row.centre, row.schooling), strict=True)
        known = tuple((fact, value) for fact, value in told if value is not None)
        waiting = await _waiting(tx, self.woman)
        return Facts(known, row.frozen_at is not None or await is_unsafe(tx, self.woman), waiting)


async def _waiting(tx: Tx, woman: int) -> int | None:
    """Who asked for her recovery, where a second person has not decided yet."""
    open_one = (recoveries.c.participant_id == woman) & recoveries.c.decided_at.is_(None)
    found: int | None = (await tx.run(select(recoveries.c.asked_by).where(open_one))).scalar_one_or_none()
    return found


@dataclass(frozen=True, slots=True)
class RecoveryAsked:
    """In a call with her, so many facts were right: her old chats are locked; `at_once` no second person is needed."""

    woman: int
    by: int
    at_once: bool


@dataclass(frozen=True, slots=True)
class RecoveryDecided:
    """A second person agrees, or (not `granted`) does not."""

    woman: int
    by: int
    granted: bool


@dataclass(frozen=True, slots=True)
class RecoveryFailed:
    """Whoever was called did not know the answers."""

    woman: int
    by: int


async def _asked(tx: Tx, entries: Sequence[Entry[RecoveryAsked]]) -> None:
    """Raises Conflict where a second person is needed after all, or somebody has asked already."""
    for record in (entry.record for entry in entries):
        unsafe = await is_unsafe(tx, record.woman)
        if record.at_once and unsafe:
            raise Conflict("a second person must agree")
        await lock_accounts(tx, record.woman)
        asked = {"participant_id": record.woman, "asked_by": record.by, "asked_at": tx.now}
        if not record.at_once:
            await tx.run(recoveries.insert().values(id=tx.ids.random(), **asked))
        await audit.append(tx, [audit.Act(audit.acting(record.by), "recovery_asked", str(record.woman))])


async def _decided(tx: Tx, entries: Sequence[Entry[RecoveryDecided]]) -> None:
    """Raises Conflict where nobody has asked, or the same person has; what was frozen is thawed by a granted one."""
    for record in (entry.record for entry in entries):
        open_one = (recoveries.c.participant_id == record.woman) & recoveries.c.decided_at.is_(None)
        another = open_one & (recoveries.c.asked_by != record.by) if record.granted else open_one
        decided = {"decided_by": record.by, "decided_at": tx.now, "granted": record.granted}
        if (await tx.run(update(recoveries).where(another).values(decided))).rowcount == 0:
            raise Conflict("there is nothing to decide for this person")
        if record.granted:
            await thaw(tx, record.woman, by=record.by)
        action = "recovery_granted" if record.granted else "recovery_refused"
        await audit.append(tx, [audit.Act(audit.acting(record.by), action, str(record.woman))])


async def _failed(tx: Tx, entries: Sequence[Entry[RecoveryFailed]]) -> None:
    failed = [entry.record for entry in entries]
    await audit.append(tx, [audit.Act(audit.acting(one.by), "recovery_failed", str(one.woman)) for one in failed])


WRITERS: dict[type, Writer] = {
    RecoveryAsked: _asked,
    RecoveryDecided: _decided,
    RecoveryFailed: _failed,
}

"""A member of staff leaves: she is out at once, and what she was doing waits for somebody else.

* Her chats are nobody's in the commit that records it, her links void, and what was open in her chats is gone.
* Her cases are nobody's again, so that others see them and coordinators are told of them; what she has answered and
  could still undo does not leave, and what she was sending to many stands still until somebody takes it up.
* Her women keep their number; a coordinator gives them to somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from storage import audit, broadcasts, cases_work
from storage.cases import CaseState
from storage.database import Conflict, Tx
from storage.members import admins, shut_out
from storage.records import Entry, Writer
from storage.schema import cases, staff


@dataclass(frozen=True, slots=True)
class Revoked:
    """This member of staff has no more business here."""

    staff: int
    by: int | None


async def revoke(tx: Tx, member: int, *, by: int | None = None) -> bool:
    """Shut her out at once, and put down what she was doing. False if she was revoked before."""
    open_one = (staff.c.id == member) & staff.c.revoked_at.is_(None)
    if (await tx.run(update(staff).where(open_one).values(revoked_at=tx.now))).rowcount == 0:
        return False
    await shut_out(tx, member)
    await audit.append(tx, [audit.Act(audit.acting(by), "staff_revoked", str(member))])
    await cases_work.call_back(tx, member, by=by)
    await _put_down_cases(tx, member, by=by)
    await broadcasts.put_down(tx, member, by=by)
    return True


async def _put_down_cases(tx: Tx, member: int, *, by: int | None) -> None:
    """Each is written down as one that is given away, to nobody; coordinators are told of it as of a new one."""
    hers = cases.c.closed_at.is_(None) & (cases.c.owner_id == member)
    found = list(await tx.run(select(cases.c.participant_id, cases.c.kind).where(hers).order_by(cases.c.id)))
    await tx.run(update(cases).where(hers).values(owner_id=None, state=CaseState.OPEN, escalated_at=None))
    acts = [audit.Act(audit.acting(by), "case_given", str(row.participant_id), f"{row.kind}:") for row in found]
    await audit.append(tx, acts)


async def _revoked(tx: Tx, entries: Sequence[Entry[Revoked]]) -> None:
    """Raises Conflict if nobody would be admin any more."""
    before = await admins(tx)
    for entry in entries:
        await revoke(tx, entry.record.staff, by=entry.record.by)
    if before and not await admins(tx):
        raise Conflict("nobody would be admin any more")


WRITERS: dict[type, Writer] = {Revoked: _revoked}

"""Whose women are whose: each is at most one member's, who sees her and answers for her.

* A member is named as people write names: accents and capitals do not matter; a name that two bear names neither.
* Whoever is revoked, or only audits, gets nobody; whom she had stays hers until a coordinator moves them.
* Work that cannot wait is offered only to whoever is there: she has a chat that we reach, and is not away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ColumnElement, bindparam, select, update

from storage import audit, cases_office
from storage.database import Tx
from storage.imports.cells import folded
from storage.members import Listed, Role, listed
from storage.phones import reached
from storage.schema import absences, participants, staff

HAVE_WOMEN = (Role.STAFF, Role.COORDINATOR, Role.ADMIN)


async def who_can_have(tx: Tx) -> list[Listed]:
    """The members of staff to whom women can be given, by name."""
    return [one for one in await listed(tx) if one.role in HAVE_WOMEN]


async def by_name(tx: Tx) -> dict[str, int]:
    """Those members by their names as `folded` has them; names that several bear are left out."""
    team = await who_can_have(tx)
    times = Counter(folded(one.name) for one in team)
    return {folded(one.name): one.staff for one in team if times[folded(one.name)] == 1}


async def assign(tx: Tx, women: Mapping[int, int | None], *, by: str) -> None:
    """From now on these women are with those members (None: with nobody); whoever was there already stays silently."""
    before = await with_whom(tx, women)
    moves = {woman: to for woman, to in women.items() if woman in before and before[woman] != to}
    theirs = update(participants).where(participants.c.id == bindparam("woman")).values(staff_id=bindparam("member"))
    await tx.run(theirs, [{"woman": woman, "member": to} for woman, to in moves.items()])
    told = [(str(woman), "" if to is None else str(to)) for woman, to in moves.items()]
    await audit.append(tx, [audit.Act(by, "caseload_moved", woman, to) for woman, to in told])


async def hand_over(tx: Tx, member: int, to: int | None, *, by: str) -> int:
    """All women of one member go to another; returns how many."""
    theirs = select(participants.c.id).where(participants.c.staff_id == member)
    women = list((await tx.run(theirs)).scalars())
    await assign(tx, dict.fromkeys(women, to), by=by)
    return len(women)


async def with_whom(tx: Tx, women: Collection[int]) -> dict[int, int | None]:
    """The member with whom each of these women is."""
    ids, found = list(women), dict[int, int | None]()
    for start in range(0, len(ids), 500):
        page = select(participants.c.id, participants.c.staff_id)
        found |= {
            row.id: row.staff_id for row in await tx.run(page.where(participants.c.id.in_(ids[start : start + 500])))
        }
    return found


async def can_have(tx: Tx, member: int) -> bool:
    """Whether women can be given to this member."""
    open_one = (staff.c.id == member) & staff.c.revoked_at.is_(None) & staff.c.role.in_(HAVE_WOMEN)
    return (await tx.run(select(staff.c.id).where(open_one))).first() is not None


# --- who is there


async def who_is_there(tx: Tx) -> list[Listed]:
    """Those of `who_can_have` whom an alert reaches now, by name."""
    away = select(absences.c.staff_id).where(lasting(await today(tx)))
    there = {row.staff_id for row in await tx.run(reached().where(staff.c.id.not_in(away)))}
    return [one for one in await who_can_have(tx) if one.staff in there]


def lasting(day: date) -> ColumnElement[bool]:
    """Which absences last on this local day, as a condition on `absences`."""
    return absences.c.ended_at.is_(None) & (absences.c.until_on >= day)


async def today(tx: Tx) -> date:
    """The day on the wall of the office."""
    return (await cases_office.office(tx)).wall(tx.now).date()


async def is_away(tx: Tx, member: int) -> bool:
    """Whether somebody stands in for this member now."""
    away = select(absences.c.id).where(absences.c.staff_id == member, lasting(await today(tx)))
    return (await tx.run(away)).first() is not None


async def covered_by(tx: Tx, member: int) -> frozenset[int]:
    """For whom this member stands in now."""
    theirs = select(absences.c.staff_id).where(absences.c.cover_id == member, lasting(await today(tx)))
    return frozenset((await tx.run(theirs)).scalars())

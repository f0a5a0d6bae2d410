"""Whose women are whose: each is at most one member's, who sees her and answers for her.

* A member is named as people write names: accents and capitals do not matter; a name that two bear names neither.
* Whoever is revoked, or only audits, gets nobody; whom she had stays hers until a coordinator moves them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select, update

from storage import audit
from storage.database import Tx
from storage.imports.cells import folded
from storage.members import Listed, Role, listed
from storage.schema import participants, staff

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

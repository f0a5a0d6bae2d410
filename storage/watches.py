"""Who looks at a broadcast while it goes, and who must be told of one: others before it goes, its maker at the end.

* One message a chat shows a broadcast as it goes; whatever else its buttons show ends that.
* Nothing is shown at a desk that has closed: it asks for the PIN first.
* Whoever must be told is told once, however often the tick comes by.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update

from storage.broadcasts import BroadcastState
from storage.database import Tx
from storage.members import Member, Role
from storage.records import Entry, Writer
from storage.schema import accounts, broadcasts, sessions, staff, watches
from storage.vault import Place


@dataclass(frozen=True, slots=True)
class Watched:
    """The message of that sprint shows this broadcast from now on as it goes; None: this chat shows none."""

    broadcast: int | None
    sprint: int = 0


async def _watched(tx: Tx, entries: Sequence[Entry[Watched]]) -> None:
    for entry in entries:
        await forget(tx, entry.lane)
        if entry.record.broadcast is not None:
            row = {"lane": entry.lane, "broadcast_id": entry.record.broadcast, "sprint": entry.record.sprint}
            await tx.run(watches.insert().values(**row, session_id=entry.session_id, shown_at=tx.now))


WRITERS: dict[type, Writer] = {Watched: _watched}


async def forget(tx: Tx, lane: str) -> None:
    """This chat shows no broadcast as it goes."""
    await tx.run(delete(watches).where(watches.c.lane == lane))


@dataclass(frozen=True, slots=True)
class Phone:
    """The chat of a member of staff, and the session of her desk in it."""

    lane: str
    chat_id: int
    member: Member
    session: int


@dataclass(frozen=True, slots=True)
class Watch:
    """A message in which a broadcast is shown; `shown` is a mark of what it says by now."""

    phone: Phone
    broadcast: int
    session: int
    sprint: int
    shown: str | None


async def due(tx: Tx, *, before: datetime, open_for: timedelta) -> list[Watch]:
    """The messages that were changed last before that moment, at desks that are open."""
    at_work = staff.c.seen_at > tx.now - open_for
    columns = (watches.c.broadcast_id, watches.c.session_id, watches.c.sprint, watches.c.shown)
    statement = _phones(*columns).join(watches, watches.c.lane == accounts.c.lane)
    rows = await tx.run(statement.where(watches.c.shown_at <= before, at_work))
    return [Watch(_phone(tx, row), row.broadcast_id, row.session_id, row.sprint, row.shown) for row in rows]


async def shown(tx: Tx, watch: Watch, mark: str) -> None:
    """The message says this now."""
    here = update(watches).where(watches.c.lane == watch.phone.lane)
    await tx.run(here.values(shown=mark, shown_at=tx.now))


# --- who must be told

_UNAPPROVED = (broadcasts.c.state == BroadcastState.WAITING_APPROVAL) & or_(
    broadcasts.c.alerted_at.is_(None), broadcasts.c.alerted_at < broadcasts.c.frozen_at
)
_OVER = (broadcasts.c.state == BroadcastState.DONE) & broadcasts.c.told_at.is_(None)


async def anything(tx: Tx) -> bool:
    """Whether there is anything to show or to tell."""
    one = select(or_(exists(select(watches.c.lane)), exists(select(broadcasts.c.id).where(_UNAPPROVED | _OVER))))
    return bool((await tx.run(one)).scalar_one())


async def to_approve(tx: Tx) -> list[Any]:
    """The broadcasts (id, made_by) that wait for somebody who has not been told of it; they count as told from now."""
    return await _once(tx, _UNAPPROVED, told={"alerted_at": tx.now})


async def over(tx: Tx) -> list[Any]:
    """The broadcasts (id, made_by) that are over, of which nobody has been told; they count as told from now."""
    return await _once(tx, _OVER, told={"told_at": tx.now})


async def _once(tx: Tx, which: ColumnElement[bool], *, told: dict[str, datetime]) -> list[Any]:
    rows = list(await tx.run(select(broadcasts.c.id, broadcasts.c.made_by).where(which)))
    await tx.run(update(broadcasts).where(broadcasts.c.id.in_([row.id for row in rows])).values(**told))
    return rows


@dataclass(frozen=True, slots=True)
class PhonesOfOthers:
    """How many phones of others than this member, who have one of these roles, would be told."""

    roles: frozenset[Role]
    but: int

    async def find(self, tx: Tx) -> int:
        """How many."""
        return len(await phones(tx, roles=self.roles, but=self.but))


async def phones(
    tx: Tx, *, roles: Collection[Role] = tuple(Role), only: int | None = None, but: int | None = None
) -> list[Phone]:
    """The chats of staff with one of these roles; of one member alone, or of all but one."""
    statement = _phones().where(staff.c.role.in_(roles))
    if only is not None:
        statement = statement.where(staff.c.id == only)
    if but is not None:
        statement = statement.where(staff.c.id != but)
    return [_phone(tx, row) for row in await tx.run(statement)]


def _phones(*more: Any) -> Select[Any]:
    """Every chat of staff that is in use, with the desk that is open in it."""
    desk = (
        select(func.max(sessions.c.id))
        .where(sessions.c.lane == accounts.c.lane, sessions.c.closed_at.is_(None))
        .correlate(accounts)
        .scalar_subquery()
    )
    columns = (accounts.c.id.label("account"), accounts.c.lane, accounts.c.chat_id, staff.c.id.label("staff"))
    return (
        select(*columns, staff.c.role, desk.label("desk"), *more)
        .join(staff, staff.c.id == accounts.c.staff_id)
        .where(accounts.c.unlinked_at.is_(None), accounts.c.blocked_at.is_(None), staff.c.revoked_at.is_(None))
    )


def _phone(tx: Tx, row: Any) -> Phone:
    chat_id = int(tx.vault.open(Place("accounts", "chat_id", row.account), row.chat_id))
    return Phone(row.lane, chat_id, Member(row.staff, Role(row.role)), row.desk or tx.ids.random())

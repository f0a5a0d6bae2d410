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

from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from storage.broadcasts import BroadcastState
from storage.database import Tx
from storage.members import Role
from storage.phones import Phone, phone_of, phones, reached
from storage.records import Entry, Writer
from storage.schema import accounts, broadcasts, staff, watches


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
    statement = reached(*columns).join(watches, watches.c.lane == accounts.c.lane)
    rows = await tx.run(statement.where(watches.c.shown_at <= before, at_work))
    return [Watch(phone_of(tx, row), row.broadcast_id, row.session_id, row.sprint, row.shown) for row in rows]


async def shown(tx: Tx, watch: Watch, mark: str) -> None:
    """The message says this now."""
    here = update(watches).where(watches.c.lane == watch.phone.lane)
    await tx.run(here.values(shown=mark, shown_at=tx.now))


# --- who must be told


@dataclass(frozen=True, slots=True)
class Telling:
    """Of this broadcast these phones are to be told."""

    broadcast: int
    phones: Sequence[Phone]


async def anything(tx: Tx, approvers: Collection[Role]) -> bool:
    """Whether there is anything to show or to tell."""
    told = select(broadcasts.c.id).where(or_(_unapproved(approvers), _stuck(approvers), _OVER))
    one = select(or_(exists(select(watches.c.lane)), exists(told)))
    return bool((await tx.run(one)).scalar_one())


async def to_approve(tx: Tx, approvers: Collection[Role]) -> list[Telling]:
    """The broadcasts that wait for somebody with one of these roles who has not been told of it; they count as told
    from now."""
    found = await _once(tx, _unapproved(approvers), told={"alerted_at": tx.now})
    return [Telling(row.id, await phones(tx, _others(approvers, row.made_by))) for row in found]


async def stuck(tx: Tx, approvers: Collection[Role]) -> list[Telling]:
    """The broadcasts that wait while nobody can approve them, of which their makers have not been told; they count as
    told from now. Once somebody can, `to_approve` has them."""
    return await _to_their_makers(tx, _stuck(approvers))


async def over(tx: Tx) -> list[Telling]:
    """The broadcasts that are over, of which their makers have not been told; they count as told from now."""
    return await _to_their_makers(tx, _OVER)


async def _to_their_makers(tx: Tx, which: ColumnElement[bool]) -> list[Telling]:
    found = await _once(tx, which, told={"told_at": tx.now})
    return [Telling(row.id, await phones(tx, staff.c.id == row.made_by)) for row in found]


def _not_since(told: ColumnElement[datetime | None], moment: ColumnElement[datetime | None]) -> ColumnElement[bool]:
    return or_(told.is_(None), told < moment)


_WAITS = broadcasts.c.state == BroadcastState.WAITING_APPROVAL
_OVER = (broadcasts.c.state == BroadcastState.DONE) & _not_since(broadcasts.c.told_at, broadcasts.c.done_at)


def _unapproved(approvers: Collection[Role]) -> ColumnElement[bool]:
    return _WAITS & _approvable(approvers) & _not_since(broadcasts.c.alerted_at, broadcasts.c.frozen_at)


def _stuck(approvers: Collection[Role]) -> ColumnElement[bool]:
    return _WAITS & ~_approvable(approvers) & _not_since(broadcasts.c.told_at, broadcasts.c.frozen_at)


def _approvable(approvers: Collection[Role]) -> ColumnElement[bool]:
    return reached().where(_others(approvers, broadcasts.c.made_by)).correlate(broadcasts).exists()


def _others(roles: Collection[Role], but: Any) -> ColumnElement[bool]:
    return staff.c.role.in_(roles) & staff.c.id.is_distinct_from(but)


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
        return len(await phones(tx, _others(self.roles, self.but)))

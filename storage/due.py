"""The check-ins that somebody must look at now, with everything that deciding about them takes; and whether what was
posted leaves.

* One indexed statement finds them, and a few more, each for all of them, learn the rest: the cost follows what is due,
  not who is enrolled.
* What is found is as of this very moment; nothing is remembered from when the row was planned.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Dialect,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    union_all,
)

from storage.circumstances import Circumstances, know
from storage.database import Database, Tx
from storage.fates import CheckinState
from storage.ledger import BOT
from storage.mail import SHUT, MailState
from storage.schema import broadcasts, checkins, instruments, outbox, plans, sessions, timers

# As a literal: SQLite uses an index of some rows only where the statement itself says which, not in a parameter.
_OPEN = checkins.c.state != literal_column("'closed'")


@dataclass(frozen=True, slots=True)
class Beside:
    """Another check-in of hers that is invited or begun."""

    id: int
    instrument: str
    due_on: date
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation that is open in her chat, and whose check-in it is, if it is one's."""

    dialogue: str
    checkin: int | None


@dataclass(frozen=True, slots=True)
class DueCheckin:
    """An open check-in whose moment has come, with what must be known to decide about it."""

    id: int
    plan: str
    point: str
    series: str
    instrument: str
    state: CheckinState
    due_on: date
    opens_at: datetime
    closes_at: datetime
    next_at: datetime
    invited_at: datetime | None
    reminded_at: datetime | None
    reminders_sent: int
    last_heard_at: datetime | None
    resting_until: datetime | None
    help_asked_at: datetime | None
    called_for_at: datetime | None
    her: Circumstances
    talk: Talk | None
    sitting_lane: str | None
    """Where its own conversation is open, even if that chat is no longer hers or has blocked us."""
    beside: tuple[Beside, ...] = ()

    @property
    def lane(self) -> str | None:
        """The chat that is hers, blocked or not."""
        return None if self.her.chat is None else self.her.chat.lane


@dataclass(frozen=True, slots=True)
class Glance:
    """Whether a tick has anything to do. `kept` is another value after any plan or instrument was put in use."""

    kept: frozenset[tuple[object, ...]]
    due: bool
    expired: bool
    mailing: bool


async def glance(database: Database) -> Glance:
    """All that an idle tick must know, in one statement."""
    sql, binds = _spoken(database.dialect)
    convert = _BY.type.dialect_impl(database.dialect).bind_processor(database.dialect)
    now = database.now()
    rows = await database.glance(sql, [convert(now) if convert else now] * binds)
    found = frozenset(tuple(row) for row in rows)
    what = {row[0] for row in found}
    kept = frozenset(row for row in found if row[0] in ("plan", "instruments"))
    return Glance(kept, "due" in what, "expired" in what, "mailing" in what)


async def any_due(tx: Tx) -> bool:
    """Whether the bot must look at any check-in now."""
    return (await tx.run(_ANY, [{"by": tx.now}])).first() is not None


async def any_expired(tx: Tx) -> bool:
    """Whether a conversation's own time is over."""
    return (await tx.run(_EXPIRED, [{"by": tx.now}])).first() is not None


async def due(tx: Tx, limit: int, *, by: datetime | None = None) -> list[DueCheckin]:
    """The check-ins that the bot must look at now, or will have to by that later moment, the longest due first."""
    rows = list(await tx.run(_DUE, [{"by": by or tx.now, "most": limit}]))
    women = {row.participant_id for row in rows}
    if not women:
        return []
    known = await know(tx, women)
    talks = await _talks(tx, {her.chat.lane for her in known.values() if her.chat is not None})
    under_way = await _under_way(tx, women)
    found = []
    for row in rows:
        her, others = known[row.participant_id], under_way.get(row.participant_id, ())
        talk = None if her.chat is None else _talk_in(talks, her.chat.lane, woman=row.participant_id)
        found.append(_due(row, her, talk=talk, beside=tuple(one for one in others if one.id != row.id)))
    return found


async def outbox_stands_still(tx: Tx, since: datetime) -> bool:
    """Whether something has been ready to leave since before that moment, or waits or was given up since for a reason
    of ours, and no message at all has left since."""
    open_ones = outbox.c.state.in_((literal_column("'ready'"), literal_column("'claimed'")))
    kept = (outbox.c.ready_at <= since) | outbox.c.reason.is_not(None)
    stale = select(outbox.c.id).where(open_ones, kept).limit(1)
    given_up = outbox.c.state.in_((literal_column("'failed'"), literal_column("'set_aside'")))
    lost = select(outbox.c.id).where(given_up, outbox.c.reason.not_in(SHUT), outbox.c.done_at > since).limit(1)
    if (await tx.run(stale)).first() is None and (await tx.run(lost)).first() is None:
        return False
    left = (outbox.c.state == MailState.SENT) & outbox.c.message_id.is_not(None) & (outbox.c.done_at > since)
    return (await tx.run(select(outbox.c.id).where(left).limit(1))).first() is None


async def still_open(tx: Tx, checkin_ids: Collection[int]) -> int:
    """How many of these check-ins have no fate yet."""
    these = select(func.count()).where(checkins.c.id.in_(checkin_ids), _OPEN)
    return int((await tx.run(these)).scalar_one()) if checkin_ids else 0


_BY = bindparam("by", type_=checkins.c.next_at.type)
_OF_THE_BOT = (_OPEN, checkins.c.owner == literal_column(f"'{BOT}'"), checkins.c.next_at <= _BY)


def _due_by() -> Select[Any]:
    """One row for each; its own conversation is found by an index."""
    return (
        select(checkins, sessions.c.lane.label("sitting_lane"))
        .outerjoin(sessions, (sessions.c.checkin_id == checkins.c.id) & sessions.c.closed_at.is_(None))
        .where(*_OF_THE_BOT)
        .order_by(checkins.c.next_at)  # and by nothing else: thousands can be due at nine, and none is to be sorted
        .limit(bindparam("most", type_=Integer))
    )


def _open_in() -> Select[Any]:
    """A sitting whose check-in has its fate is open to corrections only: it keeps nobody waiting."""
    over = exists().where(checkins.c.id == sessions.c.checkin_id, checkins.c.state == CheckinState.CLOSED)
    open_there = sessions.c.lane.in_(bindparam("lanes", expanding=True)) & sessions.c.closed_at.is_(None)
    columns = (sessions.c.lane, sessions.c.participant_id, sessions.c.dialogue, sessions.c.checkin_id)
    return select(*columns).where(open_there, ~over)


def _begun_by() -> Select[Any]:
    """What is invited or begun of these women."""
    begun = checkins.c.state.in_((CheckinState.INVITED, CheckinState.STARTED))
    columns = (checkins.c.participant_id, checkins.c.id, checkins.c.instrument, checkins.c.due_on, checkins.c.closes_at)
    hers = checkins.c.participant_id.in_(bindparam("women", expanding=True))
    return select(*columns).where(hers, begun).order_by(checkins.c.id)


# Built once: SQLAlchemy takes longer to build and recognise the one than SQLite to answer it.
_ANY = select(checkins.c.id).where(*_OF_THE_BOT).limit(1)
_EXPIRED = select(timers.c.session_id).where(timers.c.due_at <= _BY).limit(1)
_DUE, _TALKS, _BEGUN = _due_by(), _open_in(), _begun_by()


def _told(what: str, *values: ColumnElement[Any]) -> Select[Any]:
    columns = (*values, *[literal_column("''")] * (3 - len(values)))
    return select(*(column.label(f"c{n}") for n, column in enumerate((literal_column(f"'{what}'"), *columns))))


def _whether_anything() -> CompoundSelect[Any]:
    times = (func.max(instruments.c.added_at), func.max(instruments.c.installed_at))
    return union_all(
        _told("plan", plans.c.name, plans.c.version),
        _told("instruments", *(cast(one, Text) for one in (func.count(), *times))).select_from(instruments),
        _told("due").where(exists(select(checkins.c.id).where(*_OF_THE_BOT))),
        _told("expired").where(exists(select(timers.c.session_id).where(timers.c.due_at <= _BY))),
        _told("mailing").where(exists(select(broadcasts.c.id).where(broadcasts.c.next_at <= _BY))),
    )


@lru_cache
def _spoken(dialect: Dialect) -> tuple[str, int]:
    """The statement as the driver takes it, and how many times it asks for the moment."""
    compiled = _whether_anything().compile(dialect=dialect)
    return str(compiled), len(getattr(compiled, "positiontup", None) or ())


def _talk_in(talks: Mapping[tuple[str, int | None], Talk], lane: str, *, woman: int) -> Talk | None:
    """Hers; or a first contact there that is nobody's yet, which is not to be cut short."""
    return talks.get((lane, woman)) or talks.get((lane, None))


async def _talks(tx: Tx, lanes: Collection[str]) -> dict[tuple[str, int | None], Talk]:
    found = await tx.run(_TALKS, [{"lanes": list(lanes)}])
    return {(row.lane, row.participant_id): Talk(row.dialogue, row.checkin_id) for row in found}


async def _under_way(tx: Tx, women: Collection[int]) -> dict[int, tuple[Beside, ...]]:
    found: dict[int, tuple[Beside, ...]] = {}
    for row in await tx.run(_BEGUN, [{"women": list(women)}]):
        one = Beside(row.id, row.instrument, row.due_on, row.closes_at)
        found[row.participant_id] = (*found.get(row.participant_id, ()), one)
    return found


def _due(row: Any, her: Circumstances, *, talk: Talk | None, beside: tuple[Beside, ...]) -> DueCheckin:
    return DueCheckin(
        id=row.id,
        plan=row.plan,
        point=row.point,
        series=row.series,
        instrument=row.instrument,
        state=CheckinState(row.state),
        due_on=row.due_on,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        next_at=row.next_at,
        invited_at=row.invited_at,
        reminded_at=row.reminded_at,
        reminders_sent=row.reminders_sent,
        last_heard_at=row.last_heard_at,
        resting_until=row.resting_until,
        help_asked_at=row.help_asked_at,
        called_for_at=row.called_for_at,
        her=her,
        talk=talk,
        sitting_lane=row.sitting_lane,
        beside=beside,
    )

"""How the installation is: what waits, for how long, and when the last backup was made. Numbers and moments alone.

* Nothing here tells of anybody: cases are not told by kind, since one of danger is nobody's business who only keeps the
  server.
* Each number is one statement over rows that are open, so that looking every few seconds costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, literal_column, select

from storage import cases, holding, safekeeping, turned_away
from storage.database import Tx
from storage.ledger import BOT
from storage.mail import Urgency
from storage.schema import cases as cases_table
from storage.schema import checkins, inbox, outbox, sessions
from storage.turned_away import What


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and since when the one that has waited longest."""

    number: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """How it stands at the moment `at`.

    `letters` are updates that nobody has taken yet, `parcels` what may be sent by now and is not, `checkins` those of
    which the bot should have seen to by now, `cases` what staff have not closed. `aside` counts updates and parcels
    that failed too often. `alarm_since` and `held_since` are None while things leave as they should.
    """

    at: datetime
    letters: Queue
    parcels: Mapping[Urgency, Queue]
    aside: int
    checkins_open: int
    checkins: Queue
    conversations: int
    cases: Queue
    alarm_since: datetime | None
    held_since: datetime | None
    backup_at: datetime | None
    backup_failed_at: datetime | None
    turned_away: Mapping[What, int]


async def look(tx: Tx) -> Vitals:
    """How it stands now."""
    backup = await safekeeping.standing(tx)
    ours = _OPEN & (checkins.c.owner == BOT) & (checkins.c.next_at <= tx.now)
    return Vitals(
        at=tx.now,
        letters=await _queue(tx, inbox, _is(inbox.c.state, "waiting"), since=inbox.c.received_at),
        parcels=await _parcels(tx),
        aside=sum([await _number(tx, table, _is(table.c.state, "set_aside")) for table in (inbox, outbox)]),
        checkins_open=await _number(tx, checkins, _OPEN),
        checkins=await _queue(tx, checkins, ours, since=checkins.c.next_at),
        conversations=await _number(tx, sessions, sessions.c.closed_at.is_(None)),
        cases=await _queue(tx, cases_table, cases_table.c.closed_at.is_(None), since=cases_table.c.opened_at),
        alarm_since=await cases.alarm_since(tx),
        held_since=await holding.since(tx),
        backup_at=backup.last_at,
        backup_failed_at=backup.failed_at,
        turned_away=await turned_away.counted(tx),
    )


def _is(column: ColumnElement[Any], state: str) -> ColumnElement[bool]:
    return column == literal_column(f"'{state}'")  # as a literal, for the sake of the index


_OPEN = checkins.c.state != literal_column("'closed'")


async def _parcels(tx: Tx) -> dict[Urgency, Queue]:
    columns = (outbox.c.urgency, func.count().label("number"), func.min(outbox.c.ready_at).label("since"))
    may_leave = _is(outbox.c.state, "ready") & (outbox.c.ready_at <= tx.now)
    rows = await tx.run(select(*columns).where(may_leave).group_by(outbox.c.urgency))
    found = {Urgency(row.urgency): Queue(row.number, row.since) for row in rows}
    return {urgency: found.get(urgency, Queue()) for urgency in Urgency}


async def _queue(tx: Tx, table: FromClause, which: ColumnElement[bool], *, since: ColumnElement[Any]) -> Queue:
    counted = select(func.count().label("number"), func.min(since).label("since")).select_from(table)
    row = (await tx.run(counted.where(which))).one()
    return Queue(row.number, row.since)


async def _number(tx: Tx, table: FromClause, which: ColumnElement[bool]) -> int:
    counted: int = (await tx.run(select(func.count()).select_from(table).where(which))).scalar_one()
    return counted

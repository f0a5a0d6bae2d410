"""What will leave, when and why: as the tick will decide it if everybody stays silent and nothing else changes.

* It shows record_ids and no names. A woman's times are those on her own wall.
* A woman of whom something cannot be read is told of and left out; all others are shown.
* Where there is too much, it is cut at a moment: all before it is told, nothing after it, and that moment too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_plans, open_store
from bot.cli.printing import print_json
from bot.settings import read_settings
from scheduler.applied import Plans
from scheduler.cadence import CallFor, Close, Open, Remind
from scheduler.checkins import facts_of, row_of
from scheduler.enrolment import DEFAULT_ZONE
from scheduler.outlook import Planned, forecast
from storage import due, people
from storage.database import Tx
from storage.due import DueCheckin

MOST_ROWS = 30_000
"""Check-ins looked at: more lines than anybody reads, and as many women as one statement of SQLite can name."""


CLOCK = ZoneInfo(DEFAULT_ZONE)


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that will happen to a check-in."""

    row: DueCheckin
    planned: Planned


@dataclass(frozen=True, slots=True)
class Ahead:
    """What will happen, the soonest first; the women of whom that cannot be said; and the moment at which it is cut,
    where there is too much."""

    coming: tuple[Coming, ...]
    unreadable: tuple[int, ...] = ()
    cut: datetime | None = None


NAMELESS = "?"
"""Instead of a record_id that cannot be read."""


def print_upcoming(days: int, *, as_json: bool) -> None:
    """Print what will happen to the check-ins in so many days from now, the soonest first."""
    settings = read_settings()

    async def work() -> tuple[Ahead, dict[int, str]]:
        async with open_store(settings) as database, database.read() as tx:
            ahead = await look_ahead(tx, days, plans=await open_plans(tx, settings, keep=False))
            women = {one.row.her.participant for one in ahead.coming} | set(ahead.unreadable)
            return ahead, await people.record_ids(tx, women)

    ahead, names = asyncio.run(work())
    found = [(names.get(one.row.her.participant, NAMELESS), one) for one in ahead.coming]
    if as_json:
        print_json([_told(record_id, one) for record_id, one in found])
    else:
        for record_id, one in found:
            typer.echo(_line(record_id, one))
        typer.echo(f"{len(found)} in {days} days, if nobody answers", err=True)
    for woman in ahead.unreadable:
        typer.echo(f"left out: {names.get(woman, NAMELESS)}: her zone or her hours cannot be read", err=True)
    if ahead.cut is not None:
        at = ahead.cut.astimezone(CLOCK).isoformat(" ", "minutes")
        typer.echo(f"cut: all before {at} is told, nothing after it; to see all, ask for fewer days", err=True)


async def look_ahead(tx: Tx, days: int, *, plans: Plans, most: int = MOST_ROWS) -> Ahead:
    """What will happen in so many days from now, of at most `most` check-ins that come up."""
    rows = await due.due(tx, most + 1, by=tx.now + timedelta(days=days))
    ahead = _ahead(rows, now=tx.now, days=days, plans=plans)
    if len(rows) <= most:
        return ahead
    cut = max(rows[most].next_at, tx.now)
    before = tuple(one for one in ahead.coming if one.planned.at < cut or one.planned.at == tx.now)
    return replace(ahead, coming=before, cut=cut)


def _ahead(rows: Iterable[DueCheckin], *, now: datetime, days: int, plans: Plans) -> Ahead:
    """A conversation that is open in her chat now is taken to end before."""
    until = now + timedelta(days=days)
    found: list[Coming] = []
    unreadable: dict[int, None] = {}
    for row in rows:
        try:
            facts = facts_of(row, in_other_sitting=False)
            planned = forecast(row_of(row), facts, now=now, plan=plans.get(row.plan), until=until)
        except Exception:  # as the tick, which decides about everybody else
            unreadable[row.her.participant] = None
        else:
            found += [Coming(row, one) for one in planned]
    return Ahead(tuple(sorted(found, key=lambda one: (one.planned.at, one.row.id))), tuple(unreadable))


def _told(record_id: str, one: Coming) -> dict[str, Any]:
    """One thing to come as programs read it."""
    what, number = _what(one.planned)
    return {
        "record_id": record_id,
        "plan": one.row.plan,
        "point": one.row.point,
        "at": one.planned.at,
        "local": one.planned.at.astimezone(ZoneInfo(one.row.her.zone)),
        "zone": one.row.her.zone,
        "what": what,
        "number": number,
        "fate": one.planned.what.fate if isinstance(one.planned.what, Close) else None,
        "why": one.planned.why,
    }


def _what(planned: Planned) -> tuple[str, int | None]:
    match planned.what:
        case Open():
            return "invitation", None
        case Remind(number):
            return "reminder", number
        case CallFor():
            return "call", None
        case Close():
            return "closing", None
        case _:
            assert_never(planned.what)


def _line(record_id: str, one: Coming) -> str:
    what, number = _what(one.planned)
    local = one.planned.at.astimezone(ZoneInfo(one.row.her.zone)).isoformat(" ", "minutes")
    numbered = what if number is None else f"{what} {number}"
    fate = f" as {one.planned.what.fate}" if isinstance(one.planned.what, Close) else ""
    return f"{local}\t{one.row.her.zone}\t{record_id}\t{one.row.point}\t{numbered}{fate}\t{one.planned.why}"

"""The ledger as people and programs read it: the funnel by point, or one woman's check-ins one by one.

* A day ends when it ends in Mexico City, for every woman: two figures of one day never mean two moments.
* Points stand in the order of the applied plans; what no plan has any more comes last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.opening import open_store
from bot.cli.printing import print_json
from bot.cli.refusals import Refused
from bot.cli.roster import find
from bot.settings import read_settings
from scheduler.applied import Plans
from scheduler.calendar import day_start, local_day
from scheduler.enrolment import DEFAULT_ZONE
from storage import funnel, people
from storage.database import Tx
from storage.fates import Fate
from storage.funnel import Change, Course, Funnel, Rate, Tally, sum_up
from storage.imports.centres import centre_code
from storage.people import Card

CLOCK = ZoneInfo(DEFAULT_ZONE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the ledger is wanted: as of the end of a day (None: now), of a centre by any of its names, of a point or
    series."""

    day: date | None = None
    centre: str | None = None
    point: str | None = None


@dataclass(frozen=True, slots=True)
class PointFunnel:
    """What became of one point of one plan."""

    plan: str
    point: str
    funnel: Funnel


def print_funnel(asked: Asked, *, as_json: bool) -> None:
    """Print the funnel by point and in total. Raises Refused for a day that has not come, or a name that is unknown."""

    asked = replace(asked, centre=asked.centre and (centre_code(asked.centre) or asked.centre))

    async def work() -> tuple[datetime, list[PointFunnel], Funnel]:
        async with open_store(read_settings()) as database, database.read() as tx:
            at = _moment(tx, asked.day)
            order = await _order(tx)
            await _require_known(tx, asked, points=[point for _, point in order])
            found = await funnel.tallies(tx, at, centre=asked.centre, point=asked.point)
            return at, _by_point(found, order), sum_up(found)

    at, points, total = asyncio.run(work())
    if as_json:
        told = [{"plan": one.plan, "point": one.point, **_told(one.funnel)} for one in points]
        only = {"centre": asked.centre, "point": asked.point}
        print_json({"as_of": at, **only, "points": told, "total": _told(total)})
        return
    _show(at, points, total=total)


def _moment(tx: Tx, day: date | None) -> datetime:
    """The end of that day, or now if it is not over."""
    if day is None:
        return tx.now
    if day > local_day(tx.now, CLOCK):
        raise Refused(f"{day} has not come yet: the ledger tells what has been; for what is to come see hilo upcoming")
    return min(day_start(day + timedelta(days=1), CLOCK) - timedelta(microseconds=1), tx.now)


async def _require_known(tx: Tx, asked: Asked, *, points: Sequence[str]) -> None:
    """A name that was misspelt must not read as nobody expected."""
    if asked.point is not None and asked.point not in points and not await funnel.knows_point(tx, asked.point):
        raise Refused(f"--point: no plan has such a point or series; points are {', '.join(points) or 'none'}")
    if asked.centre is not None and asked.centre not in (known := await funnel.centres(tx)):
        raise Refused(f"--centre: nobody belongs to it; centres are {', '.join(known) or 'none'}")


async def _order(tx: Tx) -> dict[tuple[str, str], int]:
    """Where each point stands in the applied plans."""
    plans = Plans(default="")
    await plans.refresh(tx)
    known = [plan for name in plans.names if (plan := plans.get(name)) is not None]
    return {
        key: number for number, key in enumerate((plan.name, point) for plan in known for point in plan.occurrences)
    }


def _by_point(found: Sequence[Tally], order: dict[tuple[str, str], int]) -> list[PointFunnel]:
    points: dict[tuple[str, str], list[Tally]] = {}
    for tally in found:
        points.setdefault((tally.plan, tally.point), []).append(tally)
    ranked = sorted(points, key=lambda key: order.get(key, len(order)))
    return [PointFunnel(plan, point, sum_up(points[plan, point])) for plan, point in ranked]


def _told(counted: Funnel) -> dict[str, Any]:
    """A funnel as programs read it: flat, each fate under its own name."""
    told = asdict(counted)
    fates, reasons = told.pop("fates"), told.pop("reasons")
    rates = {"rr1": _rate(counted.rr1), "rr2": _rate(counted.rr2)}
    why = {fate.value: {reason.value: count for reason, count in known.items()} for fate, known in reasons.items()}
    return {**told, **{fate.value: fates[fate] for fate in Fate}, "reasons": why, **rates}


def _rate(rate: Rate) -> dict[str, Any]:
    return {**asdict(rate), "percent": rate.percent}


_HEADS = ("point", "expected", "invited", "started", *(fate.replace("_", " ") for fate in Fate), "open", "RR1", "RR2")


def _show(at: datetime, points: Sequence[PointFunnel], *, total: Funnel) -> None:
    typer.echo(f"as of {at.astimezone(CLOCK).isoformat(' ', 'minutes')}")
    several = len({one.plan for one in points}) > 1
    names = [f"{one.plan}/{one.point}" if several else one.point for one in points]
    counted = [*(one.funnel for one in points), total]
    lines = [_line(name, one) for name, one in zip((*names, "total"), counted, strict=True)]
    for line in _aligned([list(_HEADS), *lines]):
        typer.echo(line)
    for name, one in zip(names, points, strict=True):
        for why in _reasons(one.funnel):
            typer.echo(f"{name}: {why}")
    if total.waiting_for_date:
        typer.echo(f"open: {total.waiting_for_date} wait for a date")
    if total.overdue:
        typer.echo(f"open: {total.overdue} past their window")
    typer.echo("RR1, RR2: AAPOR's response rates; docs/ledger.md says what counts in them", err=True)


def _line(name: str, one: Funnel) -> list[str]:
    numbers = (one.expected, one.invited, one.started, *one.fates.values(), one.open)
    return [name, *map(str, numbers), *(_percent(rate) for rate in (one.rr1, one.rr2))]


def _percent(rate: Rate) -> str:
    return "-" if rate.percent is None else f"{rate.percent:.1f} %"


def _reasons(one: Funnel) -> list[str]:
    """Why the closed ones ended as they did."""
    return [
        f"{fate.replace('_', ' ')}: {', '.join(f'{reason} {count}' for reason, count in sorted(known.items()))}"
        for fate, known in sorted(one.reasons.items())
    ]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table, every column but the first one to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join((row[0].ljust(widths[0]), *(cell.rjust(n) for cell, n in zip(row[1:], widths[1:], strict=True))))
        for row in rows
    ]


# --- one woman


def print_courses(record_id: str, day: date | None, *, as_json: bool) -> None:
    """Print one woman's check-ins with what was changed of them. Raises Refused if nobody has that record_id, or for a
    day that has not come."""

    async def work() -> tuple[datetime, Card, list[Course]]:
        async with open_store(read_settings()) as database, database.read() as tx:
            at, participant = _moment(tx, day), await find(tx, record_id)
            order = await _order(tx)
            (card,) = await people.cards(tx, participant)
            hers = await funnel.courses_of(tx, participant, at=at)
            return at, card, sorted(hers, key=lambda one: order.get((one.plan, one.point), len(order)))

    at, card, courses = asyncio.run(work())
    if as_json:
        print_json({"as_of": at, "record_id": card.record_id, "checkins": [asdict(one) for one in courses]})
        return
    for course in courses:
        typer.echo(_course_line(course, ZoneInfo(card.zone)))
        for change in course.changes:
            typer.echo(f"\t{_change_line(change, ZoneInfo(card.zone))}")


def _course_line(course: Course, zone: ZoneInfo) -> str:
    because = f" ({course.reason})" if course.reason else ""
    times = {"invited": course.invited_at, "started": course.started_at, "closed": course.closed_at}
    told = [f"{name} {_wall(at, zone)}" for name, at in times.items() if at is not None]
    return "\t".join([course.point, str(course.due_on or "no date"), f"{course.stood}{because}", *told])


def _change_line(change: Change, zone: ZoneInfo) -> str:
    because = f" ({change.reason})" if change.reason else ""
    return f"{_wall(change.at, zone)}\t{change.cause}: was {change.stood}{because}, due {change.due_on or '(no date)'}"


def _wall(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(" ", "minutes")

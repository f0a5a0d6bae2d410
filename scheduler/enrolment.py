"""Women of a participants file become people of the store, with every check-in that the plan expects of them.

* All of it is one transaction: nobody is registered without her check-ins, and nobody twice.
* Whoever has no release date yet has her rows all the same, waiting; staff own them, and have one case for her. They
  wait, past their deadline too, until a later file brings her date: then the plan says which are expected, which are
  past, and the case is closed. Nothing else about a woman is changed by a file.
* Where a file names no place, the clock is Mexico City's: most of the centres and most of the women are near it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.calendar import Preferences, Slot, local_day
from scheduler.plan import Plan, PlanError, PlanProblem, read_plan
from scheduler.planning import expected
from storage import cases, ledger, people, roster
from storage.database import Tx
from storage.fates import CheckinState
from storage.imports.participants import ParticipantRow
from storage.imports.problems import Fault, SheetProblem
from storage.ledger import NewCheckin
from storage.people import NewParticipant
from storage.roster import Dated, Undated

DEFAULT_ZONE = "America/Mexico_City"
FIND_DATE_WITHIN = timedelta(days=14)
"""How long staff have to find a release date. Later nothing ends: row and case stay open, and theirs."""


def load_plan(path: Path, instruments: Collection[str]) -> Plan:
    """Read a plan whose check-ins these instruments can be asked in. Raises PlanError with every problem."""
    plan = read_plan(path)
    problems = list(_cannot_be_asked(plan, instruments))
    if problems:
        raise PlanError(path.name, problems)
    return plan


def _cannot_be_asked(plan: Plan, instruments: Collection[str]) -> Iterator[PlanProblem]:
    for point in plan.points:
        where = f"point {point.name}"
        if len(point.instruments) > 1:
            yield PlanProblem(where, "instruments: name just one; several in one check-in come with a later version")
        for name in point.instruments:
            if name not in instruments:
                known = ", ".join(sorted(instruments))
                yield PlanProblem(where, f"instruments: there is no instrument {name}; known are {known}")


@dataclass(frozen=True, slots=True)
class Sorted:
    """What this store can do with sound rows: women to register, dates to fill in by internal id, and the problems.

    A row with a problem is in neither of the others.
    """

    new: list[ParticipantRow]
    dates: dict[int, date]
    problems: list[SheetProblem]


async def sort_rows(tx: Tx, rows: Sequence[ParticipantRow], *, plan: Plan) -> Sorted:
    """Tell new women from known ones whose release date comes now, and both from rows that can't go in."""
    known = await people.known_record_ids(tx, [row.record_id for row in rows])
    dateless = await roster.without_date(tx)
    found = Sorted([], {}, [])
    for row in rows:
        woman = known.get(row.record_id)
        day = row.release_date if woman in dateless else None
        problems = list(_problems(row, repeats=woman is not None and day is None, plan=plan))
        found.problems.extend(problems)
        if not problems and woman is None:
            found.new.append(row)
        elif not problems and woman is not None and day is not None:
            found.dates[woman] = day
    return found


def _problems(row: ParticipantRow, *, repeats: bool, plan: Plan) -> Iterator[SheetProblem]:
    if repeats:
        message = "is already registered; take the row out, or import with --skip-errors"
        yield SheetProblem(row.line, "record_id", Fault.REPEATED_RECORD, message)
    if row.plan is not None and row.plan != plan.name:
        message = f"there is no such plan; write {plan.name} or leave it empty"
        yield SheetProblem(row.line, "plan", Fault.BAD_CELL, message)


async def fill_dates(tx: Tx, dates: Mapping[int, date], *, plan: Plan) -> None:
    """These women's release dates are known now: expect their check-ins, and close the case that asked for the date."""
    waiting = groupby(await roster.undated(tx, dates), key=lambda row: row.participant)
    rows = [row for woman, hers in waiting for row in dated(list(hers), dates[woman], plan=plan, now=tx.now)]
    await roster.fill_dates(tx, dates, rows)
    for woman in dates:
        await cases.close_case(tx, woman, cases.MISSING_DATE)


def dated(waiting: Sequence[Undated], released_on: date, *, plan: Plan, now: datetime) -> Iterator[Dated]:
    """What the plan makes of one woman's waiting check-ins (one or more), as if she were registered today.

    One whose point the plan has no longer is left as it is.
    """
    zone = ZoneInfo(waiting[0].zone)
    preferences = Preferences(zone, Slot(waiting[0].slot))
    rows = expected(plan, released_on, enrolled_on=local_day(now, zone), preferences=preferences)
    by_point = {(plan.name, one.point): one for one in rows}
    for row in waiting:
        if one := by_point.get((row.plan, row.point)):
            yield Dated(row.id, one.state, one.due_on, one.opens_at, one.closes_at, fate=one.fate, reason=one.reason)


async def enrol(tx: Tx, rows: Sequence[ParticipantRow], *, plan: Plan) -> list[int]:
    """Register these women and expect their check-ins; returns their internal ids, in order.

    Raises Conflict if one of them is registered already.
    """
    ids = await people.add_participants(tx, [_woman(row, plan) for row in rows])
    pairs = list(zip(ids, rows, strict=True))
    await ledger.expect(tx, [checkin for id_, row in pairs for checkin in _checkins(id_, row, plan=plan, now=tx.now)])
    await cases.open_cases(tx, [(id_, cases.MISSING_DATE, None) for id_, row in pairs if row.release_date is None])
    return ids


def _woman(row: ParticipantRow, plan: Plan) -> NewParticipant:
    return NewParticipant(
        record_id=row.record_id,
        name=row.name,
        zone=row.zone or DEFAULT_ZONE,
        phone=row.phone,
        release_on=row.release_date,
        trato=row.trato or "tu",
        plan=plan.name,
        birth_year=row.birth_year,
        centre=row.centre,
        schooling=row.schooling,
        dependants=(row.dependants_0_5, row.dependants_6_11, row.dependants_12_17, row.dependants_adult),
    )


def _checkins(participant: int, row: ParticipantRow, *, plan: Plan, now: datetime) -> Iterator[NewCheckin]:
    zone = ZoneInfo(row.zone or DEFAULT_ZONE)
    rows = expected(plan, row.release_date, enrolled_on=local_day(now, zone), preferences=Preferences(zone))
    for one, occurrence in zip(rows, plan.occurrences.values(), strict=True):
        point = occurrence.point
        waits = one.state is CheckinState.WAITING_FOR_DATE
        yield NewCheckin(
            participant=participant,
            plan=plan.name,
            point=one.point,
            series=point.name,
            instrument=point.instruments[0],
            state=one.state,
            next_at=now + FIND_DATE_WITHIN if waits else one.opens_at,
            due_on=one.due_on,
            opens_at=one.opens_at,
            closes_at=one.closes_at,
            fate=one.fate,
            reason=one.reason,
        )
